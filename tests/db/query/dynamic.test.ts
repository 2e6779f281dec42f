import { Count, FieldNameError, LookupNameError, QueryUsageError, QueryValueError } from 'nuages/db'
import { ArrayAgg } from 'nuages/db/postgres'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Author, Book, Profile } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const author = await Author.objects.create({ name: 'Django' })
  await Book.objects.create({
    title: 'Nuages',
    pages: 120,
    author,
    price: '9.50',
    publishedAt: new Date('2026-01-02T03:04:05Z'),
  })
  await Book.objects.create({ title: 'Waltz', pages: 300, author, visible: false })
})

const titles = async (where: Record<string, unknown>) =>
  (await Book.objects.dynamic(where).dynamicOrderBy('id')).map((book) => book.title)

describe('text from a URL becomes the kind that the field holds', () => {
  test.each([
    [{ pages: '120' }, ['Nuages']],
    [{ pages__gte: '121' }, ['Waltz']],
    [{ pages__in: '120,300' }, ['Nuages', 'Waltz']],
    [{ pages__range: ['100', '200'] }, ['Nuages']],
    [{ visible: 'false' }, ['Waltz']],
    [{ visible: '1' }, ['Nuages']],
    [{ price: '9.5' }, ['Nuages']],
    [{ publishedAt__isnull: 'true' }, ['Waltz']],
    [{ publishedAt__year: '2026' }, ['Nuages']],
    [{ publishedAt__date: '2026-01-02' }, ['Nuages']],
    [{ publishedAt__gte: '2026-01-02T03:04:05Z' }, ['Nuages']],
    [{ author: '1' }, ['Nuages', 'Waltz']],
    [{ author__name__icontains: 'JAN' }, ['Nuages', 'Waltz']],
    [{ author__id__in: ['1', '2'] }, ['Nuages', 'Waltz']],
    [{ pk: '2' }, ['Waltz']],
    [{ title: '120' }, []],
  ])('%o', async (where, expected) => {
    expect(await titles(where)).toEqual(expected)
  })
})

describe('what is wrong is an error of the caller, at the call', () => {
  test.each<[Record<string, unknown>, new (...args: never[]) => Error, string]>([
    [{ titel: 'x' }, FieldNameError, 'Did you mean "title"?'],
    [{ author__nam: 'x' }, FieldNameError, 'Did you mean "name"?'],
    [{ title__icontain: 'x' }, LookupNameError, 'Did you mean "icontains"?'],
    [{ title__name: 'x' }, LookupNameError, '"name" is not a lookup'],
    [{ publishedAt__yaer: '2026' }, LookupNameError, 'Did you mean "year"?'],
    [{ pages: 'many' }, QueryValueError, '"many" is not a value for "pages"'],
    [{ pages: { gte: 1 } }, QueryValueError, 'is not a value'],
    [{ pages__gt: '1; drop table library_book' }, QueryValueError, 'is not a value'],
    [{ visible: 'perhaps' }, QueryValueError, 'is not a value'],
    [{ publishedAt__gte: 'soon' }, QueryValueError, 'is not a value'],
    [{ publishedAt__isnull: 'perhaps' }, QueryValueError, 'is not a value'],
    [{ title: undefined }, QueryValueError, 'is undefined'],
    [{ "title__icontains' or 1=1 --": 'x' }, LookupNameError, 'is not a lookup'],
    [{ 'title\u0001': 'x' }, FieldNameError, 'is not a path'],
    [{ [`author__${'books__author__'.repeat(20)}name`]: 'x' }, FieldNameError, 'is not a path'],
    // Keys that would be operators elsewhere (CVE-2025-64459 in another coat), and those of every object.
    [{ or: [{ pages: 1 }] }, FieldNameError, '"or" is not a field'],
    [{ and: [] }, FieldNameError, '"and" is not a field'],
    [{ not: { pages: 1 } }, FieldNameError, '"not" is not a field'],
    [{ $where: '1' }, FieldNameError, '"$where" is not a field'],
    [{ _connector: 'OR 1=1' }, FieldNameError, '"_connector" is not a field'],
    [{ constructor: 'x' }, FieldNameError, '"constructor" is not a field'],
    [{ toString: 'x' }, FieldNameError, '"toString" is not a field'],
    [JSON.parse('{"__proto__": {"pages": 1}}'), FieldNameError, 'is not a field'],
    [JSON.parse('{"author____proto____x": 1}'), FieldNameError, 'is not a field'],
  ])('%o', (where, kind, message) => {
    const call = () => Book.objects.dynamic(where)
    expect(call).toThrow(kind)
    expect(call).toThrow(message.startsWith('Did') ? undefined! : message)
    try {
      call()
    } catch (error) {
      expect(String(error)).toContain(message)
      expect((error as { status: number }).status).toBe(message.includes('undefined') ? 500 : 400)
    }
  })

  test('a record that is none', () => {
    for (const where of [null, 'x', [['pages', 1]]])
      expect(() => Book.objects.dynamic(where as never)).toThrow(QueryUsageError)
  })

  test('orders, columns, annotations and relations', () => {
    expect(() => Book.objects.dynamicOrderBy('-titel')).toThrow(FieldNameError)
    expect(() => Book.objects.dynamicOrderBy('title; drop table x')).toThrow(FieldNameError)
    expect(() => Book.objects.dynamicOrderBy('library_book.title')).toThrow(FieldNameError)
    expect(() => Book.objects.dynamicValues('title', 'author__nam')).toThrow(FieldNameError)
    expect(() => Book.objects.dynamicAnnotate({ n: Count('chapterz' as never) })).toThrow(FieldNameError)
    expect(() => Book.objects.dynamicSelectRelated('title')).toThrow(FieldNameError)
    expect(() => Book.objects.dynamicSelectRelated('autor')).toThrow(FieldNameError)
  })
})

test('secret fields are not there: a search or an order would tell them letter by letter', async () => {
  const refused = { code: 'db.secret-field', status: 400 }
  const { objects } = Profile
  for (const attempt of [
    () => objects.dynamic({ card: '1234' }),
    () => objects.dynamic({ card__startswith: '1' }),
    () => objects.dynamicExclude({ card__isnull: true }),
    () => Book.objects.dynamic({ author__profile__card__gt: '5' }),
    () => objects.dynamicOrderBy('bio', '-card'),
    () => Book.objects.dynamicOrderBy('author__profile__card'),
    () => objects.dynamicValues('bio', 'card'),
  ])
    expect(attempt).toThrow(expect.objectContaining(refused))
  // What the project writes itself may ask for it.
  expect(await objects.filter({ card__startswith: '1' }).dynamicOrderBy('bio').count()).toBe(0)
})

test('text is compared as it is, spaces and all', async () => {
  await Author.objects.create({ name: ' x ' })
  expect(await Author.objects.dynamic({ name: ' x ' }).count()).toBe(1)
  expect(await Author.objects.dynamic({ name: 'x' }).count()).toBe(0)
  expect(await Author.objects.dynamic({ name__in: [' x ', 'y'] }).count()).toBe(1)
})

test('values that look like SQL are values', async () => {
  const nasty = `'; drop table library_book; --`
  await Author.objects.create({ name: nasty })
  const { result, sql } = await watched(() => Author.objects.dynamic({ name: nasty }).count())
  expect(result).toBe(1)
  expect(sql[0]).not.toContain('drop')
  expect(await Author.objects.dynamic({ name__contains: '%' }).count()).toBe(0)
})

test('keys of JSON are quoted whatever they are', async () => {
  expect(await Book.objects.dynamic({ "settings__x') OR 1=1 --": 'y' }).count()).toBe(0)
  expect(await Book.objects.dynamic({ 'settings__a"b': 'y' }).count()).toBe(0)
  expect(await Book.objects.dynamic({ settings__hasKey: `') OR 1=1 --` }).count()).toBe(0)
})

test('annotations and values are there for the runtime door, too', async () => {
  const authors = Author.objects.dynamicAnnotate({ n: Count('books') }).dynamic({ n__gte: '2' })
  expect(await authors.dynamicValues('name', 'n')).toEqual([{ name: 'Django', n: 2 }])
  expect(await Book.objects.dynamicExclude({ pages: '120' }).count()).toBe(1)
  expect(await Book.objects.dynamic({ pages: '120' }).dynamicUpdate({ pages: 5 })).toBe(1)
  expect(((await Author.objects.dynamicCreate({ name: 'Bill' })) as Author).id).toBe(2)
})

test('arrays are for databases that have them, in the door for names from outside as elsewhere', async () => {
  const call = () => Author.objects.dynamicAnnotate({ titles: ArrayAgg('books__title') })
  if (!database('default').features.arrays) expect(call).toThrow('no arrays for ArrayAgg')
  else expect(((await call())[0] as unknown as { titles: string[] }).titles.sort()).toEqual(['Nuages', 'Waltz'])
})
