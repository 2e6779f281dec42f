/** Passwords: hashed with the first hasher, verified with whichever made them, upgraded at login. */
import { randomString } from '../std/crypto.ts'
import { argon2Hasher } from './hashers/argon2.ts'
import { bcryptVerifier } from './hashers/bcrypt.ts'
import { MAX_PASSWORD, type PasswordHasher } from './hashers/hasher.ts'
import { pbkdf2Hasher } from './hashers/pbkdf2.ts'
import { scryptHasher } from './hashers/scrypt.ts'

/** A password that nothing opens begins with it. */
const UNUSABLE = '!'
const UNUSABLE_LENGTH = 40

const defaults: readonly PasswordHasher[] = [
  argon2Hasher(),
  pbkdf2Hasher('sha256'),
  pbkdf2Hasher('sha1'),
  scryptHasher(),
  bcryptVerifier('bcrypt_sha256'),
  bcryptVerifier('bcrypt'),
]
let hashers = defaults

/**
 * Sets the hashers, once at start: the first makes new passwords, the others verify old ones. Default: argon2, then
 * PBKDF2, scrypt and bcrypt as Django writes them. Tests may put a cheap one first: `[argon2Hasher({ memory: 8, passes: 1 })]`.
 */
export function configureHashers(list: readonly PasswordHasher[] = defaults): void {
  hashers = list
}

/** For tests: new passwords cost next to nothing, unless hashers were chosen. Gives the function that undoes it. */
export function hashCheaply(): () => void {
  if (hashers !== defaults) return () => undefined
  hashers = [argon2Hasher({ memory: 8, passes: 1 }), ...defaults.slice(1)]
  return () => configureHashers()
}

function hasherOf(encoded: string): PasswordHasher | undefined {
  const algorithm = encoded.slice(0, encoded.indexOf('$'))
  return hashers.find((hasher) => hasher.algorithm === algorithm)
}

/** Text to store for a password; null gives one that nothing opens. */
export async function makePassword(password: string | null): Promise<string> {
  if (password === null) return UNUSABLE + randomString(UNUSABLE_LENGTH)
  return hashers[0]!.encode(password)
}

/** True when a login with this stored text can ever succeed. */
export function isPasswordUsable(encoded: string): boolean {
  return !encoded.startsWith(UNUSABLE)
}

/** What a check found: `upgrade` is true when the password should be hashed again. */
export interface PasswordCheck {
  readonly correct: boolean
  readonly upgrade: boolean
}

/**
 * Verifies a password against what is stored. Text that is broken, of an unknown kind or unusable is never correct, and
 * takes as long as a wrong password: time does not tell whose it is (CVE-2024-39329).
 * @throws AuthError auth.bcrypt-missing for a bcrypt hash without the package bcryptjs
 */
export async function checkPassword(password: string, encoded: string): Promise<PasswordCheck> {
  const [preferred] = hashers
  const hasher = isPasswordUsable(encoded) ? hasherOf(encoded) : undefined
  if (hasher === undefined || password.length > MAX_PASSWORD) {
    await pretendCheck(password)
    return { correct: false, upgrade: false }
  }
  const correct = await hasher.verify(password, encoded)
  const upgrade = hasher !== preferred || hasher.mustUpdate(encoded)
  if (!correct && upgrade && hasher === preferred) await hasher.harden?.(password, encoded)
  return { correct, upgrade: correct && upgrade }
}

/** Takes as long as a check: run for unknown users, so that time does not tell who has an account (CVE-2024-39329). */
export async function pretendCheck(password: string): Promise<void> {
  await hashers[0]!.encode(password.slice(0, MAX_PASSWORD))
}
