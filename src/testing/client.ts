import { randomString } from '../std/crypto.ts'
import { TestingError } from './errors.ts'

/** What the client talks to: the project as a web handler. */
export type Handle = (request: Request) => Promise<Response>

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Follow redirects within the site; default false. */
  readonly follow?: boolean
}
/** Redirects in a row that are no circle. */
const MOST_REDIRECTS = 20

/** A form's values (a list sends a name several times; a File uploads), or anything else as JSON with `json`. */
export type FormValues = Readonly<
  Record<string, string | number | boolean | File | readonly string[] | null | undefined>
>

/** A response with its body read. */
export interface TestResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** Address the response came from, after redirects. */
  readonly url: string
  /** Where a redirect leads, or null. */
  readonly location: string | null
  json<T = unknown>(): T
}

/**
 * A browser without a screen: keeps cookies, and sends the CSRF token that a page's script would.
 *
 *     const response = await client.post('/books/', { title: 'Nuages' })
 */
export class TestClient {
  readonly #handle: Handle
  readonly #origin: string
  readonly #csrf: string
  /** Cookies by name. */
  readonly cookies = new Map<string, string>()
  /** Sent with every request. */
  readonly headers: Record<string, string> = {}

  constructor(
    handle: Handle,
    options: { readonly origin?: string; readonly csrfCookie?: string; readonly checkCsrf?: boolean } = {},
  ) {
    this.#handle = handle
    this.#origin = options.origin ?? 'http://localhost'
    this.#csrf = options.checkCsrf ? '' : (options.csrfCookie ?? 'csrftoken')
  }

  get(
    path: string,
    options: RequestOptions & { readonly query?: Readonly<Record<string, string | number>> } = {},
  ): Promise<TestResponse> {
    const query = options.query
      ? `${path.includes('?') ? '&' : '?'}${new URLSearchParams(Object.entries(options.query).map(([name, value]) => [name, String(value)]))}`
      : ''
    return this.request('GET', path + query, null, options)
  }

  head(path: string, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('HEAD', path, null, options)
  }

  /** Sends a form: multipart when there is a file in it. */
  post(path: string, values: FormValues = {}, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('POST', path, formBody(values), options)
  }

  /** Sends JSON. */
  json(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    data: unknown,
    options: RequestOptions = {},
  ): Promise<TestResponse> {
    return this.request(method, path, JSON.stringify(data), {
      ...options,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...options.headers },
    })
  }

  /**
   * Any method with any body.
   * @throws TestingError testing.redirects when redirects that are followed go in a circle
   */
  request(method: string, path: string, body: BodyInit | null, options: RequestOptions = {}): Promise<TestResponse> {
    return this.#request(method, path, body, options, 0)
  }

  async #request(
    method: string,
    path: string,
    body: BodyInit | null,
    options: RequestOptions,
    redirects: number,
  ): Promise<TestResponse> {
    if (redirects > MOST_REDIRECTS)
      throw new TestingError(`There were more than ${MOST_REDIRECTS} redirects; the last led to ${path}.`, {
        code: 'testing.redirects',
      })
    const url = new URL(path, this.#origin)
    const response = await this.#handle(
      new Request(url, { method, body, headers: this.#headersFor(method, options.headers), redirect: 'manual' }),
    )
    this.#keepCookies(response.headers)
    const location = response.headers.get('location')
    if (options.follow && location !== null && response.status >= 300 && response.status < 400) {
      const next = new URL(location, url)
      if (next.origin === this.#origin)
        return response.status === 307 || response.status === 308
          ? this.#request(method, next.pathname + next.search, body, options, redirects + 1)
          : this.#request('GET', next.pathname + next.search, null, options, redirects + 1)
    }
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text,
      url: url.pathname + url.search,
      location,
      json: <T>() => {
        try {
          return JSON.parse(text) as T // the test says what it expects
        } catch (cause) {
          throw new TestingError(`${method} ${path} gave no JSON but: ${text.slice(0, 200)}`, {
            code: 'testing.no-json',
            cause,
          })
        }
      },
    }
  }

  /** Forgets every cookie. */
  clear(): void {
    this.cookies.clear()
  }

  #headersFor(method: string, more: Readonly<Record<string, string>> = {}): Headers {
    const headers = new Headers({ ...this.headers, ...more })
    if (this.#csrf && !/^(GET|HEAD|OPTIONS|TRACE)$/.test(method) && !headers.has('x-csrftoken')) {
      const token = this.cookies.get(this.#csrf) ?? randomString(32)
      this.cookies.set(this.#csrf, token)
      headers.set('x-csrftoken', token)
      headers.set('origin', this.#origin)
    }
    if (this.cookies.size && !headers.has('cookie'))
      headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    return headers
  }

  #keepCookies(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [pair, ...attributes] = cookie.split(';')
      const at = pair!.indexOf('=')
      const name = pair!.slice(0, at).trim()
      const gone = attributes.some(
        (attribute) => /^\s*max-age\s*=\s*(-\d+|0+)\s*$/i.test(attribute) || isPast(attribute),
      )
      if (gone) this.cookies.delete(name)
      else this.cookies.set(name, pair!.slice(at + 1).trim())
    }
  }
}

function isPast(attribute: string): boolean {
  const match = /^\s*expires\s*=(.*)$/i.exec(attribute)
  return match !== null && Date.parse(match[1]!) <= Date.now()
}

function formBody(values: FormValues): URLSearchParams | FormData {
  const entries: [string, string | File][] = []
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue
    if (Array.isArray(value)) for (const item of value) entries.push([name, item])
    else entries.push([name, value instanceof File ? value : String(value)])
  }
  if (!entries.some(([, value]) => value instanceof File)) return new URLSearchParams(entries as [string, string][]) // no file among them
  const form = new FormData()
  for (const [name, value] of entries) form.append(name, value)
  return form
}
