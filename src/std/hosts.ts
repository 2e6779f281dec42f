/** Host names, as far as requests, settings and the rules against forged requests ask the same. */

/** What a project without `allowedHosts` answers to while debugging: this machine, and names below localhost. */
export const LOCAL_HOSTS: readonly string[] = Object.freeze(['localhost', '.localhost', '127.0.0.1', '[::1]'])

/** True when `host`, in lower case, is `pattern`, or is it or below it where the pattern begins with a dot. */
export function isSameDomain(host: string, pattern: string): boolean {
  if (pattern === '') return false
  const wanted = pattern.toLowerCase()
  return wanted.startsWith('.') ? host.endsWith(wanted) || host === wanted.slice(1) : host === wanted
}
