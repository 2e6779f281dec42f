import { Count, DoesNotExist, isLoaded, NotLoadedError, Prefetch, QueryUsageError, QueryValueError } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { Author, Book, Chapter, Company, Profile, Tag } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

beforeEach(async () => {
  const selmer = await Company.objects.create({ name: 'Selmer' })
  for (const [i, name] of ['Ann', 'Bob', 'Cat'].entries()) {
    const author = await Author.objects.create({ name, company: i === 2 ? null : selmer })
    if (i !== 1) await Profile.objects.create({ author, bio: `about ${name}` })
    for (let n = 1; n <= i + 1; n++) {
      const book = await Book.objects.create({ title: `${name} ${n}`, author, editor: i === 0 ? null : author })
      await Chapter.objects.bulkCreate([2, 1].map((number) => ({ title: `c${number}`, number, book })))
    }
  }
  await Tag.objects.bulkCreate([{ slug: 'jazz' }, { slug: 'swing' }, { slug: 'waltz' }])
})

describe('REL-12 a relation that was not read', () => {
  test('is awaited, with one query for all rows of the same result', async () => {
    const books = await Book.objects.orderBy('id')
    const { result, sql } = await watched(async () => {
      const names: string[] = []
      for (const book of books) names.push((await book.author).name)
      return names
    })
    expect(result).toEqual(['Ann', 'Bob', 'Bob', 'Cat', 'Cat', 'Cat'])
    expect(sql).toHaveLength(1)
    expect(isLoaded(books[0]!.author)).toBe(true)
  })

  test('is asked for once when many ask at the same time', async () => {
    const books = await Book.objects.orderBy('id')
    const { result, sql } = await watched(() => Promise.all(books.map(async (book) => (await book.author).name)))
    expect(result).toHaveLength(6)
    expect(sql).toHaveLength(1)
  })

  test('of a relation that was not read is one query, too', async () => {
    const { result, sql } = await watched(async () => {
      const names: (string | undefined)[] = []
      for (const book of await Book.objects.orderBy('id')) names.push((await (await book.author).company)?.name)
      return names
    })
    expect(result).toEqual(['Selmer', 'Selmer', 'Selmer', undefined, undefined, undefined])
    expect(sql).toHaveLength(3)
  })

  test('can be a row that points here, or null', async () => {
    const { result, sql } = await watched(async () => {
      const bios: (string | undefined)[] = []
      for (const author of await Author.objects.all()) bios.push((await author.profile)?.bio)
      return bios
    })
    expect(result).toEqual(['about Ann', undefined, 'about Cat'])
    expect(sql).toHaveLength(2)
    expect((await Book.objects.get({ id: 1 })).editor).toBeNull()
  })

  test('is read again when the key was changed', async () => {
    const book = await Book.objects.get({ id: 1 })
    expect((await book.author).name).toBe('Ann')
    book.authorId = 2
    expect((await book.author).name).toBe('Bob')
    book.author = await Author.objects.get({ name: 'Cat' })
    expect(book.authorId).toBe(3)
  })

  test('that points to nothing is an error', async () => {
    const book = await Book.objects.get({ id: 1 })
    book.authorId = 99
    await expect((async () => await book.author)()).rejects.toThrow(DoesNotExist)
  })

  test('cannot be looped over as if it were', async () => {
    const author = await Author.objects.get({ name: 'Cat' })
    expect(() => [...(author.books as unknown as Iterable<Book>)]).toThrow(NotLoadedError)
    expect(await author.books).toHaveLength(3)
  })
})

describe('REL-09 selectRelated', () => {
  test('reads relations in the same query, through nullable ones as well', async () => {
    const { result, sql } = await watched(() => Book.objects.selectRelated('author__company', 'editor').orderBy('id'))
    expect(sql).toHaveLength(1)
    expect(
      result.map((book) => [book.author.name, book.author.company?.name ?? null, book.editor?.name ?? null]),
    ).toEqual([
      ['Ann', 'Selmer', null],
      ['Bob', 'Selmer', 'Bob'],
      ['Bob', 'Selmer', 'Bob'],
      ['Cat', null, 'Cat'],
      ['Cat', null, 'Cat'],
      ['Cat', null, 'Cat'],
    ])
    expect(sql[0]).toMatch(
      /INNER JOIN "library_author".*LEFT OUTER JOIN "library_company".*LEFT OUTER JOIN "library_author"/,
    )
    result[0]!.author.name = 'Anna'
    expect(await watched(() => result[0]!.author.save())).toMatchObject({
      sql: ['UPDATE "library_author" SET "name" = ? WHERE "id" = ?'],
    })
  })

  test('knows both ends of a one-to-one relation', async () => {
    const { sql } = await watched(async () => {
      const [author] = await Author.objects.selectRelated('profile')
      expect(author!.profile!.author).toBe(author)
      const [profile] = await Profile.objects.selectRelated('author')
      expect(profile!.author.profile).toBe(profile)
    })
    expect(sql).toHaveLength(2)
  })

  test('groups with annotations', async () => {
    const books = await Book.objects
      .selectRelated('author')
      .annotate({ n: Count('chapters') })
      .orderBy('id')
    expect(books.map((book) => [book.author.name, book.n])[5]).toEqual(['Cat', 2])
  })

  test('is for one row', async () => {
    await expect(Book.objects.selectRelated('chapters' as never)).rejects.toMatchObject({ code: 'db.not-single' })
    await expect(Book.objects.selectRelated('title' as never)).rejects.toMatchObject({ code: 'db.unknown-field' })
  })
})

describe('prefetchRelated', () => {
  test('takes a query for each relation, at every level', async () => {
    const { result, sql } = await watched(() => Author.objects.prefetchRelated('books__chapters', 'company', 'profile'))
    expect(sql).toHaveLength(5)
    const { sql: more } = await watched(async () => {
      for (const author of result) {
        for (const book of author.books) {
          expect(book.author).toBe(author)
          expect([...book.chapters].map((chapter) => chapter.number)).toEqual([2, 1])
          expect(await book.chapters).toHaveLength(2)
          expect(await book.chapters.count()).toBe(2)
        }
      }
      expect(result.map((author) => author.books.length)).toEqual([1, 2, 3])
      expect(result.map((author) => author.profile?.bio)).toEqual(['about Ann', undefined, 'about Cat'])
    })
    expect(more).toEqual([])
  })

  test('reads many-to-many relations from both sides', async () => {
    const [first, second] = await Book.objects.orderBy('id')
    await first!.tags.add('jazz', 'swing')
    await second!.tags.add('jazz')
    const { result, sql } = await watched(() => Book.objects.orderBy('id').prefetchRelated('tags').slice(0, 3))
    expect(sql).toHaveLength(2)
    expect(result.map((book) => book.tags.items.map((tag) => tag.slug))).toEqual([['jazz', 'swing'], ['jazz'], []])
    const tags = await Tag.objects.prefetchRelated('books').orderBy('slug')
    expect(tags.map((tag) => tag.books.items.map((book) => book.title).sort())).toEqual([
      ['Ann 1', 'Bob 1'],
      ['Ann 1'],
      [],
    ])
  })

  test('takes a query set of your own', async () => {
    const chapters = Chapter.objects.filter({ number: 1 }).orderBy('number').selectRelated('next')
    const books = (await Book.objects.prefetchRelated(new Prefetch('chapters', chapters))) as unknown as {
      chapters: Chapter[]
    }[]
    expect([...books[0]!.chapters].map((chapter) => chapter.number)).toEqual([1])
    const named = await Author.objects.prefetchRelated(
      new Prefetch('books', Book.objects.orderBy('-id').prefetchRelated('tags')),
    )
    expect([...(named[2]!.books as unknown as Book[])].map((book) => book.id)).toEqual([6, 5, 4])
    expect(() => Book.objects.prefetchRelated(new Prefetch('chapters', Chapter.objects.values('id') as never))).toThrow(
      QueryUsageError,
    )
    await expect(Book.objects.prefetchRelated('chapterz' as never)).rejects.toMatchObject({ code: 'db.unknown-field' })
  })

  test('uses what selectRelated has read, and works while streaming', async () => {
    const { sql } = await watched(() => Book.objects.selectRelated('author').prefetchRelated('author__company'))
    expect(sql).toHaveLength(2)
    let chapters = 0
    for await (const book of Book.objects.prefetchRelated('chapters').iterator({ chunk: 4 }))
      chapters += book.chapters.length
    expect(chapters).toBe(12)
  })
})

describe('REL-07 a related set of a foreign key', () => {
  test('is a query set of the rows that point here', async () => {
    const cat = await Author.objects.get({ name: 'Cat' })
    expect(await cat.books.count()).toBe(3)
    expect(await cat.books.filter({ title: 'Cat 2' }).exists()).toBe(true)
    const { sql } = await watched(async () => {
      for (const book of await cat.books) expect((await book.author) === cat).toBe(true)
    })
    expect(sql).toHaveLength(1)
  })

  test('makes and moves rows', async () => {
    const [ann, bob] = await Author.objects.all()
    const made = await ann!.books.create({ title: 'Ann 2' })
    expect(made.authorId).toBe(ann!.id)
    const [book] = await bob!.books
    await ann!.books.add(book!)
    expect(await ann!.books.count()).toBe(3)
    expect(book!.authorId).toBe(ann!.id)
    const selmer = await Company.objects.get({ name: 'Selmer' })
    await selmer.authors.remove(bob!)
    expect(bob!.companyId).toBeNull()
    await selmer.authors.set([bob!.id, 3])
    expect((await selmer.authors).map((author) => author.name)).toEqual(['Bob', 'Cat'])
    await selmer.authors.clear()
    expect(await selmer.authors.exists()).toBe(false)
    await expect(ann!.books.clear()).rejects.toMatchObject({ code: 'db.not-nullable' })
  })

  test('needs a saved owner', () => {
    expect(() => new Author({ name: 'x' }).books).toThrow(QueryValueError)
  })
})

describe('REL-05 a related set of a many-to-many relation', () => {
  test('adds once, removes, sets and clears', async () => {
    const book = await Book.objects.get({ id: 1 })
    const jazz = await Tag.objects.get({ slug: 'jazz' })
    const slugs = async () => (await book.tags.orderBy('slug')).map((tag) => tag.slug)
    await book.tags.add(jazz, 'swing', 'jazz')
    await book.tags.add('jazz')
    expect(await slugs()).toEqual(['jazz', 'swing'])
    await book.tags.remove(jazz)
    expect(await slugs()).toEqual(['swing'])
    await book.tags.set(['waltz', jazz])
    expect(await slugs()).toEqual(['jazz', 'waltz'])
    const made = await book.tags.create({ slug: 'bebop' })
    expect(await made.books.count()).toBe(1)
    await made.books.add(2)
    expect(await Book.objects.filter({ tags: made }).count()).toBe(2)
    expect(await book.tags.filter({ slug__startswith: 'b' }).delete()).toEqual({
      total: 3,
      perModel: { 'library.Tag': 1, 'library.Book_tags': 2 },
    })
    await book.tags.clear()
    expect(await slugs()).toEqual([])
  })

  test('is mutual between rows of one model', async () => {
    const [ann, bob, cat] = await Author.objects.all()
    await ann!.friends.add(bob!, cat!)
    expect((await bob!.friends).map((author) => author.name)).toEqual(['Ann'])
    await cat!.friends.remove(ann!)
    expect((await ann!.friends).map((author) => author.name)).toEqual(['Bob'])
    await bob!.friends.clear()
    expect(await ann!.friends.count()).toBe(0)
  })

  test('refuses rows of other models and rows without a key', async () => {
    const book = await Book.objects.get({ id: 1 })
    await expect(book.tags.add((await Author.objects.first()) as never)).rejects.toThrow(
      'leads to library.Tag, not to library.Author',
    )
    await expect(book.tags.add(null as never)).rejects.toThrow(QueryValueError)
  })
})

describe('QS-02 conditions over several rows', () => {
  test('in one filter() speak of the same row, in two of any', async () => {
    const [one, two] = await Book.objects.orderBy('id')
    await Chapter.objects.all().delete()
    await Chapter.objects.bulkCreate([
      { title: 'a', number: 1, book: one! },
      { title: 'b', number: 2, book: one! },
      { title: 'a', number: 2, book: two! },
    ])
    const ids = async (books: PromiseLike<Book[]>) => (await books).map((book) => book.id)
    expect(await ids(Book.objects.filter({ chapters__title: 'a', chapters__number: 2 }))).toEqual([two!.id])
    expect(
      await ids(Book.objects.filter({ chapters__title: 'a' }).filter({ chapters__number: 2 }).orderBy('id')),
    ).toEqual([one!.id, two!.id])
    expect(await Book.objects.exclude({ chapters__title: 'a' }).count()).toBe(4)
    expect(await Book.objects.filter({ chapters__isnull: true }).count()).toBe(4)
    expect(
      await ids(Book.objects.filter(Book.Q({ chapters__title: 'b' }).or({ title: 'Cat 3' })).orderBy('id')),
    ).toEqual([1, 6])
  })

  test('exclude() keeps rows whose column is null', async () => {
    expect(await Book.objects.exclude({ editor__name: 'Bob' }).count()).toBe(4)
    expect(await Author.objects.exclude({ company__name: 'Selmer' }).count()).toBe(1)
    expect(await Author.objects.exclude({ birthYear: 1910 }).count()).toBe(3)
    expect(await Author.objects.filter(Author.Q({ birthYear: 1910 }).not()).count()).toBe(3)
  })

  test('an instance stands for its key; one without a key is an error', async () => {
    const ann = await Author.objects.get({ name: 'Ann' })
    expect(await Book.objects.filter({ author: ann }).count()).toBe(1)
    expect(await Book.objects.filter({ author__in: [ann, 2] }).count()).toBe(3)
    await expect(Book.objects.filter({ author: new Author({ name: 'x' }) }).count()).rejects.toMatchObject({
      code: 'db.unsaved-instance',
    })
    await expect(Book.objects.filter({ author: (await Tag.objects.first()) as never }).count()).rejects.toThrow(
      'leads to library.Author',
    )
  })
})
