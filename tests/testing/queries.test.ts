import { atomic } from 'nuages/db'
import { assertNumQueries, captureQueries, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { describe, expect, expectTypeOf, test } from 'vitest'
import settings from './project/settings.ts'
import { Book } from './project/shop/models.ts'

const site = testSite(settings, runner)

describe('captureQueries()', () => {
  test('gives statements in order, with alias, values and rows', async () => {
    await Book.objects.create({ title: 'One' })
    const events = await captureQueries(async () => {
      await Book.objects.filter({ title: 'One' }).list()
      await Book.objects.using('archive').count()
    })
    expect(events.map(({ alias, rows, params }) => ({ alias, rows, params }))).toEqual([
      { alias: 'default', rows: 1, params: ['One'] },
      { alias: 'archive', rows: 1, params: [] },
    ])
    expect(events[0]!.sql).toMatch(/^SELECT .*"shop_book"/)
  })

  test('counts no savepoints, and nothing before or after', async () => {
    const events = await captureQueries(() => atomic(() => Book.objects.create({ title: 'One' })))
    await Book.objects.count()
    expect(events).toHaveLength(1)
  })

  test('a query set that is given is run, once', async () => {
    expect(await captureQueries(() => Book.objects.all())).toHaveLength(1)
  })

  test('two at the same time count their own; one inside another is counted by both', async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 5))
    const count = (times: number) =>
      captureQueries(async () => {
        for (let i = 0; i < times; i++) {
          await Book.objects.count()
          await pause()
        }
      })
    const [one, three] = await Promise.all([count(1), count(3)])
    expect([one!.length, three!.length]).toEqual([1, 3])
    let inner: readonly unknown[] = []
    const outer = await captureQueries(async () => {
      await Book.objects.count()
      inner = await captureQueries(() => Book.objects.count())
    })
    expect([outer.length, inner.length]).toEqual([2, 1])
  })

  test('requests belong to it, and streams that are read in it', async () => {
    const events = await captureQueries(() => site.client.get('/report/'))
    expect(events).toHaveLength(1)
    const busy = await captureQueries(() => Promise.all([1, 2, 3].map(() => site.visitor().get('/books/'))))
    expect(busy).toHaveLength(3)
  })

  test('may look at one database only', async () => {
    const all = async () => [await Book.objects.count(), await Book.objects.using('archive').count()]
    expect(await captureQueries(all, { using: 'archive' })).toHaveLength(1)
    await assertNumQueries(1, all, { using: 'default' })
  })
})

describe('assertNumQueries()', () => {
  test('gives what the function gives, in its type', async () => {
    const response = await assertNumQueries(1, () => site.client.get('/books/'))
    expect(response.json()).toEqual([])
    const count = await assertNumQueries(1, () => Book.objects.count())
    expectTypeOf(count).toEqualTypeOf<number>()
    expectTypeOf(await assertNumQueries(0, () => 'text')).toEqualTypeOf<string>()
  })

  test('fails with every statement, and a hint at a loop', async () => {
    const loop = async () => {
      for (let i = 0; i < 3; i++) await Book.objects.count()
    }
    await expect(assertNumQueries(1, loop)).rejects.toMatchObject({
      code: 'testing.query-count',
      message: expect.stringMatching(
        /^Expected 1 query, counted 3:\n {2}1\. SELECT.*\n {2}2\. SELECT.*\n {2}3\. SELECT/,
      ),
      hint: expect.stringContaining('3 times'),
    })
    await expect(assertNumQueries(2, () => undefined)).rejects.toMatchObject({
      message: 'Expected 2 queries, counted 0:\n  (none)',
      hint: undefined,
    })
  })

  test('a failing function fails as itself, and nobody listens afterwards', async () => {
    const { isLogged } = await import('../../src/db/query-log.ts')
    const fails = assertNumQueries(0, async () => {
      await Book.objects.count()
      throw new RangeError('mine')
    })
    await expect(fails).rejects.toThrow(RangeError)
    expect(isLogged()).toBe(false)
  })
})
