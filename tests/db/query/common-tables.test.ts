import { CommonTable, Count, Max, NotSupportedError, OuterRef, QueryUsageError, Sum, Value } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Author, Book, Chapter, Company, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const selmer = await Company.objects.create({ name: 'Selmer' })
  const django = await Author.objects.create({ name: 'Django', birthYear: 1910, company: selmer })
  const bill = await Author.objects.create({ name: 'Bill', birthYear: 1929 })
  await Author.objects.create({ name: 'Oscar' })
  for (const [title, pages, author] of [
    ['Nuages', 120, django],
    ['Minor Swing', 80, django],
    ['Daphne', 60, django],
    ['Waltz', 300, bill],
  ] as const) {
    await Book.objects.create({ title, pages, author })
  }
})

const perAuthor = () => Book.objects.values('authorId').annotate({ n: Count('id'), most: Max('pages') })

describe('joined rows', () => {
  test('QS: aggregates of another model stand beside a row', async () => {
    const { result, sql } = await watched(() => Author.objects.join(perAuthor(), { id: 'authorId' }).orderBy('-n'))
    expect(sql).toHaveLength(1)
    expect(result.map((author) => [author.name, author.n, author.most])).toEqual([
      ['Django', 3, 120],
      ['Bill', 1, 300],
    ])
    expect(result[0]).toBeInstanceOf(Author)
  })

  test('REL-13: a relation narrowed by a condition of its own, as Django’s FilteredRelation', async () => {
    const long = Book.objects.filter({ pages__gt: 70 }).values('authorId', 'title', 'pages')
    const authors = () => Author.objects.join(long, { id: 'authorId' }, { left: true })
    expect(await authors().orderBy('name', 'title').valuesList('name', 'title')).toEqual([
      ['Bill', 'Waltz'],
      ['Django', 'Minor Swing'],
      ['Django', 'Nuages'],
      ['Oscar', null],
    ])
    expect(await authors().filter({ pages__lt: 100 }).valuesList('name', { flat: true })).toEqual(['Django'])
    expect(await authors().filter({ title__isnull: true }).valuesList('name', { flat: true })).toEqual(['Oscar'])
    const counted = authors()
      .values('name')
      .annotate({ n: Count('title' as never), most: Max('pages' as never) }) // names of the other rows, not the model's
      .orderBy('-n', 'name')
    expect(await counted).toEqual([
      { name: 'Django', n: 2, most: 120 },
      { name: 'Bill', n: 1, most: 300 },
      { name: 'Oscar', n: 0, most: null },
    ])
  })

  test('REL-13: hidden, its columns are filtered and aggregated by, and each row comes once', async () => {
    const long = Book.objects.filter({ pages__gt: 70 }).values('authorId', 'title', 'pages')
    const authors = Author.objects.join(long, { id: 'authorId' }, { left: true, hidden: true })
    const counted = authors.annotate({ n: Count(authors.F('title')), most: Max(authors.F('pages')) }).orderBy('name')
    const rows = await counted
    expect(rows.map((author) => [author.name, author.n, author.most])).toEqual([
      ['Bill', 1, 300],
      ['Django', 2, 120],
      ['Oscar', 0, null],
    ])
    expect(Object.keys(rows[0]!)).not.toContain('pages')
    expect(await counted.filter({ n__gte: 2 }).count()).toBe(1)
    // Joined rows go on to others: a condition on a condition, as Django nests FilteredRelation.
    const chapters = Chapter.objects
      .filter({ book__pages__gt: 70 })
      .values('book__authorId')
      .annotate({ c: Count('id') })
    const both = authors.join(chapters, { id: 'book__authorId' }, { left: true })
    expect((await both.filter({ pages__gt: 100 }).orderBy('name')).map((author) => [author.name, author.c])).toEqual([
      ['Bill', null],
      ['Django', null],
    ])
    const related = await authors.filter({ title: 'Nuages' }).selectRelated('company')
    expect(related.map((author) => author.company?.name)).toEqual(['Selmer'])
    // Shown, a column of theirs has a value for each joined row: there is nothing to aggregate.
    const shown = Author.objects.join(long, { id: 'authorId' })
    await expect(Promise.resolve(shown.annotate({ n: Max(shown.F('pages')) }))).rejects.toMatchObject({
      code: 'db.misplaced-aggregate',
    })
  })

  test('left keeps rows without any', async () => {
    const authors = await Author.objects.join(perAuthor(), { id: 'authorId' }, { left: true })
    expect(authors.map((author) => [author.name, author.n])).toEqual([
      ['Bill', 1],
      ['Django', 3],
      ['Oscar', null],
    ])
  })

  test('their columns are filtered, counted, aggregated and selected by', async () => {
    const joined = Author.objects.join(perAuthor(), { id: 'authorId' })
    expect(await joined.filter({ n__gte: 2 }).count()).toBe(1)
    expect(await joined.exclude({ n: 3 }).values('name', 'n')).toEqual([{ name: 'Bill', n: 1 }])
    expect(await joined.filter({ most__gt: 200 }).exists()).toBe(true)
    expect(
      await Company.objects.filter({ authors__in: joined.filter({ n: 3 }) }).valuesList('name', { flat: true }),
    ).toEqual(['Selmer'])
    expect(await joined.filter({ n: 1 }).update({ birthYear: 1 })).toBe(1)
  })

  test('aggregates of the row go with them', async () => {
    const rows = await Author.objects.join(perAuthor(), { id: 'authorId' }).annotate({ pages: Sum('books__pages') })
    expect(rows.map((row) => [row.name, row.n, row.pages])).toEqual([
      ['Bill', 1, 300],
      ['Django', 3, 260],
    ])
  })

  test('limit takes the first few of each', async () => {
    const longest = Book.objects.orderBy('-pages').values('authorId', 'title', 'pages')
    const rows = await Author.objects.join(longest, { id: 'authorId' }, { limit: 2 }).orderBy('name', '-pages')
    expect(rows.map((row) => [row.name, row.title])).toEqual([
      ['Bill', 'Waltz'],
      ['Django', 'Nuages'],
      ['Django', 'Minor Swing'],
    ])
    const all = await Author.objects.join(longest, { id: 'authorId' }, { limit: 1, left: true }).orderBy('name')
    expect(all.map((row) => row.title)).toEqual(['Waltz', 'Nuages', null])
    expect(() => Author.objects.join(longest.slice(0, 3), { id: 'authorId' }, { limit: 1 })).toThrow(QueryUsageError)
  })

  test('rows that speak of the row beside them need a lateral join', async () => {
    const longer = Book.objects.filter({ pages__gt: OuterRef('birthYear') as never }).values('title')
    await Author.objects.filter({ name: 'Django' }).update({ birthYear: 100 })
    const asked = Author.objects.join(longer, {}).orderBy('title')
    if (database().features.lateral) {
      expect((await asked).map((row) => [row.name, row.title])).toEqual([
        ['Django', 'Nuages'],
        ['Django', 'Waltz'],
      ])
    } else await expect(asked).rejects.toThrow(NotSupportedError)
  })

  test('a column that is there already is refused', async () => {
    const rows = Book.objects.values('authorId', 'id')
    await expect(Author.objects.join(rows, { id: 'authorId' }) as PromiseLike<unknown>).rejects.toMatchObject({
      code: 'db.annotation-conflict',
    })
    expect(() => Author.objects.join(Book.objects as never, {})).toThrow('no named columns')
  })
})

describe('a common table', () => {
  test('is written once, however often it is read', async () => {
    const busy = new CommonTable('busy', perAuthor().filter({ n__gte: 2 }))
    const asked = Author.objects
      .join(busy, { id: 'authorId' })
      .filter({ id__in: busy.values('authorId') })
      .filter({ name__startswith: 'D' })
    const { result, sql } = await watched(() => asked)
    expect(result.map((row) => [row.name, row.n])).toEqual([['Django', 3]])
    expect(sql[0]!.match(/GROUP BY/g)).toHaveLength(1)
    expect(sql[0]).toMatch(/^WITH ["`]with_busy["`]/)
  })

  test('is read by itself', async () => {
    const busy = new CommonTable('busy', perAuthor(), { materialized: true })
    expect(await busy.values('n').orderBy('-n')).toEqual([{ n: 3 }, { n: 1 }])
    expect(await busy.values().filter({ most__gt: 100 }).count()).toBe(2)
    expect(await busy.values('n').orderBy('n').first()).toEqual({ n: 1 })
    await expect(busy.values('m' as 'n')).rejects.toThrow('"m" is not a field of these rows')
  })

  test('several stand in one statement, one on top of another', async () => {
    const books = new CommonTable('books', perAuthor())
    const big = new CommonTable(
      'books',
      Author.objects.join(books, { id: 'authorId' }).filter({ n__gt: 1 }).values('id', 'n'),
    )
    const companies = await Company.objects.join(
      new CommonTable('c', Author.objects.join(big, { id: 'id' }).values('companyId', 'n')),
      { id: 'companyId' },
    )
    expect(companies.map((row) => [row.name, row.n])).toEqual([['Selmer', 3]])
  })

  test('serves updates and deletes', async () => {
    const busy = new CommonTable('busy', perAuthor().filter({ n__gte: 2 }))
    expect(await Author.objects.filter({ id__in: busy.values('authorId') }).update({ birthYear: 7 })).toBe(1)
    expect(await Author.objects.filter({ birthYear: 7 }).count()).toBe(1)
    await Author.objects.filter({ id__in: busy.values('authorId') }).delete()
    expect(await Author.objects.count()).toBe(2)
  })

  test('grows by steps', async () => {
    const numbers = CommonTable.recursive(
      'numbers',
      Author.objects
        .filter({ name: 'Bill' })
        .annotate({ i: Value(1) })
        .values('id', 'i'),
      (table) =>
        Author.objects
          .join(table, { id: 'id' })
          .filter({ i__lt: 5 })
          .annotate({ i: table.F('i').plus(1) })
          .values('id', 'i'),
    )
    expect((await numbers.values('i').orderBy('i')).map((row) => row.i)).toEqual([1, 2, 3, 4, 5])
    expect(await Author.objects.join(numbers, { id: 'id' }).filter({ i__gt: 3 }).count()).toBe(2)
    const odd = CommonTable.recursive(
      'odd',
      Author.objects.values('id'),
      (table) => Author.objects.join(table, { id: 'id' }).values('name') as never,
    )
    await expect(odd.values()).rejects.toThrow('give name; its first rows have id')
  })

  describe('a step', () => {
    beforeEach(async () => {
      const book = await Book.objects.get({ title: 'Nuages' })
      let next: Chapter | null = null
      for (const number of [3, 2, 1]) next = await Chapter.objects.create({ title: `c${number}`, number, book, next })
    })
    const first = () => Chapter.objects.filter({ number: 1 }).values('nextId', 'number')
    type Table = Parameters<Parameters<typeof CommonTable.recursive<{ nextId: number | null; number: number }>>[2]>[0]
    const numbers = async (step: (table: Table) => unknown) => {
      const chain = CommonTable.recursive('chain', first(), step as never)
      return (await chain.values('number').orderBy('number')).map((row) => (row as { number: number }).number)
    }

    test('joins columns of its table, as if it were the table', async () => {
      const { result, sql } = await watched(() =>
        numbers((table) => Chapter.objects.join(table.values('nextId'), { id: 'nextId' }).values('nextId', 'number')),
      )
      expect(result).toEqual([1, 2, 3])
      expect(sql[0]).not.toMatch(/JOIN \(SELECT/)
    })

    test('is told what to do about columns that have the names of others', async () => {
      const asked = numbers((table) => Chapter.objects.join(table, { id: 'nextId' }).values('nextId', 'number'))
      await expect(asked).rejects.toMatchObject({
        code: 'db.annotation-conflict',
        hint: expect.stringContaining('join(table.values("…"), …)'),
      })
    })

    test('that reads its table in a subquery is refused', async () => {
      const refused = { code: 'db.common-table', message: expect.stringContaining('inside a subquery') }
      const filtered = numbers((table) =>
        Chapter.objects.filter({ id__in: table.values('nextId') }).values('nextId', 'number'),
      )
      await expect(filtered).rejects.toMatchObject(refused)
      const joined = numbers((table) =>
        Chapter.objects
          .join(table.values('nextId').filter({ nextId__gt: 0 }), { id: 'nextId' })
          .values('nextId', 'number'),
      )
      await expect(joined).rejects.toMatchObject(refused)
    })
  })

  test('columns of it are joined alone', async () => {
    const busy = new CommonTable('busy', perAuthor())
    const { result, sql } = await watched(() =>
      Author.objects.join(busy.values('authorId', 'n'), { id: 'authorId' }).orderBy('-n'),
    )
    expect(result.map((row) => [row.name, row.n, 'most' in row])).toEqual([
      ['Django', 3, false],
      ['Bill', 1, false],
    ])
    expect(sql[0]).not.toMatch(/JOIN \(SELECT/)
    await expect(
      Author.objects.join(busy.values('m' as 'n'), { id: 'm' as 'n' }) as PromiseLike<unknown>,
    ).rejects.toThrow('"m" is not a field of the joined rows')
    const few = Author.objects.join(busy.values('authorId', 'n').filter({ n__gt: 1 }), { id: 'authorId' })
    expect((await few).map((row) => row.name)).toEqual(['Django'])
  })

  test('refuses names that are none, and rows without columns', () => {
    expect(() => new CommonTable('a b', perAuthor())).toThrow('cannot be the name')
    expect(() => new CommonTable('a', Book.objects as never)).toThrow('no named columns')
  })
})

describe('walk()', () => {
  beforeEach(async () => {
    const book = await Book.objects.get({ title: 'Nuages' })
    const chapter = (number: number, next: Chapter | null) =>
      Chapter.objects.create({ title: `c${number}`, number, book, next })
    const c4 = await chapter(4, null)
    const c3 = await chapter(3, c4)
    const c2 = await chapter(2, c3)
    await chapter(1, c2)
  })

  test('goes along a foreign key, in one query', async () => {
    const { result, sql } = await watched(() => Chapter.objects.filter({ number: 2 }).walk('next').orderBy('depth'))
    expect(sql).toHaveLength(1)
    expect(result.map((row) => [row.title, row.depth])).toEqual([
      ['c2', 0],
      ['c3', 1],
      ['c4', 2],
    ])
    const [c2, c3, c4] = result
    expect(c4!.path).toBe(`/${c2!.id}/${c3!.id}/${c4!.id}/`)
    expect(c2).toBeInstanceOf(Chapter)
  })

  test('ends a circle where it closes', async () => {
    const [first, last] = [await Chapter.objects.get({ number: 1 }), await Chapter.objects.get({ number: 4 })]
    last.next = first
    await last.save()
    const rows = await Chapter.objects.filter({ number: 3 }).walk('next').orderBy('depth')
    expect(rows.map((row) => row.number)).toEqual([3, 4, 1, 2])
    expect(await Chapter.objects.filter({ number: 3 }).walk('next', { depth: 1 }).count()).toBe(2)
  })

  test('goes along many-to-many relations, and is filtered as other rows', async () => {
    const [django, bill, oscar] = [
      await Author.objects.get({ name: 'Django' }),
      await Author.objects.get({ name: 'Bill' }),
      await Author.objects.get({ name: 'Oscar' }),
    ]
    await django.friends.add(bill)
    await bill.friends.add(oscar)
    const known = Author.objects.filter({ id: django.id }).walk('friends')
    expect((await known.orderBy('depth')).map((row) => row.name)).toEqual(['Django', 'Bill', 'Oscar'])
    expect(await known.filter({ depth__gt: 0, books__title: 'Waltz' }).valuesList('name', { flat: true })).toEqual([
      'Bill',
    ])
    expect(await Book.objects.filter({ author__in: known }).count()).toBe(4)
    expect(await known.aggregate({ far: Max('depth' as never) })).toEqual({ far: 2 })
  })

  test('of a relation that leads elsewhere is refused', async () => {
    expect(() => Chapter.objects.walk('book' as never)).toThrow('does not lead to Chapter itself')
    expect(() => Tag.objects.walk('x' as never)).toThrow('not a field')
  })
})
