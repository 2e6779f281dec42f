import { type ScryptOptions, scrypt } from 'node:crypto'
import { constantTimeEqual, randomString } from '../../std/crypto.ts'
import { bounded, type PasswordHasher } from './hasher.ts'

const compute = (password: string, salt: string, size: number, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, size, options, (error, key) => (error ? reject(error) : resolve(key)))
  })

/** scrypt (RFC 7914): `scrypt$N$salt$r$p$hash`, as Django writes it. */
export function scryptHasher(cost = 16_384, blockSize = 8, parallelization = 5): PasswordHasher {
  const run = async (password: string, salt: string, N: number, r: number, p: number) =>
    (await compute(password, salt, 64, { N, r, p, maxmem: 132 * N * r * p })).toString('base64')
  return {
    algorithm: 'scrypt',
    async encode(password) {
      const salt = randomString(22)
      return `scrypt$${cost}$${salt}$${blockSize}$${parallelization}$${await run(password, salt, cost, blockSize, parallelization)}`
    },
    async verify(password, encoded) {
      const [, n, salt, r, p, hash] = encoded.split('$')
      const [N, R, P] = [bounded(n, 1 << 20), bounded(r, 64), bounded(p, 64)]
      if (N === null || R === null || P === null || !salt || !hash || (N & (N - 1)) !== 0 || N < 2) return false
      return constantTimeEqual(await run(password, salt, N, R, P), hash)
    },
    mustUpdate(encoded) {
      const [, n, , r, p] = encoded.split('$')
      return Number(n) < cost || Number(r) < blockSize || Number(p) < parallelization
    },
  }
}
