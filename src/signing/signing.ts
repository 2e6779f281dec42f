/**
 * Signatures by HMAC-SHA256, in Django's format: `value:signature`, with a time `value:time:signature`, and JSON as
 * `base64url(json):time:signature`. Signed is not encrypted: whoever holds the value reads it.
 */
import {
  constantTimeEqual,
  deflate,
  fromBase64Url,
  type HmacKey,
  hmac,
  hmacKey,
  inflate,
  sha256,
  toBase64Url,
} from '../std/crypto.ts'
import { BadSignature, SignatureExpired, SigningError } from './errors.ts'

/** What {@link configureSigning} takes. */
export interface SigningKeys {
  readonly secretKey: string
  /** Older keys, still good for reading: they let a key be replaced without logging everybody out. */
  readonly fallbackKeys?: readonly string[]
}

export interface SignOptions {
  /** What the signature is for (`'accounts.invite'`): one made for another purpose does not verify. */
  readonly salt: string
  /** Instead of the project's secret key; then its fallback keys are not tried either. */
  readonly key?: string
  /** Default `:`; not a letter, digit, `-`, `_` or `=`, as signatures are made of these. */
  readonly separator?: string
}

export interface LoadOptions extends SignOptions {
  /** Seconds after which a signature is refused; default: never. */
  readonly maxAge?: number | null
  /** The present, in milliseconds; default `Date.now()`. */
  readonly now?: number
}

export interface DumpOptions extends SignOptions {
  /** The present, in milliseconds; default `Date.now()`. */
  readonly now?: number
  /** Pack the value where that makes it shorter; default false. */
  readonly compress?: boolean
}

/** The present key, then older ones. */
let configured: readonly string[] | null = null

/** Sets the project's keys; null forgets them. Called once at start. */
export function configureSigning(keys: SigningKeys | null): void {
  configured = keys && [keys.secretKey, ...(keys.fallbackKeys ?? [])]
}

/**
 * `value` with its signature behind it.
 * @throws SigningError signing.not-configured when there is no key, signing.bad-separator
 */
export function sign(value: string, options: SignOptions): string {
  const separator = separatorOf(options)
  return `${value}${separator}${signature(value, options.salt, keysOf(options)[0]!)}`
}

/**
 * The value that {@link sign} was given.
 * @throws BadSignature signing.bad-signature
 */
export function unsign(signed: string, options: SignOptions): string {
  const [value, found] = splitLast(signed, separatorOf(options))
  for (const key of keysOf(options)) if (constantTimeEqual(signature(value, options.salt, key), found)) return value
  throw new BadSignature('The signature does not fit the value.', { code: 'signing.bad-signature', status: 400 })
}

/** {@link sign} with the present (seconds) signed too, so that {@link timestampUnsign} can limit the age. */
export function timestampSign(value: string, options: DumpOptions): string {
  const seconds = Math.floor((options.now ?? Date.now()) / 1000)
  return sign(`${value}${separatorOf(options)}${toBase62(seconds)}`, options)
}

/**
 * The value that {@link timestampSign} was given.
 * @throws BadSignature signing.bad-signature
 * @throws SignatureExpired signing.signature-expired when it is older than `maxAge` seconds
 */
export function timestampUnsign(signed: string, options: LoadOptions): string {
  const [value, time] = splitLast(unsign(signed, options), separatorOf(options))
  const signedAt = fromBase62(time)
  const { maxAge = null } = options
  if (maxAge !== null) {
    const age = (options.now ?? Date.now()) / 1000 - signedAt
    if (age > maxAge) {
      throw new SignatureExpired(`The signature is ${Math.floor(age)} seconds old, ${maxAge} are allowed.`, {
        code: 'signing.signature-expired',
        status: 400,
      })
    }
  }
  return value
}

/**
 * Any JSON value as signed text that may stand in a URL or cookie.
 *
 *     const token = dumps({ user: 7 }, { salt: 'accounts.invite' })
 *     loads(token, { salt: 'accounts.invite', maxAge: 3600 })        // { user: 7 }
 */
export function dumps(value: unknown, options: DumpOptions): string {
  const json = asciiJson(value)
  let payload = toBase64Url(json)
  if (options.compress) {
    const packed = deflate(json)
    if (packed.length < json.length - 1) payload = `.${toBase64Url(packed)}`
  }
  return timestampSign(payload, options)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Largest JSON that a packed payload may hold: 10 MB. */
const MAX_UNPACKED = 10_000_000

/**
 * The value that {@link dumps} was given. `T` is believed, not checked.
 * @throws BadSignature signing.bad-signature, also for what was signed but is no JSON
 * @throws SignatureExpired signing.signature-expired
 */
export function loads<T = unknown>(signed: string, options: LoadOptions): T {
  const payload = timestampUnsign(signed, options)
  const packed = payload.startsWith('.')
  try {
    const bytes = fromBase64Url(packed ? payload.slice(1) : payload)
    if (bytes === null) throw new SyntaxError('not base64url')
    const json = utf8.decode(packed ? inflate(bytes, MAX_UNPACKED) : bytes)
    return JSON.parse(json) as T // whoever signed it vouches for the shape
  } catch (cause) {
    throw new BadSignature('The signed value is not JSON.', { code: 'signing.bad-signature', status: 400, cause })
  }
}

function keysOf(options: SignOptions): readonly string[] {
  if (options.key !== undefined) return [options.key]
  if (configured !== null) return configured
  throw new SigningError('There is no key to sign with.', {
    code: 'signing.not-configured',
    hint: 'Start the project first (createProject or the command line), or pass a key.',
  })
}

function separatorOf({ separator = ':' }: SignOptions): string {
  if (separator === ':') return separator
  if (separator === '' || /^[A-Za-z0-9_=-]*$/.test(separator)) {
    throw new SigningError(`${JSON.stringify(separator)} cannot separate values from signatures.`, {
      code: 'signing.bad-separator',
      hint: 'Use a character that is not a letter, a digit, "-", "_" or "=".',
    })
  }
  return separator
}

function signature(value: string, salt: string, key: string): string {
  return signerFor(salt, key).sign(value)
}

/** Signatures that a signer remembers, and the longest value it remembers one for. */
const REMEMBERED = { count: 500, length: 1024 }

/**
 * Signs for one purpose with one key. It remembers its last signatures: the session and the password of a visitor are
 * verified at each request, with the same text.
 */
class Signer {
  readonly #key: HmacKey
  readonly #known = new Map<string, string>()

  /** As django.utils.crypto.salted_hmac: the key is the hash of salt and secret. */
  constructor(salt: string, key: string) {
    this.#key = hmacKey(sha256(`${salt}signer${key}`))
  }

  sign(value: string): string {
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const made = toBase64Url(hmac(this.#key, value))
    if (value.length > REMEMBERED.length) return made
    if (this.#known.size >= REMEMBERED.count) this.#known.clear()
    this.#known.set(value, made)
    return made
  }
}

/** Signers by key and salt. A program has few of both; a salt made for each use must not fill memory. */
const MOST_SALTS = 64
const signers = new Map<string, Map<string, Signer>>()

function signerFor(salt: string, key: string): Signer {
  let bySalt = signers.get(key)
  if (bySalt === undefined || bySalt.size > MOST_SALTS) {
    if (signers.size > MOST_SALTS) signers.clear()
    bySalt = new Map()
    signers.set(key, bySalt)
  }
  let found = bySalt.get(salt)
  if (found === undefined) {
    found = new Signer(salt, key)
    bySalt.set(salt, found)
  }
  return found
}

function splitLast(text: string, separator: string): [value: string, rest: string] {
  const at = text.lastIndexOf(separator)
  if (at === -1) {
    throw new BadSignature(`There is no ${JSON.stringify(separator)} in the signed value.`, {
      code: 'signing.bad-signature',
      status: 400,
    })
  }
  return [text.slice(0, at), text.slice(at + separator.length)]
}

/** JSON without spaces, everything beyond ASCII escaped, as Python writes it. */
function asciiJson(value: unknown): string {
  const json = JSON.stringify(value)
  if (json === undefined) {
    throw new SigningError(`A ${typeof value} has no JSON form, and cannot be signed.`, {
      code: 'signing.not-json',
      hint: 'Give dumps() an object, a list, text, a number, true, false or null.',
    })
  }
  return json.replace(/[\u007f-\uffff]/g, (char) =>
    char === '\x7f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function toBase62(number: number): string {
  let left = Math.abs(number)
  let out = ''
  do {
    out = DIGITS[left % 62] + out
    left = Math.floor(left / 62)
  } while (left > 0)
  return number < 0 ? `-${out}` : out
}

function fromBase62(text: string): number {
  const digits = text.startsWith('-') ? text.slice(1) : text
  let value = 0
  for (const digit of digits) value = value * 62 + DIGITS.indexOf(digit)
  if (!/^[0-9A-Za-z]{1,11}$/.test(digits)) {
    throw new BadSignature('The signed value has no time.', { code: 'signing.bad-signature', status: 400 })
  }
  return digits === text ? value : -value
}
