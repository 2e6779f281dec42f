/** A browser's cookies, and forms sent with the token of the page. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  url: string
  constructor(url: string) {
    this.url = url
  }
  async fetch(path: string, init: RequestInit = {}) {
    const response = await fetch(this.url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      this.cookies.set(name!, value!)
    }
    return {
      status: response.status,
      location: response.headers.get('location'),
      headers: response.headers,
      body: await response.text(),
    }
  }
  async submit(path: string, values: Record<string, string>) {
    const page = await this.fetch(path)
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.body)?.[1]
    return this.fetch(path, {
      method: 'POST',
      headers: { origin: this.url },
      body: new URLSearchParams({ csrfmiddlewaretoken: token ?? '', ...fieldsOf(page.body), ...values }),
    })
  }
}

/** What a form shows, as a browser would send it back. */
function fieldsOf(html: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1]
    if (!name || /type="(checkbox|search|hidden)"/.test(tag)) continue
    values[name] = /value="([^"]*)"/.exec(tag)?.[1] ?? ''
  }
  for (const [, name, options] of html.matchAll(/<select[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g))
    values[name!] = /<option value="([^"]*)" selected/.exec(options!)?.[1] ?? ''
  return values
}
