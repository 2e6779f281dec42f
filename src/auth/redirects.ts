import { isSafeRedirect } from '../http/index.ts'

/** White space and what browsers drop from addresses, backslashes, which they read as slashes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const UNSAFE = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029\ufeff\\]/

/**
 * Where a login may lead: pages of this site (open redirects help phishing). Gives the path, or null for anything else:
 * `//evil.example`, `/\evil.example`, `https://…`, control characters.
 */
export function safeNext(next: unknown): string | null {
  if (typeof next !== 'string' || !next.startsWith('/') || UNSAFE.test(next)) return null
  return isSafeRedirect(next, { allowedHosts: [] }) ? next : null
}

/** The login page with the page to come back to. */
export function withNext(login: string, next: string): string {
  return `${login}${login.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`
}
