/**
 * The decision: may this request change something? Django's rules (django/middleware/csrf.py, 5.2), on plain values.
 */
import { isSameDomain } from '../../std/hosts.ts'
import { isWellFormed, secretOf, tokenMatches } from './token.ts'

/** Why a request is refused; stable, shown on the page and in the log. */
export type CsrfReason =
  | 'bad-origin'
  | 'no-referer'
  | 'malformed-referer'
  | 'insecure-referer'
  | 'bad-referer'
  | 'no-cookie'
  | 'bad-cookie'
  | 'no-token'
  | 'bad-token-format'
  | 'wrong-token'

/** Where a request comes from, as far as the rules ask. */
export interface CsrfSource {
  readonly secure: boolean
  /** As the client named it, already checked against the allowed hosts: `example.com`, `example.com:8000`. */
  readonly host: string
  /** Header `Origin`; null when absent. Empty counts as present. */
  readonly origin: string | null
  readonly referer: string | null
}

/** Origins besides the site's own, made once by {@link readTrusted}. */
export interface Trusted {
  readonly exact: ReadonlySet<string>
  /** Scheme → patterns of hosts, `.example.com` for all below. */
  readonly wild: ReadonlyMap<string, readonly string[]>
  /** Host patterns of all of them, for the referer. */
  readonly hosts: readonly string[]
  /** Domain of the cookie where one is set: pages of all its hosts share the secret. */
  readonly cookieDomain: string | null
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether requests of this method need no token. */
export function isSafeMethod(method: string): boolean {
  return SAFE.has(method.toUpperCase())
}

/** Reads trusted origins such as `https://example.com` and `https://*.example.com`. */
export function readTrusted(origins: readonly string[], cookieDomain: string | null = null): Trusted {
  const exact = new Set<string>()
  const wild = new Map<string, string[]>()
  const hosts: string[] = []
  for (const origin of origins) {
    const parts = splitUrl(origin)
    if (!parts) continue // a check reports it
    const host = parts.authority.replace(/^\*/, '')
    hosts.push(host)
    if (!origin.includes('*')) exact.add(origin)
    else wild.set(parts.scheme, [...(wild.get(parts.scheme) ?? []), host])
  }
  return { exact, wild, hosts, cookieDomain }
}

/**
 * First half: a browser says where the request was made. A page elsewhere, or in the middle of the connection (HTTP
 * page, HTTPS form), must not get through even with a token it planted by a cookie for the whole domain.
 */
export function checkSource(source: CsrfSource, trusted: Trusted): CsrfReason | null {
  if (source.origin !== null) return isTrustedOrigin(source, source.origin, trusted) ? null : 'bad-origin'
  return source.secure ? checkReferer(source, trusted) : null
}

/** Second half: the token sent must stand for the secret in the cookie. `sent` is empty when there is none. */
export function checkToken(cookie: string | undefined, sent: string): CsrfReason | null {
  if (cookie === undefined) return 'no-cookie'
  if (!isWellFormed(cookie)) return 'bad-cookie'
  if (sent === '') return 'no-token'
  if (!isWellFormed(sent)) return 'bad-token-format'
  return tokenMatches(sent, secretOf(cookie)) ? null : 'wrong-token'
}

function isTrustedOrigin(source: CsrfSource, origin: string, trusted: Trusted): boolean {
  if (origin === `${source.secure ? 'https' : 'http'}://${source.host}`) return true
  if (trusted.exact.has(origin)) return true
  const parts = splitUrl(origin)
  return parts !== null && (trusted.wild.get(parts.scheme) ?? []).some((host) => isSameDomain(parts.authority, host))
}

function checkReferer(source: CsrfSource, trusted: Trusted): CsrfReason | null {
  if (source.referer === null || source.referer === '') return 'no-referer'
  const parts = splitUrl(source.referer)
  if (!parts || parts.authority === '') return 'malformed-referer'
  if (parts.scheme !== 'https') return 'insecure-referer'
  if (trusted.hosts.some((host) => isSameDomain(parts.authority, host))) return null
  return isSameDomain(parts.authority, goodReferer(source.host, trusted.cookieDomain)) ? null : 'bad-referer'
}

function goodReferer(host: string, cookieDomain: string | null): string {
  if (cookieDomain === null) return host
  const port = /:(\d+)$/.exec(host)?.[1]
  return port === undefined || port === '443' || port === '80' ? cookieDomain : `${cookieDomain}:${port}`
}

/**
 * Scheme and authority of a URL, as written. Not `URL`, which mends what it reads: `https://good\@evil.com` must not
 * become `https://good/`.
 */
function splitUrl(text: string): { scheme: string; authority: string } | null {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(text)
  if (!match) return null
  const authority = match[2]!
  if (authority.includes('[') !== authority.includes(']')) return null
  return { scheme: match[1]!.toLowerCase(), authority }
}
