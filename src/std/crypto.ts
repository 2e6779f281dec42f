/**
 * Synchronous hashes, signatures, randomness and deflate. Beside `context.ts` the only file of the request path that
 * touches built-ins of Node.
 */
import {
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes as nodeRandomBytes,
  randomFillSync,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'
import { ConfigurationError } from './errors.ts'

/** Text (as UTF-8) or bytes. */
export type Data = string | Uint8Array
export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512'

const LETTERS_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** `size` bytes from the system's secure source. */
export function randomBytes(size: number): Uint8Array {
  return new Uint8Array(nodeRandomBytes(size))
}

/**
 * Secret text for tokens and keys; every character equally likely. 22 letters and digits hold 128 bits.
 *
 * @param alphabet   characters to choose from; default A–Z a–z 0–9
 */
export function randomString(length: number, alphabet: string = LETTERS_AND_DIGITS): string {
  const size = alphabet.length
  if (size === 0 || size > 256) {
    throw new ConfigurationError(`An alphabet has 1 to 256 characters, not ${size}.`, {
      code: 'std.bad-alphabet',
      hint: 'Leave it out for letters and digits.',
    })
  }
  // Bytes from here on are drawn again: they would make the first characters of the alphabet likelier.
  const fair = 256 - (256 % size)
  let out = ''
  while (out.length < length) {
    if (poolUsed === pool.length) {
      randomFillSync(pool)
      poolUsed = 0
    }
    const byte = pool[poolUsed]!
    pool[poolUsed++] = 0 // what became a secret is not kept
    if (byte < fair) out += alphabet[byte % size]
  }
  return out
}

/** Random bytes asked for together: one call of the system's source for many characters. */
const pool: Uint8Array = new Uint8Array(1024)
let poolUsed = pool.length

/** A random UUID (version 4). */
export function uuid4(): string {
  return randomUUID()
}

/** A UUID that sorts by the time it was made (version 7, RFC 9562): milliseconds, then 74 random bits. */
export function uuid7(now: number = Date.now()): string {
  const bytes = nodeRandomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The digest of `data`, as bytes. */
export function hash(name: HashName, data: Data): Uint8Array {
  return createHash(name).update(data).digest()
}

/** The SHA-256 digest of `data`: 32 bytes; {@link toHex} and {@link toBase64Url} write it. */
export function sha256(data: Data): Uint8Array {
  return hash('sha256', data)
}

/** A key made ready by {@link hmacKey}. Not shown when printed. */
export type HmacKey = KeyObject

/** Makes a key ready once, for many calls of {@link hmac}. */
export function hmacKey(key: Data): HmacKey {
  return createSecretKey(asBuffer(key))
}

/** The HMAC of `data` under `key`, as bytes; SHA-256 unless another hash is named. */
export function hmac(key: Data | HmacKey, data: Data, name: HashName = 'sha256'): Uint8Array {
  // Node takes bytes too, at six times the cost (24.21).
  const ready = typeof key === 'string' || key instanceof Uint8Array ? hmacKey(key) : key
  return createHmac(name, ready).update(data).digest()
}

/** True for equal text or bytes, in a time that tells nothing but their length: for tokens and signatures. */
export function constantTimeEqual(a: Data, b: Data): boolean {
  const left = typeof a === 'string' ? Buffer.from(a) : a
  const right = typeof b === 'string' ? Buffer.from(b) : b
  return left.byteLength === right.byteLength && timingSafeEqual(left, right)
}

/** Lower-case hexadecimal. */
export function toHex(data: Data): string {
  return asBuffer(data).toString('hex')
}

/** Base64 for URLs (`-` and `_`, no padding). */
export function toBase64Url(data: Data): string {
  return asBuffer(data).toString('base64url')
}

const BASE64_URL = /^[A-Za-z0-9_-]*={0,2}$/

/** The bytes of base64url text, padding optional; null when it is none (Node itself would skip what it does not know). */
export function fromBase64Url(text: string): Uint8Array | null {
  return BASE64_URL.test(text) ? new Uint8Array(Buffer.from(text, 'base64url')) : null
}

/** `data` in zlib format. */
export function deflate(data: Data): Uint8Array {
  return deflateSync(data)
}

/**
 * What {@link deflate} or any zlib packed.
 *
 * @param maxSize   bytes; more is an error: a few bytes can unpack to gigabytes
 * @throws RangeError beyond `maxSize`, Error for what is not zlib
 */
export function inflate(data: Uint8Array, maxSize: number): Uint8Array {
  return inflateSync(data, { maxOutputLength: maxSize })
}

function asBuffer(data: Data): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
