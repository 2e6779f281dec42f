import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import { constantTimeEqual, randomString } from '../../std/crypto.ts'
import { bounded, type PasswordHasher, SALT_LENGTH } from './hasher.ts'

/** Parameters of {@link argon2Hasher}; the defaults are OWASP's first choice. */
export interface Argon2Options {
  /** KiB; default 19,456. */
  readonly memory?: number
  /** Default 2. */
  readonly passes?: number
  /** Default 1. */
  readonly parallelism?: number
  /** Bytes of the hash; default 32. */
  readonly size?: number
}

const compute = promisify(argon2)
const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64').replace(/=+$/, '')
/** RFC 9106, section 3.1; Node takes no less. */
const SHORTEST_SALT = 8
const SHORTEST_HASH = 4
const LONGEST_HASH = 128
/** KiB a stored text may ask for: 1 GiB. */
const MOST_MEMORY = 1024 * 1024

type Variant = 'argon2d' | 'argon2i' | 'argon2id'
interface Parsed {
  readonly variant: Variant
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

function parse(encoded: string): Parsed | null {
  const [, variant, version, parameters, salt, hash] = encoded.split('$')
  const values = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(parameters ?? '')
  if (!variant || !/^argon2(d|i|id)$/.test(variant) || version !== 'v=19' || !values || !salt || !hash) return null
  const memory = bounded(values[1], MOST_MEMORY)
  const passes = bounded(values[2], 100)
  const parallelism = bounded(values[3], 64)
  if (memory === null || passes === null || parallelism === null || memory < 8 * parallelism) return null
  const bytes = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
  if (bytes.salt.length < SHORTEST_SALT || bytes.hash.length < SHORTEST_HASH) return null
  if (bytes.hash.length > LONGEST_HASH) return null
  return { variant: variant as Variant, memory, passes, parallelism, ...bytes } // the variant was matched above
}

/** Argon2id (RFC 9106), computed off the event loop. */
export function argon2Hasher(options: Argon2Options = {}): PasswordHasher {
  const { memory = 19_456, passes = 2, parallelism = 1, size = 32 } = options
  return {
    algorithm: 'argon2',
    async encode(password, salt = randomString(SALT_LENGTH)) {
      const nonce = Buffer.from(salt)
      const hash = await compute('argon2id', { message: password, nonce, tagLength: size, memory, passes, parallelism })
      return `argon2$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`
    },
    async verify(password, encoded) {
      const parsed = parse(encoded)
      if (parsed === null) return false
      const { variant, salt, hash, ...cost } = parsed
      return constantTimeEqual(
        await compute(variant, { message: password, nonce: salt, tagLength: hash.length, ...cost }),
        hash,
      )
    },
    mustUpdate(encoded) {
      const parsed = parse(encoded)
      if (parsed === null || parsed.variant !== 'argon2id') return true
      // More lanes with the same memory and passes are not more work.
      return parsed.memory < memory || parsed.passes < passes || parsed.salt.length < 16 || parsed.hash.length < size
    },
  }
}
