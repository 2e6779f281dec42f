import { renderTemplate } from 'nuages/templates'
import { captureQueries, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { describe, expect, test } from 'vitest'
import settings from './project/settings.ts'
import { Book } from './project/shop/models.ts'

const site = testSite(settings, runner, {
  settings: { timeZone: 'Europe/Paris' },
  env: { STAGE: 'test' },
  databases: 'memory',
})
const maxAge = () => site.project.settings.sessions.maxAge

describe('the settings of a site', () => {
  test('are the project’s, but for what tests cannot have', () => {
    const { debug, allowedHosts, timeZone, databases, sessions } = site.project.settings
    expect({ debug, allowedHosts, timeZone, maxAge: sessions.maxAge }).toEqual({
      debug: false,
      allowedHosts: ['*'],
      timeZone: 'Europe/Paris',
      maxAge: 3600,
    })
    expect(Object.keys(databases)).toEqual(['default', 'archive'])
    for (const { url } of Object.values(databases)) expect(url).toBe('sqlite::memory:')
  })

  test('each database is migrated, and undone (1)', async () => {
    await Book.objects.using('archive').create({ title: 'Old' })
    expect(await Book.objects.count()).toBe(0)
    expect(await Book.objects.using('archive').count()).toBe(1)
  })
  test('each database is migrated, and undone (2)', async () => {
    expect(await Book.objects.using('archive').count()).toBe(0)
  })
})

describe('withSettings()', () => {
  test('changes what is named, keeps rows, and gives what the function gives', async () => {
    await Book.objects.create({ title: 'Kept' })
    const given = await site.withSettings({ sessions: { maxAge: 60 } }, async () => {
      await Book.objects.create({ title: 'Written meanwhile' })
      return [maxAge(), site.project.settings.timeZone]
    })
    expect(given).toEqual([60, 'Europe/Paris'])
    expect(maxAge()).toBe(3600)
    expect(await Book.objects.count()).toBe(2)
  })

  test('counts for every client, also for pages that were loaded before', async () => {
    const seen = async () => (await site.client.get('/form/')).body.startsWith('true')
    expect(await seen()).toBe(false)
    await site.withSettings({ debug: true }, async (client) => {
      expect(await seen()).toBe(true)
      expect((await client.get('/form/')).body).toMatch(/^true/)
      expect(await renderTemplate('shop/form.html', {})).toMatch(/^true/)
    })
    expect(await renderTemplate('shop/form.html', {})).toMatch(/^false/)
    expect(await seen()).toBe(false)
  })

  test('sessions and who is signed in stay', async () => {
    expect((await site.client.get('/visits/')).body).toBe('1')
    await site.withSettings({ language: 'fr' }, async () => {
      expect((await site.client.get('/visits/')).body).toBe('2')
    })
    expect((await site.client.get('/visits/')).body).toBe('3')
  })

  test('one inside another adds to it', async () => {
    await site.withSettings({ sessions: { maxAge: 60 }, language: 'fr' }, async () => {
      await site.withSettings({ sessions: { cookieName: 'inner' }, language: 'de' }, () => {
        const { sessions, language } = site.project.settings
        expect([sessions.maxAge, sessions.cookieName, language]).toEqual([60, 'inner', 'de'])
      })
      expect([maxAge(), site.project.settings.language]).toEqual([60, 'fr'])
    })
  })

  test('is over after an error, and after settings that are none', async () => {
    const fails = site.withSettings({ sessions: { maxAge: 60 } }, () => {
      throw new Error('in between')
    })
    await expect(fails).rejects.toThrow('in between')
    const wrong = site.withSettings({ timeZone: 'Mars/Olympus' }, () => undefined)
    await expect(wrong).rejects.toMatchObject({ code: 'conf.invalid-settings' })
    expect([maxAge(), site.project.settings.timeZone]).toEqual([3600, 'Europe/Paris'])
    expect((await site.client.get('/visits/')).status).toBe(200)
  })

  test('two side by side are told to wait for one another', async () => {
    const both = await Promise.allSettled([
      site.withSettings({ language: 'fr' }, () => site.project.settings.language),
      site.withSettings({ language: 'de' }, () => site.project.settings.language),
    ])
    expect(both[0]).toEqual({ status: 'fulfilled', value: 'fr' })
    expect(both[1]).toMatchObject({ status: 'rejected', reason: { code: 'testing.settings-overlap' } })
    expect(site.project.settings.language).toBe('en')
  })

  test('databases stay: their rows are the test’s', async () => {
    const changes = { databases: { default: 'sqlite::memory:' } }
    // What the types refuse, a program without them may still do.
    await expect(site.withSettings(changes as object, () => undefined)).rejects.toMatchObject({
      code: 'testing.fixed-setting',
    })
  })
})

test('an unknown host is refused where the test says which are known', async () => {
  const ask = async () => (await site.visitor({ host: 'evil.example.com' }).get('/who/')).status
  expect(await ask()).toBe(200)
  await site.withSettings({ allowedHosts: ['shop.example.com'] }, async () => expect(await ask()).toBe(400))
})

test('what debug pages note of queries does not reach captures', async () => {
  const events = await site.withSettings({ debug: true }, () => captureQueries(() => site.client.get('/books/')))
  expect(events).toHaveLength(1)
})
