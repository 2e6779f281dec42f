/** The contract of a password hasher. Encoded passwords are text as Django writes it: `algorithm$parameters$salt$hash`. */
export interface PasswordHasher {
  /** What encoded passwords begin with. */
  readonly algorithm: string
  /** Hashes with today's parameters and a fresh salt. */
  encode(password: string): Promise<string>
  /** True when the password made this text. Takes constant time once the hash is computed. */
  verify(password: string, encoded: string): Promise<boolean>
  /** True when the text was made with weaker parameters than today's: hash again at the next login. */
  mustUpdate(encoded: string): boolean
}

/** Longer passwords are refused before they are hashed: hashing megabytes is an attack (CVE-2013-1443 in Django). */
export const MAX_PASSWORD = 4096

/** Parameters read from stored text are bounded: a forged row must not make a login take minutes or gigabytes. */
export const bounded = (text: string | undefined, max: number): number | null => {
  const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN
  return value >= 1 && value <= max ? value : null
}
