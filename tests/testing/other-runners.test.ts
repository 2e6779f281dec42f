import { defineApp, defineSettings } from 'nuages'
import { char, Model } from 'nuages/db'
import { array } from 'nuages/db/postgres'
import { type TestSiteOptions, testSite } from 'nuages/testing'
import { afterEach, describe, expect, test } from 'vitest'
import settings from './project/settings.ts'
import { Book } from './project/shop/models.ts'

type Hook = () => Promise<void>
const hooks: Record<'before' | 'after' | 'beforeEach' | 'afterEach', Hook[]> = {
  before: [],
  after: [],
  beforeEach: [],
  afterEach: [],
}
/** A runner that tells its hooks nothing, such as Mocha. */
const plain = {
  before: (hook: Hook) => hooks.before.push(hook),
  after: (hook: Hook) => hooks.after.push(hook),
  beforeEach: (hook: Hook) => hooks.beforeEach.push(hook),
  afterEach: (hook: Hook) => hooks.afterEach.push(hook),
}
const all = async (name: keyof typeof hooks) => {
  for (const hook of hooks[name]) await hook()
}
const make = (options?: TestSiteOptions) => testSite(settings, plain, options)

afterEach(async () => {
  await all('after')
  for (const list of Object.values(hooks)) list.length = 0
})

describe('under a runner that tells nothing of its tests', () => {
  test('each test is undone', async () => {
    const site = make()
    await all('before')
    for (let round = 0; round < 2; round++) {
      await all('beforeEach')
      expect(await Book.objects.count()).toBe(0)
      await Book.objects.create({ title: 'One' })
      site.client.cookies.set('a', 'b')
      await all('afterEach')
    }
  })

  test('each test is undone, also where afterEach was left out after a failure', async () => {
    const site = make()
    await all('before')
    for (let round = 0; round < 3; round++) {
      await all('beforeEach')
      expect(await Book.objects.count()).toBe(0)
      expect(site.client.cookies.size).toBe(0)
      await Book.objects.create({ title: 'One' })
      site.client.cookies.set('a', 'b')
    }
  })

  test('hooks take no parameter, which such runners would wait for', () => {
    make()
    expect(Object.values(hooks).flatMap((list) => list.map(({ length }) => length))).toEqual([0, 0, 0, 0])
  })
})

describe('a site that cannot start', () => {
  test('fails with its own error; tests that run nevertheless say that', async () => {
    const data = async () => {
      throw new RangeError('no rows today')
    }
    const site = make({ data })
    await expect(all('before')).rejects.toThrow('no rows today')
    expect(() => site.client).toThrow(
      expect.objectContaining({ code: 'testing.not-started', cause: new RangeError('no rows today') }),
    )
  })

  test('says how tests run on another database, where SQLite has no columns for the models', async () => {
    class List extends Model<List>()({ items: array(char({ maxLength: 9 })) }) {}
    const lists = defineApp({ name: 'lists', root: import.meta.url, models: { List } })
    make({ settings: { apps: [...(settings.apps ?? []), lists] } })
    await expect(all('before')).rejects.toMatchObject({
      code: 'testing.other-database',
      message: expect.stringContaining('lists.0001_initial could not be applied'),
      hint: expect.stringContaining('NUAGES_TEST_DATABASE=postgres://'),
    })
  })

  test('leaves the place to the next', async () => {
    make({ settings: { timeZone: 'Mars/Olympus' } })
    await expect(all('before')).rejects.toMatchObject({ code: 'conf.invalid-settings' })
    hooks.before.length = 0
    const site = make()
    await all('before')
    expect((await site.client.get('/who/')).status).toBe(200)
  })

  test('is the second of two', async () => {
    const first = make()
    await all('before')
    const [other] = [make(), hooks.before.splice(0, 1)]
    await expect(all('before')).rejects.toMatchObject({ code: 'testing.second-site' })
    expect(() => other.project).toThrow('could not be started')
    expect((await first.client.get('/who/')).status).toBe(200)
  })
})

test('a site without users and without pages is one', async () => {
  const small = defineSettings({ root: import.meta.url, secretKey: 'x' })
  const site = testSite(small, plain)
  await all('before')
  await all('beforeEach')
  expect((await site.client.get('/')).status).toBe(404)
  await expect(site.login({ pk: 1 })).rejects.toMatchObject({ code: 'testing.no-auth' })
  await all('afterEach')
})
