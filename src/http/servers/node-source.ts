import type { IncomingMessage, ServerResponse } from 'node:http'
import { HeaderMap } from '../headers.ts'
import type { RequestSource } from '../source.ts'

/** A request as node:http gives it. */
export class NodeSource implements RequestSource {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  #controller: AbortController | undefined
  readonly remoteAddress: string | undefined

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    // Now: a socket forgets it when it closes, and the log should say who went away.
    this.remoteAddress = incoming.socket.remoteAddress
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#controller = undefined
  }

  get method(): string {
    return this.#incoming.method ?? 'GET'
  }

  get target(): string {
    return this.#incoming.url ?? '/'
  }

  get encrypted(): boolean {
    return 'encrypted' in this.#incoming.socket // only TLS sockets have it
  }

  get hasBody(): boolean {
    return hasBody(this.#incoming)
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return typeof value === 'string' ? value : value?.join(', ')
  }

  headers(): HeaderMap {
    const list: string[] = []
    for (const [name, value] of Object.entries(this.#incoming.headers)) {
      if (typeof value === 'string') list.push(name, value)
      else for (const one of value ?? []) list.push(name, one)
    }
    return HeaderMap.of(list)
  }

  body(): AsyncIterable<Uint8Array> | null {
    // Stopping early must leave the socket open: the answer still has to go through it.
    return this.hasBody ? this.#incoming.iterator({ destroyOnReturn: false }) : null
  }

  signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      const outgoing = this.#outgoing
      const gone = () => {
        if (!outgoing.writableFinished) controller.abort(new DOMException('The client went away.', 'AbortError'))
      }
      if (outgoing.destroyed) gone()
      else outgoing.once('close', gone)
    }
    return this.#controller.signal
  }
}

/** Whether a body comes with a request, whatever its method. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return length === undefined ? headers['transfer-encoding'] !== undefined : length !== '0'
}
