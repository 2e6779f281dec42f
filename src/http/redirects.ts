/** Where a visitor may be sent: the guard against open redirects. */

/** What an address may lead to. */
export interface RedirectRules {
  /** Hosts, with their ports, besides none: a path is always allowed. */
  readonly allowedHosts: readonly string[]
  /** Refuse http: addresses; give `request.isSecure`. */
  readonly requireHttps?: boolean
}

/** Longer than this nobody links to; parsing stays cheap. */
const LONGEST = 2048
/** What browsers drop from addresses wherever it stands. */
const DROPPED = /[\t\n\r]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: what some browsers skip before an address
const LEADING = /^[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028\u2029\ufeff]/

/**
 * Whether an address that came from outside (`?next=`) may be redirected to: a path of this site, or an address on an
 * allowed host. Everything browsers read differently from what it looks like is refused.
 *
 *     const next = request.query.get('next')
 *     return redirect(isSafeRedirect(next, { allowedHosts: [request.host] }) ? next : '/')
 *
 * Same rules as Django's url_has_allowed_host_and_scheme.
 */
export function isSafeRedirect(address: string | null | undefined, rules: RedirectRules): address is string {
  const text = address?.trim() ?? ''
  if (text === '' || text.length > LONGEST) return false
  // Some browsers take a backslash for a slash: both readings have to be safe.
  return isAllowed(text, rules) && isAllowed(text.replaceAll('\\', '/'), rules)
}

function isAllowed(text: string, { allowedHosts, requireHttps = false }: RedirectRules): boolean {
  if (LEADING.test(text)) return false
  const address = text.replace(DROPPED, '')
  if (address.startsWith('///')) return false // browsers find a host behind any number of slashes
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase()
  const rest = scheme === undefined ? address : address.slice(scheme.length + 1)
  const host = rest.startsWith('//') ? rest.slice(2).split(/[/?#]/, 1)[0]! : ''
  if (scheme !== undefined && host === '') return false // http:///evil.com, javascript:...
  if (scheme !== undefined && scheme !== 'https' && (requireHttps || scheme !== 'http')) return false
  if (host === '') return !rest.startsWith('//')
  if (scheme === undefined && requireHttps) return false // it keeps the scheme of the page, which may be http
  return allowedHosts.includes(host) && hostAsBrowsersReadIt(address) === host.toLowerCase()
}

/** The host a browser would go to, with its port; null when it is none. */
function hostAsBrowsersReadIt(address: string): string | null {
  try {
    const url = new URL(address, 'https://base.invalid')
    const port = /:\d+$/.exec(address.split('//', 2)[1]?.split(/[/?#]/, 1)[0] ?? '')?.[0] ?? ''
    return url.username || url.password ? null : url.hostname + port
  } catch {
    return null
  }
}
