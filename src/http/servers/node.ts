/**
 * Serves a handler with node:http, directly: our responses go to the socket as status, list of headers and content,
 * without a web Response in between.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorForLog, escapeLog } from '../access-log.ts'
import { ServerError } from '../errors.ts'
import type { Handler } from '../handler.ts'
import { HttpRequest } from '../request.ts'
import { targetHost } from '../target.ts'
import { NodeSource } from './node-source.ts'
import { type LateError, writeResponse } from './node-write.ts'

export interface ServeOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 8000; 0 takes any that is free. */
  readonly port?: number
  /** Milliseconds for the headers to arrive; default 20_000. */
  readonly headersTimeout?: number
  /** Milliseconds for a whole request to arrive, body included; default 300_000. */
  readonly requestTimeout?: number
  /** Milliseconds an idle connection stays open: longer than the proxy in front keeps its own; default 72_000. */
  readonly keepAliveTimeout?: number
  /** Told of errors after the headers have gone, such as in a stream; default: to standard error. */
  readonly onLateError?: LateError
}

export interface RunningServer {
  /** `http://127.0.0.1:8000/` */
  readonly url: string
  readonly port: number
  /** The server itself, for what we do not cover, such as upgrades. */
  readonly server: Server
  /**
   * Stops: takes no more connections, lets requests that have come finish, then closes what is left. Resolves when
   * nothing is open.
   * @param options.timeout milliseconds requests may still take; default 10_000
   */
  close(options?: { timeout?: number }): Promise<void>
}

/**
 * Serves until closed. Resolves once it listens.
 * @throws ServerError http.port-in-use, http.cannot-listen
 */
export async function serveNode(handler: Handler, options: ServeOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8000 } = options
  const { server, state } = createNodeServer(handler, options)
  await listen(server, host, port)
  const actual = (server.address() as AddressInfo).port // it listens on TCP
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/`,
    port: actual,
    server,
    close: ({ timeout = 10_000 } = {}) => {
      state.closing = true
      return close(server, timeout)
    },
  }
}

/**
 * A server that does not listen: `server.emit('connection', socket)` gives it a socket that was accepted elsewhere, as
 * by the supervisor of `nuages dev`. With `state.closing` it keeps no connection open.
 */
export function createNodeServer(
  handler: Handler,
  options: ServeOptions = {},
): { server: Server; state: { closing: boolean } } {
  const { onLateError = printLateError, headersTimeout = 20_000 } = options
  const state = { closing: false }
  const server = createServer(
    {
      headersTimeout,
      // How often Node looks for connections over their time. Its own 30 s would let slow headers (slowloris) hold a
      // socket for half a minute longer than they may.
      connectionsCheckingInterval: Math.min(2000, Math.max(50, headersTimeout / 4)),
      requestTimeout: options.requestTimeout ?? 300_000,
      keepAliveTimeout: options.keepAliveTimeout ?? 72_000,
    },
    (incoming, outgoing) => answer(handler, incoming, outgoing, onLateError, state),
  )
  server.on('clientError', refuseUnreadable)
  server.on('connect', (_request, socket) => socket.end(plainAnswer(405, 'This server is no proxy.')))
  return { server, state }
}

function answer(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onLateError: LateError,
  state: { readonly closing: boolean },
): void {
  if (state.closing) outgoing.shouldKeepAlive = false
  const problem = badFraming(incoming)
  if (problem !== null) {
    outgoing.shouldKeepAlive = false
    outgoing.writeHead(400, ['content-type', 'text/plain; charset=utf-8'])
    outgoing.end(`Bad request: ${problem}\n`)
    return
  }
  const request = new HttpRequest(new NodeSource(incoming, outgoing))
  const exchange = { request, incoming, outgoing, onLateError }
  const response = handler(request)
  if (!(response instanceof Promise)) {
    writeResponse(exchange, response)
    return
  }
  response.then(
    (later) => {
      if (state.closing) outgoing.shouldKeepAlive = false
      writeResponse(exchange, later)
    },
    (error: unknown) => {
      onLateError(error, request)
      outgoing.destroy()
    },
  )
}

/** What two servers in a row could read differently, so that one serves what the other has checked (request smuggling). */
function badFraming({ rawHeaders: raw, url = '/', headers }: IncomingMessage): string | null {
  // RFC 9112, 3.2
  if (!url.startsWith('/') && (targetHost(url) ?? headers.host) !== headers.host) return 'two hosts are named.'
  let hosts = 0
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.length === 4 && raw[i]!.toLowerCase() === 'host') hosts++
  if (hosts > 1) return 'two hosts are named.'
  // RFC 9112, 6.1. Node takes `gzip, chunked` and hands out what is inside as it is.
  const coding = headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked'
    ? null
    : 'only the transfer coding chunked is known.'
}

const refused = new WeakSet<Duplex>()
/** Milliseconds a client may go on sending after it was refused, so that it sees the answer, not a broken connection. */
const REFUSED = 2000

/** What cannot be read as a request: Node would answer without a word, and close before a long one has been sent. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (refused.has(socket)) return // it still sends
  // Node's own handler looks there too: an answer that has begun cannot be followed by another.
  const { _httpMessage: begun } = socket as { _httpMessage?: { _headerSent: boolean } | null }
  if (!socket.writable || error.code === 'ECONNRESET' || begun?._headerSent) {
    socket.destroy(error)
    return
  }
  const [status, text] = unreadable[error.code ?? ''] ?? [400, 'This is not a request that HTTP allows.']
  refused.add(socket)
  if (begun) {
    socket.write(plainAnswer(status, text))
    socket.destroy(error)
    return
  }
  socket.end(plainAnswer(status, text))
  setTimeout(() => socket.destroy(), REFUSED).unref()
}

const unreadable: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The address and the headers together are longer than 16 KB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  HPE_INVALID_METHOD: [400, 'This method does not exist.'],
}

function plainAnswer(status: number, text: string): string {
  const type = 'Content-Type: text/plain; charset=utf-8'
  const reason = STATUS_CODES[status]
  return `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\n${type}\r\nContent-Length: ${text.length + 1}\r\n\r\n${text}\n`
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ServerError {
  if (cause.code === 'EADDRINUSE') {
    return new ServerError(`Port ${port} on ${host} is in use.`, {
      code: 'http.port-in-use',
      hint: 'Another program listens there, perhaps this one from another terminal: stop it, or choose another port with --port or PORT.',
      cause,
    })
  }
  const reasons: Readonly<Record<string, string>> = {
    EACCES: `Ports below 1024 need special rights: choose one above, and let a proxy listen on ${port}.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is not known: use an address such as 127.0.0.1.`,
  }
  return new ServerError(`Cannot listen on ${host}, port ${port}: ${cause.message}`, {
    code: 'http.cannot-listen',
    hint: reasons[cause.code ?? ''] ?? 'Choose another address or port.',
    cause,
  })
}

function close(server: Server, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), 50)
    const limit = setTimeout(() => server.closeAllConnections(), timeout)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(limit)
      resolve()
    })
    server.closeIdleConnections()
  })
}

const printLateError: LateError = (error, request) => {
  console.error(`${escapeLog(`${request.method} ${request.target}`)}: the answer broke off.\n${errorForLog(error)}`)
}
