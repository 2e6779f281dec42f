import { Buffer } from 'node:buffer'
import { type CookieOptions, writeCookie } from './cookies.ts'
import { ResponseError } from './errors.ts'
import { HeaderMap } from './headers.ts'
import { webStream } from './web-stream.ts'

/** A part of a file on disk, sent as it is read. */
export interface FileSlice {
  readonly path: string
  /** First byte. */
  readonly start: number
  /** Bytes. */
  readonly length: number
}

/** What is sent bit by bit: a web stream, or anything to iterate over. */
export type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>

/** What a response carries. */
export type ResponseContent = string | Uint8Array | StreamBody | FileSlice | null

export interface ResponseOptions {
  /** 200 to 599; default 200. */
  status?: number
  headers?: HeadersInit
}

/**
 * A response: status, headers, content. The web's `Response` in every way that is asked about, without its cost: the
 * server writes it straight to the socket. Middleware may change all of it.
 */
export class HttpResponse implements Response {
  #status: number
  readonly headers: HeaderMap
  #content: ResponseContent
  #used: boolean

  /** @param content text is sent as UTF-8; say its `content-type` in the headers */
  constructor(content: ResponseContent = null, options?: ResponseOptions) {
    this.#status = options?.status === undefined ? 200 : checkStatus(options.status)
    this.headers = new HeaderMap(options?.headers)
    this.#content = content
    this.#used = false
  }

  get status(): number {
    return this.#status
  }

  set status(status: number) {
    this.#status = checkStatus(status)
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300
  }

  /** Text or bytes, which middleware may replace; for a stream or a file see {@link source}. */
  get content(): string | Uint8Array | null {
    const content = this.#content
    return typeof content === 'string' || content instanceof Uint8Array ? content : null
  }

  set content(content: string | Uint8Array | null) {
    this.#content = content
  }

  /** The content whatever it is. Setting it replaces a stream by one around it, say. */
  get source(): ResponseContent {
    return this.#content
  }

  set source(content: ResponseContent) {
    this.#content = content
  }

  /** Whether the content comes bit by bit. */
  get isStream(): boolean {
    const content = this.#content
    return content !== null && typeof content === 'object' && !(content instanceof Uint8Array)
  }

  /**
   * Sets a cookie: HttpOnly, SameSite=Lax and for all paths, unless said otherwise.
   * @throws ResponseError http.bad-cookie
   */
  setCookie(name: string, value: string, options?: CookieOptions): this {
    this.headers.append('set-cookie', writeCookie(name, value, options))
    return this
  }

  /** Makes the browser forget a cookie; `path` and `domain` have to be those it was set with. */
  deleteCookie(name: string, options?: Pick<CookieOptions, 'path' | 'domain' | 'secure' | 'sameSite'>): this {
    const secure = options?.secure ?? /^__(secure|host)-/i.test(name)
    return this.setCookie(name, '', { ...options, secure, maxAge: 0, expires: new Date(0) })
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#content === null) return null
    this.#used = this.isStream
    return toWebStream(this.#content)
  }

  get bodyUsed(): boolean {
    return this.#used
  }

  /** The content as text; of a stream, all of it once it has ended. */
  async text(): Promise<string> {
    if (typeof this.#content === 'string') return this.#content
    return new TextDecoder().decode(await this.#collect())
  }

  /** The body as JSON. `T` is a promise of yours, not a check; `any` as the web's Response. */
  async json<T = any>(): Promise<T> {
    return JSON.parse(await this.text()) as T // documented: unchecked
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return Uint8Array.from(await this.#collect())
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' })
  }

  formData(): Promise<FormData> {
    return this.toWeb().formData()
  }

  /** A response of its own with the same status, headers and content. A stream is shared out between the two. */
  clone(): HttpResponse {
    let content = this.#content
    if (content !== null && this.isStream && !isFileSlice(content)) {
      const [mine, theirs] = toWebStream(content).tee()
      this.#content = mine
      content = theirs
    }
    const copy = new HttpResponse(content, { status: this.#status })
    for (const [name, value] of this.headers) copy.headers.append(name, value)
    return copy
  }

  /** A web `Response`, for platforms and libraries that accept no other. */
  toWeb(): Response {
    const bodyless = this.#status === 204 || this.#status === 205 || this.#status === 304
    const body = typeof this.#content === 'string' ? this.#content : this.body
    return new Response(bodyless ? null : body, { status: this.#status, headers: [...this.headers] })
  }

  // What a response that was not fetched answers; given below the class.
  declare readonly redirected: boolean
  declare readonly statusText: string
  declare readonly type: ResponseType
  declare readonly url: string

  get [Symbol.toStringTag](): string {
    return 'HttpResponse'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `HttpResponse { ${this.#status} ${this.headers.get('content-type') ?? ''} }`
  }

  async #collect(): Promise<Uint8Array> {
    const content = this.#content
    if (content === null) return new Uint8Array(0)
    if (typeof content === 'string') return Buffer.from(content)
    if (content instanceof Uint8Array) return content
    this.#used = true
    const chunks: Uint8Array[] = []
    for await (const chunk of toWebStream(content)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
}

// `response instanceof Response` holds, without the cost of building one.
Object.setPrototypeOf(HttpResponse.prototype, Response.prototype)
for (const [name, value] of Object.entries({ redirected: false, statusText: '', type: 'default', url: '' })) {
  Object.defineProperty(HttpResponse.prototype, name, { value })
}

/** Our own response, made of any: the same object where it is one of ours. */
export function toHttpResponse(response: Response): HttpResponse {
  if (response instanceof HttpResponse) return response
  const own = new HttpResponse(response.body)
  own.status = response.status === 0 ? 500 : response.status // Response.error() has status 0
  for (const [name, value] of response.headers) own.headers.append(name, value)
  return own
}

export function isFileSlice(content: ResponseContent): content is FileSlice {
  return (
    content !== null && typeof content === 'object' && 'path' in content && 'length' in content && 'start' in content
  )
}

/** Content as a web stream. */
function toWebStream(content: Exclude<ResponseContent, null>): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (content instanceof ReadableStream) return content as ReadableStream<Uint8Array<ArrayBuffer>> // bytes, whatever holds them
  return webStream(toChunks(content))
}

/** Content as byte chunks, in turn. */
export async function* toChunks(content: Exclude<ResponseContent, null>): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield Buffer.from(content)
  else if (content instanceof Uint8Array) yield content
  else if (isFileSlice(content)) {
    if (content.length === 0) return
    const { createReadStream } = await import('node:fs')
    yield* createReadStream(content.path, { start: content.start, end: content.start + content.length - 1 })
  } else for await (const chunk of content) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

function checkStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status
  throw new ResponseError(`${status} is not a status a response can have.`, {
    code: 'http.bad-status',
    hint: 'Give a whole number from 200 to 599.',
  })
}
