/** QS-01 to QS-28: rules of query sets, each by the row that asks for it; what has a file of its own is there. */
import {
  Avg,
  Count,
  DataError,
  F,
  Max,
  NotLoadedError,
  NotSupportedError,
  Prefetch,
  QueryUsageError,
  RowVanishedError,
  Sum,
} from 'nuages/db'
import { JSONObject, Length, Upper } from 'nuages/db/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { Author, Book, Chapter, Profile, Stamp, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

let django: Author
beforeEach(async () => {
  django = await Author.objects.create({ name: 'Django', birthYear: 1910 })
  const bill = await Author.objects.create({ name: 'Bill' })
  for (const [title, pages, author, status] of [
    ['Nuages', 120, django, 'published'],
    ['Minor Swing', 80, django, 'draft'],
    ['Waltz 100%', 300, bill, 'published'],
  ] as const) {
    const book = await Book.objects.create({ title, pages, author, status })
    await Chapter.objects.bulkCreate([1, 2].map((number) => ({ title: `${title} ${number}`, number, book })))
  }
})

const titles = async (books: PromiseLike<readonly { title: string }[]>) =>
  (await books).map((book) => book.title).sort()
const refused = { code: 'db.bad-options' }

test('QS-01: chaining asks nothing, awaiting asks once, a slice is LIMIT and OFFSET and takes no filter', async () => {
  const { sql } = await watched(async () => {
    const books = Book.objects.filter({ pages__gte: 80 }).orderBy('title')
    await books
    await books
    for await (const _ of books);
    expect([await books.count(), await books.exists()]).toEqual([3, true])
    expect((await books.slice(1, 9).slice(0, 1))[0]?.title).toBe('Nuages')
  })
  expect(sql).toHaveLength(2)
  expect(sql[1]).toMatch(/LIMIT .* OFFSET /)
  expect(() => Book.objects.slice(0, 2).filter({ pages: 1 })).toThrow(QueryUsageError)
  expect(() => Book.objects.slice(-1)).toThrow('slice(-1) is not possible')
})

test('QS-02: one filter() speaks of one related row, two of two; exclude() looks for rows that are not there', async () => {
  const both = Book.objects.filter({ chapters__number: 1, chapters__title__endswith: '2' })
  expect(await titles(both)).toEqual([])
  const either = Book.objects.filter({ chapters__number: 1 }).filter({ chapters__title__endswith: '2' })
  expect(await either.count()).toBe(3)
  const without = Book.objects.exclude({ chapters__title: 'Nuages 1' })
  expect(without.toSQL().sql).toMatch(/NOT \(*EXISTS\(SELECT 1/)
  expect(await titles(without)).toEqual(['Minor Swing', 'Waltz 100%'])
  expect(await titles(Book.objects.exclude({ editor__name: 'x' }))).toHaveLength(3)
})

test('QS-04: signs of patterns in a text stand for themselves', async () => {
  for (const [lookup, text, found] of [
    ['contains', '0%', ['Waltz 100%']],
    ['contains', 'u_g', []],
    ['endswith', '\\', []],
    ['iexact', 'NUAGES', ['Nuages']],
    ['istartswith', 'mInOr', ['Minor Swing']],
    ['iregex', '^n.a', ['Nuages']],
  ] as const) {
    expect(await titles(Book.objects.dynamic({}).filter({ [`title__${lookup}`]: text } as never))).toEqual(found)
  }
})

test('QS-05: an empty `in` sends nothing; null is asked for by exact and isnull alone', async () => {
  const { result, sql } = await watched(() => Book.objects.filter({ pages__in: [] }))
  expect([result, sql]).toEqual([[], []])
  expect(await Book.objects.exclude({ pages__in: [] }).count()).toBe(3)
  expect(await Author.objects.filter({ birthYear: null }).count()).toBe(1)
  await expect(Promise.resolve(Author.objects.filter({ birthYear__gt: null as never }))).rejects.toMatchObject({
    code: 'db.invalid-value',
  })
  expect(await titles(Book.objects.filter({ pages__range: [80, 120] }))).toEqual(['Minor Swing', 'Nuages'])
  expect(await titles(Book.objects.filter({ author__in: Author.objects.filter({ name: 'Bill' }) }))).toEqual([
    'Waltz 100%',
  ])
})

describe('QS-09 names of annotations', () => {
  test('are neither those of fields nor of what instances have', async () => {
    for (const name of ['title', 'authorId', 'chapters', 'save', 'initials']) {
      const model = name === 'initials' ? Author : Book
      const rows = model.objects.dynamicAnnotate.bind(model.objects)
      expect(() => rows({ [name]: Count('id') })).toThrow(expect.objectContaining({ code: 'db.annotation-conflict' }))
    }
    expect(
      await Author.objects
        .alias({ initials: Count('books') })
        .filter({ initials: 1 })
        .count(),
    ).toBe(1)
    expect(await Author.objects.values('name').annotate({ save: Length('name') })).toHaveLength(2)
  })

  test('are told where one is misspelt, in filters, orders, values and F()', async () => {
    const counted = Book.objects.annotate({ total: Count('chapters'), loud: Upper('title') })
    for (const query of [
      () => counted.filter({ totl: 1 } as never),
      () => counted.orderBy('-totl' as never),
      () => counted.values('totl' as never),
      () => counted.filter({ pages: F('totl' as never) }),
    ]) {
      await expect(Promise.resolve().then(query)).rejects.toMatchObject({
        code: 'db.unknown-field',
        message: '"totl" is neither a field of library.Book nor an annotation.',
        hint: expect.stringMatching(/^Did you mean "total"\? Annotations: loud, total\. Fields: /),
      })
    }
    const related = Book.objects.selectRelated('autor' as never)
    await expect(Promise.resolve(related)).rejects.toMatchObject({
      message: '"autor" is not a relation of library.Book.',
      hint: 'Did you mean "author"? Relations: author, editor.',
    })
  })
})

test('QS-10: aggregate() takes aggregates, over cut, distinct and grouped rows as over others', async () => {
  await expect(Book.objects.aggregate({ pages: Book.F('pages') })).rejects.toMatchObject({
    code: 'db.invalid-annotation',
    message: 'aggregate(): "pages" is a value of each row, not one of all rows.',
  })
  const longest = Book.objects.orderBy('-pages').slice(0, 2)
  expect(await longest.aggregate({ sum: Sum('pages'), n: Count('id') })).toEqual({ sum: 420, n: 2 })
  const withChapters = Book.objects.filter({ chapters__number__gte: 1 })
  expect(await withChapters.aggregate({ sum: Sum('pages') })).toEqual({ sum: 1000 })
  expect(await withChapters.distinct().aggregate({ sum: Sum('pages') })).toEqual({ sum: 500 })
  const counted = Book.objects.annotate({ n: Count('chapters') })
  expect(await counted.aggregate({ mean: Avg(counted.F('n')) })).toEqual({ mean: 2 })
})

describe('QS-12 order', () => {
  test('is random, by what a relation or an expression has, or backwards', async () => {
    expect(await titles(Book.objects.orderBy('?'))).toHaveLength(3)
    expect((await Book.objects.orderBy('author', '-pages')).map((book) => book.title)).toEqual([
      'Waltz 100%',
      'Nuages',
      'Minor Swing',
    ])
    const years = Author.objects.orderBy(Author.F('birthYear').desc({ nulls: 'last' }))
    expect((await years).map((author) => author.name)).toEqual(['Django', 'Bill'])
    expect((await years.reverse()).map((author) => author.name)).toEqual(['Bill', 'Django'])
    expect(() => Author.F('birthYear').desc({ nulls: 'end' as never })).toThrow(QueryUsageError)
  })

  test('is by a part of an annotation', async () => {
    for (const [title, year] of [
      ['Nuages', 1940],
      ['Minor Swing', 1937],
      ['Waltz 100%', 1961],
    ] as const)
      await Book.objects.filter({ title }).update({ publishedAt: new Date(Date.UTC(year, 6, 1)) })
    const dated = Book.objects.annotate({ at: Book.F('publishedAt') }).orderBy('-at__year')
    expect((await dated).map((book) => book.pages)).toEqual([300, 120, 80])
    // @ts-expect-error -- no part of an instant
    const wrong = Book.objects.annotate({ at: Book.F('publishedAt') }).orderBy('-at__yaer')
    await expect(Promise.resolve(wrong)).rejects.toMatchObject({ code: 'db.unknown-lookup' })
  })

  test('is none after orderBy(): first() and last() do not put one in its place', async () => {
    for (const work of [() => Author.objects.orderBy().first(), () => Author.objects.orderBy().last()]) {
      const { result, sql } = await watched(work)
      expect(result).toBeInstanceOf(Author)
      expect(sql[0]).not.toContain('ORDER BY')
    }
    expect((await watched(() => Book.objects.first())).sql[0]).toMatch(/ORDER BY "t0"."id" ASC/)
  })
})

test('QS-13: distinct values are told apart by themselves, not by the model’s own order', async () => {
  const years = Author.objects.values('birthYear').distinct()
  await Author.objects.create({ name: 'Joseph', birthYear: 1910 })
  expect(await years).toHaveLength(2)
  expect(await years.count()).toBe(2)
  expect(await years.slice(0, 5).count()).toBe(2)
  // Asked for, it counts.
  expect(await years.orderBy('name')).toHaveLength(3)
  expect(await Author.objects.values('name').distinct()).toEqual([
    { name: 'Bill' },
    { name: 'Django' },
    { name: 'Joseph' },
  ])
  expect(() => Author.objects.distinct('name' as never)).toThrow(QueryUsageError)
})

test('QS-14: single values are those of one path', async () => {
  expect(await Book.objects.orderBy('pages').valuesList('pages', { flat: true })).toEqual([80, 120, 300])
  const list = Book.objects.valuesList.bind(Book.objects) as (...given: unknown[]) => unknown
  expect(() => list({ flat: true })).toThrow(expect.objectContaining(refused))
  expect(() => list('title', 'pages', { flat: true })).toThrow(expect.objectContaining(refused))
})

test('QS-15: dates() and datetimes() know their units and orders', async () => {
  expect(() => Book.objects.dates('publishedAt', 'hour' as never)).toThrow('dates(): "hour" is no unit.')
  expect(() => Book.objects.datetimes('publishedAt', 'hour', 'DESC' as never)).toThrow(
    'datetimes(): "DESC" is no order.',
  )
})

describe('QS-18 columns that were left out', () => {
  test('are read for all rows of the result at once, or for one, as the fetch mode says', async () => {
    const read = async (mode: 'peers' | 'one') => {
      const books = (await Book.objects.only('title').orderBy('pages').fetchMode(mode)) as unknown as Book[]
      return watched(async () => {
        for (const book of books) await book.refresh({ fields: ['pages'] })
        return books.map((book) => book.pages)
      })
    }
    const peers = await read('peers')
    expect(peers.result).toEqual([80, 120, 300])
    expect(peers.sql).toHaveLength(1)
    expect(peers.sql[0]).not.toMatch(/"status"|ORDER BY/)
    expect((await read('one')).sql).toHaveLength(3)
    const books = (await Book.objects.only('title')) as unknown as Book[]
    expect(
      (await watched(() => Promise.all(books.map((book) => book.refresh({ fields: ['pages'] }))))).sql,
    ).toHaveLength(1)
  })

  test('are read again by the next refresh()', async () => {
    const [first, second] = (await Book.objects.only('title').orderBy('pages')) as unknown as [Book, Book]
    await first.refresh({ fields: ['pages'] })
    await Book.objects.update({ pages: 1 })
    await first.refresh({ fields: ['pages'] })
    await second.refresh({ fields: ['pages'] })
    expect([first.pages, second.pages]).toEqual([1, 120])
    await second.refresh({ fields: ['pages'] })
    expect(second.pages).toBe(1)
    await Book.objects.filter({ title: 'Nuages' }).delete()
    await expect(second.refresh({ fields: ['pages'] })).rejects.toThrow(RowVanishedError)
  })

  test('are not those that a relation goes by', async () => {
    const authors = await Author.objects.prefetchRelated(new Prefetch('books', Book.objects.only('title')))
    const [, read] = authors
    expect([...read!.books].map((book) => book.title)).toEqual(['Nuages', 'Minor Swing'])
    expect(() => ([...read!.books][0] as unknown as Book).pages).toThrow(NotLoadedError)
  })
})

test('QS-19, QS-20: names of defaults are looked at where the row is there, too', async () => {
  for (const work of [
    () => Author.objects.getOrCreate({ name: 'Django' }, { bithYear: 1 } as never),
    () => Author.objects.updateOrCreate({ name: 'Django' }, { bithYear: 1 } as never),
    () => Author.objects.updateOrCreate({ name: 'Django' }, {}, { bithYear: 1 } as never),
  ]) {
    await expect(work()).rejects.toMatchObject({
      code: 'db.unknown-attribute',
      hint: expect.stringContaining('Did you mean "birthYear"?'),
    })
  }
  await expect(Author.objects.get({ name: 'Nobody' })).rejects.toMatchObject({ model: 'library.Author', status: 404 })
  await expect(Book.objects.get({ author: django })).rejects.toMatchObject({ code: 'db.multiple-objects' })
})

describe('QS-21, QS-22 writing', () => {
  test('a value that is too long names its field', async () => {
    if (engine.name === 'SQLite') return
    const long = 'x'.repeat(51)
    const book = (await Book.objects.first())!
    book.title = 'x'.repeat(201)
    for (const [work, field] of [
      [() => Tag.objects.create({ slug: long }), 'Tag.slug'],
      [() => Tag.objects.bulkCreate([{ slug: 'jazz' }, { slug: long }]), 'Tag.slug'],
      [() => Book.objects.filter({ pages: 80 }).update({ title: 'x'.repeat(201) }), 'Book.title'],
      [() => Book.objects.bulkUpdate([book], ['title', 'pages']), 'Book.title'],
      [() => book.save(), 'Book.title'],
      [() => Book.objects.filter({ pages: 80 }).update({ pages: 2 ** 40 }), 'Book.pages'],
    ] as const) {
      const error = await Promise.resolve()
        .then<unknown>(work)
        .catch((failure: unknown) => failure)
      expect(error).toBeInstanceOf(DataError)
      expect((error as DataError).message).toMatch(new RegExp(`^library\\.${field}: `))
      expect((error as DataError).fields).toEqual([field.split('.')[1]])
    }
  })

  test('upsert() leaves keys alone, and lists are lists', async () => {
    const work = Stamp.objects.upsert([{ name: 'a' }], { conflict: ['name'], update: ['id'] })
    await expect(work).rejects.toMatchObject(refused)
    await expect(Stamp.objects.bulkCreate({ name: 'a' } as never)).rejects.toMatchObject({ code: 'db.invalid-value' })
  })

  test('an update goes in the order asked for, where the database has one', async () => {
    const books = Book.objects.filter({ pages__gt: 1 }).orderBy('-pages')
    const { result, sql } = await watched(() => books.update({ pages: Book.F('pages').plus(1) }))
    expect(result).toBe(3)
    expect(/ORDER BY/.test(sql[0]!)).toBe(database().features.orderedUpdate)
    await Tag.objects.bulkCreate(['a', 'aa', 'aaa'].map((slug) => ({ slug })))
    if (!database().features.orderedUpdate) return
    // Each takes the place of the next: upwards it would be there already.
    const { Concat } = await import('nuages/db/functions')
    const { Value } = await import('nuages/db')
    await Tag.objects.orderBy('-slug').update({ slug: Concat('slug', Value('a')) })
    expect(await Tag.objects.orderBy('slug').valuesList('slug', { flat: true })).toEqual(['aa', 'aaa', 'aaaa'])
  })
})

test('QS-23: one DELETE where nothing points at the rows; slices and distinct rows are refused', async () => {
  const { result, sql } = await watched(() => Chapter.objects.filter({ number: 1, next: null }).delete())
  expect(result).toEqual({ total: 3, perModel: { 'library.Chapter': 3 } })
  expect(sql.filter((text) => text.startsWith('DELETE'))).toHaveLength(1)
  await expect(Chapter.objects.slice(0, 1).delete()).rejects.toMatchObject({ code: 'db.sliced-query' })
  await expect(Chapter.objects.distinct().delete()).rejects.toThrow(QueryUsageError)
})

describe('QS-24 count(), exists(), contains()', () => {
  test('leave out what only adds columns', async () => {
    const counted = Book.objects.annotate({ n: Count('chapters') }).orderBy('n')
    for (const work of [() => counted.count(), () => counted.exists()]) {
      expect((await watched<unknown>(work)).sql[0]).not.toMatch(/JOIN|GROUP|ORDER/)
    }
    expect(await counted.filter({ n__gt: 2 }).exists()).toBe(false)
    expect(await counted.filter({ n: 2 }).exists()).toBe(true)
  })

  test('contains() of slices and of query sets put together', async () => {
    const [first, second, third] = await Book.objects.orderBy('id')
    expect(await Book.objects.orderBy('id').slice(0, 1).contains(first!)).toBe(true)
    expect(await Book.objects.orderBy('id').slice(0, 1).contains(second!)).toBe(false)
    const both = Book.objects.filter({ id: first!.id }).union(Book.objects.filter({ id: second!.id }))
    expect([await both.contains(second!), await both.contains(third!)]).toEqual([true, false])
    expect(await both.orderBy('id').slice(0, 1).contains(second!)).toBe(false)
  })
})

test('QS-06: parts of annotations are read, filtered and ordered by', async () => {
  const parts = Book.objects.annotate({ o: JSONObject({ p: 'pages', t: 'title' }), when: Max('publishedAt') })
  expect(await parts.filter({ o__p: 120 }).values('o__p', 'o__t')).toEqual([{ o__p: 120, o__t: 'Nuages' }])
  expect(await parts.filter({ o__t__icontains: 'nuag', when__year__lt: 3000 }).count()).toBe(
    await Book.objects.filter({ title: 'Nuages', publishedAt__isnull: false }).count(),
  )
  if (engine.name === 'MariaDB') return // which orders JSON by its text
  const [first] = await parts.orderBy('-o__p').valuesList('o__p', { flat: true })
  expect(first).toBe((await Book.objects.aggregate({ most: Max('pages') })).most)
})

test('QS-25: inBulk() of plain values, with the key among them or not', async () => {
  const [first, second] = (await Book.objects.orderBy('id').valuesList('id', { flat: true })) as [number, number] // two at least
  expect(await Book.objects.values('title').inBulk([first])).toEqual(new Map([[first, { title: 'Nuages' }]]))
  expect(await Book.objects.values('id', 'pages').inBulk([first])).toEqual(
    new Map([[first, { id: first, pages: 120 }]]),
  )
  const lists = Book.objects.annotate({ n: Count('chapters') }).valuesList('title', 'n')
  expect((await lists.inBulk([second])).get(second)).toEqual(['Minor Swing', 2])
  expect((await Book.objects.valuesList('title', { flat: true }).inBulk()).get(second)).toBe('Minor Swing')
  expect((await Book.objects.valuesList().inBulk([first])).get(first)).toContain('Nuages')
  await Profile.objects.create({ author: django, bio: 'guitar' })
  expect(await Profile.objects.values('bio').inBulk([django.id], { by: 'authorId' })).toEqual(
    new Map([[django.id, { bio: 'guitar' }]]),
  )
  const groups = Book.objects.values('status').annotate({ n: Count('id') })
  await expect(groups.inBulk()).rejects.toMatchObject({ code: 'db.not-instances' })
})

test('QS-26: a stream of no rows at a time is refused', () => {
  for (const chunk of [0, -1, 1.5, Number.NaN]) {
    expect(() => Book.objects.iterator({ chunk })).toThrow(expect.objectContaining(refused))
  }
})

test('QS-28: an option that this server does not know yet is told as such', async () => {
  if (engine.name !== 'PostgreSQL') return
  const error = await Book.objects.explain({ memory: true }).catch((failure: unknown) => failure)
  if (typeof error === 'string') return // a newer server
  expect(error).toBeInstanceOf(NotSupportedError)
  expect(error).toMatchObject({ code: 'db.explain-option' })
})

test('REL-05: what a many-to-many set makes, it has', async () => {
  const bill = await Author.objects.get({ name: 'Bill' })
  const [oscar, isNew] = await django.friends.getOrCreate({ name: 'Oscar' })
  const [again] = await django.friends.getOrCreate({ name: 'Oscar' })
  expect([isNew, again.id]).toEqual([true, oscar.id])
  await django.friends.updateOrCreate({ name: 'Ella' }, { birthYear: 1917 })
  await django.friends.updateOrCreate({ name: 'Ella' }, { birthYear: 1918 })
  await django.friends.bulkCreate([{ name: 'Duke' }])
  const names = () => django.friends.orderBy('name').valuesList('name', { flat: true })
  expect(await names()).toEqual(['Duke', 'Ella', 'Oscar'])
  // Somebody else's friend is none of these.
  await bill.friends.getOrCreate({ name: 'Oscar' })
  expect(await Author.objects.filter({ name: 'Oscar' }).count()).toBe(2)
  const book = (await Book.objects.first())!
  await book.tags.bulkCreate([{ slug: 'jazz' }, { slug: 'swing' }])
  await expect(book.tags.bulkCreate([{ slug: 'waltz' }, { slug: 'jazz' }])).rejects.toMatchObject({
    code: 'db.unique-violation',
  })
  expect(await book.tags.count()).toBe(2)
})

test('REL-10: a Prefetch is of rows that the relation leads to, and one for each attribute', async () => {
  const wrong = new Prefetch('books', Chapter.objects.all())
  await expect(Author.objects.dynamicPrefetchRelated(wrong as never).list()).rejects.toMatchObject({
    code: 'db.bad-prefetch',
    message: 'Prefetch("books") has a query set of library.Chapter; the relation leads to library.Book.',
  })
  const long = new Prefetch('books', Book.objects.filter({ pages__gt: 100 }))
  const short = new Prefetch('books', Book.objects.filter({ pages__lt: 100 }))
  await expect(Author.objects.prefetchRelated(long, short).list()).rejects.toMatchObject({ code: 'db.bad-prefetch' })
  expect(await Author.objects.prefetchRelated('books', long, 'books').list()).toHaveLength(2)
})

test('options that no method has are refused, with the one that may be meant', async () => {
  const book = (await Book.objects.first())!
  const made = { name: 'a' }
  for (const [work, hint] of [
    [() => Stamp.objects.bulkCreate([made], { ignoreConflict: true } as never), 'ignoreConflicts'],
    [() => Book.objects.bulkUpdate([book], ['pages'], { batchsize: 1 } as never), 'batchSize'],
    [() => Stamp.objects.upsert([made], { conflict: ['name'], update: [], wher: 1 } as never), 'where'],
    [() => Book.objects.forUpdate({ skiplocked: true } as never), 'skipLocked'],
    [() => Book.objects.iterator({ chunks: 1 } as never), 'chunk'],
    [() => Book.objects.inBulk([1], { buy: 'id' } as never), 'by'],
    [() => Book.objects.page({ sise: 1 } as never), 'size'],
    [() => Book.objects.union(Book.objects.all(), { al: true } as never), 'all'],
    [() => Author.objects.join(Book.objects.values('authorId'), { id: 'authorId' }, { lef: true } as never), 'left'],
    [() => Chapter.objects.walk('next', { dept: 1 } as never), 'depth'],
    [() => new Prefetch('books', Book.objects.all(), { to_attr: 'x' } as never), 'toAttr'],
    [() => Book.F('pages').asc({ null: 'first' } as never), 'nulls'],
    [() => book.save({ field: ['title'] } as never), 'fields'],
    [() => book.refresh({ field: ['title'] } as never), 'fields'],
    [() => book.fullClean({ exclud: ['title'] } as never), 'exclude'],
  ] as const) {
    await expect(Promise.resolve().then(work as () => unknown)).rejects.toMatchObject({
      ...refused,
      hint: expect.stringContaining(`Did you mean "${hint}"?`),
    })
  }
  const union = Book.objects.union.bind(Book.objects) as (...given: unknown[]) => unknown
  expect(() => union(Book.objects.none(), Book.objects.none())).toThrow('takes several query sets as a list')
  await expect(Stamp.objects.upsert([made], undefined as never)).rejects.toMatchObject(refused)
  await expect(Stamp.objects.upsert([made], { update: [] } as never)).rejects.toMatchObject(refused)
})
