import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import { constantTimeEqual, randomBytes } from '../../std/crypto.ts'
import { bounded, type PasswordHasher } from './hasher.ts'

export interface Argon2Options {
  /** KiB; default 19 456 (OWASP's first choice, 2026). */
  readonly memory?: number
  readonly passes?: number
  readonly parallelism?: number
}

const compute = promisify(argon2)
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

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
  const memory = bounded(values[1], 4 * 1024 * 1024)
  const passes = bounded(values[2], 1000)
  const parallelism = bounded(values[3], 255)
  if (memory === null || passes === null || parallelism === null) return null
  return {
    variant: variant as Variant, // matched above
    memory,
    passes,
    parallelism,
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** Argon2id (RFC 9106), computed off the event loop. */
export function argon2Hasher(options: Argon2Options = {}): PasswordHasher {
  const { memory = 19_456, passes = 2, parallelism = 1 } = options
  const run = (password: string, variant: Variant, salt: Uint8Array, cost: Required<Argon2Options>, size: number) =>
    compute(variant, { message: password, nonce: salt, tagLength: size, ...cost })
  return {
    algorithm: 'argon2',
    async encode(password) {
      const salt = randomBytes(16)
      const hash = await run(password, 'argon2id', salt, { memory, passes, parallelism }, 32)
      return `argon2$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`
    },
    async verify(password, encoded) {
      const parsed = parse(encoded)
      // Node takes salts of 8 bytes and more, RFC 9106's own minimum.
      if (!parsed || parsed.salt.length < 8 || parsed.hash.length < 4) return false
      return constantTimeEqual(
        await run(password, parsed.variant, parsed.salt, parsed, parsed.hash.length),
        parsed.hash,
      )
    },
    mustUpdate(encoded) {
      const parsed = parse(encoded)
      return (
        !parsed ||
        parsed.variant !== 'argon2id' ||
        parsed.memory < memory ||
        parsed.passes < passes ||
        parsed.salt.length < 16
      )
    },
  }
}
