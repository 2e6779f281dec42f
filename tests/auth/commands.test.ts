import { userModel } from 'nuages/auth'
import { captureOutput } from 'nuages/cli'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import createsuperuser from '../../src/auth/commands/createsuperuser.ts'
import clearsessions from '../../src/sessions/commands/clearsessions.ts'
import { Session } from '../../src/sessions/models.ts'
import { authSite, makeUser, PASSWORD } from './site.ts'

const site = authSite()

beforeEach(() => {
  vi.stubEnv('ADMIN_EMAIL', undefined)
  vi.stubEnv('ADMIN_PASSWORD', undefined)
})
afterEach(() => vi.unstubAllEnvs())

async function superuser(options: Partial<Parameters<typeof createsuperuser.run>[0]['options']> = {}) {
  const out = captureOutput()
  await createsuperuser.run({
    args: {},
    options: { email: undefined, set: [], ifNone: false, input: false, ...options },
    out,
    settings: site.project.settings,
    project: site.project,
    signal: new AbortController().signal,
  })
  return out
}

describe('createsuperuser', () => {
  test('makes a password where nobody can be asked, and prints it once', async () => {
    const out = await superuser()
    const password = /shown this once\): (\w{16})$/m.exec(out.text)![1]!
    const user = await userModel().objects.get({ email: 'admin@example.org' })
    expect([user.isStaff, user.isSuperuser, user.isActive]).toEqual([true, true, true])
    expect(await user.checkPassword(password)).toBe(true)
  })

  test('takes ADMIN_EMAIL and ADMIN_PASSWORD, and does not print the password', async () => {
    vi.stubEnv('ADMIN_EMAIL', 'Root@Example.org')
    vi.stubEnv('ADMIN_PASSWORD', PASSWORD)
    const out = await superuser()
    expect(out.text).toBe('Created the superuser root@example.org.\n')
    expect(out.errors).toBe('')
    expect(await (await userModel().objects.get()).checkPassword(PASSWORD)).toBe(true)
  })

  test('says that a password of the environment is weak, and takes it', async () => {
    vi.stubEnv('ADMIN_PASSWORD', '12345')
    const out = await superuser({ email: 'root@example.org' })
    expect(out.errors).toMatch(/too short/)
    expect(out.errors).not.toContain('12345')
    expect(await userModel().objects.count()).toBe(1)
  })

  test('--if-none does nothing when there is one', async () => {
    await makeUser({ isSuperuser: true })
    expect((await superuser({ ifNone: true })).text).toBe('')
    expect(await userModel().objects.count()).toBe(1)
  })

  test('--if-none makes one beside ordinary users', async () => {
    await makeUser()
    expect((await superuser({ ifNone: true })).text).toMatch(/Created/)
  })

  test('--set fills other fields', async () => {
    await superuser({ set: ['displayName=Ada = Lovelace'] })
    expect(await userModel().objects.get()).toMatchObject({ displayName: 'Ada = Lovelace' })
  })

  const refused: [string, Parameters<typeof superuser>[0], string][] = [
    ['an address that is none', { email: 'nobody' }, 'auth.bad-email'],
    ['an address that is taken', { email: 'ADA@example.org' }, 'auth.email-taken'],
    ['a field that is none', { set: ['shoeSize=4'] }, 'auth.bad-value'],
    ['a relation', { set: ['groups=1'] }, 'auth.bad-value'],
    ['a field without a value', { set: ['displayName'] }, 'auth.bad-value'],
    ['a value too long', { set: [`displayName=${'x'.repeat(101)}`] }, 'auth.bad-value'],
  ]
  test.each(refused)('refuses %s', async (_, options, code) => {
    await makeUser()
    await expect(superuser(options)).rejects.toMatchObject({ code })
    expect(await userModel().objects.count()).toBe(1)
  })
})

test('clearsessions removes what has expired, and nothing else', async () => {
  const user = await makeUser()
  for (let i = 0; i < 3; i++) await site.login(user, site.visitor())
  const [expired] = await Session.objects.list()
  expired!.expireDate = new Date(Date.now() - 1000)
  await expired!.save()
  const out = captureOutput()
  const context = { args: {}, options: {}, out, settings: site.project.settings, project: site.project }
  await clearsessions.run({ ...context, signal: new AbortController().signal })
  await clearsessions.run({ ...context, signal: new AbortController().signal })
  expect(out.text).toBe('Removed 1 expired session.\nRemoved 0 expired sessions.\n')
  expect(await Session.objects.count()).toBe(2)
})
