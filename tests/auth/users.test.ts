import {
  AbstractUser,
  AuthError,
  createSuperuser,
  createUser,
  normalizeEmail,
  User as PlainUser,
  userModel,
} from 'nuages/auth'
import { runChecks } from 'nuages/checks'
import { AbstractModel, char, IntegrityError, Model } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import authChecks from '../../src/auth/checks.ts'
import { configureAuth } from '../../src/auth/options.ts'
import { SWAPPABLE } from '../../src/db/internal.ts'
import { ValidationError } from '../../src/validators.ts'
import { User } from './project/accounts/models.ts'
import { Page } from './project/pages/models.ts'
import { authSite, makeUser, PASSWORD } from './site.ts'

const site = authSite()

describe('userModel()', () => {
  test('MOD-22 is the one model, named by the setting, that extends AbstractUser', () => {
    expect(userModel()).toBe(User)
    expect(site.project.user).toBe('accounts.User')
  })

  test('MOD-22 is where foreign keys of reusable apps lead, and what migrations call the user model', () => {
    expect(Page.meta.fields.get('owner')!.relation!.target).toBe(User)
    expect(Page.meta.fields.get('owner')!.deconstruct()).toEqual({
      builder: 'foreignKey',
      args: [{ swappable: 'auth.User' }, { onDelete: 'cascade' }],
    })
    expect(Reflect.get(User, SWAPPABLE)).toBe('auth.User')
  })

  test('says what to do when the setting names no such model', async () => {
    configureAuth({ user: 'accounts.Person' })
    try {
      expect(() => userModel()).toThrow(/accounts\.Person/)
      expect(() => userModel()).toThrow(AuthError)
      expect(await runChecks(authChecks, { project: null, deploy: false })).toMatchObject([
        { id: 'auth.E001', level: 'error', hint: 'Models that do: accounts.User.' },
      ])
    } finally {
      configureAuth({})
    }
    expect(await runChecks(authChecks, { project: null, deploy: false })).toEqual([])
  })
})

describe('a user', () => {
  test('is active and nothing else, with a password that is hashed', async () => {
    const user = await createUser({ email: 'Ada@Example.org', password: PASSWORD, displayName: 'Ada' })
    expect(user).toBeInstanceOf(User)
    expect(user).toBeInstanceOf(AbstractUser)
    expect(user.email).toBe('ada@example.org')
    expect([user.isActive, user.isStaff, user.isSuperuser, user.lastLogin]).toEqual([true, false, false, null])
    expect(user.dateJoined).toBeInstanceOf(Date)
    expect(user.password).toMatch(/^argon2\$/)
    expect(await user.checkPassword(PASSWORD)).toBe(true)
    expect(await user.checkPassword(PASSWORD.toUpperCase())).toBe(false)
    expect([user.isAuthenticated, user.isAnonymous, String(user)]).toEqual([true, false, 'ada@example.org'])
  })

  test('may have no password', async () => {
    const user = await createUser({ email: 'ada@example.org', password: null })
    expect(await user.checkPassword('')).toBe(false)
    expect(user.password).toMatch(/^!/)
  })

  test('made by createSuperuser() may everything', async () => {
    const user = await createSuperuser({ email: 'root@example.org', password: PASSWORD })
    expect([user.isStaff, user.isSuperuser]).toEqual([true, true])
  })

  test('made with create() has its address normalized, and opens to nobody until it has a password', async () => {
    const user = await User.objects.create({ email: ' Ada@Example.ORG ' })
    expect(user.email).toBe('ada@example.org')
    expect(user.password).toBe('!')
    expect(await user.checkPassword('!')).toBe(false)
    await User.objects.filter({ id: user.id }).update({ email: 'ADA@example.com' })
    await user.refresh()
    expect(user.email).toBe('ada@example.com')
  })

  test('is the only one with its address, whatever the case', async () => {
    await makeUser()
    await expect(makeUser({ email: 'ADA@example.org' })).rejects.toThrow(IntegrityError)
    const twin = new User({ email: 'x@example.org' })
    twin.email = 'ADA@example.org'
    await expect(twin.fullClean()).rejects.toThrow(ValidationError)
    expect(twin.email).toBe('ada@example.org')
  })

  test('never shows its password: not in JSON, not in logs', async () => {
    const user = await makeUser()
    expect(JSON.stringify(user)).not.toContain('argon2')
    const { inspect } = await import('node:util')
    expect(inspect(user)).not.toContain('argon2')
  })
})

test('normalizeEmail() lowers case without making one letter of two', () => {
  const cases: [string, string][] = [
    [' Ada@Example.ORG\n', 'ada@example.org'],
    ['ÉMILE@EXAMPLE.ORG', 'émile@example.org'],
    ['mı\u212ae@example.org', 'mı\u212ae@example.org'],
    ['\u0130@example.org', '\u0130@example.org'],
    ['', ''],
  ]
  for (const [given, expected] of cases) expect(normalizeEmail(given)).toBe(expected)
})

test('the User of nuages/auth belongs to no app, and has no table', () => {
  expect(() => PlainUser.objects).toThrow(/belongs to no app/)
})

test('types: AbstractUser may be extended twice', () => {
  abstract class Person extends AbstractModel({ nick: char({ maxLength: 10 }) }, { extends: AbstractUser }) {}
  class Employee extends Model<Employee>()({ badge: char({ maxLength: 5 }) }, { extends: Person }) {}
  const read = (employee: Employee): [string, string, string, Promise<boolean>] => [
    employee.nick,
    employee.badge,
    employee.email,
    employee.hasPerm('pages.view_page'),
  ]
  expect(read).toBeTypeOf('function')
})
