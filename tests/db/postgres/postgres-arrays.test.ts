/** Arrays of PostgreSQL: values there and back, lookups, ArrayAgg. */
import { Count, Decimal, F, NotSupportedError, Q, Temporal } from 'nuages/db'
import { ArrayAgg, array } from 'nuages/db/postgres'
import { describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { day, dec, Note } from './models.ts'
import { freshDiary } from './setup.ts'

freshDiary()

const HOSTILE = [
  '',
  ' ',
  'a,b',
  '"',
  '\\',
  '\\"',
  '{}',
  '{a}',
  'NULL',
  'null',
  "'; DROP TABLE x; --",
  'ä€😀',
  'a\nb\tc',
  '(1,2)',
]

describe('values', () => {
  test('hostile texts come back as they were written, with nulls between', async () => {
    const lines = [...HOSTILE, null, 'x'.repeat(5000)]
    const { id } = await Note.objects.create({ title: 'a', tags: HOSTILE, lines })
    const note = await Note.objects.get({ id })
    expect(note.tags).toEqual(HOSTILE)
    expect(note.lines).toEqual(lines)
    note.lines = null
    await note.save()
    expect((await Note.objects.get({ id })).lines).toBeNull()
  })

  test('every kind of element', async () => {
    const values = {
      counts: [0, -5, 2 ** 31 - 1],
      small: [-32_768, 32_767],
      big: [2n ** 63n - 1n, -(2n ** 63n), 0n],
      ratios: [0.1, -1e300, 5],
      prices: [dec('1234567890.12'), dec('-0.50')],
      flags: [true, null, false],
      days: [day('0001-01-01'), day('9999-12-31')],
      times: [Temporal.PlainTime.from('00:00:00'), Temporal.PlainTime.from('23:59:59.999999')],
      moments: [new Date('2024-02-29T10:15:00.123Z'), new Date(0)],
      ids: ['00000000-0000-4000-8000-000000000000'],
    }
    await Note.objects.create({ title: 'a', ...values })
    const note = await Note.objects.get({ title: 'a' })
    for (const [name, expected] of Object.entries(values)) {
      const found = note[name as keyof typeof values] as readonly unknown[]
      expect(found.map(String), name).toEqual((expected as unknown[]).map(String))
    }
    expect(note.prices[0]).toBeInstanceOf(Decimal)
    expect(note.moments[0]).toEqual(values.moments[0])
    expect(note.tags).toEqual([]) // blank: empty where nothing is given
  })

  test('rows in bulk: by values, by arrays and by COPY', async () => {
    for (const count of [2, 200, 2500]) {
      await Note.objects.all().delete()
      await Note.objects.bulkCreate(
        Array.from({ length: count }, (_, i) => ({
          title: `n${i}`,
          tags: [...HOSTILE, `t${i}`],
          big: [BigInt(i)],
          lines: i % 2 ? null : [null],
        })),
      )
      const last = await Note.objects.get({ title: `n${count - 1}` })
      expect(last.tags).toEqual([...HOSTILE, `t${count - 1}`])
      expect(last.big).toEqual([BigInt(count - 1)])
      expect(await Note.objects.filter({ lines: null }).count()).toBe(Math.floor(count / 2))
    }
    const rows = await Note.objects.slice(0, 3)
    for (const row of rows) row.tags = ['new', '"']
    await Note.objects.bulkUpdate(rows, ['tags'])
    expect(await Note.objects.filter({ tags: ['new', '"'] }).count()).toBe(3)
    await Note.objects.all().update({ counts: [9] })
    expect((await Note.objects.first())!.counts).toEqual([9])
  })

  test('what is no array, or has what the element cannot be, is refused', async () => {
    await expect(Note.objects.create({ title: 'a', tags: 'x' as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    await expect(Note.objects.create({ title: 'a', tags: [1] as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    await expect(Note.objects.create({ title: 'a', tags: ['a\0b'] })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    await expect(Note.objects.create({ title: 'a', tags: [['x']] as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    await expect(Note.objects.create({ title: 'a', tags: [undefined] as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
  })
})

describe('lookups', () => {
  const titles = (where: object) =>
    Note.objects
      .filter(where as never)
      .orderBy('title')
      .valuesList('title', { flat: true })
  const stock = () =>
    Note.objects.bulkCreate([
      { title: 'a', tags: ['red', 'green'], counts: [1, 2, 3], lines: ['x', null], prices: [dec('1.50')] },
      { title: 'b', tags: ['green', 'a,b', '"q"'], counts: [], lines: null },
      { title: 'c', tags: [], counts: [10], lines: [] },
    ])

  test('contains, containedBy, overlap, exact, in', async () => {
    await stock()
    expect(await titles({ tags__contains: ['green'] })).toEqual(['a', 'b'])
    expect(await titles({ tags__contains: ['a,b', '"q"'] })).toEqual(['b'])
    expect(await titles({ tags__containedBy: ['red', 'green', 'blue'] })).toEqual(['a', 'c'])
    expect(await titles({ tags__overlap: ['red', '"q"'] })).toEqual(['a', 'b'])
    expect(await titles({ tags: ['red', 'green'] })).toEqual(['a'])
    expect(await titles({ tags__exact: [] })).toEqual(['c'])
    expect(await titles({ tags__in: [['red', 'green'], [], ['green']] })).toEqual(['a', 'c'])
    expect(await titles({ tags__in: [] })).toEqual([])
    expect(await titles({ counts__contains: [3] })).toEqual(['a'])
    expect(await titles({ prices__contains: ['1.5'] })).toEqual(['a'])
    expect(await titles({ lines__isnull: true })).toEqual(['b'])
    expect(await titles({ tags__overlap: F('lines') })).toEqual([])
    expect(await Note.objects.exclude({ lines__contains: ['x'] }).count()).toBe(2)
    expect(await Note.objects.filter(Note.Q({ tags__contains: ['red'] }).or({ counts__len: 1 })).count()).toBe(2)
  })

  test('len, one element, some elements, and what follows them', async () => {
    await stock()
    expect(await titles({ tags__len: 2 })).toEqual(['a'])
    expect(await titles({ tags__len__gte: 2 })).toEqual(['a', 'b'])
    expect(await titles({ tags__len: 0 })).toEqual(['c'])
    expect(await titles({ tags__0: 'green' })).toEqual(['b'])
    expect(await titles({ tags__1__startswith: 'a,' })).toEqual(['b'])
    expect(await titles({ counts__2__gt: 2 })).toEqual(['a'])
    expect(await titles({ tags__0_1: ['green'] })).toEqual(['b'])
    expect(await Note.objects.orderBy('title').valuesList('tags__0', { flat: true })).toEqual(['red', 'green', null])
    expect(await Note.objects.orderBy('tags__len', 'title').valuesList('tags__len', { flat: true })).toEqual([0, 2, 3])
    expect(
      await Note.objects
        .annotate({ first: F('tags__0') })
        .filter({ first: 'red' })
        .count(),
    ).toBe(1)
  })

  test('names and values from outside', async () => {
    await stock()
    const outside = (where: Record<string, unknown>) => Note.objects.dynamic(where).count()
    expect(await outside({ tags__contains: 'green, "a,b"' })).toBe(1)
    expect(await outside({ counts__overlap: '3, 10' })).toBe(2)
    expect(await outside({ tags__len: '2' })).toBe(1)
    expect(() => Note.objects.dynamic({ counts__contains: 'x' })).toThrow(expect.objectContaining({ status: 400 }))
    expect(() => Note.objects.dynamic({ tags__icontains: 'x' })).toThrow(
      expect.objectContaining({ code: 'db.unknown-lookup' }),
    )
    expect(() => Note.objects.dynamic({ tags__regex: 'x' })).toThrow(expect.objectContaining({ status: 400 }))
  })
})

test('ArrayAgg: distinct, in order, of some rows, with nulls; null over no rows', async () => {
  await Note.objects.bulkCreate([
    { title: 'b', counts: [1] },
    { title: 'a', counts: [] },
    { title: 'b', counts: [3] },
  ])
  const all = await Note.objects.aggregate({
    titles: ArrayAgg('title', { orderBy: ['-title'] }),
    once: ArrayAgg('title', { distinct: true, orderBy: ['title'] }),
    some: ArrayAgg('title', { filter: Q({ title: 'a' }) }),
    firsts: ArrayAgg('counts__0', { orderBy: ['counts__0'] }),
    ids: ArrayAgg('id', { orderBy: ['id'] }),
    none: ArrayAgg('title', { filter: Q({ title: 'z' }) }),
  })
  expect(all.titles).toEqual(['b', 'b', 'a'])
  expect(all.once).toEqual(['a', 'b'])
  expect(all.some).toEqual(['a'])
  expect(all.firsts).toEqual([1, 3, null])
  expect(all.ids!.every(Number.isInteger)).toBe(true)
  expect(all.none).toBeNull()
  const grouped = await Note.objects
    .values('title')
    .annotate({ n: Count('*'), ids: ArrayAgg('id') })
    .orderBy('title')
  expect(grouped.map((row) => [row.title, row.ids!.length])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  await expect(Note.objects.aggregate({ x: ArrayAgg('tags') })).rejects.toMatchObject({ code: 'db.bad-array' })
})

test('clean(): elements by their own rules, and the text of a form', async () => {
  const field = (name: string) => Note.meta.fields.get(name)!
  expect(field('tags').clean('a, "b,c", d')).toEqual(['a', 'b,c', 'd'])
  expect(field('counts').clean(['1', 2])).toEqual([1, 2])
  expect(field('lines').clean([null, 'x'])).toEqual([null, 'x'])
  expect(() => field('tags').clean(['x'.repeat(41)])).toThrow(/Item 1/)
  expect(() => field('counts').clean(['1', 'x'])).toThrow(/Item 2/)
  expect(() => field('tags').clean([null])).toThrow()
  expect(() => field('pair').clean([1, 2, 3])).toThrow(/2 values/)
  expect(() => array(array(undefined as never) as never)).toThrow(expect.objectContaining({ code: 'db.bad-array' }))
})

test('other databases say that they have no arrays', async () => {
  const { Note: Other } = { Note }
  await closeDatabases()
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const { backend } = database()
  expect(() => backend.schema.createTable(tableSpec(backend, Other.meta))).toThrow(NotSupportedError)
  await expect(Other.objects.aggregate({ x: ArrayAgg('title') })).rejects.toMatchObject({ code: 'db.unsupported-kind' })
})
