import { finishRequest } from '../finish.ts'
import type { Handler } from '../handler.ts'
import { HeaderMap } from '../headers.ts'
import { HttpRequest } from '../request.ts'
import type { HttpResponse } from '../response.ts'
import type { RequestSource } from '../source.ts'

/** What a platform knows beside the request. */
export interface FetchInfo {
  /** Address of the client. */
  readonly remoteAddress?: string
}

/** A web `Request` as a source. */
export class FetchSource implements RequestSource {
  readonly method: string
  readonly target: string
  readonly encrypted: boolean
  readonly remoteAddress: string | undefined
  readonly #request: Request
  readonly #host: string

  constructor(request: Request, info: FetchInfo = {}) {
    const url = new URL(request.url)
    this.method = request.method
    this.target = url.pathname + url.search
    this.encrypted = url.protocol === 'https:'
    this.remoteAddress = info.remoteAddress
    this.#request = request
    this.#host = url.host
  }

  get hasBody(): boolean {
    return this.#request.body !== null
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? (name === 'host' ? this.#host : undefined)
  }

  headers(): HeaderMap {
    const headers = new HeaderMap(this.#request.headers)
    headers.putDefault('host', this.#host)
    return headers
  }

  body(): AsyncIterable<Uint8Array> | null {
    return this.#request.body
  }

  signal(): AbortSignal {
    return this.#request.signal
  }
}

/**
 * The handler as platforms with `fetch` want it (Deno, Bun, Workers, tests): a web Request in, a web Response out.
 *
 *     export default { fetch: toFetch(handler) }
 */
export function toFetch(handler: Handler): (request: Request, info?: FetchInfo) => Promise<Response> {
  return async (webRequest, info) => {
    const request = new HttpRequest(new FetchSource(webRequest, info))
    const response = await handler(request)
    if (request.method === 'HEAD') response.source = null
    if (response.isStream) return whenRead(response, request)
    finishRequest(request)
    return response.toWeb()
  }
}

/** The request lasts until its stream has been read, or nobody wants it any more. */
function whenRead(response: HttpResponse, request: HttpRequest): Response {
  const reader = response.body!.getReader()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      finishRequest(request)
    },
    async cancel(reason) {
      finishRequest(request)
      await reader.cancel(reason)
    },
  })
  response.source = stream
  return response.toWeb()
}
