/** QS-28 explain() and toSQL(). */
import { inspect } from 'node:util'
import { Count, NotSupportedError } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Author, Book, Profile } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

test('toSQL() gives what is sent, and shows no values', async () => {
  const books = Book.objects
    .filter({ title: 'Nuages', pages__in: [1, 2] })
    .orderBy('title')
    .slice(0, 3)
  const asked = books.toSQL()
  const { sql } = await watched(() => books)
  expect(asked.sql.replace(/\$\d+(::\w+(\[\])?)?/g, '?')).toBe(sql[0])
  expect(asked.params).toContain('Nuages')
  const secret = Profile.objects.filter({ card: 'hunter2' }).toSQL()
  expect(secret.params).toEqual(['hunter2'])
  for (const printed of [inspect(secret), String(secret), JSON.stringify(secret), inspect({ secret })]) {
    expect(printed).toContain('library_profile')
    expect(printed).not.toContain('hunter2')
  }
  expect(inspect(secret)).toMatch(/ \(1 value\)$/)
  expect(inspect(Book.objects.filter({ title: 'hunter2' }))).toBe('BookQuerySet<library.Book>')
  expect(Book.objects.none().toSQL()).toMatchObject({ sql: '', params: [] })
  expect(Book.objects.filter({ id__in: [] }).toSQL().sql).toBe('')
  expect(
    Author.objects
      .values('name')
      .annotate({ n: Count('books') })
      .toSQL().sql,
  ).toContain('GROUP BY')
})

describe('QS-28 explain()', () => {
  test('tells the plan', async () => {
    const plan = await Book.objects.filter({ title: 'x' }).explain()
    expect(plan).toMatch(/library_book|\bt0\b/)
    expect(await Book.objects.none().explain()).toBe('')
    expect(
      await Book.objects
        .values('status')
        .annotate({ n: Count('id') })
        .explain(),
    ).not.toBe('')
  })

  test('takes the options of its database and no others', async () => {
    const { explain, name } = database().backend
    for (const format of explain.formats) {
      const plan = await Book.objects.filter({ title: 'x' }).explain({ format: format as 'json' })
      if (format === 'json') expect(typeof JSON.parse(plan)).toBe('object')
      else expect(plan).not.toBe('')
    }
    if (Object.hasOwn(explain.flags, 'analyze')) {
      expect(await Book.objects.filter({ title: 'x' }).explain({ analyze: true })).toMatch(/time|r_|actual|\|/i)
    }
    if (name === 'postgres' || name === 'pglite') {
      expect(
        await Book.objects.all().explain({ analyze: true, timing: false, costs: false, verbose: true, wal: true }),
      ).toContain('Output:')
    }
    for (const odd of [
      { format: 'json) select 1; --' },
      { 'analyze) select 1; --': true },
      { constructor: true },
      { format: 'nonsense' },
    ]) {
      await expect(Book.objects.all().explain(odd as never)).rejects.toThrow(NotSupportedError)
    }
  })
})
