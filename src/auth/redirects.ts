/** Where a login may lead: pages of this site only (open redirects help phishing). */
export function safeNext(next: unknown): string | null {
  // One slash, then neither a slash nor a backslash (`//evil.example`, `/\evil.example`), and no control characters,
  // which browsers drop before they read the address.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  return typeof next === 'string' && next.length <= 2048 && /^\/(?![/\\])[^\u0000-\u0020\\]*$/.test(next) ? next : null
}

/** `login` with the page to come back to. */
export function withNext(login: string, next: string): string {
  return `${login}${login.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`
}
