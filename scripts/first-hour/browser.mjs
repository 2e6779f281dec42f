// A browser as far as the first hour needs one: cookies, the token of forms, redirects.

export class Browser {
  #base
  #cookies = new Map()

  /** @param {string} base   `http://127.0.0.1:8000/` */
  constructor(base) {
    this.#base = base
  }

  /** Gets a page, redirects followed. @returns {Promise<{ status: number, url: string, body: string }>} */
  async get(path) {
    return this.#ask(new URL(path, this.#base), {})
  }

  /** Sends the form of a page: its hidden fields and token, and these values. */
  async post(path, values) {
    const page = await this.get(path)
    const fields = new URLSearchParams()
    // The form that has the token and the first of our fields, or the last one with a token.
    const forms = [...page.body.matchAll(/<form\b[\s\S]*?<\/form>/g)].map(([form]) => form)
    const [first] = Object.keys(values)
    const form = forms.find((each) => each.includes(`name="${first}"`)) ?? page.body
    for (const [, attributes] of form.matchAll(/<input\b([^>]*)>/g)) {
      const [, name] = /\bname="([^"]*)"/.exec(attributes) ?? []
      const [, type = 'text'] = /\btype="([^"]*)"/.exec(attributes) ?? []
      const [, value = ''] = /\bvalue="([^"]*)"/.exec(attributes) ?? []
      if (name === undefined || ['submit', 'button', 'file', 'image'].includes(type)) continue
      if (['checkbox', 'radio'].includes(type) && !/\bchecked\b/.test(attributes)) continue
      fields.append(name, unescapeHtml(value))
    }
    for (const [name, value] of Object.entries(values)) fields.set(name, value)
    return this.#ask(new URL(page.url), {
      method: 'POST',
      body: fields,
      headers: { origin: new URL(this.#base).origin, referer: page.url },
    })
  }

  async #ask(url, options) {
    let init = options
    let target = url
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(target, {
        ...init,
        redirect: 'manual',
        headers: { ...init.headers, accept: 'text/html', ...(cookie ? { cookie } : {}) },
        signal: AbortSignal.timeout(20_000),
      })
      for (const line of response.headers.getSetCookie()) this.#keep(line)
      const body = await response.text()
      const location = response.headers.get('location')
      if (response.status < 300 || response.status > 399 || location === null)
        return { status: response.status, url: target.href, body }
      target = new URL(location, target)
      init = {}
    }
    throw new Error(`${url} redirects for ever.`)
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(';')
    const [name, value] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1)]
    if (attributes.some((each) => /^\s*max-age=0$/i.test(each)) || value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}

function unescapeHtml(text) {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replace(/&#(?:39|x27);/g, "'")
    .replaceAll('&amp;', '&')
}
