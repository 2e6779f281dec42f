import {
  Avg,
  atomic,
  Count,
  DoesNotExist,
  F,
  Max,
  MultipleObjectsReturned,
  QueryUsageError,
  QueryValueError,
  Sum,
} from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { planCount, setPlanCacheSize } from '../../../src/db/query/plan.ts'
import { Author, Book, type BookQuerySet, Company, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const selmer = await Company.objects.create({ name: 'Selmer' })
  const django = await Author.objects.create({ name: 'Django Reinhardt', birthYear: 1910, company: selmer })
  const bill = await Author.objects.create({ name: 'Bill Evans', birthYear: 1929 })
  await Book.objects.create({ title: 'Nuages', pages: 120, author: django, status: 'published' })
  await Book.objects.create({ title: 'Minor Swing', pages: 80, author: django })
  await Book.objects.create({ title: 'Waltz', pages: 300, author: bill, publishedAt: new Date('2026-03-01T12:00:00Z') })
})

const titles = async (books: PromiseLike<{ title: string }[]>) => (await books).map((book) => book.title)

describe('a query set', () => {
  test('asks nothing until it is awaited, and asks once', async () => {
    const books = Book.objects.filter({ pages__gte: 100 }).orderBy('title')
    const { result, sql } = await watched(async () => [await books, await books, await books.count()] as const)
    expect(sql).toHaveLength(1)
    expect(result[0]).toBe(result[1])
    expect(result[2]).toBe(2)
  })

  test('asks again after a failure', async () => {
    const books = Book.objects.filter({ pages: 'x' as never })
    await expect(books).rejects.toThrow('library.Book.pages: "x"')
    await expect(books).rejects.toThrow(QueryValueError)
  })

  test('gives instances with their getters, without calling the constructor', async () => {
    const author = await Author.objects.get({ name: 'Django Reinhardt' })
    expect(author).toBeInstanceOf(Author)
    expect(author.initials).toBe('DR')
    expect(Object.keys(author)).toEqual(['id', 'name', 'birthYear', 'companyId'])
  })

  test('MOD-30: keeps methods of its class through every chain', async () => {
    const books = Book.objects
      .annotate({ n: Count('chapters') })
      .published()
      .orderBy('title')
      .long(100)
    expect(await titles(books)).toEqual(['Nuages'])
    expect((await books)[0]!.n).toBe(0)
    const author = await Author.objects.get({ name: 'Django Reinhardt' })
    expect(await titles((author.books as unknown as BookQuerySet).published())).toEqual(['Nuages'])
  })

  test('can be looped over, and streamed in chunks', async () => {
    const seen: string[] = []
    for await (const book of Book.objects.orderBy('id')) seen.push(book.title)
    for await (const book of Book.objects.orderBy('-id').iterator({ chunk: 2 })) seen.push(book.title)
    expect(seen).toEqual(['Nuages', 'Minor Swing', 'Waltz', 'Waltz', 'Minor Swing', 'Nuages'])
  })

  test('of nothing sends no query', async () => {
    const { sql } = await watched(async () => {
      expect(await Book.objects.none()).toEqual([])
      expect(await Book.objects.none().count()).toBe(0)
      expect(await Book.objects.none().exists()).toBe(false)
      expect(await Book.objects.filter({ pages__in: [] })).toEqual([])
      expect(await Book.objects.slice(3, 3)).toEqual([])
      expect(await Book.objects.none().update({ pages: 1 })).toBe(0)
      expect(
        await Book.objects.filter({ pk__in: [] } as never).aggregate({ n: Count('id'), max: Max('pages') }),
      ).toEqual({ n: 0, max: null })
    })
    expect(sql).toEqual([])
    expect(await Book.objects.exclude({ pages__in: [] }).count()).toBe(3)
  })

  test('slices compose, and refuse what would change their rows', async () => {
    const books = Book.objects.orderBy('title')
    expect(await titles(books.slice(1).slice(0, 1))).toEqual(['Nuages'])
    expect(await books.slice(0, 2).count()).toBe(2)
    expect(() => books.slice(0, 2).filter({ pages: 1 })).toThrow(QueryUsageError)
    expect(() => books.slice(-1)).toThrow('slice(-1)')
    await expect(books.slice(0, 1).delete()).rejects.toThrow('on a slice')
    await expect(books.slice(0, 1).update({ pages: 1 })).rejects.toThrow('on a slice')
  })

  test('first and last go by the key where there is no order', async () => {
    expect((await Book.objects.first())?.title).toBe('Nuages')
    expect((await Book.objects.last())?.title).toBe('Waltz')
    expect((await Author.objects.first())?.name).toBe('Bill Evans')
    expect((await Author.objects.last())?.name).toBe('Django Reinhardt')
    expect((await Book.objects.latest('pages')).title).toBe('Waltz')
    expect((await Book.objects.earliest('pages')).title).toBe('Minor Swing')
    expect(await Book.objects.filter({ pages: 1 }).first()).toBeNull()
  })
})

describe('get()', () => {
  test('says what was asked when there is none or several', async () => {
    const none = Book.objects.get({ title: 'Sweet Chorus' })
    await expect(none).rejects.toThrow(DoesNotExist)
    await expect(none).rejects.toMatchObject({ code: 'db.does-not-exist', status: 404, model: 'library.Book' })
    await expect(none).rejects.toThrow('There is no Book with { title: "Sweet Chorus" }.')
    await expect(Book.objects.get({ pages__gte: 100 })).rejects.toThrow(MultipleObjectsReturned)
    expect(await Book.objects.getOrNull({ title: 'x' })).toBeNull()
  })

  test('answers the same on its short way', async () => {
    for (let i = 0; i < 3; i++) {
      expect((await Book.objects.get({ id: 1 })).title).toBe('Nuages')
      expect((await Book.objects.get({ id: 2, title__startswith: 'Minor' })).title).toBe('Minor Swing')
      await expect(Book.objects.get({ id: 1, author__in: [] })).rejects.toThrow(DoesNotExist)
      await expect(Book.objects.get({ id: undefined as never })).rejects.toMatchObject({ code: 'db.undefined-filter' })
      await expect(Book.objects.get({ id: 'x' as never })).rejects.toMatchObject({
        code: 'db.invalid-value',
        status: 400,
      })
    }
  })
})

describe('plans', () => {
  test('are shared by queries of one shape, whatever their values and lengths of lists', async () => {
    const { backend } = database()
    await Book.objects.filter({ pages__in: [1] }).slice(0, 1)
    const before = planCount(backend)
    await Book.objects.filter({ pages__in: [1, 2, 3] }).slice(0, 7)
    await Book.objects.filter({ pages__in: new Set([4]) as never }).slice(0, 9)
    expect(planCount(backend)).toBe(before)
    await Book.objects.filter({ pages__in: [1] }).slice(2, 3)
    expect(planCount(backend)).toBe(before + 1)
  })

  test('are kept up to a number', async () => {
    const { backend } = database()
    setPlanCacheSize(10)
    for (let i = 0; i < 30; i++) await Book.objects.valuesList(...(['id', ...Array(i).fill('title')] as ['id']))
    expect(planCount(backend)).toBeLessThanOrEqual(10)
    setPlanCacheSize(1000)
    expect(await Book.objects.count()).toBe(3)
  })

  test('do not outlive changes of a record or list after the call', async () => {
    const where: Record<string, unknown> = { pages__in: [120] }
    const books = Book.objects.filter(where as never)
    ;(where.pages__in as number[]).push(80)
    where.title = 'x'
    expect(await titles(books)).toEqual(['Nuages'])
  })
})

describe('rows without instances', () => {
  test('values() gives objects, valuesList() lists or single values', async () => {
    expect(await Book.objects.orderBy('id').values('title', 'author__name').slice(0, 1)).toEqual([
      { title: 'Nuages', author__name: 'Django Reinhardt' },
    ])
    expect(await Book.objects.orderBy('id').valuesList('title', 'author')).toEqual([
      ['Nuages', 1],
      ['Minor Swing', 1],
      ['Waltz', 2],
    ])
    expect(await Book.objects.orderBy('id').valuesList('publishedAt', { flat: true })).toEqual([
      null,
      null,
      new Date('2026-03-01T12:00:00Z'),
    ])
    const [all] = await Author.objects.values()
    expect(all).toEqual({ id: 2, name: 'Bill Evans', birthYear: 1929, companyId: null })
  })

  test('values().annotate() groups by the values', async () => {
    const rows = await Book.objects
      .values('author__name')
      .annotate({ n: Count('id'), pages: Sum('pages') })
      .orderBy('author__name')
    expect(rows).toEqual([
      { author__name: 'Bill Evans', n: 1, pages: 300 },
      { author__name: 'Django Reinhardt', n: 2, pages: 200 },
    ])
  })
})

describe('annotations', () => {
  test('can be filtered, ordered and referred to', async () => {
    const authors = Author.objects.annotate({ n: Count('books'), most: Max('books__pages') })
    expect(
      (await authors.filter({ n__gt: 1 }).orderBy('-n')).map((author) => [author.name, author.n, author.most]),
    ).toEqual([['Django Reinhardt', 2, 120]])
    expect(await authors.filter({ n: 1 }).count()).toBe(1)
    expect(await authors.count()).toBe(2)
    expect(await authors.aggregate({ avg: Avg('n' as never) })).toEqual({ avg: 1.5 })
  })

  test('that nobody asks about are left out of a count', async () => {
    const { sql } = await watched(() => Author.objects.annotate({ n: Count('books') }).count())
    expect(sql).toEqual(['SELECT COUNT(*) FROM "library_author" "t0"'])
  })

  test('have names of their own', async () => {
    expect(() => Author.objects.annotate({ 'x"; drop': Count('books') })).toThrow('cannot be the name')
    expect(() => Author.objects.annotate({ constructor: Count('books') } as never)).toThrow('cannot be the name')
    await expect(Author.objects.annotate({ name: Count('books') })).rejects.toMatchObject({
      code: 'db.annotation-conflict',
    })
  })
})

describe('expressions', () => {
  test('F compares columns, and computes across relations', async () => {
    expect(await titles(Book.objects.filter({ author__birthYear__gt: F('pages').times(16) } as never))).toEqual([
      'Minor Swing',
    ])
    expect(
      await titles(Book.objects.filter({ pages__lt: F('author__birthYear').minus(1800) } as never).orderBy('id')),
    ).toEqual(['Minor Swing'])
    await Book.objects.filter({ title: 'Waltz' }).update({ pages: F('pages').plus(5).times(2) } as never)
    expect((await Book.objects.get({ title: 'Waltz' })).pages).toBe(610)
  })

  test('an update refuses columns of other tables', async () => {
    await expect(Book.objects.update({ pages: F('author__birthYear') as never })).rejects.toMatchObject({
      code: 'db.joined-update',
    })
  })
})

test('an update across relations changes the rows that the filter means', async () => {
  expect(await Book.objects.filter({ author__company__name: 'Selmer' }).update({ visible: false })).toBe(2)
  expect(await titles(Book.objects.filter({ visible: true }))).toEqual(['Waltz'])
})

test('inBulk and contains', async () => {
  const books = await Book.objects.inBulk([1, 3, 9])
  expect([...books.keys()].sort()).toEqual([1, 3])
  const nuages = books.get(1)!
  expect(await Book.objects.filter({ pages__lt: 200 }).contains(nuages)).toBe(true)
  expect(await Book.objects.filter({ pages__gt: 200 }).contains(nuages)).toBe(false)
})

test('a query set is a subquery for in', async () => {
  const django = Author.objects.filter({ name__startswith: 'Django' })
  const { result, sql } = await watched(() => titles(Book.objects.filter({ author__in: django }).orderBy('id')))
  expect(result).toEqual(['Nuages', 'Minor Swing'])
  expect(sql).toHaveLength(1)
  expect(sql[0]).toContain('IN (SELECT')
  const years = Author.objects.values('id')
  expect(await Book.objects.filter({ author__in: years }).count()).toBe(3)
})

test('years and dates are ranges of the column, so that an index serves them', async () => {
  const { result, sql } = await watched(() => titles(Book.objects.filter({ publishedAt__year: 2026 })))
  expect(result).toEqual(['Waltz'])
  expect(sql[0]).toMatch(/"published_at" >= \?.*"published_at" < \?/)
  expect(await titles(Book.objects.filter({ publishedAt__year__gte: 2027 }))).toEqual([])
  expect(await titles(Book.objects.filter({ publishedAt__month: 3, publishedAt__day__lte: 1 }))).toEqual(['Waltz'])
})

test('keys of JSON are paths', async () => {
  await Book.objects.filter({ title: 'Waltz' }).update({ settings: { langs: ['fr'], theme: { name: null } } })
  await Book.objects.filter({ title: 'Nuages' }).update({ settings: { theme: { name: 'dark' } } })
  expect(await titles(Book.objects.filter({ settings__theme__name: 'dark' } as never))).toEqual(['Nuages'])
  expect(await titles(Book.objects.filter({ settings__theme__name: null } as never))).toEqual(['Waltz'])
  expect(await titles(Book.objects.filter({ settings__langs__0__icontains: 'F' } as never))).toEqual(['Waltz'])
  expect(await titles(Book.objects.filter({ settings__hasKey: 'langs' } as never))).toEqual(['Waltz'])
  expect(await titles(Book.objects.filter({ settings__theme__isnull: true } as never))).toEqual(['Minor Swing'])
})

test('distinct rows are distinct though ordered by another table', async () => {
  const tag = await Tag.objects.create({ slug: 'a' })
  const other = await Tag.objects.create({ slug: 'b' })
  const nuages = await Book.objects.get({ id: 1 })
  await nuages.tags.add(tag, other)
  expect(await titles(Book.objects.filter({ tags__slug__in: ['a', 'b'] }))).toEqual(['Nuages', 'Nuages'])
  expect(
    await titles(
      Book.objects
        .filter({ tags__slug__in: ['a', 'b'] })
        .distinct()
        .orderBy('author__name'),
    ),
  ).toEqual(['Nuages'])
  expect(
    await Book.objects
      .filter({ tags__slug__in: ['a', 'b'] })
      .distinct()
      .count(),
  ).toBe(1)
})

test('TX forUpdate() is for blocks, by every way to read and also once its text is known', async () => {
  const ways = [
    () => Book.objects.forUpdate().get({ title: 'Nuages' }),
    () => Book.objects.forUpdate().list(),
    () => Book.objects.forUpdate().first(),
    async () => {
      for await (const book of Book.objects.forUpdate().iterator()) expect(book.id).toBeGreaterThan(0)
    },
  ]
  for (const read of ways) {
    await atomic(async () => void (await read()))
    await expect(read()).rejects.toMatchObject({ code: 'db.not-in-block' })
  }
})

test('QS-07 JSON among values: text, objects and lists, of a column and of its keys', async () => {
  const author = await Author.objects.create({ name: 'x' })
  await Book.objects.create({ title: 'a', author, settings: { theme: { name: 'dark' }, langs: ['fr'] } })
  await Book.objects.create({ title: 'b', author, settings: { theme: { name: 'light' } } })
  expect(await titles(Book.objects.filter({ settings__theme__name__in: ['dark', 'x'] }))).toEqual(['a'])
  expect(await titles(Book.objects.filter({ settings__theme__in: [{ name: 'dark' }] }))).toEqual(['a'])
  expect(await titles(Book.objects.filter({ settings__langs__in: [['fr']] }))).toEqual(['a'])
  expect(await titles(Book.objects.filter({ settings__in: [{ theme: { name: 'light' } }] }))).toEqual(['b'])
})

describe('iterator()', () => {
  test('of a related set gives rows that know their owner, as a list does', async () => {
    const author = await Author.objects.create({ name: 'Owner' })
    await Book.objects.create({ title: 'Owned', author })
    for await (const book of author.books.iterator()) expect(book.author).toBe(author)
    for (const book of await author.books.all()) expect(book.author).toBe(author)
  })

  test('tells a bad value with the name of its field, as a list does', async () => {
    const bad = Book.objects.filter({ pages: 'many' as never })
    const message = 'library.Book.pages: "many" is not a value for a column of kind "integer".'
    await expect(bad.iterator().next()).rejects.toThrow(message)
    await expect(bad.list()).rejects.toThrow(message)
  })
})
