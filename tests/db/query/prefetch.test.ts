/** REL-10 slices and attributes of Prefetch, REL-12 fetch modes. */
import { NotLoadedError, Prefetch, prefetchRelatedObjects, QueryUsageError } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { Author, Book, Chapter, Company, Profile, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const selmer = await Company.objects.create({ name: 'Selmer' })
  const django = await Author.objects.create({ name: 'Django', company: selmer })
  const bill = await Author.objects.create({ name: 'Bill', company: selmer })
  await Author.objects.create({ name: 'Oscar' })
  await Profile.objects.create({ author: django, bio: 'guitar' })
  const [jazz, swing, valse] = await Tag.objects.bulkCreate([{ slug: 'jazz' }, { slug: 'swing' }, { slug: 'valse' }])
  for (const [title, pages, author] of [
    ['Nuages', 120, django],
    ['Minor Swing', 80, django],
    ['Daphne', 60, django],
    ['Waltz', 300, bill],
  ] as const) {
    const book = await Book.objects.create({ title, pages, author })
    await book.tags.add(jazz!, swing!)
    if (pages > 100) await book.tags.add(valse!)
    for (const number of [1, 2, 3]) await Chapter.objects.create({ title: `${title} ${number}`, number, book })
  }
})

describe('REL-10 Prefetch', () => {
  test('takes a slice for each row, in two queries', async () => {
    const longest = Book.objects.orderBy('-pages').slice(0, 2)
    const { result, sql } = await watched(() => Author.objects.prefetchRelated(new Prefetch('books', longest)))
    expect(sql).toHaveLength(2)
    expect(result.map((author) => author.books.items.map((book) => book.title))).toEqual([
      ['Waltz'],
      ['Nuages', 'Minor Swing'],
      [],
    ])
    const second = new Prefetch('books', Book.objects.orderBy('pages').slice(1))
    const rest = await Author.objects.prefetchRelated(second)
    expect(rest.map((author) => author.books.items.map((book) => book.pages))).toEqual([[], [80, 120], []])
  })

  test('of many-to-many relations too, of both sides', async () => {
    const books = await Book.objects.prefetchRelated(new Prefetch('tags', Tag.objects.orderBy('-slug').slice(0, 1)))
    expect(books.map((book) => book.tags.items.map((tag) => tag.slug))).toEqual([
      ['valse'],
      ['swing'],
      ['swing'],
      ['valse'],
    ])
    const shortest = Book.objects.orderBy('pages').slice(0, 1).prefetchRelated('chapters')
    const tags = await Tag.objects.orderBy('slug').prefetchRelated(new Prefetch('books', shortest))
    expect(tags.map((tag) => tag.books.items.map((book) => book.pages))).toEqual([[60], [60], [120]])
    expect((tags[0]!.books.items[0]!.chapters as unknown as { length: number }).length).toBe(3) // read with the books
  })

  test('with filters, annotations and other relations inside the slice', async () => {
    const last = Chapter.objects.filter({ number__lt: 3 }).selectRelated('book').orderBy('-number').slice(0, 1)
    const books = await Book.objects
      .filter({ pages__gt: 100 })
      .orderBy('title')
      .prefetchRelated(new Prefetch('chapters', last))
    expect(books.map((book) => book.chapters.items.map((chapter) => chapter.title))).toEqual([
      ['Nuages 2'],
      ['Waltz 2'],
    ])
  })

  test('toAttr keeps rows beside the relation, several of one relation too', async () => {
    const authors = await Author.objects.prefetchRelated(
      new Prefetch('books', Book.objects.filter({ pages__gte: 100 }), { toAttr: 'long' }),
      new Prefetch('books', Book.objects.orderBy('pages').slice(0, 1), { toAttr: 'shortest' }),
      new Prefetch('profile', Profile.objects.all(), { toAttr: 'card' }),
      'company',
    )
    expect(authors.map((author) => author.long.map((book) => book.title))).toEqual([['Waltz'], ['Nuages'], []])
    expect(authors.map((author) => author.shortest[0]?.title)).toEqual(['Waltz', 'Daphne', undefined])
    expect(authors.map((author) => author.card?.bio)).toEqual([undefined, 'guitar', undefined])
    expect(() => authors[0]!.books[Symbol.iterator as never]).toBeDefined()
    const books = await Book.objects.prefetchRelated(new Prefetch('author', Author.objects.all(), { toAttr: 'writer' }))
    expect(books[0]!.writer?.name).toBe('Django')
    // Rows under an attribute are one another's peers.
    const { sql } = await watched(async () => {
      for (const author of authors) for (const book of author.shortest) await book.author
      for (const author of authors) for (const book of author.shortest) await book.editor
    })
    expect(sql).toHaveLength(0)
    await books[0]!.delete()
  })

  test('says what it cannot do', async () => {
    expect(() => Author.objects.prefetchRelated(new Prefetch('books', Book.objects.values('id') as never))).toThrow(
      QueryUsageError,
    )
    await expect(
      Author.objects.prefetchRelated(new Prefetch('books', Book.objects.all(), { toAttr: 'name' })),
    ).rejects.toMatchObject({ code: 'db.bad-prefetch' })
    await expect(
      Book.objects.prefetchRelated(new Prefetch('author', Author.objects.all().slice(0, 1))),
    ).rejects.toMatchObject({ code: 'db.bad-prefetch' })
    const none = await Author.objects.prefetchRelated(new Prefetch('books', Book.objects.none()))
    expect(none.map((author) => author.books.length)).toEqual([0, 0, 0])
  })
})

describe('REL-12 fetch modes', () => {
  test('peers reads for all, one for one, raise refuses', async () => {
    const asked = async (books: Book[]) =>
      (await watched(async () => void (await Promise.all(books.map(async (book) => book.author))))).sql.length
    expect(await asked(await Book.objects.all())).toBe(1)
    expect(await asked(await Book.objects.fetchMode('peers'))).toBe(1)
    expect(await asked(await Book.objects.fetchMode('one'))).toBe(4)
    const [book] = await Book.objects.fetchMode('raise')
    await expect(Promise.resolve(book!.author)).rejects.toThrow(NotLoadedError)
    await expect(
      Promise.resolve((await Book.objects.fetchMode('raise').get({ title: 'Waltz' })).author),
    ).rejects.toThrow('fetchMode("raise")')
    expect(await book!.editor).toBe(null)
    expect(() => Book.objects.fetchMode('all' as never)).toThrow('is no way to fetch')
  })

  test('is inherited by rows that are read along, and by those read later', async () => {
    const [book] = await Book.objects.selectRelated('author').fetchMode('raise')
    await expect(Promise.resolve(book!.author.company)).rejects.toThrow(NotLoadedError)
    const [author] = await Author.objects.filter({ name: 'Django' }).prefetchRelated('books').fetchMode('raise')
    await expect(Promise.resolve(author!.books.items[0]!.editor)).resolves.toBe(null)
    await Book.objects.update({ editor: author! })
    const [other] = await Author.objects.filter({ name: 'Django' }).prefetchRelated('books').fetchMode('raise')
    await expect(Promise.resolve(other!.books.items[0]!.editor)).rejects.toThrow(NotLoadedError)
    const books = await Book.objects.fetchMode('one')
    const writers = await Promise.all(books.map(async (each) => each.author))
    const { sql } = await watched(async () => {
      for (const writer of writers) await writer.company
    })
    expect(sql).toHaveLength(4)
    for await (const each of Book.objects.fetchMode('raise').iterator()) {
      await expect(Promise.resolve(each.author)).rejects.toThrow(NotLoadedError)
    }
  })
})

describe('REL-11 prefetchRelatedObjects()', () => {
  test('reads relations of instances of several results, one query for each, and gives them', async () => {
    const [nuages, others] = [
      await Book.objects.get({ title: 'Nuages' }),
      await Book.objects.exclude({ title: 'Nuages' }).orderBy('id'),
    ]
    const { result, sql } = await watched(() => prefetchRelatedObjects([nuages, ...others], 'author__company', 'tags'))
    expect(sql).toHaveLength(3)
    expect(result).toEqual([nuages, ...others])
    expect(result.map((book) => [book.author.name, book.author.company?.name, book.tags.length])).toEqual([
      ['Django', 'Selmer', 3],
      ['Django', 'Selmer', 2],
      ['Django', 'Selmer', 2],
      ['Bill', 'Selmer', 3],
    ])
    expect(result[0]).toBe(nuages)
  })

  test('does not read again what is read, and reads what was not', async () => {
    const books = await Book.objects.orderBy('id').selectRelated('author')
    const [first, ...rest] = books
    await first!.author.company
    const { sql } = await watched(() => prefetchRelatedObjects(rest, 'author'))
    expect(sql).toEqual([])
    const { sql: again } = await watched(async () => {
      await prefetchRelatedObjects(books, 'tags')
      await prefetchRelatedObjects(books, 'author', 'tags')
    })
    expect(again).toHaveLength(1)
  })

  test('a set is the same one each time; two instances of one row have one each, and rows know the last of them', async () => {
    const [first, second] = [await Author.objects.get({ name: 'Django' }), await Author.objects.get({ name: 'Django' })]
    const [one, other] = await prefetchRelatedObjects([first, second], 'books', 'books__tags')
    expect(one!.books).toBe(one!.books)
    expect(one!.books).not.toBe(other!.books)
    const { sql } = await watched(async () => {
      expect(one!.books.items.map((book) => book.title).toSorted()).toEqual(['Daphne', 'Minor Swing', 'Nuages'])
      expect(other!.books.items.map((book) => book.id)).toEqual(one!.books.items.map((book) => book.id))
      for (const book of other!.books.items) expect(await book.author).toBe(second)
    })
    expect(sql).toEqual([])
    await one!.books.create({ title: 'Manoir' })
    expect(await one!.books.count()).toBe(4)
    expect(other!.books.items).toHaveLength(3)
  })

  test('reads a set again that was changed since', async () => {
    const [book] = await prefetchRelatedObjects([await Book.objects.get({ title: 'Daphne' })], 'tags')
    const valse = await Tag.objects.get({ slug: 'valse' })
    const tags = book!.tags as unknown as { add(tag: Tag): Promise<void> }
    await tags.add(valse)
    const [changed] = await prefetchRelatedObjects([book!], 'tags')
    expect(changed!.tags.items.map((tag) => tag.slug).sort()).toEqual(['jazz', 'swing', 'valse'])
  })

  test('what was read for several results is read further for all of them at once', async () => {
    const books = [await Book.objects.get({ title: 'Nuages' }), await Book.objects.get({ title: 'Waltz' })]
    const both = await prefetchRelatedObjects(books, 'author')
    const { sql } = await watched(async () => {
      for (const book of both) await book.author.company
    })
    expect(sql).toHaveLength(1)
  })

  test('takes Prefetch with a query set and toAttr, also a second one beside the relation', async () => {
    const authors = await Author.objects.orderBy('id')
    const longest = new Prefetch('books', Book.objects.orderBy('-pages').slice(0, 1), { toAttr: 'longest' })
    const { result, sql } = await watched(() => prefetchRelatedObjects(authors, 'books__chapters', longest))
    expect(sql).toHaveLength(3)
    expect(result.map((author) => [author.books.length, author.longest.map((book) => book.title)])).toEqual([
      [3, ['Nuages']],
      [1, ['Waltz']],
      [0, []],
    ])
    expect(result[0]!.books.items[0]!.chapters.length).toBe(3)
  })

  test('of none sends nothing; the same one twice, and rows of an insert, are read once', async () => {
    const { sql } = await watched(() => prefetchRelatedObjects([], 'author' as never))
    expect(sql).toEqual([])
    const book = await Book.objects.create({
      title: 'New',
      pages: 1,
      author: await Author.objects.get({ name: 'Bill' }),
    })
    const fresh = await Book.objects.get({ id: book.id })
    const { result, sql: one } = await watched(() => prefetchRelatedObjects([fresh, fresh], 'author'))
    expect(one).toHaveLength(1)
    expect(result.map((each) => each.author.name)).toEqual(['Bill', 'Bill'])
  })

  test('refuses what is no instance, instances of two models, and names that are no relations', async () => {
    const [book, author] = [(await Book.objects.first())!, (await Author.objects.first())!]
    await expect(prefetchRelatedObjects([{ id: 1 }] as never[], 'author' as never)).rejects.toMatchObject({
      code: 'db.bad-prefetch',
    })
    await expect(prefetchRelatedObjects([book, author] as never[], 'author' as never)).rejects.toThrow(
      'prefetchRelatedObjects(): A library.Author was given with a library.Book.',
    )
    await expect(prefetchRelatedObjects([book], 'autor' as never)).rejects.toMatchObject({ code: 'db.unknown-field' })
  })
})
