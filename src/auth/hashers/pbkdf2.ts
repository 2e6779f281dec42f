import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { constantTimeEqual, randomString } from '../../std/crypto.ts'
import { bounded, checkSalt, type PasswordHasher, SALT_LENGTH } from './hasher.ts'

const compute = promisify(pbkdf2)
const MOST_ITERATIONS = 10_000_000

/**
 * PBKDF2 with SHA-256 (Django's default) or SHA-1 (its old one), computed off the event loop.
 * @param iterations   default 1,000,000
 */
export function pbkdf2Hasher(digest: 'sha256' | 'sha1' = 'sha256', iterations = 1_000_000): PasswordHasher {
  const algorithm = `pbkdf2_${digest}`
  const size = digest === 'sha256' ? 32 : 20
  const run = async (password: string, salt: string, rounds: number) =>
    (await compute(password, salt, rounds, size, digest)).toString('base64')
  return {
    algorithm,
    async encode(password, salt = randomString(SALT_LENGTH)) {
      return `${algorithm}$${iterations}$${checkSalt(salt)}$${await run(password, salt, iterations)}`
    },
    async verify(password, encoded) {
      const [, rounds, salt, hash] = encoded.split('$')
      const count = bounded(rounds, MOST_ITERATIONS)
      if (count === null || !salt || !hash) return false
      return constantTimeEqual(await run(password, salt, count), hash)
    },
    mustUpdate(encoded) {
      const [, rounds, salt = ''] = encoded.split('$')
      return (bounded(rounds, MOST_ITERATIONS) ?? 0) < iterations || salt.length < SALT_LENGTH
    },
    async harden(password, encoded) {
      const [, rounds, salt = ''] = encoded.split('$')
      const missing = iterations - (bounded(rounds, MOST_ITERATIONS) ?? 0)
      if (missing > 0) await run(password, salt, missing)
    },
  }
}
