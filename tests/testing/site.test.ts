import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createUser } from 'nuages/auth'
import { atomic } from 'nuages/db'
import { assertNumQueries, captureQueries, clock, TestingError, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { describe, expect, test } from 'vitest'
import { User } from '../admin/project/accounts/models.ts'
import { Tag } from '../admin/project/library/models.ts'
import settings from '../admin/project/settings.ts'

describe('a site', () => {
  const site = testSite(settings, runner, {
    data: async () => void (await Tag.objects.create({ slug: 'base', label: 'Base' })),
  })
  const slugs = () => Tag.objects.valuesList('slug', { flat: true })

  test.each([1, 2, 3])('begins each test with the same rows (%i)', async (round) => {
    expect(await slugs()).toEqual(['base'])
    await Tag.objects.create({ slug: `round-${round}`, label: 'x' })
    await atomic(async () => {
      await Tag.objects.filter({ slug: 'base' }).delete()
    })
    expect(await slugs()).toEqual([`round-${round}`])
  })

  test('signs in without a password, each visitor by itself', async () => {
    const user = await createUser({ email: 'a@example.org', password: null, isStaff: true })
    await site.login(user)
    expect((await site.client.get('/admin/')).status).toBe(200)
    expect((await site.visitor().get('/admin/')).status).toBe(302)
    const other = site.visitor()
    await site.login(user, other)
    expect((await other.get('/admin/')).status).toBe(200)
  })

  test('gives each test a visitor without cookies', async () => {
    expect([...site.client.cookies]).toEqual([])
    expect((await site.client.get('/admin/')).status).toBe(302)
    expect(await User.objects.count()).toBe(0)
  })

  test('has other settings for a while', async () => {
    await Tag.objects.create({ slug: 'kept', label: 'x' })
    const name = site.project.settings.sessions.cookieName
    await site.withSettings({ sessions: { cookieName: 'other' } }, async (client) => {
      expect(site.project.settings.sessions.cookieName).toBe('other')
      await site.login(await createUser({ email: 'a@example.org', password: null, isStaff: true }), client)
      expect((await client.get('/admin/')).status).toBe(200)
      expect(client.cookies.has('other')).toBe(true)
    })
    expect(site.project.settings.sessions.cookieName).toBe(name)
    expect(await slugs()).toEqual(['base', 'kept'])
    await expect(
      site.withSettings({ timeZone: 'UTC' }, () => {
        throw new Error('in between')
      }),
    ).rejects.toThrow('in between')
    expect(site.project.settings.timeZone).toBe('Europe/Paris')
  })

  test('counts queries, and lists them when the number is another', async () => {
    await assertNumQueries(1, () => Tag.objects.count())
    const events = await captureQueries(async () => {
      await Tag.objects.count()
      await slugs()
    })
    expect(events.map(({ rows }) => rows)).toEqual([1, 1])
    const wrong = assertNumQueries(1, async () => {
      await Tag.objects.count()
      await Tag.objects.exists()
    })
    await expect(wrong).rejects.toThrow(/Expected 1 query, counted 2:\n {2}1\. SELECT COUNT[\s\S]*\n {2}2\. /)
    await expect(assertNumQueries(2, () => {})).rejects.toThrow('(none)')
  })

  test('a failing function fails the count', async () => {
    await expect(
      assertNumQueries(0, () => {
        throw new TypeError('mine')
      }),
    ).rejects.toThrow('mine')
  })

  test('stops the clock for one test only (1)', () => clock.stop('2030-01-01'))
  test('stops the clock for one test only (2)', () => expect(new Date().getFullYear()).toBeLessThan(2030))
})

describe('misuse is told', () => {
  test('a runner without hooks', () => {
    const broken = { beforeEach() {}, afterEach() {} }
    expect(() => testSite(settings, broken)).toThrow('neither beforeAll and afterAll nor before and after')
  })

  test('a site that is used before its tests', () => {
    const idle = { beforeAll() {}, afterAll() {}, beforeEach() {}, afterEach() {} }
    const site = testSite(settings, idle)
    expect(() => site.project).toThrow(TestingError)
    expect(() => site.client).toThrow('used before its tests began')
  })
})

test('a user’s project is tested with node:test', async () => {
  const file = fileURLToPath(new URL('./node/tags.node.ts', import.meta.url))
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = ['--conditions=nuages-source', '--test', '--test-reporter=tap', file]
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) =>
    execFile(process.execPath, args, { env: { ...env, NODE_OPTIONS: '' } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    ),
  )
  expect(output).toContain('# pass 4')
  expect([code, /# fail (\d+)/.exec(output)?.[1]]).toEqual([0, '0'])
}, 60_000)
