/** IP addresses as text. Strict: what one reader takes for another address than the next does is no address. */

/** Longest text an IPv6 address can be: eight groups, or six and an IPv4 address. */
const MAX_IPV6 = 45
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/i
const SCOPE = /^[0-9a-z._~-]{1,32}$/i

/** Dotted decimal, four numbers, no leading zeros: some readers take these for octal (CVE-2021-33571). */
export function isIpv4(text: string): boolean {
  if (text.length > 15) return false
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => OCTET.test(part) && Number(part) < 256)
}

/**
 * An IPv6 address without brackets; its last 32 bits may be written as IPv4.
 *
 * @param options.scope   accept `%eth0` at the end; default true
 */
export function isIpv6(text: string, options: { scope?: boolean } = {}): boolean {
  const percent = text.indexOf('%')
  if (percent !== -1) {
    if (options.scope === false || !SCOPE.test(text.slice(percent + 1))) return false
    return isIpv6(text.slice(0, percent))
  }
  if (text.length < 2 || text.length > MAX_IPV6) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const [head, tail] = halves as [string, string | undefined]
  const before = countGroups(head, tail === undefined)
  if (before === -1) return false
  if (tail === undefined) return before === 8
  const after = countGroups(tail, true)
  return after !== -1 && before + after <= 7
}

/** The 16-bit groups in a part without `::`, or -1 when something in it is none. IPv4 only at the address's end. */
function countGroups(part: string, last: boolean): number {
  if (part === '') return 0
  const groups = part.split(':')
  let count = 0
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!
    if (GROUP.test(group)) count++
    else if (last && i === groups.length - 1 && isIpv4(group)) count += 2
    else return -1
  }
  return count
}
