import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { constantTimeEqual, randomString } from '../../std/crypto.ts'
import { bounded, type PasswordHasher } from './hasher.ts'

const compute = promisify(pbkdf2)

/** PBKDF2 with SHA-256 (Django's default) or SHA-1 (its old one). */
export function pbkdf2Hasher(digest: 'sha256' | 'sha1' = 'sha256', iterations = 1_000_000): PasswordHasher {
  const size = digest === 'sha256' ? 32 : 20
  const run = async (password: string, salt: string, rounds: number) =>
    (await compute(password, salt, rounds, size, digest)).toString('base64')
  return {
    algorithm: `pbkdf2_${digest}`,
    async encode(password) {
      const salt = randomString(22)
      return `pbkdf2_${digest}$${iterations}$${salt}$${await run(password, salt, iterations)}`
    },
    async verify(password, encoded) {
      const [, rounds, salt, hash] = encoded.split('$')
      const count = bounded(rounds, 10_000_000)
      if (count === null || !salt || !hash) return false
      return constantTimeEqual(await run(password, salt, count), hash)
    },
    mustUpdate: (encoded) => Number(encoded.split('$')[1]) < iterations,
  }
}
