/** What a report says to write, written as it stands, ends the report: for each kind of loop the loop, and the same work mended. */
import { Count, Exists, Prefetch } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RepeatedQuery } from '../../../src/db/repeats/repeated-query.ts'
import { inRepeatScope, RepeatScope, watchRepeats } from '../../../src/db/repeats/watch.ts'
import { Author, Book, Chapter, Company, Profile, Stamp, Tag } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables()

let stop = (): void => undefined
let keys: number[] = []
const values = [1, 2, 3, 4, 5, 6].map((i) => `Author ${i}`)

beforeEach(async () => {
  const company = await Company.objects.create({ name: 'Selmer' })
  const authors = await Author.objects.bulkCreate(values.map((name) => ({ name, company })))
  const books = await Book.objects.bulkCreate(
    authors.map((author) => ({ title: `Of ${author.name}`, author, editor: author })),
  )
  keys = books.map(({ id }) => id)
  await Profile.objects.bulkCreate(authors.map((author) => ({ author })))
  await Stamp.objects.bulkCreate(values.map((name) => ({ name })))
  await Chapter.objects.bulkCreate(books.map((book, number) => ({ title: `${number}`, number, book })))
  const tags = await Tag.objects.bulkCreate(values.map((_, i) => ({ slug: `tag${i}` })))
  for (const book of books) await book.tags.add(...tags)
  for (const author of authors) await author.friends.add(...authors.filter(({ id }) => id > author.id))
  stop = watchRepeats({ threshold: 5, throws: false })
})
afterEach(() => stop())

async function repeatsOf(work: () => Promise<unknown>): Promise<RepeatedQuery[]> {
  const scope = new RepeatScope(() => undefined)
  await inRepeatScope(scope, work)
  return scope.end()
}

/** The code of a function as it is written, on one line, without what a loader makes of imports. */
const code = (work: () => unknown): string =>
  String(work)
    .replaceAll(/\(0,\s*(__\w+__\.\w+)\)/g, '$1')
    .replaceAll(/__\w+?__\./g, '')
    .replaceAll('"', "'")
    .replaceAll(/\s+/g, ' ')

/** What is written in a piece of advice, `…` standing for what only the author knows. */
const written = (advice: string): RegExp =>
  new RegExp(advice.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.+?'))

interface Mended {
  readonly loop: () => Promise<unknown>
  /** The code in the advice. */
  readonly write: string
  readonly mended: () => Promise<unknown>
}

const cases: Record<string, Mended> = {
  'a foreign key': {
    loop: async () => {
      for (const book of await Book.objects.fetchMode('one')) await book.author
    },
    write: ".selectRelated('author')",
    mended: async () => {
      for (const book of await Book.objects.selectRelated('author')) book.author.name
    },
  },
  'a foreign key that may be null': {
    loop: async () => {
      for (const book of await Book.objects.fetchMode('one')) await book.editor
    },
    write: ".selectRelated('editor')",
    mended: async () => {
      for (const book of await Book.objects.selectRelated('editor')) book.editor?.name
    },
  },
  'a one-to-one': {
    loop: async () => {
      for (const profile of await Profile.objects.fetchMode('one')) await profile.author
    },
    write: ".selectRelated('author')",
    mended: async () => {
      for (const profile of await Profile.objects.selectRelated('author')) profile.author.name
    },
  },
  'its other side': {
    loop: async () => {
      for (const author of await Author.objects.fetchMode('one')) await author.profile
    },
    write: ".selectRelated('profile')",
    mended: async () => {
      for (const author of await Author.objects.selectRelated('profile')) author.profile?.bio
    },
  },
  'a set': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.books.all()
    },
    write: ".prefetchRelated('books')",
    mended: async () => {
      for (const author of await Author.objects.prefetchRelated('books')) for (const book of author.books) book.title
    },
  },
  'the same by a filter': {
    loop: async () => {
      for (const author of await Author.objects.all()) await Book.objects.filter({ author })
    },
    write: ".prefetchRelated('books')",
    mended: async () => {
      for (const author of await Author.objects.prefetchRelated('books')) await author.books.all()
    },
  },
  'many to many': {
    loop: async () => {
      for (const book of await Book.objects.all()) for (const tag of await book.tags.all()) tag.slug
    },
    write: ".prefetchRelated('tags')",
    mended: async () => {
      for (const book of await Book.objects.prefetchRelated('tags')) for (const tag of await book.tags.all()) tag.slug
    },
  },
  'its other side, of many': {
    loop: async () => {
      for (const tag of await Tag.objects.all()) await tag.books.all()
    },
    write: ".prefetchRelated('books')",
    mended: async () => {
      for (const tag of await Tag.objects.prefetchRelated('books')) await tag.books.all()
    },
  },
  'many to many of a model and itself': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.friends.all()
    },
    write: ".prefetchRelated('friends')",
    mended: async () => {
      for (const author of await Author.objects.prefetchRelated('friends')) await author.friends.all()
    },
  },
  'some of a set': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.books.filter({ pages__gt: 3 })
    },
    write: ".prefetchRelated(new Prefetch('books', Book.objects.filter({ … })))",
    mended: async () => {
      const authors = await Author.objects.prefetchRelated(new Prefetch('books', Book.objects.filter({ pages__gt: 3 })))
      for (const author of authors) await author.books.all()
    },
  },
  'the first of a set': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.books.orderBy('-pages').first()
    },
    write: ".prefetchRelated(new Prefetch('books', Book.objects.orderBy(…).slice(0, n)))",
    mended: async () => {
      const n = 1
      for (const author of await Author.objects.prefetchRelated(
        new Prefetch('books', Book.objects.orderBy('-pages').slice(0, n)),
      ))
        await author.books.all()
    },
  },
  'how many': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.books.count()
    },
    write: ".annotate({ n: Count('books') })",
    mended: async () => {
      for (const author of await Author.objects.annotate({ n: Count('books') })) author.n.toFixed()
    },
  },
  'how many of some': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.books.filter({ status: 'draft' }).count()
    },
    write: ".annotate({ n: Count('books', { filter: Author.Q({ books__…: … }) }) })",
    mended: async () => {
      const counted = Author.objects.annotate({ n: Count('books', { filter: Author.Q({ books__status: 'draft' }) }) })
      for (const author of await counted) author.n.toFixed()
    },
  },
  'how many, many to many': {
    loop: async () => {
      for (const book of await Book.objects.all()) await book.tags.count()
    },
    write: ".annotate({ n: Count('tags') })",
    mended: async () => {
      for (const book of await Book.objects.annotate({ n: Count('tags') })) book.n.toFixed()
    },
  },
  'whether there is any': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.books.exists()
    },
    write: ".annotate({ has: Exists(Book.objects.filter({ author: Author.OuterRef('id') })) })",
    mended: async () => {
      const asked = Author.objects.annotate({ has: Exists(Book.objects.filter({ author: Author.OuterRef('id') })) })
      for (const author of await asked) expect(author.has).toBe(true)
    },
  },
  'whether there is any, many to many': {
    loop: async () => {
      for (const book of await Book.objects.all()) await book.tags.exists()
    },
    write: ".annotate({ has: Exists(Tag.objects.filter({ books: Book.OuterRef('id') })) })",
    mended: async () => {
      const asked = Book.objects.annotate({ has: Exists(Tag.objects.filter({ books: Book.OuterRef('id') })) })
      for (const book of await asked) expect(book.has).toBe(true)
    },
  },
  'whether there is any, of a model and itself': {
    loop: async () => {
      for (const author of await Author.objects.all()) await author.friends.exists()
    },
    write: ".annotate({ has: Exists(Author.objects.filter({ friends: Author.OuterRef('id') })) })",
    mended: async () => {
      const asked = Author.objects.annotate({ has: Exists(Author.objects.filter({ friends: Author.OuterRef('id') })) })
      for (const author of await asked) expect(author.has).toBe(true)
    },
  },
  'rows of which the owner names no set': {
    loop: async () => {
      for (const author of await Author.objects.all()) await Book.objects.filter({ editor: author })
    },
    write: 'Book.objects.filter({ editor__in: rows })',
    mended: async () => {
      const rows = await Author.objects.all()
      for (const book of await Book.objects.filter({ editor__in: rows })) book.editorId?.toFixed()
    },
  },
  'by key': {
    loop: async () => {
      for (const id of keys) await Book.objects.get({ id })
    },
    write: 'Book.objects.inBulk(keys)',
    mended: async () => {
      const byKey = await Book.objects.inBulk(keys)
      for (const id of keys) byKey.get(id)!.title
    },
  },
  'by a unique column': {
    loop: async () => {
      for (const name of values) await Stamp.objects.getOrNull({ name })
    },
    write: "Stamp.objects.inBulk(values, { by: 'name' })",
    mended: async () => {
      const byName = await Stamp.objects.inBulk(values, { by: 'name' })
      for (const name of values) byName.get(name)!.count
    },
  },
  'by another column': {
    loop: async () => {
      for (const name of values) await Author.objects.filter({ name })
    },
    write: 'Author.objects.filter({ name__in: values })',
    mended: async () => {
      for (const author of await Author.objects.filter({ name__in: values })) author.name
    },
  },
  'whether a column has a value': {
    loop: async () => {
      for (const name of values) await Author.objects.filter({ name }).exists()
    },
    write: "Author.objects.filter({ name__in: values }).values('name')",
    mended: async () => {
      const found = await Author.objects.filter({ name__in: values }).values('name')
      expect(found).toHaveLength(values.length)
    },
  },
  'rows that are made': {
    loop: async () => {
      for (const id of keys) await Tag.objects.create({ slug: `new${id}` })
    },
    write: 'Tag.objects.bulkCreate([…])',
    mended: () => Tag.objects.bulkCreate([...keys.map((id) => ({ slug: `newer${id}` }))]),
  },
  'rows that are changed': {
    loop: async () => {
      for (const book of await Book.objects.all()) {
        book.pages++
        await book.save()
      }
    },
    write: "Book.objects.bulkUpdate(rows, ['pages'])",
    mended: async () => {
      const rows = await Book.objects.all()
      for (const book of rows) book.pages++
      await Book.objects.bulkUpdate(rows, ['pages'])
    },
  },
  'rows that are deleted': {
    loop: async () => {
      for (const id of keys) await Chapter.objects.filter({ id }).delete()
    },
    write: 'Chapter.objects.filter({ id__in: […] }).delete()',
    mended: () => Chapter.objects.filter({ id__in: [...keys] }).delete(),
  },
}

describe('what is told to write ends what is told', () => {
  test.each(Object.entries(cases))('%s', async (_, { loop, write, mended }) => {
    const [found, ...others] = await repeatsOf(loop)
    expect(found?.advice).toContain(write)
    expect(others).toEqual([])
    expect(code(mended)).toMatch(written(write)) // nothing else is written
    expect(await repeatsOf(mended)).toEqual([])
  })

  test('two steps away: one after the other', async () => {
    const first = await repeatsOf(async () => {
      for (const author of await Author.objects.all()) {
        const books = await author.books.all()
        for (const book of books) {
          await book.chapters.all()
        }
      }
    })
    expect(first.map(({ about }) => about)).toEqual(['Author.books', 'Book.chapters'])
    const whole = await repeatsOf(async () => {
      for (const author of await Author.objects.prefetchRelated('books__chapters'))
        for (const book of author.books) for (const chapter of book.chapters) chapter.title
    })
    expect(whole).toEqual([])
  })
})
