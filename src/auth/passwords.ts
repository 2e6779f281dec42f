/** Passwords: hashed with the first hasher, verified with whichever made them, upgraded at login. */
import { randomString } from '../std/crypto.ts'
import { argon2Hasher } from './hashers/argon2.ts'
import { bcryptVerifier } from './hashers/bcrypt.ts'
import { MAX_PASSWORD, type PasswordHasher } from './hashers/hasher.ts'
import { pbkdf2Hasher } from './hashers/pbkdf2.ts'
import { scryptHasher } from './hashers/scrypt.ts'

/** A password that nothing opens begins with it. */
const UNUSABLE = '!'

const defaults: readonly PasswordHasher[] = [
  argon2Hasher(),
  pbkdf2Hasher('sha256'),
  pbkdf2Hasher('sha1'),
  scryptHasher(),
  bcryptVerifier('bcrypt_sha256'),
  bcryptVerifier('bcrypt'),
]
let hashers = defaults

/** Called once at start: the first hasher makes new passwords, the others verify old ones. */
export function configureHashers(list: readonly PasswordHasher[]): void {
  hashers = list
}

function hasherOf(encoded: string): PasswordHasher | undefined {
  const algorithm = encoded.slice(0, encoded.indexOf('$'))
  return hashers.find((hasher) => hasher.algorithm === algorithm)
}

/** Text to store for a password; null gives one that nothing opens. */
export async function makePassword(password: string | null): Promise<string> {
  if (password === null) return UNUSABLE + randomString(40)
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

/** Verifies a password against what is stored. Never throws for what is stored, however broken. */
export async function checkPassword(password: string, encoded: string): Promise<PasswordCheck> {
  const hasher = isPasswordUsable(encoded) ? hasherOf(encoded) : undefined
  if (!hasher || password.length > MAX_PASSWORD) return { correct: false, upgrade: false }
  const correct = await hasher.verify(password, encoded)
  return { correct, upgrade: correct && (hasher !== hashers[0] || hasher.mustUpdate(encoded)) }
}

/** Takes as long as a check: run for unknown users, so that time does not tell who has an account (CVE-2024-39329). */
export async function pretendCheck(password: string): Promise<void> {
  await hashers[0]!.encode(password.slice(0, MAX_PASSWORD))
}
