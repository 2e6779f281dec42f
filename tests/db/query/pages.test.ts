/** Pages by key, QS-29 total orders. */
import { Count, F, QueryUsageError } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { configureSigning } from '../../../src/signing/index.ts'
import { Author, Book, Chapter, Stamp, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const authors = await Author.objects.bulkCreate([
    { name: 'Ann', birthYear: 1900 },
    { name: 'Bob', birthYear: null },
    { name: 'Cyd', birthYear: 1900 },
  ])
  const rows = Array.from({ length: 13 }, (_, i) => ({
    title: `b${i % 5}`,
    pages: [100, 200, 300][i % 3]!,
    price: i % 4 === 0 ? null : `${i % 3}.50`,
    publishedAt: i % 3 === 0 ? null : new Date(Date.UTC(2026, 0, 1 + (i % 4), 0, 0, 0, i % 2)),
    author: authors[i % 3]!,
    editor: i % 2 === 0 ? null : authors[i % 3]!,
    visible: i % 2 === 0,
  }))
  const books = await Book.objects.bulkCreate(rows)
  await Chapter.objects.bulkCreate(
    books.slice(0, 6).map((book, i) => ({ title: 'c', number: i, book: books[i % 4]! ?? book })),
  )
})

type Pages<R> = {
  page(options: {
    size: number
    after?: string | null
    before?: string | null
  }): Promise<{ rows: R[]; next: string | null; previous: string | null }>
}

/** All rows, page by page; then all of them backwards. */
async function walked<R>(rows: Pages<R>, size: number): Promise<{ forth: R[]; back: R[] }> {
  const forth: R[] = []
  const back: R[] = []
  let last = await rows.page({ size })
  expect(last.previous).toBe(null)
  forth.push(...last.rows)
  while (last.next !== null) {
    last = await rows.page({ size, after: last.next })
    forth.push(...last.rows)
  }
  back.unshift(...last.rows)
  while (last.previous !== null) {
    last = await rows.page({ size, before: last.previous })
    back.unshift(...last.rows)
    expect(last.next).not.toBe(null)
  }
  return { forth, back }
}

describe('pages', () => {
  const orders = [
    [],
    ['id'],
    ['-id'],
    ['title'],
    ['-title', 'pages'],
    ['pages', '-title'],
    ['publishedAt'],
    ['-publishedAt', 'title'],
    ['price', '-publishedAt'],
    ['-price'],
    ['author__birthYear', '-author__name'],
    ['editor__name', 'visible'],
    ['-editor', '-visible', 'title'],
    ['publishedAt__year', '-title'],
  ] as const
  test.each(orders.map((order) => [order.join(' ') || 'no order', order] as const))('by %s', async (_, order) => {
    const books = Book.objects.orderBy(...(order as readonly ['id']))
    const { forth, back } = await walked(books, 3)
    const ids = forth.map((book) => book.id)
    expect(new Set(ids).size).toBe(13)
    expect(back.map((book) => book.id)).toEqual(ids)
    // The same order as without pages, where that is one.
    const whole = await Book.objects.orderBy(...(order as readonly ['id']), 'id')
    expect(ids).toEqual(whole.map((book) => book.id))
    const { forth: backwards } = await walked(books.reverse(), 4)
    expect(backwards.map((book) => book.id)).toEqual([...ids].reverse())
  })

  test('by expressions, annotations and where nulls were put', async () => {
    for (const books of [
      Book.objects.annotate({ n: Count('chapters') }).orderBy('-n', 'title'),
      Book.objects.orderBy(Book.F('publishedAt').asc({ nulls: 'last' }), Book.F('price').desc({ nulls: 'last' })),
      Book.objects.orderBy(Book.F('publishedAt').desc({ nulls: 'first' }), 'pages'),
      Book.objects.orderBy(Book.F('pages').plus(Book.F('id')).desc()),
      Book.objects.filter({ chapters__number__gte: 0 }).distinct().orderBy('title'),
      Book.objects
        .filter({ pages: 100 })
        .union(Book.objects.filter({ pages: 200 }))
        .orderBy('-title'),
      Book.objects.join(Author.objects.values('id', 'name'), { authorId: 'id' }).orderBy('-name'),
    ] as (typeof Book.objects)[]) {
      const { forth, back } = await walked(books, 2)
      expect(forth.map((book) => book.id)).toEqual(back.map((book) => book.id))
      const all = await books
      expect(new Set(forth.map((book) => book.id))).toEqual(new Set(all.map((book) => book.id)))
      expect(forth).toHaveLength(all.length)
    }
  })

  test('of plain rows and of groups', async () => {
    const rows = await walked(Book.objects.orderBy('-title').values('title', 'pages'), 4)
    expect(rows.forth).toHaveLength(13)
    expect(rows.back).toEqual(rows.forth)
    const groups = await walked(
      Book.objects
        .values('pages', 'title')
        .annotate({ n: Count('id') })
        .orderBy('-n'),
      4,
    )
    expect(groups.forth).toEqual(groups.back)
    expect(groups.forth).toHaveLength(13)
    expect(groups.forth[0]).toEqual({ pages: 100, title: 'b0', n: 1 })
    const lists = await Book.objects.orderBy('id').valuesList('title', { flat: true }).page({ size: 2 })
    expect(lists.rows).toEqual(['b0', 'b1'])
  })

  test('read what was asked for, with one query and no offset', async () => {
    const books = Book.objects.selectRelated('author').prefetchRelated('chapters').orderBy('title')
    const first = await books.page({ size: 5 })
    const { result, sql } = await watched(() => books.page({ size: 5, after: first.next }))
    expect(sql).toHaveLength(2)
    expect(sql[0]).not.toMatch(/OFFSET/)
    expect(result.rows[0]!.author.name).toMatch(/\w/)
    expect([...result.rows[0]!.chapters]).toBeInstanceOf(Array)
    const author = await Author.objects.get({ name: 'Ann' })
    expect((await author.books.page({ size: 2 })).rows).toHaveLength(2)
    expect(await Book.objects.none().page({ size: 2 })).toEqual({ rows: [], next: null, previous: null })
  })

  test('are not moved by rows that come and go, nor by digits that a Date does not have', async () => {
    const books = Book.objects.orderBy('title')
    const { rows, next } = await books.page({ size: 4 })
    await rows[0]!.delete()
    expect((await books.page({ size: 1, after: next })).rows[0]!.title).toBe('b1')
    for (const name of ['a', 'b', 'c']) await Stamp.objects.create({ name })
    const { column } = Stamp.meta.fields.get('createdAt')!
    for (const [i, stamp] of (await Stamp.objects.orderBy('name')).entries()) {
      const instant = `2026-01-01 00:00:00.00000${i + 1}`
      await database().exec(`update library_stamp set ${column} = '${instant}' where id = ${stamp.id}`)
    }
    const { forth } = await walked(Stamp.objects.orderBy('createdAt'), 1)
    expect(forth.map((stamp) => stamp.name)).toEqual(['a', 'b', 'c'])
  })

  test.each([
    ['with a key', 'k'.repeat(40)],
    ['without', null],
  ] as const)('take their own cursors only, %s', async (_, secretKey) => {
    configureSigning(secretKey === null ? null : { secretKey })
    try {
      const books = Book.objects.orderBy('title')
      const next = (await books.page({ size: 2 })).next!
      expect((await books.filter({ visible: true }).page({ size: 2, after: next })).rows).toHaveLength(2)
      const payload = Buffer.from('["b0","1 or 1=1"]').toString('base64url')
      for (const cursor of [
        '',
        'x',
        `x${next}`,
        next.slice(0, -1),
        `${payload}.${next.split('.')[1]}`,
        'x'.repeat(9000),
        3 as never,
      ]) {
        await expect(books.page({ size: 2, after: cursor })).rejects.toMatchObject({
          code: 'db.bad-cursor',
          status: 400,
        })
      }
      await expect(Book.objects.orderBy('-title').page({ size: 2, after: next })).rejects.toMatchObject({ status: 400 })
      await expect(Tag.objects.orderBy('slug').page({ size: 2, after: next })).rejects.toMatchObject({ status: 400 })
      await expect(books.page({ size: 2, after: next, before: next })).rejects.toMatchObject({ status: 400 })
      await expect(books.page({ size: 0 })).rejects.toMatchObject({ code: 'db.invalid-slice', status: 400 })
    } finally {
      configureSigning(null)
    }
  })

  test('say which orders have none', async () => {
    await expect(Book.objects.orderBy('?').page({ size: 2 })).rejects.toThrow(QueryUsageError)
    await expect(Book.objects.orderBy('settings').page({ size: 2 })).rejects.toMatchObject({
      code: 'db.unpageable-order',
    })
    await expect(Book.objects.slice(0, 3).page({ size: 2 })).rejects.toMatchObject({ code: 'db.sliced-query' })
  })
})

test('QS-29 totallyOrdered', () => {
  expect(Book.objects.totallyOrdered).toBe(false)
  expect(Book.objects.orderBy('title', '-id').totallyOrdered).toBe(true)
  expect(Stamp.objects.orderBy('-name').totallyOrdered).toBe(true)
  expect(Author.objects.totallyOrdered).toBe(false)
  expect(Tag.objects.orderBy('slug').totallyOrdered).toBe(true)
  expect(Book.objects.orderBy('author__id').totallyOrdered).toBe(false)
  expect(Book.objects.orderBy(F('id').desc()).totallyOrdered).toBe(true)
  expect(Book.objects.filter({ tags__slug: 'a' }).orderBy('id').totallyOrdered).toBe(false)
  expect(Book.objects.filter({ tags__slug: 'a' }).distinct().orderBy('id').totallyOrdered).toBe(true)
  expect(
    Book.objects
      .values('status')
      .annotate({ n: Count('id') })
      .orderBy('status').totallyOrdered,
  ).toBe(false)
  expect(
    Book.objects
      .values('status')
      .annotate({ n: Count('id') })
      .orderBy('status', 'n').totallyOrdered,
  ).toBe(true)
})
