import { type ScryptOptions, scrypt } from 'node:crypto'
import { constantTimeEqual, randomString } from '../../std/crypto.ts'
import { bounded, checkSalt, type PasswordHasher, SALT_LENGTH } from './hasher.ts'

/** Parameters of {@link scryptHasher}, by their names in RFC 7914. */
export interface ScryptCost {
  /** N, a power of two; default 16,384. */
  readonly cost?: number
  /** r; default 8. */
  readonly blockSize?: number
  /** p; default 5. */
  readonly parallelization?: number
}

const SIZE = 64
/** Most memory a stored text may ask for: 128 · N · r bytes. */
const MOST_MEMORY = 256 * 1024 * 1024

const compute = (password: string, salt: string, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, SIZE, options, (error, key) => (error ? reject(error) : resolve(key)))
  })

interface Parsed {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly hash: string
}

function parse(encoded: string): Parsed | null {
  const [, n, salt, blockSize, parallelization, hash] = encoded.split('$')
  const [N, r, p] = [bounded(n, 1 << 20), bounded(blockSize, 64), bounded(parallelization, 64)]
  if (N === null || r === null || p === null || !salt || !hash) return null
  if (N < 2 || (N & (N - 1)) !== 0 || 128 * N * r > MOST_MEMORY) return null
  return { N, r, p, salt, hash }
}

/** scrypt (RFC 7914), computed off the event loop: `scrypt$N$salt$r$p$hash`, as Django writes it. */
export function scryptHasher(options: ScryptCost = {}): PasswordHasher {
  const { cost = 16_384, blockSize = 8, parallelization = 5 } = options
  const run = async (password: string, salt: string, N: number, r: number, p: number) =>
    (await compute(password, salt, { N, r, p, maxmem: 132 * r * (N + p + 2) })).toString('base64')
  return {
    algorithm: 'scrypt',
    async encode(password, salt = randomString(SALT_LENGTH)) {
      const hash = await run(password, checkSalt(salt), cost, blockSize, parallelization)
      return `scrypt$${cost}$${salt}$${blockSize}$${parallelization}$${hash}`
    },
    async verify(password, encoded) {
      const parsed = parse(encoded)
      if (parsed === null) return false
      return constantTimeEqual(await run(password, parsed.salt, parsed.N, parsed.r, parsed.p), parsed.hash)
    },
    mustUpdate(encoded) {
      const parsed = parse(encoded)
      if (parsed === null) return true
      const { N, r, p, salt } = parsed
      return N < cost || r < blockSize || p < parallelization || salt.length < SALT_LENGTH
    },
  }
}
