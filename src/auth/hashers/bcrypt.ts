import { sha256, toHex } from '../../std/crypto.ts'
import { AuthError } from '../errors.ts'
import type { PasswordHasher } from './hasher.ts'

/** The part of bcryptjs that is used. */
interface Bcrypt {
  compare(password: string, hash: string): Promise<boolean>
}
let library: Promise<Bcrypt> | undefined

/** bcryptjs is an optional peer: only users brought from elsewhere need it. */
async function load(): Promise<Bcrypt> {
  const name = 'bcryptjs'
  library ??= import(name).then(
    (module: { default: Bcrypt }) => module.default,
    (cause: unknown) => {
      library = undefined
      throw new AuthError('A bcrypt password cannot be verified: the package bcryptjs is not installed.', {
        code: 'auth.bcrypt-missing',
        hint: 'Run `npm install bcryptjs`. Each user who signs in is then moved to the default hasher.',
        cause,
      })
    },
  )
  return library
}

/**
 * Verifies bcrypt hashes, made by Django (`bcrypt`, `bcrypt_sha256`) or written the same way; never makes one. Needs
 * the package bcryptjs, which computes in slices on the event loop.
 * @throws AuthError auth.bcrypt-missing when a password is verified, auth.verify-only
 */
export function bcryptVerifier(algorithm: 'bcrypt' | 'bcrypt_sha256'): PasswordHasher {
  return {
    algorithm,
    encode() {
      throw new AuthError(`${algorithm} only verifies passwords brought from elsewhere.`, {
        code: 'auth.verify-only',
        hint: 'Use argon2Hasher() first in the list of hashers.',
      })
    },
    async verify(password, encoded) {
      const hash = encoded.slice(algorithm.length + 1)
      if (!/^\$2[abxy]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/.test(hash)) return false
      // bcrypt reads 72 bytes; Django's second form hashes first, so that long passwords count whole.
      return (await load()).compare(algorithm === 'bcrypt' ? password : toHex(sha256(password)), hash)
    },
    mustUpdate: () => true,
  }
}
