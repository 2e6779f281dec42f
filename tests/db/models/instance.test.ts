import { inspect } from 'node:util'
import { Decimal, isLoaded } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { ALIAS, CACHE, ROW, registerHooks, resolvePending } from '../../../src/db/internal.ts'
import { Author, Book, Contribution, Profile, Tag } from './app.ts'

describe('new instances', () => {
  test('take defaults, a fresh one each', () => {
    const [a, b] = [new Book({ title: 'a', pages: 1 }), new Book({ title: 'b', pages: 2 })]
    expect(a.status).toBe('draft')
    expect(a.settings).toEqual({ langs: [] })
    expect(a.settings).not.toBe(b.settings)
    expect([a.id, a.pk, a.publishedAt, a.authorId]).toEqual([null, null, null, null])
    expect(a.isLong).toBe(false)
  })
  test('turn text into decimals', () => {
    const author = new Author({ name: 'x', email: 'x@y.z', royalty: '0.125' })
    expect(author.royalty).toEqual(new Decimal('0.125'))
    expect(new Author().royalty).toEqual(new Decimal('0.1'))
  })
  test('refuse names that are no fields', () => {
    expect(() => new Book({ titel: 'x' } as never)).toThrow(
      expect.objectContaining({ code: 'db.unknown-attribute', hint: expect.stringContaining('Did you mean "title"?') }),
    )
    expect(() => new Book({ tags: [] } as never)).toThrow(/set of rows/)
  })
  test('have the same shape whatever was given', () => {
    expect(Object.keys(new Book({ pages: 1 }))).toEqual(Book.meta.columns.map((field) => field.attname))
    expect(Reflect.ownKeys(new Book()).slice(-4)).toEqual([ROW, ALIAS, CACHE, Symbol.for('nuages.peers')])
  })
  test('are told by name and key', () => {
    expect(String(new Book())).toBe('Book(new)')
    expect(String(new Tag({ slug: 'jazz' }))).toBe('Tag(jazz)')
    expect(String(new Author({ name: 'Ursula' }))).toBe('Ursula')
  })
  test('MOD-03: of several keys have a tuple for pk, null while a part is missing', () => {
    expect(new Contribution({ book: 1, author: 2, role: 'editor' }).pk).toEqual([1, 2, 'editor'])
    expect(new Contribution({ book: 1, role: 'editor' }).pk).toBeNull()
  })
})

describe('relations', () => {
  const author = new Author({ name: 'Ursula' })
  author.id = 7
  test('an instance that was given is read back; its key goes to the column', () => {
    const book = new Book({ author })
    expect(book.authorId).toBe(7)
    expect(book.author).toBe(author)
    book.author = 8 as never
    expect(book.authorId).toBe(8)
    expect(isLoaded(book.author)).toBe(false)
    book.authorId = 7
    book.author = author
    book.authorId = 9
    expect(isLoaded(book.author)).toBe(false)
  })
  test('a nullable relation is null without a key', () => {
    const one = new Author({ company: null })
    expect(one.company).toBeNull()
    expect(one.companyId).toBeNull()
  })
  test('an unsaved instance gives its key when the holder is saved', () => {
    const fresh = new Author({ name: 'New' })
    const book = new Book({ author: fresh })
    expect(book.author).toBe(fresh)
    expect(() => resolvePending(book as never, Book.meta.columns)).toThrow(
      expect.objectContaining({ code: 'db.unsaved-relation' }),
    )
    fresh.id = 3
    resolvePending(book as never, Book.meta.columns)
    expect(book.authorId).toBe(3)
    book.authorId = null as never
    expect(book.author).toBeNull()
  })
  test('an instance of another model is refused', () => {
    expect(() => new Book({ author: new Tag() as never })).toThrow(/leads to library.Author/)
  })
  test('what was not read is loaded by awaiting it', async () => {
    registerHooks({ loadRelated: async (instance, field) => `${field.name} of ${String(instance)}` as never })
    const book = new Book({ author: 4 })
    book.id = 1
    expect(await book.author).toBe('author of Book(1)')
    const other = new Author()
    expect(await other.profile).toBe('profile of null')
  })
  test('the other end of a one-to-one key assigns it', () => {
    const profile = new Profile()
    author.profile = profile
    expect(profile.authorId).toBe(7)
    expect(author.profile).toBe(profile)
  })
  test('sets of rows cannot be assigned', () => {
    expect(() => {
      author.books = [] as never
    }).toThrow(/cannot be assigned/)
  })
})

describe('showing', () => {
  const author = new Author({ name: 'Ursula', email: 'u@x.org', password: 'hash', createdAt: new Date(0), company: 5 })
  test('JSON has instants as ISO text, decimals as text, relations as keys, and no secrets', () => {
    expect(JSON.parse(JSON.stringify(author))).toEqual({
      id: null,
      archived: false,
      createdAt: '1970-01-01T00:00:00.000Z',
      updatedAt: null,
      name: 'Ursula',
      email: 'u@x.org',
      bornOn: null,
      active: true,
      royalty: '0.1',
      company: 5,
    })
  })
  test('the console shows no secrets either', () => {
    expect(inspect(author)).not.toContain('hash')
    expect(inspect(author)).toContain("name: 'Ursula'")
    expect(inspect({ nested: [author] }, { depth: 5 })).not.toContain('hash')
  })
})
