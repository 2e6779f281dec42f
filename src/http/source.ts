import type { HeaderMap } from './headers.ts'

/** What a server gives of a request; the rest of HttpRequest is worked out from it, when asked for. */
export interface RequestSource {
  readonly method: string
  /** Path and query as they were sent: `/caf%C3%A9/?q=1`. */
  readonly target: string
  /** Address of whoever connected: the client, or a proxy. */
  readonly remoteAddress: string | undefined
  /** Whether that connection is TLS. */
  readonly encrypted: boolean
  /** A header by its name in lower case; several of one name joined as HTTP says. */
  header(name: string): string | undefined
  headers(): HeaderMap
  /** Whether a body comes with it, if only an empty one. */
  readonly hasBody: boolean
  /** The body, to be read once; null when there is none. Leaving early leaves the connection open. */
  body(): AsyncIterable<Uint8Array> | null
  /** Aborted when the client goes away. */
  signal(): AbortSignal
}
