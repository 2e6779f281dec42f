import {
  configurePasswordRules,
  minimumLength,
  notCommon,
  notNumeric,
  notSimilar,
  type PasswordRule,
  passwordHelp,
  validatePassword,
} from 'nuages/auth'
import { afterEach, expect, test } from 'vitest'
import { passwordProblems } from '../../src/auth/password-validation.ts'
import { ValidationError } from '../../src/validators.ts'
import { mismatches, type Row, rows } from '../conformance/rows.ts'

afterEach(() => configurePasswordRules(null))

interface Input {
  readonly password: string
  readonly user?: { readonly username: string; first_name: string; last_name: string; email: string }
  readonly min_length?: number
  readonly max_similarity?: number
}

// Django's attributes and their order.
const ATTRIBUTES = ['username', 'firstName', 'lastName', 'email']

function rulesOf({ kind, input }: Row<Input>): PasswordRule[] {
  const similar = notSimilar(ATTRIBUTES, input.max_similarity)
  const length = minimumLength(input.min_length)
  if (kind === 'similarity') return [similar]
  if (kind === 'min_length') return [length]
  if (kind === 'common') return [notCommon()]
  if (kind === 'numeric') return [notNumeric()]
  return [similar, length, notCommon(), notNumeric()]
}

test("every rule says what Django's says", async () => {
  const all = rows<Input>('password_validators')
  expect(all).toHaveLength(172)
  const found = new Map<Row<Input>, unknown>()
  for (const row of all) {
    const { user, password } = row.input
    const own = user && { ...user, firstName: user.first_name, lastName: user.last_name }
    const problems = await passwordProblems(password, own, rulesOf(row))
    const errors = problems.map((problem) => ({ code: problem.kind, message: problem.messages[0] }))
    found.set(row, errors.length === 0 ? { ok: true } : { errors })
  }
  expect(mismatches(all, (row) => found.get(row))).toEqual([])
})

test('validatePassword tells every complaint at once', async () => {
  await expect(validatePassword('12345')).rejects.toMatchObject({
    messages: [
      'This password is too short. It must contain at least 8 characters.',
      'This password is too common.',
      'This password is entirely numeric.',
    ],
  })
  await validatePassword('correct horse battery staple', { email: 'reader@example.org' })
  await expect(validatePassword('Reader99', { email: 'reader@example.org' })).rejects.toThrow(/email address/)
})

test('rules of a project replace ours, may be asynchronous and need no help text', async () => {
  const noDots = async (password: string) => {
    if (password.includes('.')) throw new ValidationError('No dots.')
  }
  configurePasswordRules([noDots, minimumLength(3)])
  await expect(validatePassword('.')).rejects.toMatchObject({ messages: ['No dots.', expect.stringMatching(/short/)] })
  await validatePassword('123')
  expect(passwordHelp()).toEqual(['At least 3 characters.'])
})

test('a rule that fails otherwise is an error, not a complaint', async () => {
  configurePasswordRules([
    () => {
      throw new RangeError('broken')
    },
  ])
  await expect(validatePassword('x')).rejects.toThrow(RangeError)
})

test('text with nothing in common, and megabytes of it, is compared quickly', async () => {
  const rule = notSimilar(['email'])
  expect(await passwordProblems('x'.repeat(1_000_000), { email: 'a'.repeat(1_000_000) }, [rule])).toEqual([])
  expect(await passwordProblems('secret', { email: 12 }, [rule])).toEqual([])
  expect(await passwordProblems('secret', undefined, [rule])).toEqual([])
})
