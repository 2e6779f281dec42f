/** Tests that fail in every way there is, each followed by one that finds nothing of it. Run by runners.test.ts. */
import assert from 'node:assert/strict'
import { atomic } from 'nuages/db'
import { clock, testSite } from 'nuages/testing'
import settings from '../project/settings.ts'
import { Book } from '../project/shop/models.ts'
import type { Runner } from './isolation.ts'

const never = () => new Promise<never>(() => undefined)
const soon = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export function leftovers(runner: Runner): void {
  const { test, describe } = runner
  const site = testSite(settings, runner)
  const dirty = async () => {
    await Book.objects.create({ title: 'Left over' })
    site.client.cookies.set('left', 'over')
    clock.stop('2031-01-01')
  }
  const clean = (after: string) =>
    test(`passes: clean after ${after}`, async () => {
      assert.equal(await Book.objects.count(), 0)
      assert.equal(site.client.cookies.size, 0)
      assert.ok(new Date().getFullYear() < 2031)
      assert.equal(site.project.settings.sessions.maxAge, 3600)
      assert.equal((await site.client.get('/visits/')).body, '1')
      await Book.objects.create({ title: 'Writes are possible' })
    })

  test('fails: throws', async () => {
    await dirty()
    throw new Error('on purpose')
  })
  clean('a test that throws')

  describe('a group', () => {
    runner.beforeEach(async () => {
      await dirty()
      throw new Error('on purpose')
    })
    test('fails: its beforeEach throws', () => undefined)
  })
  clean('a beforeEach that throws')

  describe('another group', () => {
    runner.afterEach(async () => {
      await dirty()
      throw new Error('on purpose')
    })
    test('fails: its afterEach throws', () => undefined)
  })
  clean('an afterEach that throws')

  test('fails: a block is rolled back and the error leaves', async () => {
    await atomic(async () => {
      await dirty()
      throw new Error('on purpose')
    })
  })
  clean('a block that failed')

  test('passes: a block is left open', async () => {
    void atomic(async () => {
      await dirty()
      await never()
    }).catch(() => undefined)
    await soon(20)
  })
  clean('a block left open')

  test('fails: takes too long, with other settings', { timeout: 150 }, async () => {
    await dirty()
    await site.withSettings({ sessions: { maxAge: 1 } }, async () => {
      await dirty().catch(() => undefined)
      await never()
    })
  })
  clean('a test that took too long')

  test('fails: with other settings, throws', async () => {
    await site.withSettings({ sessions: { maxAge: 1 } }, async () => {
      await dirty()
      throw new Error('on purpose')
    })
  })
  clean('other settings')

  describe('a group whose rows fail', () => {
    site.data(async () => {
      await dirty()
      throw new Error('on purpose')
    })
    test('fails: of a group without its rows', () => undefined)
  })
  clean('rows of a group that failed')

  describe('at the same time', { concurrency: 2, concurrent: true } as object, () => {
    test('beside: one', async () => void (await soon(200)))
    test('beside: the other', async () => void (await soon(50)))
  })
  clean('tests at the same time')
}
