/** QS-17 unions, QS-18 parts of rows, QS-09 aliases, QS-15 dates. */
import { Count, Exists, NotLoadedError, NotSupportedError, OuterRef, Subquery, Sum } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Author, Book, Chapter, Company } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const selmer = await Company.objects.create({ name: 'Selmer' })
  const django = await Author.objects.create({ name: 'Django', birthYear: 1910, company: selmer })
  for (const [title, pages, month] of [
    ['Nuages', 120, 1],
    ['Minor Swing', 80, 1],
    ['Waltz', 300, 3],
  ] as const) {
    await Book.objects.create({ title, pages, author: django, publishedAt: new Date(Date.UTC(2026, month, 5)) })
  }
})
const titles = async (books: PromiseLike<readonly { title: string }[]>) => (await books).map((book) => book.title)

describe('QS-17 query sets put together', () => {
  const short = () => Book.objects.filter({ pages__lt: 100 })
  const long = () => Book.objects.filter({ pages__gt: 200 })

  test('union, intersection, difference; ordered, cut, counted', async () => {
    expect(await titles(short().union(long()).orderBy('-pages'))).toEqual(['Waltz', 'Minor Swing'])
    expect(await titles(Book.objects.difference(long()).orderBy('title'))).toEqual(['Minor Swing', 'Nuages'])
    expect(await titles(Book.objects.intersection(long(), Book.objects.filter({ title: 'Waltz' })))).toEqual(['Waltz'])
    expect(await short().union([long(), short()], { all: true }).count()).toBe(3)
    expect(await titles(short().union(long()).orderBy('title').reverse().slice(0, 1))).toEqual(['Waltz'])
    expect((await short().union(long()).orderBy('title').first())?.title).toBe('Minor Swing')
    expect(await short().union(long()).exists()).toBe(true)
  })

  test('each part keeps its own slice; a union of unions', async () => {
    const first = Book.objects.orderBy('title').slice(0, 1)
    const last = Book.objects.orderBy('-title').slice(0, 1)
    expect(await titles(first.union(last).orderBy('title'))).toEqual(['Minor Swing', 'Waltz'])
    expect(await first.union(last.union(Book.objects.filter({ pages: 120 }))).count()).toBe(3)
  })

  test('parts without rows are left out', async () => {
    expect(await titles(short().none().union(long()))).toEqual(['Waltz'])
    expect(await short().intersection(long().none()).list()).toEqual([])
    expect(await titles(short().difference(long().none()))).toEqual(['Minor Swing'])
    expect(await short().none().union(long().none()).count()).toBe(0)
  })

  test('values of several models; rows read ahead', async () => {
    const book = await Book.objects.get({ title: 'Waltz' })
    await Chapter.objects.create({ title: 'Coda', number: 1, book })
    const all = Book.objects
      .valuesList('title', { flat: true })
      .union(Chapter.objects.valuesList('title', { flat: true }))
    expect(await all.orderBy('title')).toEqual(['Coda', 'Minor Swing', 'Nuages', 'Waltz'])
    const rows = await short().union(long()).values('title', 'pages').orderBy('-pages')
    expect(rows).toEqual([
      { title: 'Waltz', pages: 300 },
      { title: 'Minor Swing', pages: 80 },
    ])
    const read = await short().prefetchRelated('chapters').union(long()).orderBy('-pages')
    expect(read[0]!.chapters.length).toBe(1)
    expect(await titles(short().selectRelated('author').union(long().selectRelated('author')))).toHaveLength(2)
  })

  test('filtered, annotated, aggregated: what is put together is a table of its own', async () => {
    const both = short().union(long()).asTable()
    const { result, sql } = await watched(() => both.filter({ author__name: 'Django', pages__gt: 100 }).list())
    expect(sql).toHaveLength(1)
    expect(await titles(Promise.resolve(result))).toEqual(['Waltz'])
    expect(result[0]).toBeInstanceOf(Book)
    expect(await titles(both.exclude({ title: 'Waltz' }))).toEqual(['Minor Swing'])
    expect(await titles(both.orderBy('-title').filter({ pages__gt: 0 }))).toEqual(['Waltz', 'Minor Swing'])
    const counted = await both.annotate({ n: Count('chapters') }).orderBy('title')
    expect(counted.map((book) => [book.title, book.n])).toEqual([
      ['Minor Swing', 0],
      ['Waltz', 0],
    ])
    expect(await both.distinct().count()).toBe(2)
    expect(await both.aggregate({ n: Count('*'), pages: Sum('pages') })).toEqual({ n: 2, pages: 380 })
    expect(await titles(both.orderBy('author__name', '-pages'))).toEqual(['Waltz', 'Minor Swing'])
    expect(await both.filter({ pages: 80 }).exists()).toBe(true)
    expect((await both.get({ pages: 80 })).title).toBe('Minor Swing')
    expect((await both.selectRelated('author').orderBy('title'))[0]!.author.name).toBe('Django')
    expect((await both.only('title').orderBy('title').first())?.title).toBe('Minor Swing')
    expect(await both.contains(result[0]!)).toBe(true)
    const values = Book.objects
      .values('title', 'pages')
      .union(Chapter.objects.values('title', 'number') as never)
      .asTable()
    expect(await values.filter({ pages__gte: 120 }).orderBy('title')).toEqual([
      { title: 'Nuages', pages: 120 },
      { title: 'Waltz', pages: 300 },
    ])
    await expect(values.filter({ author: 1 } as never).list()).rejects.toMatchObject({ code: 'db.unknown-field' })
    // Annotations of the parts are columns of the whole.
    const big = (n: number) => Book.objects.filter({ pages: n }).annotate({ n: Count('chapters') })
    expect(await big(80).union(big(300)).asTable().filter({ n: 0 }).orderBy('-n', 'title').count()).toBe(2)
  })

  test('inside of other queries, nested, cut', async () => {
    const both = short().union(long())
    expect(await titles(Book.objects.filter({ id__in: both }).orderBy('title'))).toEqual(['Minor Swing', 'Waltz'])
    expect(await titles(Book.objects.exclude({ id__in: both }))).toEqual(['Nuages'])
    expect(await Author.objects.filter({ books__in: both.orderBy('-pages').slice(0, 1) }).count()).toBe(1)
    expect(await titles(Book.objects.filter({ pages__in: both.values('pages') }).orderBy('title'))).toHaveLength(2)
    expect(await Author.objects.filter(Exists(both.asTable().filter({ pages: 300 }))).count()).toBe(1)
    const of = (books: typeof both) => books.asTable().filter({ author: OuterRef('id') })
    const [author] = await Author.objects.annotate({ most: Subquery(of(both).orderBy('-pages').values('pages')) })
    expect(author!.most).toBe(300)
    const any = Author.objects.filter(Exists(of(short()).union(of(long())))).count()
    if (database().features.outerInDerived) expect(await any).toBe(1)
    else await expect(any).rejects.toMatchObject({ code: 'db.no-lateral' })
    const nested = both.difference(long()).union(Book.objects.filter({ pages: 120 }).intersection(Book.objects.all()))
    expect(await titles(nested.orderBy('title'))).toEqual(['Minor Swing', 'Nuages'])
    expect(await titles(nested.asTable().filter({ pages: 120 }))).toEqual(['Nuages'])
    expect(
      await both
        .orderBy('title')
        .slice(0, 1)
        .asTable()
        .annotate({ n: Count('tags') })
        .count(),
    ).toBe(1)
  })

  test('changed and deleted by their keys', async () => {
    expect(await short().union(long()).update({ visible: false })).toBe(2)
    expect(await Book.objects.filter({ visible: false }).count()).toBe(2)
    const first = short().union(long()).asTable().orderBy('title').filter({ title__startswith: 'M' })
    expect((await first.delete()).total).toBe(1)
    expect(await Book.objects.count()).toBe(2)
  })

  test('parts that do not fit are refused', async () => {
    expect(() => short().union(long()).forUpdate()).toThrow(NotSupportedError)
    expect(() => short().union(long()).filter({ pages: 1 })).toThrow(NotSupportedError)
    expect(() =>
      short()
        .union(long())
        .annotate({ n: Count('tags') }),
    ).toThrow(NotSupportedError)
    expect(() => Book.objects.union(Chapter.objects.all() as never)).toThrow(
      expect.objectContaining({ code: 'db.compound-mismatch' }),
    )
    const narrow = Book.objects.values('title') as never
    await expect(Book.objects.values('title', 'pages').union(narrow).list()).rejects.toMatchObject({
      code: 'db.compound-mismatch',
    })
    expect(await Book.objects.count()).toBe(3)
  })
})

describe('QS-18 parts of rows', () => {
  test('only the columns asked for are read; another is an error, not a query', async () => {
    const { result, sql } = await watched(() => Book.objects.only('title').orderBy('id').first())
    expect(sql[0]).not.toContain('"pages"')
    const book = result as unknown as Book
    expect(book.title).toBe('Nuages')
    expect(book.id).toBe(1)
    expect(() => book.pages).toThrow(NotLoadedError)
    expect(() => book.pages).toThrow('library.Book.pages was not read')
    expect(JSON.parse(JSON.stringify(book))).toEqual({ id: 1, title: 'Nuages' })
    await book.refresh({ fields: ['pages'] })
    expect(book.pages).toBe(120)
  })

  test('save() writes what was changed, and leaves alone what was not read', async () => {
    const book = (await Book.objects.defer('pages', 'settings').get({ title: 'Waltz' })) as unknown as Book
    book.title = 'Waltz for Debby'
    const { sql } = await watched(() => book.save())
    expect(sql.filter((text) => text.startsWith('UPDATE'))[0]).not.toContain('"pages"')
    book.pages = 7
    await book.save()
    expect(await Book.objects.filter({ title: 'Waltz for Debby', pages: 7 }).count()).toBe(1)
  })

  test('of joined rows too', async () => {
    const books = Book.objects.selectRelated('author').only('title', 'author__name').orderBy('id')
    const { result, sql } = await watched(() => books)
    expect(sql).toHaveLength(1)
    expect(sql[0]).not.toContain('birth_year')
    const { author } = result[0] as unknown as { author: Author }
    expect(author.name).toBe('Django')
    expect(() => author.birthYear).toThrow('library.Author.birthYear was not read')
    author.name = 'Django R.'
    await author.save()
    expect(await Author.objects.filter({ name: 'Django R.', birthYear: 1910 }).count()).toBe(1)
  })

  test('a relation whose key was left out says so; a later only() replaces, a later defer() takes away', async () => {
    const [book] = (await Book.objects.only('title')) as unknown as Book[]
    expect(() => book!.authorId).toThrow('library.Book.author was not read')
    const { sql } = await watched(() => Book.objects.only('title', 'pages').defer('pages').only('pages').defer('title'))
    expect(sql[0]).toMatch(/^SELECT "t0"\."id", "t0"\."pages" FROM/)
  })

  test('names that are no fields are refused', async () => {
    await expect(Book.objects.only('titel' as never).list()).rejects.toMatchObject({ code: 'db.unknown-field' })
  })
})

test('QS-09 an alias serves filters and orders, and is not read', async () => {
  const authors = Author.objects
    .alias({ n: Count('books') })
    .filter({ n: 3 })
    .orderBy('-n')
  const { result, sql } = await watched(() => authors)
  expect(result.map((author) => author.name)).toEqual(['Django'])
  expect('n' in result[0]!).toBe(false)
  expect(sql[0]!.split('FROM')[0]).not.toContain('COUNT')
})

test('QS-15 the months there are', async () => {
  const months = await Book.objects.dates('publishedAt', 'month')
  expect(months.map(String)).toEqual(['2026-02-01', '2026-04-01'])
  const years = await Book.objects.datetimes('publishedAt', 'month', 'desc')
  expect(years.map((year) => year.toISOString())).toEqual(['2026-04-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'])
})
