import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import type { HttpRequest, HttpResponse, Middleware } from '../http/index.ts'
import { randomBytes, randomString } from '../std/crypto.ts'

/** Options of {@link gzip}. */
export interface GzipOptions {
  /** Bytes; shorter responses are sent as they are, as they would fit in one packet anyway. Default 860. */
  readonly minLength?: number
  /** Most random bytes added to each response, against guessing secrets by its length; default 100. */
  readonly padding?: number
}

const COMPRESSIBLE = /^(text\/|application\/(json|javascript|xml|manifest\+json|[\w.-]+\+(json|xml))|image\/svg\+xml)/
const deflate = promisify(deflateRaw)

/**
 * Compresses text for clients that take it. A proxy in front often does this better; streams and files are left alone.
 *
 * Compressing a page that holds both a secret and something a visitor chose lets an attacker guess the secret from
 * lengths (BREACH, 2013). CSRF tokens are masked anew in each response, and a random number of bytes is added to each
 * (Heal the BREACH, 2022); do not put other secrets beside reflected input.
 */
export function gzip({ minLength = 860, padding = 100 }: GzipOptions = {}): Middleware {
  return async function gzip(request, next) {
    const response = await next(request)
    const { content, headers } = response
    const type = headers.get('content-type') ?? ''
    if (content === null || content.length < minLength || !COMPRESSIBLE.test(type)) return response
    if (headers.has('content-encoding') || response.status === 206) return response
    headers.addToken('vary', 'Accept-Encoding')
    return acceptsGzip(request) ? compress(response, Buffer.from(content as string), padding) : response
  }
}

function acceptsGzip(request: HttpRequest): boolean {
  for (const part of (request.header('accept-encoding') ?? '').split(',')) {
    const [name, ...parameters] = part.toLowerCase().split(';')
    if (!/^\s*(gzip|\*)\s*$/.test(name!)) continue
    return !parameters.some((parameter) => /^\s*q\s*=\s*0(\.0*)?\s*$/.test(parameter))
  }
  return false
}

async function compress(response: HttpResponse, content: Buffer, padding: number): Promise<HttpResponse> {
  const body = await deflate(content)
  const name = padding > 0 ? randomString(1 + (randomBytes(1)[0]! % padding)) : ''
  // RFC 1952: the name of the file is a field readers skip, so its length may be anything.
  const head = Buffer.from([0x1f, 0x8b, 8, name === '' ? 0 : 8, 0, 0, 0, 0, 0, 0xff])
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(crc32(content), 0)
  tail.writeUInt32LE(content.length % 2 ** 32, 4)
  const packed = Buffer.concat([head, Buffer.from(name === '' ? '' : `${name}\0`), body, tail])
  if (packed.length >= content.length) return response
  response.content = packed
  const { headers } = response
  headers.set('content-encoding', 'gzip')
  headers.delete('content-length')
  // Other bytes than the tag was made for: still the same page (RFC 9110, 8.8.3).
  const etag = headers.get('etag')
  if (etag?.startsWith('"')) headers.set('etag', `W/${etag}`)
  return response
}
