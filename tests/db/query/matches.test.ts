/** QS-03: conditions asked of one instance, saved or not, without its table. */
import { F, matches } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { Author, Book } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

describe('matches()', () => {
  test('says of an instance what filter() says of rows', async () => {
    const author = await Author.objects.create({ name: 'Django' })
    const book = new Book({ title: 'Minor Swing', pages: 80, author })
    expect(await matches(book, { pages__gte: 80, title__icontains: 'SWING' })).toBe(true)
    expect(await matches(book, { pages__gte: 81 })).toBe(false)
    expect(await matches(book, Book.Q({ pages: 1 }).or({ author }))).toBe(true)
    expect(await matches(book, Book.Q({ title: 'x' }).not())).toBe(true)
    expect(await matches(book, { pages__lt: F('pages') })).toBe(false)
    expect(await matches(book, { title__in: ['Minor Swing', "it's"] })).toBe(true)
    book.pages = 300
    expect(await matches(book, { pages: 300 })).toBe(true)
  })

  test('one query, without the table; what is null does not hold', async () => {
    const book = new Book({ title: 'Nuages' })
    const { result, sql } = await watched(() => matches(book, { id__gt: 0 }))
    expect([result, sql.length]).toEqual([false, 1])
    expect(sql[0]).not.toMatch(/from/i)
    expect(await matches(book, { id__isnull: true })).toBe(true)
  })

  test('a question of the same shape is compiled once, and asked with other values', async () => {
    const book = new Book({ title: 'Nuages', pages: 80 })
    for (const pages of [79, 80, 81])
      expect(await matches(book, { pages__gte: pages, title: 'Nuages' })).toBe(pages <= 80)
    for (const title of ['Nuages', 'x']) expect(await matches(book, { pages__gte: 3, title })).toBe(title === 'Nuages')
    for (const titles of [['a', 'Nuages'], [], ['b']])
      expect(await matches(book, { title__in: titles })).toBe(titles.includes('Nuages'))
  })

  test('other models are not asked', async () => {
    const book = new Book({ title: 'Nuages' })
    await expect(matches(book, { author__name: 'Django' })).rejects.toMatchObject({ code: 'db.matches-joins' })
    await expect(matches(book, Book.Q({ chapters__number: 1 }).not())).rejects.toMatchObject({
      code: 'db.matches-joins',
    })
  })
})
