import { Min, Value } from 'nuages/db'
import { Concat } from 'nuages/db/functions'
import { expect, test } from 'vitest'
import { Book, Profile } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

test.each([
  ['title__contans', '"contans" is not a lookup of library.Book.title (in "title__contans").'],
  ['publishedAt__yaer', '"yaer" is not a lookup of library.Book.publishedAt (in "publishedAt__yaer").'],
  ['publishedAt__year__gtt', '"gtt" is not a lookup of library.Book.publishedAt__year (in "publishedAt__year__gtt").'],
])('a lookup that is not there is told with the field it was asked of: %s', (path, message) => {
  expect(() => Book.objects.dynamic({ [path]: 1 })).toThrow(message)
})

test('a value of a secret field is in no message, wherever the path leads through', async () => {
  for (const query of [
    () => Profile.objects.get({ card: '1234-5678' }),
    () => Profile.objects.get({ card__startswith: '1234-5678' }),
    () => Book.objects.get({ author__profile__card: '1234-5678' }),
  ]) {
    const error: unknown = await query().catch((failure: unknown) => failure)
    expect(String(error)).toContain('There is no')
    expect(String(error)).not.toContain('1234')
  }
})

test('a value that an expression was given is told with its place, not with the field filtered by before', async () => {
  const books = Book.objects.filter({ author__name: 'x' })
  const text = '\ud800'
  const messageOf = (work: PromiseLike<unknown>): Promise<string> =>
    Promise.resolve(work).then(
      () => 'no error',
      (error: Error) => error.message,
    )
  const refused = 'is not a value for a column of kind'
  expect(await messageOf(books.annotate({ mark: Value(text) }))).toMatch(
    new RegExp(`^library\\.Book\\.mark: .* ${refused}`),
  )
  expect(await messageOf(books.dynamicAnnotate({ mark: Value(text) }).dynamicValues('mark'))).toMatch(
    /^library\.Book\.mark: /,
  )
  expect(await messageOf(books.orderBy(Concat('title', Value(text)).asc()))).toMatch(/^library\.Book\.orderBy\(\): /)
  expect(await messageOf(books.aggregate({ least: Min(Concat('title', Value(text))) }))).toMatch(
    /^library\.Book\.least: /,
  )
})

test('the stack of a query that fails comes out where it was awaited, or asked', async () => {
  const misspelt = Book.objects.dynamic({}).filter({ titel: 'x' } as never)
  const missing = Book.objects.using('other').filter({ title: 'x' })
  async function awaits(rows: PromiseLike<unknown>): Promise<unknown> {
    return await rows
  }
  for (const work of [
    () => awaits(misspelt),
    () => awaits(missing),
    async () => await misspelt.count(),
    async () => await missing.exists(),
  ]) {
    const error = await work().then(
      () => expect.unreachable(),
      (failure: Error) => failure,
    )
    expect(error.stack).toContain('messages.test.ts')
  }
})
