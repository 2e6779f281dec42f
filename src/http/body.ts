import { Buffer } from 'node:buffer'
import { NuagesError } from '../std/errors.ts'
import { BadRequest, ContentTooLarge, ResponseError } from './errors.ts'
import type { RequestSource } from './source.ts'

/** A request's body: read once, kept, and given as often as asked for. */
export class RequestBody {
  readonly #source: RequestSource
  #bytes: Promise<Buffer> | undefined
  #taken = false

  constructor(source: RequestSource) {
    this.#source = source
  }

  get used(): boolean {
    return this.#taken
  }

  /**
   * All of it, up to `limit` bytes.
   * @throws ContentTooLarge http.body-too-large
   */
  bytes(limit: number): Promise<Buffer> {
    this.#bytes ??= collect(this.stream(), this.#source.header('content-length'), limit)
    return this.#bytes
  }

  /**
   * The body as it arrives: only once, and not after `bytes()`.
   * @throws ResponseError http.body-read-twice
   */
  stream(): AsyncIterable<Uint8Array> | null {
    if (this.#taken) {
      throw new ResponseError('The body of this request was read before.', {
        code: 'http.body-read-twice',
        hint: 'form(), json(), text() and bytes() can be mixed and repeated; a multipart form, files and body are streams, read once.',
      })
    }
    const body = this.#source.body()
    this.#taken = body !== null
    return body === null ? null : guarded(body)
  }
}

async function collect(
  body: AsyncIterable<Uint8Array> | null,
  length: string | undefined,
  limit: number,
): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0)
  if (Number(length) > limit) throw tooLarge(limit)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? asBuffer(chunks[0]!) : Buffer.concat(chunks, size)
}

/** 413, with the limit in words. */
export function tooLarge(limit: number): ContentTooLarge {
  return new ContentTooLarge(`The body is larger than ${inWords(limit)}.`, {
    code: 'http.body-too-large',
    hint: 'The limit is the setting limits.maxBody; files have their own, limits.maxUpload.',
  })
}

/** `2.5 MB` */
export function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const [size, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'KB'] : [bytes / 1024 / 1024, 'MB']
  return `${Number(size.toFixed(1))} ${unit}`
}

/** A client that goes away in the middle is no fault of ours: a 400 that nobody reads. */
async function* guarded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk
  } catch (cause) {
    if (cause instanceof NuagesError) throw cause
    throw new BadRequest('The connection closed before the whole body had come.', {
      code: 'http.body-incomplete',
      cause,
    })
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * A JSON body.
 * @throws BadRequest http.malformed-json
 */
export function readJson(bytes: Buffer): unknown {
  const text = decodeText(bytes, 'http.malformed-json')
  if (text === '') {
    throw new BadRequest('The body is empty where JSON was expected.', { code: 'http.malformed-json' })
  }
  assertShallow(bytes)
  try {
    return text.includes('__proto__') || text.includes('\\u') ? JSON.parse(text, dropProto) : JSON.parse(text)
  } catch (cause) {
    throw new BadRequest(`The body is not valid JSON: ${(cause as Error).message}`, {
      code: 'http.malformed-json',
      cause,
    })
  }
}

/** Levels of lists and objects in a JSON body: far more than people write. */
const MAX_DEPTH = 500

/**
 * The parser takes any depth, but whatever walks over the value afterwards calls itself for each level, JSON.stringify
 * among them: a body of brackets would be a 500 in code that did nothing wrong.
 */
function assertShallow(bytes: Buffer): void {
  if (bytes.length <= MAX_DEPTH) return
  let depth = 0
  let quoted = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0x22 /* " */) quoted = !quoted
    else if (quoted) {
      if (byte === 0x5c /* \ */) i++
    } else if (byte === 0x5b /* [ */ || byte === 0x7b /* { */) {
      if (++depth <= MAX_DEPTH) continue
      throw new BadRequest(`The JSON is nested more than ${MAX_DEPTH} levels deep.`, { code: 'http.malformed-json' })
    } else if (byte === 0x5d /* ] */ || byte === 0x7d /* } */) depth--
  }
}

/** `{"__proto__": {...}}` makes an own property that a careless merge would turn into a prototype: it is left out. */
function dropProto(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}

/**
 * Text of a body in UTF-8, without its byte order mark.
 * @throws BadRequest with `code`, when it is not UTF-8
 */
export function decodeText(bytes: Uint8Array, code = 'http.malformed-text'): string {
  try {
    return strict.decode(bytes)
  } catch (cause) {
    throw new BadRequest('The body is not valid UTF-8.', { code, cause })
  }
}

const strict = new TextDecoder('utf-8', { fatal: true })
