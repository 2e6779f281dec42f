/** QS-13 distinct on fields, QS-24 to QS-27: counting, one row, inBulk, streams, raw rows. */
import { Count, F, NotLoadedError, QueryUsageError, sql } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { Author, Book, Chapter, Stamp, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const django = await Author.objects.create({ name: 'Django', birthYear: 1910 })
  const bill = await Author.objects.create({ name: 'Bill' })
  for (const [title, pages, author] of [
    ['Nuages', 120, django],
    ['Minor Swing', 80, django],
    ['Daphne', 60, django],
    ['Waltz', 300, bill],
    ['Peri', 20, bill],
  ] as const) {
    const book = await Book.objects.create({ title, pages, author })
    await Chapter.objects.create({ title: `${title} 1`, number: 1, book })
  }
})

describe('QS-13 distinctOn()', () => {
  const longest = () => Book.objects.orderBy('author', '-pages').distinctOn('author')

  test('takes the first of each', async () => {
    const titles = async (books: PromiseLike<Book[]>) => (await books).map((book) => book.title)
    // Ordering by a relation is ordering as its model does.
    const byId = Book.objects.orderBy('authorId', '-pages').distinctOn('authorId')
    expect(await titles(byId)).toEqual(['Nuages', 'Waltz'])
    expect(await byId.count()).toBe(2)
    expect(await byId.exists()).toBe(true)
    expect(await titles(byId.slice(1, 2))).toEqual(['Waltz'])
    expect(await titles(Book.objects.filter({ id__in: byId }).orderBy('title'))).toEqual(['Nuages', 'Waltz'])
    expect(await byId.values('title', 'pages')).toEqual([
      { title: 'Nuages', pages: 120 },
      { title: 'Waltz', pages: 300 },
    ])
    expect(await byId.aggregate({ n: Count('id') })).toEqual({ n: 2 })
    expect(await titles(byId.filter({ pages__lt: 100 }))).toEqual(['Minor Swing', 'Peri'])
    expect(await titles(byId.union(Book.objects.filter({ title: 'Peri' })).orderBy('title'))).toEqual([
      'Nuages',
      'Peri',
      'Waltz',
    ])
    expect(await titles(Book.objects.orderBy('author__name', 'pages').distinctOn('author__name'))).toEqual([
      'Peri',
      'Daphne',
    ])
    expect(await Book.objects.orderBy().distinctOn('author').count()).toBe(2)
    expect(await byId.update({ visible: false })).toBe(2)
    expect(await Book.objects.filter({ visible: false }).count()).toBe(2)
    expect((await byId.delete()).perModel['library.Book']).toBe(2)
  })

  test('needs an order that begins with its columns, and has no pages', async () => {
    await expect(longest()).rejects.toMatchObject({ code: 'db.distinct-order' })
    await expect(Book.objects.orderBy('title').distinctOn('authorId')).rejects.toThrow(QueryUsageError)
    await expect(Book.objects.orderBy('authorId').distinctOn('authorId').page({ size: 2 })).rejects.toMatchObject({
      code: 'db.unpageable-order',
    })
  })
})

describe('QS-24 count() and contains()', () => {
  test('annotations that only add columns are not counted with', async () => {
    const counted = await watched(() =>
      Book.objects.annotate({ name: F('author__name'), n: Count('chapters') }).count(),
    )
    expect(counted.result).toBe(5)
    expect(counted.sql[0]).not.toMatch(/JOIN|GROUP/)
    const plain = await watched(() => Book.objects.annotate({ name: F('author__name') }).count())
    expect(plain.sql[0]).not.toMatch(/JOIN/)
    expect(
      await Book.objects
        .annotate({ name: F('author__name') })
        .filter({ name: 'Bill' })
        .count(),
    ).toBe(2)
    expect(await Author.objects.annotate({ title: F('books__title') }).count()).toBe(5)
  })

  test('contains() asks for one row, of slices and unions too', async () => {
    const [book, other] = await Book.objects.orderBy('id')
    const { result, sql: sent } = await watched(() => Book.objects.filter({ pages__gt: 100 }).contains(book!))
    expect(result).toBe(true)
    expect(sent[0]).toMatch(/LIMIT/)
    expect(await Book.objects.filter({ pages__gt: 100 }).contains(other!)).toBe(false)
    await expect(Book.objects.contains(new Book({ title: 'x' }))).rejects.toThrow('takes a saved Book')
    await expect(Book.objects.contains((await Author.objects.first())!)).rejects.toThrow(QueryUsageError)
  })
})

describe('QS-25 one row and rows by key', () => {
  test('first and last go by the order, or the key', async () => {
    expect((await Book.objects.first())?.title).toBe('Nuages')
    expect((await Book.objects.last())?.title).toBe('Peri')
    expect((await Book.objects.orderBy('title').slice(1).first())?.title).toBe('Minor Swing')
    await expect(Book.objects.slice(0, 2).last()).rejects.toMatchObject({ code: 'db.sliced-query' })
    expect((await Book.objects.earliest('pages')).title).toBe('Peri')
    expect((await Book.objects.latest('author__name', 'pages')).title).toBe('Nuages')
    await expect(Book.objects.latest()).rejects.toMatchObject({ code: 'db.no-latest-by' })
    expect(
      await Book.objects
        .values('status')
        .annotate({ n: Count('id') })
        .first(),
    ).toEqual({ status: 'draft', n: 5 })
  })

  test('inBulk() by any unique field', async () => {
    await Stamp.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
    const stamps = await Stamp.objects.inBulk(['a', 'c'], { by: 'name' })
    expect([...stamps.keys()]).toEqual(['a'])
    expect((await Stamp.objects.inBulk(undefined, { by: 'name' })).size).toBe(2)
    await Tag.objects.create({ slug: 'jazz' })
    expect((await Tag.objects.inBulk(['jazz'], { by: 'slug' })).get('jazz')).toBeInstanceOf(Tag)
    expect((await Tag.objects.inBulk(['jazz'])).size).toBe(1)
    await expect(Book.objects.inBulk(['Waltz'], { by: 'title' })).rejects.toMatchObject({ code: 'db.not-unique' })
    await expect(Book.objects.inBulk(['Waltz'], { by: 'titel' as 'title' })).rejects.toMatchObject({
      code: 'db.unknown-field',
      hint: expect.stringContaining('Did you mean "title"?'),
    })
    expect((await Book.objects.inBulk([])).size).toBe(0)
  })

  test('none() stays empty, whatever follows', async () => {
    const none = Book.objects.none()
    const { sql: sent } = await watched(async () => {
      expect(
        await none
          .filter({ title: 'Waltz' })
          .annotate({ n: Count('chapters') })
          .orderBy('n'),
      ).toEqual([])
      expect(await none.count()).toBe(0)
      expect(await none.exists()).toBe(false)
      expect(await none.update({ pages: 1 })).toBe(0)
      expect((await none.delete()).total).toBe(0)
      expect(await none.aggregate({ n: Count('id') })).toEqual({ n: 0 })
      expect(await none.values('title')).toEqual([])
      expect(await none.first()).toBe(null)
      expect(await none.union(Book.objects.none()).asTable().filter({ pages: 1 })).toEqual([])
      for await (const _ of none.iterator()) expect.unreachable()
    })
    expect(sent).toEqual([])
  })
})

test('QS-26 a stream reads ahead a chunk at a time', async () => {
  const seen: number[] = []
  const { sql: sent } = await watched(async () => {
    const books = Book.objects.orderBy('id').prefetchRelated('chapters').selectRelated('author')
    for await (const book of books.iterator({ chunk: 2 })) seen.push(book.chapters.length)
  })
  expect(seen).toEqual([1, 1, 1, 1, 1])
  expect(sent.filter((text) => text.includes('library_chapter'))).toHaveLength(3)
})

describe('QS-26 a stream is an async generator', () => {
  const titles = ['Nuages', 'Minor Swing', 'Daphne', 'Waltz', 'Peri']
  const stream = () => Book.objects.orderBy('id').iterator({ chunk: 2 })

  test('rows come in the order they were asked for, whoever waits', async () => {
    const rows = stream()
    const asked = Array.from({ length: 7 }, () => rows.next())
    const given = await Promise.all(asked)
    expect(given.map(({ value }) => value?.title)).toEqual([...titles, undefined, undefined])
    expect(given.map(({ done }) => done)).toEqual([false, false, false, false, false, true, true])
  })

  test('who leaves it closes it, also while a chunk is on its way', async () => {
    const rows = stream()
    const [first, end, after] = await Promise.all([rows.next(), rows.return(undefined), rows.next()])
    expect([first.value?.title, end.done, after.done]).toEqual(['Nuages', true, true])
    const seen: string[] = []
    for await (const { title } of stream()) {
      seen.push(title)
      if (seen.length === 3) break
    }
    expect(seen).toEqual(titles.slice(0, 3))
    const never = stream()
    expect(await never.return(undefined)).toEqual({ done: true, value: undefined })
    expect(await never.next()).toEqual({ done: true, value: undefined })
    await expect(stream().throw(new Error('enough'))).rejects.toThrow('enough')
  })

  test('its errors come with the first row, and end it', async () => {
    const rows = Book.objects.filter({ nope: 1 } as never).iterator()
    await expect(rows.next()).rejects.toMatchObject({ code: 'db.unknown-field' })
    expect(await rows.next()).toEqual({ done: true, value: undefined })
  })
})

test('QS-26 rows that are asked for while others are waited for come once each, in order', async () => {
  const rows = Book.objects.orderBy('id').iterator({ chunk: 1 })
  const asked = [rows.next(), rows.next(), rows.next()]
  await asked[0]
  await Promise.resolve() // the second is on its way, the third behind it
  await Promise.resolve()
  asked.push(rows.next(), rows.next(), rows.next())
  const seen = await Promise.all(asked)
  expect(seen.map(({ value }) => value?.id)).toEqual([1, 2, 3, 4, 5, undefined])
})

test('QS-27 raw rows may leave out what only() leaves out', async () => {
  const books = await Book.objects
    .only('title')
    .raw(sql`select title, id from library_book where pages > ${100} order by id`)
  expect(books.map((book) => book.title)).toEqual(['Nuages', 'Waltz'])
  expect(() => books[0]!.pages).toThrow(NotLoadedError)
  books[0]!.title = 'Nuages II'
  await books[0]!.save()
  expect((await Book.objects.get({ id: books[0]!.id })).pages).toBe(120)
  await expect(Book.objects.raw(sql`select id, title from library_book`)).rejects.toMatchObject({
    code: 'db.raw-columns',
    message: expect.stringMatching(/gives no column "\w+", which library\.Book\.\w+ is read from/),
    hint: expect.stringContaining('leave it out: defer('),
  })
  // What the statement itself has wrong is told as it is.
  await expect(Book.objects.raw(sql`select nope from library_book`)).rejects.toMatchObject({
    code: 'db.no-such-column',
  })
})

test('QS-27: what prefetchRelated() asked for is read with raw rows, too', async () => {
  const [book] = await Book.objects.prefetchRelated('author').raw(sql`select * from library_book order by id limit 1`)
  expect(book!.author.name).toEqual(expect.any(String))
})

test('QS-03: a second condition is not left out in silence', async () => {
  const two = Book.objects as unknown as Record<string, (...where: object[]) => unknown>
  const [a, b] = [{ pages__gt: 1 }, { title: 'x' }]
  for (const method of ['filter', 'exclude'])
    expect(() => two[method]!(a, b)).toThrow(expect.objectContaining({ code: 'db.bad-options' }))
  for (const method of ['get', 'getOrNull'])
    await expect(two[method]!(a, b)).rejects.toMatchObject({ code: 'db.bad-options' })
})

test('QS-12: a comparison is no order, and the error does not name lookups that are none', async () => {
  await expect(Book.objects.orderBy('title__icontains' as never).list()).rejects.toMatchObject({
    code: 'db.unknown-lookup',
    hint: expect.stringMatching(/Lookups: none in this place\.$/),
  })
})
