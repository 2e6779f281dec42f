import { userModel } from 'nuages/auth'
import { captureOutput } from 'nuages/cli'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import changepassword from '../../src/auth/commands/changepassword.ts'
import createsuperuser from '../../src/auth/commands/createsuperuser.ts'
import { authSite, makeUser, PASSWORD } from './site.ts'

const site = authSite()
const answers: (string | symbol)[] = []
const CANCEL = Symbol('cancel')
const answer = async () => answers.shift()!
vi.mock('@clack/prompts', () => ({
  text: answer,
  password: answer,
  isCancel: (value: unknown) => typeof value === 'symbol',
}))

const isTTY = Object.getOwnPropertyDescriptor(process.stdin, 'isTTY')
function terminal(value: boolean) {
  Object.defineProperty(process.stdin, 'isTTY', { value, configurable: true })
}
beforeEach(() => {
  vi.stubEnv('ADMIN_EMAIL', undefined)
  vi.stubEnv('ADMIN_PASSWORD', undefined)
  answers.length = 0
  terminal(true)
})
afterEach(() => {
  vi.unstubAllEnvs()
  if (isTTY) Object.defineProperty(process.stdin, 'isTTY', isTTY)
  else Reflect.deleteProperty(process.stdin, 'isTTY')
})

const context = () => ({
  settings: site.project.settings,
  project: site.project,
  signal: new AbortController().signal,
  out: captureOutput(),
})
const asked = async (...given: (string | symbol)[]) => {
  answers.push(...given)
  const options = { email: undefined, set: [], ifNone: false, input: true }
  const all = { ...context(), args: {}, options }
  await createsuperuser.run(all)
  return all.out
}

describe('createsuperuser at a terminal', () => {
  test('asks for an address and, until the rules accept one typed twice, for a password', async () => {
    const out = await asked('Root@example.org', '12345', PASSWORD, 'another', PASSWORD, PASSWORD)
    expect(out.errors).toMatch(/too short[\s\S]*differ/)
    expect(out.text).toBe('Created the superuser root@example.org.\n')
    expect(await (await userModel().objects.get()).checkPassword(PASSWORD)).toBe(true)
    expect(answers).toEqual([])
  })

  test.each([
    ['at the address', [CANCEL]],
    ['at the password', ['root@example.org', CANCEL]],
    ['at its repetition', ['root@example.org', PASSWORD, CANCEL]],
  ])('cancelled %s changes nothing', async (_, given) => {
    await expect(asked(...given)).rejects.toMatchObject({ code: 'auth.cancelled' })
    expect(await userModel().objects.count()).toBe(0)
  })
})

describe('changepassword', () => {
  const change = async (email = 'ada@example.org', stdin = false) => {
    const all = { ...context(), args: { email }, options: { stdin } }
    await changepassword.run(all)
    return all.out
  }

  test('asks, and ends every session of that user', async () => {
    const user = await makeUser()
    await site.login(user)
    answers.push('a much better one', 'a much better one')
    expect((await change('ADA@example.org')).text).toBe('Changed the password of ada@example.org.\n')
    await user.refresh()
    expect(await user.checkPassword('a much better one')).toBe(true)
    expect((await site.client.get('/who/')).body).toBe('AnonymousUser')
  })

  test('knows who is there, and where nobody can be asked says so', async () => {
    await expect(change('nobody@example.org')).rejects.toMatchObject({ code: 'auth.unknown-user' })
    await makeUser()
    terminal(false)
    await expect(change()).rejects.toMatchObject({ code: 'auth.no-terminal' })
  })
})
