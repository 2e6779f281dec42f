import { AuthError } from '../errors.ts'

/** The contract of a password hasher. Encoded passwords are text as Django writes it: `algorithm$parameters$salt$hash`. */
export interface PasswordHasher {
  /** What encoded passwords begin with. */
  readonly algorithm: string
  /**
   * Hashes with today's parameters.
   * @param salt   default: a fresh random one; given by tests only
   */
  encode(password: string, salt?: string): Promise<string>
  /** True when the password made this text, false for text that is broken. The comparison takes constant time. */
  verify(password: string, encoded: string): Promise<boolean>
  /** True when the text was made with weaker parameters than today's: hash again at the next login. */
  mustUpdate(encoded: string): boolean
  /**
   * Called after a wrong password for text made with weaker parameters: does the work that is missing, so that time
   * does not tell who has not signed in for years.
   */
  harden?(password: string, encoded: string): Promise<void>
}

/** Longer passwords are refused before they are hashed: hashing megabytes is an attack (CVE-2013-1443 in Django). */
export const MAX_PASSWORD = 4096

/** Parameters read from stored text are bounded: a forged row must not make a login take minutes or gigabytes. */
export const bounded = (text: string | undefined, max: number): number | null => {
  const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN
  return value >= 1 && value <= max ? value : null
}

/** Characters of a salt: they hold 128 bits, as Django's. */
export const SALT_LENGTH = 22

/** @throws AuthError auth.bad-salt for one that would end its part of the encoded text */
export function checkSalt(salt: string): string {
  if (salt === '' || salt.includes('$')) {
    throw new AuthError(`${JSON.stringify(salt)} cannot be a salt.`, {
      code: 'auth.bad-salt',
      hint: 'A salt is not empty and has no "$". Leave it out: a random one is made.',
    })
  }
  return salt
}
