import { HttpError } from '../http/index.ts'
import { randomString } from '../std/crypto.ts'
import { CookieJar } from './cookies.ts'
import { TestingError } from './errors.ts'
import { addQuery, type FormValues, formBody, type QueryValues } from './form-values.ts'
import { detailsOf, readResponse, type TestResponse } from './response.ts'

/** What the client talks to: a site as a web handler, `toFetch(handler)` say. */
export type Handle = (request: Request) => Response | Promise<Response>

/** Names that a site gives the cookie and the header of its CSRF token. */
export interface CsrfNames {
  readonly cookieName: string
  readonly headerName: string
}

/** Options of a {@link TestClient}. */
export interface ClientOptions {
  /** Default `http://localhost`. */
  readonly origin?: string
  /** Default `csrftoken` and `x-csrftoken`; asked at each request. */
  readonly csrf?: () => CsrfNames
  /** Sends no CSRF token by itself, so that the site's check is put to the test; default false. */
  readonly checkCsrf?: boolean
  /**
   * An error nobody foresaw in a view reaches the test as it was thrown; default true. False: the test gets the error
   * page, with status 500, as a visitor would. Errors with a status of their own (`NotFound`) are always responses.
   */
  readonly throwErrors?: boolean
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Options of one request. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Added to the address. */
  readonly query?: QueryValues
  /** Follow redirects within the site, 20 at most; default false. */
  readonly follow?: boolean
}

/** What {@link TestClient.request} sends. */
export type RequestBody = BodyInit | null
type JsonMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** As browsers and the fetch standard have it. */
const MOST_REDIRECTS = 20
const SAFE = /^(GET|HEAD|OPTIONS|TRACE)$/
const defaultNames: CsrfNames = { cookieName: 'csrftoken', headerName: 'x-csrftoken' }

/**
 * A browser without a screen: keeps cookies, and sends the CSRF token that a page's script would. No socket is opened.
 *
 *     const response = await client.post('/books/', { title: 'Nuages' })
 *     assert.equal(response.location, '/books/1/')
 */
export class TestClient {
  readonly #handle: Handle
  readonly #origin: string
  readonly #csrf: () => CsrfNames
  readonly #checkCsrf: boolean
  readonly #throwErrors: boolean
  /** Cookies by name. */
  readonly cookies: Map<string, string>
  readonly #jar = new CookieJar()
  /** Sent with every request. */
  readonly headers: Record<string, string>

  constructor(handle: Handle, options: ClientOptions = {}) {
    this.#handle = handle
    this.#origin = options.origin ?? 'http://localhost'
    this.#csrf = options.csrf ?? (() => defaultNames)
    this.#checkCsrf = options.checkCsrf ?? false
    this.#throwErrors = options.throwErrors ?? true
    this.cookies = this.#jar
    this.headers = { ...options.headers }
  }

  get(path: string, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('GET', path, null, options)
  }

  head(path: string, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('HEAD', path, null, options)
  }

  options(path: string, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('OPTIONS', path, null, options)
  }

  /** Sends a form: multipart when there is a file in it. */
  post(path: string, values: FormValues = {}, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('POST', path, formBody(values), options)
  }

  /** Sends a form, as {@link post}; for JSON see {@link json}. */
  put(path: string, values: FormValues = {}, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('PUT', path, formBody(values), options)
  }

  /** Sends a form, as {@link post}; for JSON see {@link json}. */
  patch(path: string, values: FormValues = {}, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('PATCH', path, formBody(values), options)
  }

  delete(path: string, options: RequestOptions = {}): Promise<TestResponse> {
    return this.request('DELETE', path, null, options)
  }

  /** Sends JSON, and asks for it. */
  json(method: JsonMethod, path: string, data: unknown, options: RequestOptions = {}): Promise<TestResponse> {
    const headers = { 'content-type': 'application/json', accept: 'application/json', ...options.headers }
    return this.request(method, path, JSON.stringify(data) ?? null, { ...options, headers })
  }

  /**
   * Any method with any body. Redirects are followed as browsers do: 307 and 308 keep method and body, 303 becomes a
   * GET, and so do 301 and 302 after a POST. One that leads to another site is the response.
   *
   * @throws TestingError testing.bad-request for what is no request: a GET with a body, an address that is none
   * @throws TestingError testing.redirects after more than 20
   * @throws whatever a view threw that is no {@link HttpError}, unless `throwErrors` is false
   */
  async request(
    method: string,
    path: string,
    body: RequestBody = null,
    options: RequestOptions = {},
  ): Promise<TestResponse> {
    let next = { method: method.toUpperCase(), url: this.#address(path, options.query), body, headers: options.headers }
    const redirects: string[] = []
    for (;;) {
      const { url } = next
      const response = await this.#send(this.#request(next))
      const target = options.follow ? redirectOf(response, url) : null
      if (target === null) return readResponse(response, `${method} ${path}`, url, redirects)
      await response.body?.cancel()
      redirects.push(target.pathname + target.search)
      if (redirects.length > MOST_REDIRECTS) throw tooManyRedirects(`${method} ${path}`, redirects)
      next = redirected(next, response.status, target)
    }
  }

  /**
   * The response as it comes, its body unread: for streams, and for stopping half-way with `signal`. Cookies and the
   * CSRF token go along; redirects are not followed.
   */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { method = 'GET', body = null, headers, signal } = init
    const given = Object.fromEntries(new Headers(headers))
    const url = this.#address(path)
    return this.#send(this.#request({ method: method.toUpperCase(), url, body, headers: given, signal }))
  }

  /** Forgets every cookie: the visitor is signed out, and new. */
  clear(): void {
    this.cookies.clear()
  }

  #address(path: string, query: QueryValues = {}): URL {
    const url = URL.parse(path, this.#origin)
    if (url === null)
      throw new TestingError(`${JSON.stringify(path)} is no address.`, {
        code: 'testing.bad-request',
        hint: 'Write a path, as reverse() gives it: /books/1/.',
      })
    addQuery(url, query)
    return url
  }

  #request({ method, url, body, headers, signal }: Sent): Request {
    const init = { method, body, headers: this.#headersFor(method, url, headers), signal: signal ?? null }
    try {
      // `duplex` says that a body may be a stream; TypeScript's library does not know it.
      return new Request(url, { ...init, redirect: 'manual', duplex: 'half' } as RequestInit)
    } catch (cause) {
      throw new TestingError(`${method} ${url.pathname} cannot be sent: ${(cause as Error).message}`, {
        code: 'testing.bad-request',
        cause,
      })
    }
  }

  async #send(request: Request): Promise<Response> {
    const response = await this.#handle(request)
    this.#jar.keep(response.headers.getSetCookie(), new URL(request.url))
    const { error } = detailsOf(response)
    if (this.#throwErrors && error !== undefined && !(error instanceof HttpError)) {
      await response.body?.cancel()
      throw error
    }
    return response
  }

  #headersFor(method: string, url: URL, more: Readonly<Record<string, string>> = {}): Headers {
    const headers = new Headers(this.headers)
    for (const [name, value] of Object.entries(more)) headers.set(name, value)
    if (!SAFE.test(method)) {
      if (!headers.has('origin')) headers.set('origin', url.origin)
      const { cookieName, headerName } = this.#csrf()
      if (!this.#checkCsrf && !headers.has(headerName) && !headers.has('cookie')) {
        const token = this.cookies.get(cookieName) ?? randomString(32)
        if (!this.cookies.has(cookieName)) this.cookies.set(cookieName, token)
        headers.set(headerName, token)
      }
    }
    const cookies = this.#jar.headerFor(url)
    if (cookies !== null && !headers.has('cookie')) headers.set('cookie', cookies)
    return headers
  }
}

interface Sent {
  readonly method: string
  readonly url: URL
  readonly body: RequestBody
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | null | undefined
}

/** Where a redirect within the site leads; null for any other response. */
function redirectOf(response: Response, from: URL): URL | null {
  const location = response.headers.get('location')
  if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return null
  const target = URL.parse(location, from)
  if (target?.origin !== from.origin) return null
  target.hash = ''
  return target
}

/** The request after a redirect, as the fetch standard has it. */
function redirected(sent: Sent, status: number, url: URL) {
  const { method } = sent
  const becomesGet = status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST'
  if (!becomesGet) {
    if (sent.body instanceof ReadableStream)
      throw new TestingError(`The redirect to ${url.pathname} asks for the body again, and a stream is read once.`, {
        code: 'testing.bad-request',
        hint: 'Send text or bytes.',
      })
    return { method, url, body: sent.body, headers: sent.headers }
  }
  const headers = Object.entries(sent.headers ?? {}).filter(([name]) => !/^content-/i.test(name))
  return { method: 'GET', url, body: null, headers: Object.fromEntries(headers) }
}

function tooManyRedirects(request: string, redirects: readonly string[]): TestingError {
  const round = redirects.lastIndexOf(redirects.at(-1)!, -2)
  const shown = round < 0 ? redirects : redirects.slice(round)
  const more = shown.length < redirects.length ? '… → ' : ''
  return new TestingError(`${request} led to more than ${MOST_REDIRECTS} redirects: ${more}${shown.join(' → ')} → …`, {
    code: 'testing.redirects',
    hint: 'Ask without { follow: true } to look at each redirect.',
  })
}
