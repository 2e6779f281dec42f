// upsert(), writes that give rows: what compiles, and what does not.
import { Excluded, type Upserted } from 'nuages/db'
import { Author } from './author.ts'
import { Book } from './book.ts'
import { eq } from './eq.ts'

const author = new Author({ name: 'A', email: 'a@b' })

const authors = await Author.objects.upsert([{ name: 'A', email: 'a@b' }, author], {
  conflict: ['email'],
  update: ['name', 'active'],
})
eq<typeof authors, Upserted<Author>>(true)
eq<typeof authors.created, ReadonlySet<Author> | null>(true)
authors[0]?.initials

await Book.objects.upsert([{ title: 'T', pages: 3, author }], {
  conflict: ['author', 'title'],
  update: { pages: Book.F('pages').plus(Excluded('pages')), title: Excluded('title'), status: 'draft' },
  where: Book.Q({ pages__lt: Excluded('pages') }),
})
await Book.objects.upsert([], { conflict: ['id'], update: [], where: { pages__lt: 3 } })

// @ts-expect-error not a field
await Author.objects.upsert([author], { conflict: ['emial'], update: ['name'] })
// @ts-expect-error a relation to many rows has no column
await Author.objects.upsert([author], { conflict: ['email'], update: ['books'] })
// @ts-expect-error the wrong type
await Book.objects.upsert([], { conflict: ['id'], update: { pages: 'many' } })
// @ts-expect-error not a field
await Book.objects.upsert([], { conflict: ['id'], update: { pages: Excluded('page') } })
// @ts-expect-error a required value is missing
await Author.objects.upsert([{ name: 'A' }], { conflict: ['email'], update: ['name'] })
// @ts-expect-error not a lookup
await Book.objects.upsert([], { conflict: ['id'], update: [], where: { pages__les: 3 } })

const changed = await Book.objects.filter({ pages: 3 }).updateReturning({ pages: Book.F('pages').plus(1) })
eq<typeof changed, Book[]>(true)
const gone = await Book.objects.deleteReturning()
eq<(typeof gone)[number], Book>(true)
// @ts-expect-error not a field
await Book.objects.updateReturning({ page: 1 })

// ---------------------------------------------------------------- inside JSON
import { JSONNull, JSONPatch } from 'nuages/db'

await Author.objects.update({
  settings: JSONPatch('settings', {
    set: { theme: 'dark', more__tags: ['a'] },
    remove: ['more__tags__1', 'perPage', 'more__tags'],
    append: { more__tags: 'x' },
    merge: { perPage: 3, more: { tags: ['y'] } },
  }),
})
await Book.objects.update({ meta: JSONPatch('meta', { set: { isbn: '1' } }) })
await Book.objects.update({ meta: JSONNull })
await Book.objects.filter({ meta: JSONNull, meta__hasKeys: ['isbn'], meta__containedBy: { langs: [] } })
// @ts-expect-error not a key
await Author.objects.update({ settings: JSONPatch('settings', { set: { themes: 'dark' } }) })
// @ts-expect-error not a value of the key
await Author.objects.update({ settings: JSONPatch('settings', { set: { theme: 'pink' } }) })
// @ts-expect-error not a key
await Author.objects.update({ settings: JSONPatch('settings', { remove: ['moree'] }) })
// @ts-expect-error one of them is not a key
await Author.objects.update({ settings: JSONPatch('settings', { remove: ['more__tags', 'langs'] }) })
await Author.objects.update({ settings: JSONPatch('settings', { remove: ['more__tags', 'theme'] }) })
// @ts-expect-error not a key of what is inside
await Author.objects.update({ settings: JSONPatch('settings', { remove: ['more__tag'] }) })
// @ts-expect-error items are texts
await Author.objects.update({ settings: JSONPatch('settings', { append: { more__tags: 3 } }) })
// @ts-expect-error only JSON has a null of its own
await Author.objects.filter({ name: JSONNull })

// ---------------------------------------------------------------- locks
Book.objects.selectRelated('author').forUpdate({ of: ['self', 'author'], noKey: true })
Book.objects.forUpdate({ skipLocked: true }).slice(0, 3)
// @ts-expect-error not a relation
Book.objects.forUpdate({ of: ['autor'] })
// @ts-expect-error leads to several rows
Book.objects.forUpdate({ of: ['chapters'] })

// ---------------------------------------------------------------- tables between
const booked = await Book.objects.get({ id: 1 })
await booked.contributors.addWith({ role: 'editor' }, author)
await booked.contributors.setWith({ role: 'translator' }, [author, 3])
await booked.contributors.createWith({ role: 'editor' }, { name: 'A', email: 'a@b' })
await booked.tags.add('x')
// @ts-expect-error not a field of the table between
await booked.contributors.addWith({ rolle: 'editor' }, author)
// @ts-expect-error not one of the choices
await booked.contributors.addWith({ role: 'cook' }, author)
// @ts-expect-error the table between has no fields of its own
await booked.tags.addWith({}, 'x')
await booked.refresh({ from: Book.objects.selectRelated('author') })
