/** Rules for new passwords: functions that refuse one with the sentence a user reads. */
import type { PasswordValidator } from '../conf/settings.ts'
import { t, tn } from '../i18n/index.ts'
import { humanize } from '../std/text.ts'
import { ValidationError } from '../validators.ts'
import { commonPasswords } from './common-passwords.ts'

/** A rule of the setting `auth.passwordValidators`; `help` is told beside the field. */
export interface PasswordRule extends PasswordValidator {
  readonly help?: () => string
}

/** A rule with its help. */
function rule(help: () => string, check: (password: string, user?: object) => void): PasswordRule {
  return Object.assign(check, { help })
}

/** At least `length` characters; default 8 (NIST SP 800-63B). */
export function minimumLength(length = 8): PasswordRule {
  return rule(
    () => tn('At least {n} character.', 'At least {n} characters.', length),
    (password) => {
      if ([...password.slice(0, length * 2)].length >= length) return
      throw new ValidationError(
        tn(
          'This password is too short. It must contain at least {n} character.',
          'This password is too short. It must contain at least {n} characters.',
          length,
        ),
        { kind: 'password_too_short' },
      )
    },
  )
}

/** Not only digits, of any script. */
export function notNumeric(): PasswordRule {
  return rule(
    () => t('Not only digits.'),
    (password) => {
      if (!/^\p{Nd}+$/u.test(password)) return
      throw new ValidationError(t('This password is entirely numeric.'), { kind: 'password_entirely_numeric' })
    },
  )
}

/**
 * Not one of the passwords that attackers try first.
 * @param list   in lower case; default: those at the head of lists that leaks have made public
 */
export function notCommon(list: ReadonlySet<string> = commonPasswords): PasswordRule {
  return rule(
    () => t('Not a commonly used password.'),
    (password) => {
      if (!list.has(password.toLowerCase().trim())) return
      throw new ValidationError(t('This password is too common.'), { kind: 'password_too_common' })
    },
  )
}

/** Upper bound on how alike two texts are, 0 to 1: letters in common, whatever their order (difflib's quick ratio). */
function likeness(a: readonly string[], b: readonly string[]): number {
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

/** Attributes of a user that a password must not be like, where the user has them. */
const USER_ATTRIBUTES = ['username', 'firstName', 'lastName', 'displayName', 'name', 'email'] as const
/** Characters compared of each: more is nobody's name. */
const LONGEST = 1000

/**
 * Not like the user's own name or address.
 * @param attributes   names of attributes of the user
 * @param threshold   1 refuses the same letters only, 0.1 almost everything; default 0.7
 */
export function notSimilar(attributes: readonly string[] = USER_ATTRIBUTES, threshold = 0.7): PasswordRule {
  return rule(
    () => t('Not like your name or address.'),
    (password, user) => {
      const like = attributes.find((name) => isLike(password, user && Reflect.get(user, name), threshold))
      if (like === undefined) return
      throw new ValidationError(
        t('The password is too similar to the {name}.', {
          name: like === 'email' ? t('email address') : t(humanize(like)),
        }),
        { kind: 'password_too_similar' },
      )
    },
  )
}

function isLike(password: string, value: unknown, threshold: number): boolean {
  if (typeof value !== 'string' || value === '') return false
  const own = [...password.slice(0, 2 * LONGEST).toLowerCase()]
  const text = value.slice(0, LONGEST).toLowerCase()
  return [...text.split(/[^\p{L}\p{N}_]+/u), text].some((part) => {
    const letters = [...part]
    // Lengths far apart cannot be alike, and need not be compared (CVE-2021-45115).
    const cannot = own.length >= 10 * letters.length && letters.length < (threshold / 2) * own.length
    return !cannot && likeness(own, letters) >= threshold
  })
}

const defaults: readonly PasswordRule[] = [notSimilar(), minimumLength(), notCommon(), notNumeric()]
let rules = defaults

/** Sets the rules, once at start; null: those above, as Django has them. */
export function configurePasswordRules(list: readonly PasswordRule[] | null): void {
  rules = list ?? defaults
}

/** What each rule says against a password, in order; an empty list when it is fine. */
export async function passwordProblems(
  password: string,
  user?: object,
  list: readonly PasswordRule[] = rules,
): Promise<ValidationError[]> {
  const problems: ValidationError[] = []
  for (const check of list) {
    try {
      await check(password, user)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      problems.push(error)
    }
  }
  return problems
}

/**
 * Accepts a password for this user, by the rules of the setting `auth.passwordValidators`.
 * @throws ValidationError with every complaint
 */
export async function validatePassword(password: string, user?: object): Promise<void> {
  const problems = await passwordProblems(password, user)
  if (problems.length === 0) return
  throw new ValidationError(
    problems.flatMap((problem) => problem.messages),
    { kind: problems[0]!.kind },
  )
}

/** What the rules ask for, one sentence each. */
export function passwordHelp(): string[] {
  return rules.flatMap((check) => check.help?.() ?? [])
}
