import { mediaType, prefersJson, quality } from './accept.ts'
import { RequestBody, readJson } from './body.ts'
import { runCleanup } from './cleanup.ts'
import { plainConfig, type RequestConfig } from './config.ts'
import { readCookies } from './cookies.ts'
import { DisallowedHost, missingMiddleware } from './errors.ts'
import type { HeaderMap } from './headers.ts'
import { clientAddress } from './host.ts'
import type { RequestSource } from './source.ts'
import { decodePath, originForm } from './target.ts'
import type { AnonymousUser, CurrentUser, ResolverMatch, Session } from './types.ts'
import type { FormBody } from './uploads/form-body.ts'
import { readForm } from './uploads/read-form.ts'
import { tooManyFields } from './uploads/urlencoded.ts'
import { webStream } from './web-stream.ts'

/** Whoever asks. */
type Visitor = CurrentUser | AnonymousUser

// For sibling rooms, through internal.ts: what middleware sets, without setters everyone sees.

/** Gives a request its handler's decisions. */
export let configureRequest: (request: HttpRequest, config: RequestConfig) => void
export let sourceOf: (request: HttpRequest) => RequestSource
export let valuesOf: (request: HttpRequest) => Map<unknown, unknown>
export let setResolverMatch: (request: HttpRequest, match: ResolverMatch | null) => void
export let setSession: (request: HttpRequest, session: Session) => void
/** A function is called when `user` is first read: whoever sets it learns that the response depends on it. */
export let setUser: (request: HttpRequest, user: Visitor | (() => Visitor)) => void
export let setCsrfToken: (request: HttpRequest, token: string | (() => string)) => void
export let hasSession: (request: HttpRequest) => boolean
export let hasUser: (request: HttpRequest) => boolean
/** Calls `cleanup` once the response has been sent, or the client has gone. */
export let onFinish: (request: HttpRequest, cleanup: () => void | Promise<void>) => void
/** The form, where somebody has asked for it: the debug page shows what was sent. */
export let startedForm: (request: HttpRequest) => Promise<FormBody> | undefined
export let takeCleanups: (request: HttpRequest) => (() => void | Promise<void>)[] | undefined

/**
 * A request. Everything of the web's `Request`, and what a server-side application asks: `query`, `cookies`, `form()`,
 * `session`, `user`. Nothing is parsed before it is touched. Bodies can be read again: `form()` in a middleware and in
 * the view give the same.
 *
 * Open for merging by whoever installs a middleware:
 * `declare module 'nuages/http' { interface HttpRequest { readonly tenant: Tenant | null } }`
 */
export class HttpRequest implements Request {
  /** `GET`, `POST`, ... in upper case. */
  readonly method: string
  /** Path and query as they were sent: `/caf%C3%A9/?q=1`. */
  readonly target: string
  readonly #source: RequestSource
  #config: RequestConfig
  #path: string | undefined
  #url: string | undefined
  #host: string | undefined
  #query: URLSearchParams | undefined
  #headers: HeaderMap | undefined
  #cookies: ReadonlyMap<string, string> | undefined
  #body: RequestBody | undefined
  #form: Promise<FormBody> | undefined
  #match: ResolverMatch | null
  #session: Session | undefined
  #user: Visitor | (() => Visitor) | undefined
  #csrfToken: string | (() => string) | undefined
  #values: Map<unknown, unknown> | undefined
  /** Null once the request has ended. */
  #cleanups: (() => void | Promise<void>)[] | undefined | null

  constructor(source: RequestSource) {
    // All of them here, in one order: requests then share one hidden class.
    this.method = source.method
    this.target = originForm(source.target)
    this.#source = source
    this.#config = plainConfig
    this.#path = undefined
    this.#url = undefined
    this.#host = undefined
    this.#query = undefined
    this.#headers = undefined
    this.#cookies = undefined
    this.#body = undefined
    this.#form = undefined
    this.#match = null
    this.#session = undefined
    this.#user = undefined
    this.#csrfToken = undefined
    this.#values = undefined
    this.#cleanups = undefined
  }

  /**
   * The path, percent-decoded: `/café/`.
   * @throws BadRequest http.malformed-path
   */
  get path(): string {
    this.#path ??= decodePath(this.target)
    return this.#path
  }

  /** `?` and what follows, as sent; empty without a query. */
  get search(): string {
    const mark = this.target.indexOf('?')
    return mark === -1 ? '' : this.target.slice(mark)
  }

  /** Path and query as sent, to come back to: what `?next=` carries. Another word for {@link target}. */
  get fullPath(): string {
    return this.target
  }

  /** The whole address: `https://example.com/books/?page=2`. */
  get url(): string {
    this.#url ??= `${this.scheme}://${this.host}${this.target}`
    return this.#url
  }

  /** `https://example.com` */
  get origin(): string {
    return `${this.scheme}://${this.host}`
  }

  /**
   * The host asked for, with its port where one was given; of X-Forwarded-Host behind a trusted proxy.
   * @throws DisallowedHost http.unknown-host
   */
  get host(): string {
    this.#host ??= this.#checkedHost()
    return this.#host
  }

  /** `https` when the connection is, or a trusted proxy says so. */
  get scheme(): 'http' | 'https' {
    const source = this.#source
    if (source.encrypted) return 'https'
    const forwarded = source.header('x-forwarded-proto')
    if (forwarded === undefined || !this.#config.trustsProxy(source.remoteAddress)) return 'http'
    return forwarded.split(',', 1)[0]!.trim().toLowerCase() === 'https' ? 'https' : 'http'
  }

  get isSecure(): boolean {
    return this.scheme === 'https'
  }

  /** The client's address, past trusted proxies; empty where the platform does not say. */
  get clientIp(): string {
    const source = this.#source
    return clientAddress(source.remoteAddress, source.header('x-forwarded-for'), this.#config.trustsProxy)
  }

  /**
   * The query, decoded. Broken escapes are kept as they are.
   * @throws ContentTooLarge http.too-many-fields
   */
  get query(): URLSearchParams {
    if (this.#query === undefined) {
      const text = this.search.slice(1)
      const { maxFields } = this.#config.limits
      if (text.length > maxFields && text.split('&', maxFields + 1).length > maxFields) throw tooManyFields(maxFields)
      // A leading & keeps URLSearchParams from eating a second question mark.
      this.#query = new URLSearchParams(text.startsWith('?') ? `&${text}` : text)
    }
    return this.#query
  }

  get headers(): HeaderMap {
    this.#headers ??= this.#source.headers()
    return this.#headers
  }

  /** A header by name, without building all of `headers`; undefined when it was not sent. */
  header(name: string): string | undefined {
    return this.#source.header(name.toLowerCase())
  }

  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= readCookies(this.#source.header('cookie'))
    return this.#cookies
  }

  /** Type of the body in lower case, without parameters: `application/json`. */
  get contentType(): string {
    return mediaType(this.#source.header('content-type'))
  }

  /** Whether the client takes a type: `request.accepts('application/json')`. */
  accepts(type: string): boolean {
    return quality(this.#source.header('accept'), type) > 0
  }

  /** Whether the client asks for JSON rather than a page: true for most API clients, false for browsers. */
  get prefersJson(): boolean {
    return prefersJson(this.#source.header('accept'))
  }

  /** The route that answers, once found; null in a middleware before it is. */
  get resolverMatch(): ResolverMatch | null {
    return this.#match
  }

  /**
   * What is kept for this visitor.
   * @throws ResponseError http.no-middleware
   */
  get session(): Session {
    return this.#session ?? missingMiddleware('session', 'sessionsMiddleware of nuages/sessions')
  }

  /**
   * Who asks. `if (!request.user.isAuthenticated)` narrows; guards such as `loginRequired` do it before the view.
   * @throws ResponseError http.no-middleware
   */
  get user(): CurrentUser | AnonymousUser {
    const user = this.#user ?? missingMiddleware('user', 'authMiddleware of nuages/auth')
    if (typeof user !== 'function') return user
    const found = user()
    this.#user = found
    return found
  }

  /**
   * The token a form of this page has to send.
   * @throws ResponseError http.no-middleware
   */
  get csrfToken(): string {
    const token = this.#csrfToken ?? missingMiddleware('csrfToken', 'csrfMiddleware of nuages/middleware')
    if (typeof token === 'string') return token
    this.#csrfToken = token()
    return this.#csrfToken
  }

  /**
   * What a form sent, urlencoded or multipart; empty when there is no body. Files are in `.files`; their temporary
   * copies are removed when the request ends.
   * @throws BadRequest http.malformed-form, http.malformed-multipart
   * @throws ContentTooLarge http.body-too-large and the other limits
   * @throws UnsupportedMediaType http.not-a-form for a body of another type
   */
  form(): Promise<FormBody> {
    this.#form ??= readForm(this.#source, this.#bodyReader(), this.#config.limits, (remove) => onFinish(this, remove))
    return this.#form
  }

  /**
   * The body as JSON. `T` is a promise of yours, not a check: validate what comes from outside. `any` as the web's Request.
   * @throws BadRequest http.malformed-json
   * @throws ContentTooLarge http.body-too-large
   */
  async json<T = any>(): Promise<T> {
    return readJson(await this.#buffer()) as T // documented: unchecked
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#buffer())
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return Uint8Array.from(await this.#buffer())
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.header('content-type') ?? '' })
  }

  /** The form as the web's `FormData`; {@link form} costs less. */
  async formData(): Promise<FormData> {
    const form = await this.form()
    const data = new FormData()
    for (const [name, value] of form) data.append(name, value)
    for (const [name, file] of form.files)
      data.append(name, new File([await file.bytes()], file.name, { type: file.type }))
    return data
  }

  /** The body as it arrives, without limits: count what you read. Null when there is none. */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const stream = this.#bodyReader().stream()
    return stream === null ? null : webStream(stream)
  }

  get bodyUsed(): boolean {
    return this.#body?.used ?? false
  }

  /** Aborted when the client goes away before it was answered: give it to `fetch` and to long queries. */
  get signal(): AbortSignal {
    return this.#source.signal()
  }

  /** A web `Request` of its own, for `fetch` and libraries that want one. Reads the body. */
  clone(): Request {
    const body = this.method === 'GET' || this.method === 'HEAD' ? null : this.#lateBody()
    return new Request(this.url, {
      method: this.method,
      headers: [...this.headers],
      body,
      signal: this.signal,
      ...(body === null ? {} : { duplex: 'half' }),
    } as RequestInit)
  }

  // The rest of the web's Request says how a browser fetches; a server has one answer, given below the class.
  declare readonly cache: RequestCache
  declare readonly credentials: RequestCredentials
  declare readonly destination: RequestDestination
  declare readonly integrity: string
  declare readonly keepalive: boolean
  declare readonly mode: RequestMode
  declare readonly redirect: RequestRedirect
  declare readonly referrer: string
  declare readonly referrerPolicy: ReferrerPolicy
  declare readonly duplex: 'half'

  get [Symbol.toStringTag](): string {
    return 'HttpRequest'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `HttpRequest { ${this.method} ${JSON.stringify(this.target)} }`
  }

  #checkedHost(): string {
    const source = this.#source
    const forwarded = source.header('x-forwarded-host')
    const trusted = forwarded !== undefined && this.#config.trustsProxy(source.remoteAddress)
    const host = (trusted ? forwarded : source.header('host')) ?? ''
    if (this.#config.isHostAllowed(host)) return host
    throw new DisallowedHost('This server does not answer to the host that was asked for.', {
      code: 'http.unknown-host',
      hint: `The Host header says ${JSON.stringify(host.slice(0, 255))}. If that is right, add it to the setting allowedHosts.`,
    })
  }

  #bodyReader(): RequestBody {
    this.#body ??= new RequestBody(this.#source)
    return this.#body
  }

  #buffer() {
    return this.#bodyReader().bytes(this.#config.limits.maxBody)
  }

  #lateBody(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull: async (controller) => {
        const bytes = await this.#buffer()
        if (bytes.length > 0) controller.enqueue(Uint8Array.from(bytes))
        controller.close()
      },
    })
  }

  static {
    configureRequest = (request, config) => {
      request.#config = config
    }
    sourceOf = (request) => request.#source
    valuesOf = (request) => (request.#values ??= new Map())
    setResolverMatch = (request, match) => {
      request.#match = match
    }
    setSession = (request, session) => {
      request.#session = session
    }
    setUser = (request, user) => {
      request.#user = user
    }
    setCsrfToken = (request, token) => {
      request.#csrfToken = token
    }
    hasSession = (request) => request.#session !== undefined
    hasUser = (request) => request.#user !== undefined
    onFinish = (request, cleanup) => {
      // It has ended, as for a view whose client left while it read the upload: nobody would come to tidy up.
      if (request.#cleanups === null) {
        runCleanup(cleanup)
        return
      }
      request.#cleanups ??= []
      request.#cleanups.push(cleanup)
    }
    startedForm = (request) => request.#form
    takeCleanups = (request) => {
      const cleanups = request.#cleanups ?? undefined
      request.#cleanups = null
      return cleanups
    }
  }
}

// `request instanceof Request` holds, without the cost of building one.
Object.setPrototypeOf(HttpRequest.prototype, Request.prototype)
const fetchOnly = {
  cache: 'default',
  credentials: 'same-origin',
  destination: '',
  integrity: '',
  keepalive: false,
  mode: 'cors',
  redirect: 'manual',
  referrer: 'about:client',
  referrerPolicy: '',
  duplex: 'half',
}
for (const [name, value] of Object.entries(fetchOnly)) Object.defineProperty(HttpRequest.prototype, name, { value })
