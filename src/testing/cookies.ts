interface Attributes {
  readonly path: string
  /** Milliseconds since 1970; null lasts until the jar is cleared. */
  readonly expires: number | null
}

/**
 * A visitor's cookies, name → value. What responses set keeps its path and its time, by the clock of the test; what a
 * test sets by hand is sent everywhere. `Secure` and `Domain` are not looked at: there is one site.
 */
export class CookieJar extends Map<string, string> {
  readonly #attributes = new Map<string, Attributes>()

  override set(name: string, value: string): this {
    this.#attributes.delete(name)
    return super.set(name, value)
  }

  /** Does what the Set-Cookie headers of a response to `url` say. */
  keep(headers: readonly string[], url: URL): void {
    for (const header of headers) {
      const [pair = '', ...rest] = header.split(';')
      const at = pair.indexOf('=')
      const name = pair.slice(0, at).trim()
      const attributes = readAttributes(rest, url)
      if (attributes.expires !== null && attributes.expires <= Date.now()) {
        this.delete(name)
        continue
      }
      this.set(name, pair.slice(at + 1).trim())
      this.#attributes.set(name, attributes)
    }
  }

  /** The Cookie header for an address; null without cookies. */
  headerFor({ pathname }: URL): string | null {
    const sent: string[] = []
    for (const [name, value] of [...this]) {
      const { path = '/', expires = null } = this.#attributes.get(name) ?? {}
      if (expires !== null && expires <= Date.now()) this.delete(name)
      else if (isUnder(pathname, path)) sent.push(`${name}=${value}`)
    }
    return sent.length === 0 ? null : sent.join('; ')
  }
}

/** Max-Age wins over Expires (RFC 6265, section 4.1.2.2). */
function readAttributes(texts: readonly string[], url: URL): Attributes {
  const found = new Map(
    texts.map((text) => {
      const [name = '', ...value] = text.split('=')
      return [name.trim().toLowerCase(), value.join('=').trim()]
    }),
  )
  const path = found.get('path')
  const seconds = found.get('max-age')
  const date = found.get('expires')
  const isSeconds = seconds !== undefined && /^-?\d+$/.test(seconds)
  const expires = isSeconds ? Date.now() + Number(seconds) * 1000 : date === undefined ? null : Date.parse(date)
  return {
    path: path?.startsWith('/') ? path : url.pathname.replace(/\/[^/]*$/, '') || '/',
    expires: Number.isNaN(expires) ? null : expires,
  }
}

/** RFC 6265, section 5.1.4. */
function isUnder(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
