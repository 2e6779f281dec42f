/** EXP-06: SQL of the project's own behind `in`. */
import { char, integer, sql } from 'nuages/db'
import { RawSQL } from 'nuages/db/functions'
import { beforeEach, expect, test } from 'vitest'
import { Author, Book } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

const names = (rows: readonly { name: string }[]): string => rows.map((row) => row.name).join(' ')
let ids: number[]
beforeEach(async () => {
  const authors = await Author.objects.bulkCreate(
    ['a', 'b', 'c'].map((name, i) => ({ name, birthYear: i === 2 ? null : 1900 + i })),
  )
  ids = authors.map((author) => author.id)
  await Book.objects.bulkCreate([
    { title: 'of a', author: authors[0]!, pages: 10 },
    { title: 'of b', author: authors[1]!, pages: 20 },
  ])
})
const all = Author.objects.orderBy('name')
const table = Author.meta.table

test('EXP-06: in takes a statement of one column, with values', async () => {
  const early = (year: number) => RawSQL(sql`select id from library_author where birth_year < ${year}`, integer())
  expect(table).toBe('library_author')
  expect(names(await all.filter({ id__in: early(1901) }))).toBe('a')
  expect(names(await all.filter({ id__in: early(2000) }))).toBe('a b')
  expect(names(await all.exclude({ id__in: early(1901) }))).toBe('b c')
  expect(await Book.objects.filter({ author__in: early(1901) }).valuesList('title', { flat: true })).toEqual(['of a'])
  expect(await Book.objects.filter({ author__id__in: early(1901) }).count()).toBe(1)
})

test('EXP-06: a statement that ends in a comment', async () => {
  const early = RawSQL(sql`select id from library_author where birth_year < ${1901} -- the early ones`, integer())
  expect(names(await all.filter({ id__in: early }))).toBe('a')
  expect(await all.filter({ id__in: early, name: 'a' }).count()).toBe(1)
})

test('EXP-06: in takes a list of SQL, and text', async () => {
  expect(names(await all.filter({ id__in: RawSQL(sql`${ids[0]}, ${ids[2]}`, integer()) }))).toBe('a c')
  expect(names(await all.filter({ name__in: RawSQL(sql`select 'b'`, char({ maxLength: 5 })) }))).toBe('b')
})

test('EXP-06: alone it is one value still', async () => {
  expect(names(await all.filter({ id: RawSQL(sql`select min(id) from library_author`, integer()) }))).toBe('a')
  expect(
    names(await all.filter({ id__in: [ids[1]!, RawSQL(sql`select min(id) from library_author`, integer())] as never })),
  ).toBe('a b')
})

test('EXP-06: SQL without a type, a promise, and an expression of one value are refused in words', () => {
  // @ts-expect-error its type is not known
  expect(() => Author.objects.filter({ id__in: sql`select 1` })).toThrow(
    expect.objectContaining({ code: 'db.invalid-value', hint: 'Write RawSQL(sql`…`, integer()).' }),
  )
  // @ts-expect-error the same, as a value
  expect(() => Author.objects.filter({ id: sql`1` })).toThrow('does not say what it gives')
  expect(() => Author.objects.filter({ id__in: [sql`1`] as never })).toThrow('does not say what it gives')
  // @ts-expect-error it was not awaited
  expect(() => Author.objects.filter({ id: Promise.resolve(1) })).toThrow(
    expect.objectContaining({ code: 'db.invalid-value', hint: 'Await it first.' }),
  )
})

test('EXP-06: SQL of another type, and a path, do not compile', async () => {
  // @ts-expect-error text is no number
  void (() => all.filter({ id__in: RawSQL(sql`select 'a'`, char({ maxLength: 5 })) }))
  // @ts-expect-error an expression of one value gives no rows
  await expect(all.filter({ id__in: Author.F('id') }).list()).rejects.toMatchObject({ code: 'db.invalid-value' })
})
