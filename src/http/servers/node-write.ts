import { Buffer } from 'node:buffer'
import { open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServerError } from '../errors.ts'
import { finishRequest } from '../finish.ts'
import type { HttpRequest } from '../request.ts'
import { type FileSlice, type HttpResponse, isFileSlice, type StreamBody } from '../response.ts'
import { hasBody } from './node-source.ts'

/** What is told of an error after the headers have gone, when no error page can be sent any more. */
export type LateError = (error: unknown, request: HttpRequest) => void

/** A body left unread up to this size is read to keep the connection; a larger one costs the connection. */
const SMALL_REST = 64 * 1024
/** How much of a larger one is read, and for how long, so that the client sees the answer before the connection ends. */
const LINGER = { bytes: 8 * 1024 * 1024, time: 2000 }
/** Milliseconds a client may take to read nothing of what waits for it. */
const STALLED = 60_000

/** One request and its answer, on node:http. */
export interface Exchange {
  readonly request: HttpRequest
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly onLateError: LateError
}

/** Writes a response to its socket. */
export function writeResponse(exchange: Exchange, response: HttpResponse): void {
  const { outgoing, request } = exchange
  const { source, status } = response
  if (source !== null && typeof source === 'object' && !(source instanceof Uint8Array)) {
    void writeStream(exchange, response, source)
    return
  }
  try {
    if (!outgoing.destroyed) writeWhole(exchange, status, response.headers.flat(), source)
  } catch (error) {
    breakOff(exchange, error)
  } finally {
    finishRequest(request)
  }
}

function writeWhole(
  exchange: Exchange,
  status: number,
  headers: readonly string[],
  source: string | Uint8Array | null,
): void {
  const { outgoing, request } = exchange
  const bare = request.method === 'HEAD' || status === 204 || status === 304
  let length = 0
  if (source !== null) length = typeof source === 'string' ? Buffer.byteLength(source) : source.length
  const known = source !== null || !bare
  const head = known && status !== 204 && status !== 304 ? withLength(headers, length) : [...headers]
  const content = bare || source === null ? undefined : source
  if (leavesBody(exchange)) writeAndLinger(exchange, status, head, content)
  else {
    outgoing.writeHead(status, head)
    outgoing.end(content)
  }
}

/** What could not be written, such as a header that Node refuses: reported, and the client told while it can be. */
function breakOff({ outgoing, request, onLateError }: Exchange, error: unknown): void {
  onLateError(error, request)
  // Half an answer must not look like a whole one: the connection ends before it does.
  if (outgoing.headersSent) outgoing.destroy()
  else {
    outgoing.writeHead(500, ['content-type', 'text/plain; charset=utf-8'])
    outgoing.end('Server error\n')
  }
}

/** The headers with the length of the content, which is ours to say: a wrong one would desynchronise the connection. */
function withLength(headers: readonly string[], length: number): string[] {
  const out: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!
    if (name !== 'content-length' && name !== 'transfer-encoding') out.push(name, headers[i + 1]!)
  }
  out.push('content-length', String(length))
  return out
}

function withoutLength(headers: readonly string[]): string[] {
  return withLength(headers, 0).slice(0, -2)
}

function leavesBody({ incoming }: Exchange): boolean {
  if (!hasBody(incoming) || incoming.complete) return false
  const length = incoming.headers['content-length']
  return length === undefined || Number(length) > SMALL_REST
}

/**
 * The client is still sending what nobody will read. Closing now would make it see a broken connection instead of the
 * answer, so the answer goes first, and some of the rest is read and dropped.
 */
function writeAndLinger(
  exchange: Exchange,
  status: number,
  head: readonly string[],
  content: string | Uint8Array | undefined,
): void {
  const { incoming, outgoing } = exchange
  outgoing.writeHead(status, [...head, 'connection', 'close'])
  if (content === undefined || content.length === 0) outgoing.flushHeaders()
  else outgoing.write(content)
  let left = LINGER.bytes
  const end = () => {
    clearTimeout(timer)
    if (!outgoing.writableEnded) outgoing.end()
  }
  const timer = setTimeout(end, LINGER.time)
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left <= 0) end()
  })
  incoming.once('end', end)
  outgoing.once('close', end)
  incoming.resume()
}

async function writeStream(exchange: Exchange, response: HttpResponse, source: StreamBody | FileSlice): Promise<void> {
  const { request, outgoing } = exchange
  try {
    if (outgoing.destroyed) {
      if (!isFileSlice(source)) cancel(source)
    } else if (isFileSlice(source)) await writeFile(exchange, response, source)
    else await writeChunks(exchange, response, source)
  } catch (error) {
    breakOff(exchange, error)
  } finally {
    finishRequest(request)
  }
}

async function writeFile(exchange: Exchange, response: HttpResponse, slice: FileSlice): Promise<void> {
  const { outgoing, request } = exchange
  const head = withLength(response.headers.flat(), slice.length)
  if (request.method === 'HEAD' || slice.length === 0) {
    outgoing.writeHead(response.status, head)
    outgoing.end()
    return
  }
  const file = await open(slice.path)
  const readable = file.createReadStream({
    start: slice.start,
    end: slice.start + slice.length - 1,
    highWaterMark: SMALL_REST,
  })
  let sent: number
  try {
    outgoing.writeHead(response.status, head)
    sent = await pump(outgoing, readable)
  } finally {
    readable.destroy() // and its file, also when the client had left before the first chunk
  }
  if (sent === slice.length) outgoing.end()
  else if (!outgoing.destroyed) {
    throw new ServerError(`The file ${slice.path} became shorter while it was sent.`, {
      code: 'http.file-changed',
      hint: 'Write files anew under another name and rename them, so that readers keep the one they have opened.',
    })
  }
}

async function writeChunks(exchange: Exchange, response: HttpResponse, source: StreamBody): Promise<void> {
  const { outgoing, request } = exchange
  const { status } = response
  const bare = request.method === 'HEAD' || status === 204 || status === 304
  outgoing.writeHead(status, bare ? (response.headers.flat() as string[]) : withoutLength(response.headers.flat()))
  if (bare) {
    cancel(source)
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  await pump(outgoing, source)
  if (!outgoing.destroyed) outgoing.end()
}

/** Sends chunks at the pace they are read; stops when the client goes away. Gives the bytes sent. */
async function pump(outgoing: ServerResponse, source: StreamBody): Promise<number> {
  const chunks = readerOf(source)
  outgoing.once('close', chunks.stop)
  let sent = 0
  try {
    while (!outgoing.destroyed) {
      const next = await chunks.next()
      if (next.done || outgoing.destroyed) break
      const chunk = next.value
      sent += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length
      if (!outgoing.write(chunk)) await drained(outgoing)
    }
  } finally {
    outgoing.off('close', chunks.stop)
    if (outgoing.destroyed) chunks.stop()
  }
  return sent
}

interface Chunks {
  next(): Promise<{ done?: boolean | undefined; value?: any }> // any: a chunk where not done
  /** Tells the source that nobody reads any more. */
  stop(): void
}

function readerOf(source: StreamBody): Chunks {
  if (source instanceof ReadableStream) {
    const reader = source.getReader()
    return { next: () => reader.read(), stop: () => void reader.cancel().catch(() => {}) }
  }
  const iterator = source[Symbol.asyncIterator]()
  // A generator in the middle of an await returns when that settles: what it waits for can watch request.signal.
  return { next: () => iterator.next(), stop: () => void Promise.resolve(iterator.return?.()).catch(() => {}) }
}

function cancel(source: StreamBody): void {
  readerOf(source).stop()
}

/** Resolves once the socket takes more, or is gone. A client that reads nothing for a minute is let go. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => outgoing.destroy(), STALLED)
    const done = () => {
      clearTimeout(timer)
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.once('drain', done)
    outgoing.once('close', done)
  })
}
