/** EXP rows: functions, cases, windows and subqueries, beyond what Django's recorded answers ask. */
import {
  Case,
  Count,
  decimal,
  Exists,
  ExpressionWrapper,
  Is,
  OuterRef,
  StdDev,
  Subquery,
  Sum,
  Value,
  Variance,
  When,
  Window,
} from 'nuages/db'
import {
  Coalesce,
  Concat,
  Extract,
  FirstValue,
  JSONArray,
  JSONObject,
  Lag,
  LastValue,
  Lead,
  Lower,
  LPad,
  Now,
  NthValue,
  Rank,
  Repeat,
  RowNumber,
  RPad,
  SHA512,
  Trim,
  Trunc,
} from 'nuages/db/functions'
import { withTimeZone } from 'nuages/i18n'
import { beforeEach, describe, expect, test } from 'vitest'
import { engine } from '../backends/fresh.ts'
import { Author, Book, Chapter } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const django = await Author.objects.create({ name: 'Django Reinhardt', birthYear: 1910 })
  const bill = await Author.objects.create({ name: 'Bill Evans', birthYear: 1929 })
  await Book.objects.create({ title: 'Nuages', pages: 120, author: django, status: 'published' })
  await Book.objects.create({ title: 'Minor Swing', pages: 80, author: django })
  await Book.objects.create({ title: 'Waltz', pages: 300, author: bill })
  await Book.objects.create({ title: 'Peace Piece', pages: 80, author: bill })
})

describe('windows', () => {
  test('EXP-19 EXP-20 rank within a partition, and an order by it', async () => {
    const books = await Book.objects
      .annotate({ place: Window(Rank(), { partitionBy: ['author'], orderBy: ['-pages'] }) })
      .orderBy('place', 'title')
    expect(books.map((book) => [book.title, book.place])).toEqual([
      ['Nuages', 1],
      ['Waltz', 1],
      ['Minor Swing', 2],
      ['Peace Piece', 2],
    ])
  })

  test('EXP-22 a filter by a window is applied after it was computed', async () => {
    const longest = Book.objects
      .annotate({ place: Window(RowNumber(), { partitionBy: ['author'], orderBy: ['-pages', 'id'] }) })
      .filter({ place: 1, pages__gte: 100 })
      .orderBy('-pages')
    const { result, sql } = await watched(
      async () => [await longest, await longest.all().count(), await longest.all().exists()] as const,
    )
    expect(result[0].map((book) => book.title)).toEqual(['Waltz', 'Nuages'])
    expect(result[0][0]!.place).toBe(1)
    expect(result.slice(1)).toEqual([2, true])
    expect(sql).toHaveLength(3)
    expect((await longest.slice(1, 2)).map((book) => book.title)).toEqual(['Nuages'])
    expect(await Book.objects.filter({ id__in: longest.values('id') }).count()).toBe(2)
    expect(await longest.all().update({ pages: 7 })).toBe(2)
    expect(await Book.objects.filter({ pages: 7 }).count()).toBe(2)
  })

  test('EXP-21 frames: running totals and neighbours', async () => {
    const rows = await Book.objects
      .annotate({
        total: Window(Sum('pages'), { orderBy: ['id'], frame: { rows: [null, 0] } }),
        around: Window(Sum('pages'), { orderBy: ['id'], frame: { rows: [-1, 1] } }),
        before: Window(Lag('pages'), { orderBy: ['id'] }),
        after: Window(Lead('title', 1), { orderBy: ['id'] }),
        first: Window(FirstValue('title'), { orderBy: ['id'] }),
        last: Window(LastValue('title'), { orderBy: ['id'], frame: { rows: [null, null] } }),
        second: Window(NthValue('title', 2), { orderBy: ['id'], frame: { rows: [null, null] } }),
      })
      .orderBy('id')
      .valuesList('total', 'around', 'before', 'after', 'first', 'last', 'second')
    expect(rows).toEqual([
      [120, 200, null, 'Minor Swing', 'Nuages', 'Peace Piece', 'Minor Swing'],
      [200, 500, 120, 'Waltz', 'Nuages', 'Peace Piece', 'Minor Swing'],
      [500, 460, 80, 'Peace Piece', 'Nuages', 'Peace Piece', 'Minor Swing'],
      [580, 380, 300, null, 'Nuages', 'Peace Piece', 'Minor Swing'],
    ])
  })

  test('over groups: a window sees the aggregates', async () => {
    const rows = await Book.objects
      .values('author__name')
      .annotate({ pages: Sum('pages') })
      .annotate({ place: Window(Rank(), { orderBy: [Book.F('author__name').asc()] }) })
      .orderBy('author__name')
    expect(rows).toEqual([
      { author__name: 'Bill Evans', pages: 380, place: 1 },
      { author__name: 'Django Reinhardt', pages: 200, place: 2 },
    ])
  })

  test('what is no window function is refused, and so is a frame that is none', () => {
    expect(() => Window(Lower('title') as never)).toThrow(expect.objectContaining({ code: 'db.not-a-window-function' }))
    expect(() => Window(Sum('pages') as never, { frame: { rows: [0.5, 1] } })).toThrow(
      expect.objectContaining({ code: 'db.invalid-frame' }),
    )
  })
})

describe('functions', () => {
  test('EXP-16 text', async () => {
    const [row] = await Book.objects
      .annotate({
        left: LPad('title', 8, Value('*-')),
        right: RPad('title', 3, Value('.')),
        twice: Repeat('title', 2),
        trimmed: Trim(Value('  x ')),
        hash: SHA512('title'),
        named: Concat(Lower('title'), Value(': '), 'editor__name'),
      })
      .filter({ title: 'Nuages' })
    expect(row).toMatchObject({
      left: '*-Nuages',
      right: 'Nua',
      twice: 'NuagesNuages',
      trimmed: 'x',
      named: 'nuages: ',
    })
    expect(row!.hash).toMatch(/^[0-9a-f]{128}$/)
  })

  test('EXP-08 spread of a population and of a sample', async () => {
    const result = await Book.objects.aggregate({
      population: Variance('pages'),
      sample: Variance('pages', { sample: true }),
      deviation: StdDev('pages', { filter: Book.Q({ author__name: 'Bill Evans' }) }),
    })
    expect(result.population).toBeCloseTo(8275, 6)
    expect(result.sample).toBeCloseTo(11033.3333, 3)
    expect(result.deviation).toBeCloseTo(110, 6)
    expect(await Book.objects.none().aggregate({ n: StdDev('pages'), c: Count('*') })).toEqual({ n: null, c: 0 })
  })

  test('EXP-13 JSON keeps booleans, lists and null', async () => {
    await Book.objects.filter({ title: 'Nuages' }).update({ settings: { langs: ['fr'] } })
    const row = await Book.objects
      .annotate({
        object: JSONObject({ title: 'title', visible: 'visible', settings: 'settings', price: 'price' }),
        list: JSONArray('pages', Is(Book.Q({ pages__gt: 100 }))),
      })
      .get({ title: 'Nuages' })
    expect(row.object).toEqual({ title: 'Nuages', visible: true, settings: { langs: ['fr'] }, price: null })
    expect(row.list).toEqual([120, true])
  })

  test('a length that came from data fills no memory', async () => {
    const all = async () =>
      (await Book.objects.annotate({ x: Repeat('title', 1_000_000_000) }).list()).map(({ x }) => x)
    // MariaDB gives null instead.
    if (engine.name === 'MariaDB') expect(new Set(await all())).toEqual(new Set([null]))
    else await expect(all()).rejects.toThrow()
  })

  test('EXP-14 parts and beginnings are those of the zone, across a change of clocks', async () => {
    // In Paris clocks went from 2:00 to 3:00 on 2026-03-29, and back from 3:00 to 2:00 on 2026-10-25.
    const at = async (iso: string) => {
      await Book.objects.filter({ title: 'Nuages' }).update({ publishedAt: new Date(iso) })
      return withTimeZone('Europe/Paris', () =>
        Book.objects
          .annotate({
            day: Trunc('publishedAt', 'day'),
            week: Trunc('publishedAt', 'week'),
            hour: Trunc('publishedAt', 'hour'),
            utc: Trunc('publishedAt', 'day', { timeZone: 'UTC' }),
            date: Extract('publishedAt', 'date'),
            time: Extract('publishedAt', 'time'),
          })
          .get({ title: 'Nuages' }),
      )
    }
    const spring = await at('2026-03-29T22:30:00Z')
    expect(spring.day?.toISOString()).toBe('2026-03-29T22:00:00.000Z') // already the 30th, in summer time
    expect(spring.week?.toISOString()).toBe('2026-03-29T22:00:00.000Z')
    expect(String(spring.date)).toBe('2026-03-30')
    expect(String(spring.time)).toBe('00:30:00')
    expect(spring.utc?.toISOString()).toBe('2026-03-29T00:00:00.000Z')
    const gap = await at('2026-03-29T12:00:00Z')
    expect(gap.day?.toISOString()).toBe('2026-03-28T23:00:00.000Z') // the day began in winter time
    // 2:30 comes twice: each of them begins its own hour.
    expect((await at('2026-10-25T00:30:00Z')).hour?.toISOString()).toBe('2026-10-25T00:00:00.000Z')
    expect((await at('2026-10-25T01:30:00Z')).hour?.toISOString()).toBe('2026-10-25T01:00:00.000Z')
  })

  test('Now is the database’s', async () => {
    const [row] = await Book.objects.annotate({ now: Now() })
    expect(Math.abs(row!.now.getTime() - Date.now())).toBeLessThan(60_000)
  })

  test('Extract of what is no date is refused', async () => {
    await expect(Book.objects.annotate({ x: Extract('title', 'year') }).list()).rejects.toMatchObject({
      code: 'db.not-a-date',
    })
  })
})

describe('cases and subqueries', () => {
  test('EXP-04 in annotate, filter, order, update and aggregates', async () => {
    const size = () =>
      Case(
        [When(Book.Q({ pages__gte: 200 }), Value('long')), When(Book.Q({ pages__gte: 100 }), Value('middling'))],
        Value('short'),
      )
    const books = await Book.objects
      .annotate({ size: size() })
      .filter({ size__in: ['long', 'middling'] })
      .orderBy('size')
    expect(books.map((book) => [book.title, book.size])).toEqual([
      ['Waltz', 'long'],
      ['Nuages', 'middling'],
    ])
    const groups = await Book.objects
      .annotate({ size: size() })
      .values('size')
      .annotate({ n: Count('*') })
      .orderBy('size')
    expect(groups).toEqual([
      { size: 'long', n: 1 },
      { size: 'middling', n: 1 },
      { size: 'short', n: 2 },
    ])
    await Book.objects.update({ pages: Case([When({ status: 'published' }, 1)], 'pages') })
    expect(await Book.objects.filter({ pages: 1 }).count()).toBe(1)
  })

  test('EXP-05 a value of another table, and whether there is a row', async () => {
    const [book] = await Book.objects.filter({ title: 'Nuages' })
    await Chapter.objects.create({ title: 'One', number: 1, book: book!.id })
    await Chapter.objects.create({ title: 'Two', number: 2, book: book!.id })
    const rows = await Book.objects
      .annotate({
        last: Subquery(
          Chapter.objects
            .filter({ book: OuterRef('id') })
            .orderBy('-number')
            .valuesList('title', { flat: true }),
        ),
        any: Exists(Chapter.objects.filter({ book: Book.OuterRef('id') })),
      })
      .filter({ author__name: 'Django Reinhardt' })
      .orderBy('-any')
    expect(rows.map((row) => [row.title, row.last, row.any])).toEqual([
      ['Nuages', 'Two', true],
      ['Minor Swing', null, false],
    ])
    const without = Book.objects.exclude(Exists(Chapter.objects.filter({ book: OuterRef('id') })))
    expect(await without.count()).toBe(3)
    const placed = Book.objects.annotate({ n: Value(2) })
    const second = placed.filter(Exists(Chapter.objects.filter({ number: placed.OuterRef('n'), book: OuterRef('id') })))
    expect(await second.valuesList('title', { flat: true })).toEqual(['Nuages'])
    const impossible = Book.objects.filter(Exists(Chapter.objects.filter({ id__in: [] })))
    expect(await impossible.count()).toBe(0)
  })

  test('OuterRef outside of a subquery is told', async () => {
    await expect(Book.objects.filter({ pages: OuterRef('id') }).list()).rejects.toMatchObject({
      code: 'db.no-outer-query',
    })
  })

  test('EXP-02 a declared type says how a value is read', async () => {
    const [row] = await Book.objects.annotate({
      worth: ExpressionWrapper(Book.F('pages').times(2), decimal({ maxDigits: 9, decimalPlaces: 2 })),
      some: Coalesce('price', Value('0', decimal({ maxDigits: 6, decimalPlaces: 2 }))),
    })
    expect(String(row!.worth)).toBe('240')
    expect(String(row!.some)).toBe('0')
  })

  test('EXP-02 kinds that do not add up ask for one that does', async () => {
    const mixed = Book.objects.annotate({ n: Book.F('title').plus(1) as never })
    await expect(mixed.list()).rejects.toMatchObject({ code: 'db.mixed-kinds', hint: expect.stringContaining('Cast') })
  })
})
