/** Rules for new passwords. Each gives the sentence a user reads, or null. */
import { t, tn } from '../i18n/index.ts'
import { ValidationError } from '../validators.ts'
import { commonPasswords } from './common-passwords.ts'

/** What is known of the user whose password it will be: `email`, `displayName` … */
export type UserAttributes = Readonly<Record<string, unknown>>

export interface PasswordRule {
  readonly code: string
  /** The complaint, or null when the password is fine. */
  check(password: string, user: UserAttributes | null): string | null
  /** Told beside the field. */
  help(): string
}

/** At least `length` characters; default 8 (NIST SP 800-63B). */
export function minimumLength(length = 8): PasswordRule {
  return {
    code: 'password_too_short',
    check: (password) =>
      [...password.slice(0, length * 2)].length < length
        ? tn(
            'This password is too short. It must contain at least {n} character.',
            'This password is too short. It must contain at least {n} characters.',
            length,
          )
        : null,
    help: () => tn('At least {n} character.', 'At least {n} characters.', length),
  }
}

/** Not only digits. */
export function notNumeric(): PasswordRule {
  return {
    code: 'password_entirely_numeric',
    check: (password) => (/^\p{Nd}+$/u.test(password) ? t('This password is entirely numeric.') : null),
    help: () => t('Not only digits.'),
  }
}

/** Not one of the passwords everybody uses. */
export function notCommon(list: ReadonlySet<string> = commonPasswords): PasswordRule {
  return {
    code: 'password_too_common',
    check: (password) => (list.has(password.toLowerCase().trim()) ? t('This password is too common.') : null),
    help: () => t('Not a commonly used password.'),
  }
}

/** Upper bound on how alike two texts are, 0 to 1: letters in common, whatever their order (difflib's quick ratio). */
function likeness(a: string, b: string): number {
  const counts = new Map<string, number>()
  for (const letter of b) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let common = 0
  for (const letter of a) {
    const left = counts.get(letter) ?? 0
    if (left > 0) {
      common++
      counts.set(letter, left - 1)
    }
  }
  return (2 * common) / (a.length + b.length || 1)
}

/** Not like the user's own name or address. `threshold`: 1 refuses only equal letters, default 0.7. */
export function notSimilar(
  attributes: readonly string[] = ['email', 'displayName', 'name', 'username', 'firstName', 'lastName'],
  threshold = 0.7,
): PasswordRule {
  return {
    code: 'password_too_similar',
    check(password, user) {
      const own = password.toLowerCase()
      for (const name of attributes) {
        const value = user?.[name]
        if (typeof value !== 'string' || value === '') continue
        const text = value.slice(0, 1000).toLowerCase()
        for (const part of [...text.split(/\W+/), text]) {
          // Lengths far apart cannot be alike; and megabytes are not compared (CVE-2021-45115).
          if (part === '' || own.length >= 10 * part.length + 10) continue
          if (likeness(own, part) >= threshold)
            return t('The password is too similar to the {name}.', {
              name: name === 'email' ? t('email address') : name,
            })
        }
      }
      return null
    },
    help: () => t('Not like your name or address.'),
  }
}

const defaults: readonly PasswordRule[] = [notSimilar(), minimumLength(), notCommon(), notNumeric()]
let rules = defaults

export function configurePasswordRules(list: readonly PasswordRule[]): void {
  rules = list
}

/** Throws ValidationError with every complaint. */
export function validatePassword(
  password: string,
  user: UserAttributes | null = null,
  list: readonly PasswordRule[] = rules,
): void {
  const complaints = list.map((rule) => rule.check(password, user)).filter((text) => text !== null)
  if (complaints.length) throw new ValidationError(complaints)
}

/** What the rules ask for, one sentence each. */
export function passwordHelp(): string[] {
  return rules.map((rule) => rule.help())
}
