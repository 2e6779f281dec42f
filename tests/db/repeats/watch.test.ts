/** Queries that one place repeats: counted for a scope, told with the line and what to write instead. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'
import { allowRepeats, atomic, connection, RepeatedQueryError, sql } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RepeatedQuery } from '../../../src/db/repeats/repeated-query.ts'
import { inRepeatScope, RepeatScope, repeatText, setRepeatScope, watchRepeats } from '../../../src/db/repeats/watch.ts'
import { isWatched } from '../../../src/db/wrappers.ts'
import { Author, Book, Chapter, Company, Profile, Tag } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables()

const file = 'tests/db/repeats/watch.test.ts'
const source = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
/** The place of the line that has a comment, as reports write it. */
const at = (comment: string): string => `${file}:${source.findIndex((line) => line.endsWith(`// ${comment}`)) + 1}`

const ids: number[] = []
let stop = (): void => undefined
function watch(throws = false): void {
  stop()
  stop = watchRepeats({ threshold: 5, throws })
}

beforeEach(async () => {
  const company = await Company.objects.create({ name: 'Selmer' })
  const authors = await Author.objects.bulkCreate([1, 2, 3, 4, 5, 6].map((i) => ({ name: `Author ${i}`, company })))
  const books = await Book.objects.bulkCreate(authors.map((author) => ({ title: `Of ${author.name}`, author })))
  ids.length = 0
  ids.push(...books.map((book) => book.id))
  await Profile.objects.bulkCreate(authors.map((author) => ({ author })))
  const tag = await Tag.objects.create({ slug: 'jazz' })
  for (const book of books) await book.tags.add(tag)
  watch()
})
afterEach(() => {
  stop()
  setRepeatScope(null)
})

async function repeatsOf(work: () => Promise<unknown>): Promise<RepeatedQuery[]> {
  const scope = new RepeatScope(() => undefined)
  await inRepeatScope(scope, work)
  return scope.end()
}
async function only(work: () => Promise<unknown>): Promise<RepeatedQuery> {
  const found = await repeatsOf(work)
  expect(found).toHaveLength(1)
  return found[0]!
}

describe('a loop of queries is told once, with its line and what to write', () => {
  test('a relation of rows that were read one by one', async () => {
    const rows = await repeatsOf(async () => {
      for (const id of ids) {
        const book = await Book.objects.get({ id }) // row
        await book.author // its author
      }
    })
    expect(rows.map(({ place, advice }) => [place, advice])).toEqual([
      [at('row'), expect.stringContaining('Book.objects.inBulk(keys)')],
      [at('its author'), expect.stringContaining(`.selectRelated('author'), on the query set of Book at ${at('row')}`)],
    ])
    const both = await repeatsOf(async () => {
      const books = await Book.objects.fetchMode('one') // books
      for (const book of books) await book.author // author
    })
    expect(both).toMatchObject([
      {
        place: at('author'),
        from: expect.arrayContaining([expect.stringContaining(file)]),
        about: 'Book.author',
        count: 6,
        advice: `Read it with the rows: .selectRelated('author'), on the query set of Book at ${at('books')}.`,
      },
    ])
    expect(both[0]!.milliseconds).toBeGreaterThan(0)
    expect(both[0]!.sql).toMatch(/^SELECT … FROM "library_author" "t0" WHERE "t0"."id" /)
  })

  test('rows of the many side, through a filter or the relation', async () => {
    const byFilter = await only(async () => {
      const authors = await Author.objects.all() // authors
      for (const author of authors) await Book.objects.filter({ author }) // filter
    })
    const advice = `Read them with the rows: .prefetchRelated('books'), on the query set of Author at ${at('authors')}.`
    expect(byFilter).toMatchObject({ place: at('filter'), about: 'Author.books', count: 6, advice })
    const byRelation = await only(async () => {
      const authors = await Author.objects.all()
      for (const author of authors) await author.books.all() // books.all
    })
    expect(byRelation).toMatchObject({ place: at('books.all'), about: 'Author.books' })
    const some = await only(async () => {
      for (const author of await Author.objects.all()) await author.books.filter({ pages__gt: 3 })
    })
    expect(some.advice).toContain(".prefetchRelated(new Prefetch('books', Book.objects.filter({ … })))")
    const first = await only(async () => {
      for (const author of await Author.objects.all()) await author.books.orderBy('-pages').first()
    })
    expect(first.advice).toContain("new Prefetch('books', Book.objects.orderBy(…).slice(0, n))")
    const noName = await only(async () => {
      for (const author of await Author.objects.all()) await Book.objects.filter({ editor: author })
    })
    expect(noName.advice).toContain('Book.objects.filter({ editor__in: rows })')
  })

  test('many to many, of both sides', async () => {
    const tags = await only(async () => {
      for (const book of await Book.objects.all()) await book.tags.all()
    })
    expect(tags).toMatchObject({ about: 'Book.tags', advice: expect.stringContaining(".prefetchRelated('tags')") })
    const tag = await Tag.objects.get({ slug: 'jazz' })
    const books = await only(async () => {
      for (let i = 0; i < 5; i++) await tag.books.all()
    })
    expect(books).toMatchObject({ about: 'Tag.books', advice: expect.stringContaining(".prefetchRelated('books')") })
  })

  test.each([
    ['get', async (id: number) => Book.objects.get({ id }), 'Book.objects.inBulk(keys)'],
    ['getOrNull', async (id: number) => Tag.objects.getOrNull({ slug: String(id) }), 'Tag.objects.inBulk(keys)'],
    ['count', async (author: number) => Book.objects.filter({ author }).count(), ".annotate({ n: Count('books') })"],
    [
      'exists',
      async (author: number) => Book.objects.filter({ author }).exists(),
      "Exists(Book.objects.filter({ author: Author.OuterRef('id') }))",
    ],
    ['create', async (id: number) => Tag.objects.create({ slug: `new ${id}` }), 'Tag.objects.bulkCreate([…])'],
    ['update', async (id: number) => Book.objects.filter({ id }).update({ pages: 3 }), "bulkUpdate(rows, ['pages'])"],
    [
      'delete',
      async (id: number) => Book.objects.filter({ id }).delete(),
      'Book.objects.filter({ id__in: […] }).delete()',
    ],
    [
      'by another column',
      async (id: number) => Book.objects.filter({ title: `${id}` }),
      'filter({ title__in: values })',
    ],
    ['raw', async (id: number) => sql`select ${id}`, 'Ask once'],
  ])('%s', async (_, ask, advice) => {
    const found = await only(async () => {
      for (const id of ids) await ask(id)
    })
    expect(found.advice).toContain(advice)
    expect(found.place).toMatch(new RegExp(`^${file}:\\d+$`))
  })

  test('save() and delete() of instances: the write is what is to be mended', async () => {
    const saved = await only(async () => {
      for (const book of await Book.objects.all()) {
        book.pages++
        await book.save() // save
      }
    })
    expect(saved).toMatchObject({ place: at('save'), advice: expect.stringContaining("bulkUpdate(rows, ['pages'])") })
    const deleted = await only(async () => {
      for (const book of await Book.objects.all()) await book.delete()
    })
    expect(deleted.advice).toContain('.delete()')
    expect(await Book.objects.count()).toBe(0)
  })

  test('methods that read and write', async () => {
    const tags = await Tag.objects.bulkCreate(ids.map((id) => ({ slug: `n${id}` })))
    const book = await Book.objects.get({ id: ids[0]! })
    const added = await only(async () => {
      for (const tag of tags) {
        await book.tags // add
          .add(tag)
      }
    })
    expect(added).toMatchObject({
      place: at('add'),
      about: 'Book.tags',
      advice: expect.stringContaining('Give add() all rows at once'),
    })
    const made = await only(async () => {
      for (const id of ids) await Tag.objects.getOrCreate({ slug: `m${id}` })
    })
    expect(made.advice).toContain('bulkCreate')
  })
})

describe('the place is the project’s', () => {
  const helper = async (id: number): Promise<string> => {
    const book = await Book.objects.get({ id }) // helper
    return book.title
  }
  const second = async (id: number): Promise<string> => (await helper(id)).toUpperCase() // second

  test('through helpers: all that led there are named, and five callers are not a loop', async () => {
    const found = await only(async () => {
      for (const id of ids) await second(id) // loop
    })
    expect(found.place).toBe(at('helper'))
    expect(found.from.slice(0, 2)).toEqual([at('second'), at('loop')])
    expect(repeatText(found)).toContain(`reached from ${at('second')}, ${at('loop')}`)
    const calls = await repeatsOf(async () => {
      await helper(ids[0]!)
      await helper(ids[1]!)
      await helper(ids[2]!)
      await helper(ids[3]!)
      await helper(ids[4]!)
    })
    expect(calls).toEqual([])
  })

  test('of work side by side', async () => {
    const together = await only(() => Promise.all(ids.map(async (id) => (await Book.objects.filter({ id }))[0]))) // together
    expect(together.place).toBe(at('together'))
    const sets = ids.map((id) => Book.objects.filter({ id }))
    const all = await only(async () => {
      await Promise.all(sets) // all
    })
    expect(all.place).toBe(at('all'))
    const then = await only(() => Promise.all(ids.map((id) => Book.objects.filter({ id }).then((rows) => rows[0]))))
    expect(then.place).toContain(file)
  })

  test('inside transactions, and for await', async () => {
    const block = await only(() =>
      atomic(async () => {
        for (const id of ids) await Book.objects.filter({ id }) // in block
      }),
    )
    expect(block.place).toBe(at('in block'))
    const each = await only(async () => {
      for (const id of ids) for await (const _ of Book.objects.filter({ id }).iterator()) void _ // for await
    })
    expect(each.place).toBe(at('for await'))
    const steps = await only(async () => {
      for (const id of ids) await connection().execute(sql`select ${id}`) // execute
    })
    expect(steps.place).toBe(at('execute'))
  })

  test('of a function that calls itself, however deep', async () => {
    const down = async (left: number): Promise<void> => {
      await Book.objects.filter({ id: left }) // down
      if (left > 0) await down(left - 1)
    }
    // The first one was not called by itself: six.
    expect(await only(() => down(6))).toMatchObject({ place: at('down'), count: 6 })
  })
})

describe('several calls on one line', () => {
  // It waits once: the first query would have another stack, on which is who called.
  const head = 'return (async () => { await null; '
  /** A loader breaks long lines: this code stays on its line, as that of a project that Node runs as it is. */
  const onOneLine = (text: string): ((...given: unknown[]) => Promise<unknown>) =>
    compileFunction(`${head}${text} })()`, ['Author', 'Book', 'Tag', 'ids'], {
      filename: fileURLToPath(new URL('one-line.js', import.meta.url)),
    }) as (...given: unknown[]) => Promise<unknown>
  const repeats = async (text: string) =>
    (await repeatsOf(() => onOneLine(text)(Author, Book, Tag, ids))).map(({ place, about, count }) => ({
      place: place.replace(/^tests\/db\/repeats\//, ''),
      about,
      count,
    }))
  const columnOf = (text: string, call: string) => `one-line.js:1:${head.length + text.indexOf(call) + 1}`

  test('are told one by one, with their columns', async () => {
    const text =
      'for (const author of await Author.objects.all()) await author.books.all(); for (const book of await Book.objects.all()) await book.tags.all()'
    expect(await repeats(text)).toEqual([
      { place: columnOf(text, 'await author.books'), about: 'Author.books', count: 6 },
      { place: columnOf(text, 'await book.tags'), about: 'Book.tags', count: 6 },
    ])
  })

  test('are told apart where what the second waits for begins at once', async () => {
    const text =
      'for (const author of await Author.objects.all()) await author.books.all(); for (const id of ids) await Book.objects.filter({ author: id }).count()'
    expect(await repeats(text)).toMatchObject([
      { place: columnOf(text, 'await author.books'), about: 'Author.books' },
      { place: columnOf(text, 'count()'), about: 'Author.books' },
    ])
    const saved =
      'for (const book of await Book.objects.all()) { book.title += "!"; await book.save() } for (const id of ids) await Book.objects.filter({ author: id }).count()'
    expect((await repeats(saved)).map(({ place }) => place)).toEqual([
      expect.stringContaining('one-line.js:1:'),
      columnOf(saved, 'count()'),
    ])
  })

  test('are counted each by itself, those of one query as well', async () => {
    const three =
      'for (const id of ids.slice(0, 3)) await Book.objects.get({ id }); for (const id of ids.slice(3)) await Book.objects.get({ id })'
    expect(await repeats(three)).toEqual([])
    expect(await repeats('for (const id of ids) await Book.objects.get({ id })')).toEqual([
      { place: 'one-line.js:1', about: 'Book', count: 6 },
    ])
  })

  test('one call is one, also where it reads and writes', async () => {
    const write = 'for (const id of ids) await Tag.objects.getOrCreate({ slug: `m${id}` })'
    expect(await repeats(write)).toEqual([{ place: 'one-line.js:1', about: 'Tag', count: 6 }])
    const both =
      'for (const id of ids) await Tag.objects.updateOrCreate({ slug: `n${id}` }, {}); for (const tag of await Tag.objects.all()) await tag.delete()'
    expect((await repeats(both)).map(({ place }) => place)).toHaveLength(2)
  })

  test('late, each is told once', async () => {
    const late: RepeatedQuery[] = []
    const scope = new RepeatScope((found) => late.push(found))
    await inRepeatScope(scope, async () => {
      scope.end()
      await onOneLine('for (const id of ids) await Tag.objects.getOrCreate({ slug: `l${id}` })')(Author, Book, Tag, ids)
    })
    expect(late).toHaveLength(1)
  })
})

describe('what is no loop', () => {
  test('peers: one query for all, and nothing to report', async () => {
    const found = await repeatsOf(async () => {
      for (const book of await Book.objects.all()) await (await book.author).company
    })
    expect(found).toEqual([])
  })

  test('chunks of ours, few queries, and different ones', async () => {
    const found = await repeatsOf(async () => {
      await Chapter.objects.bulkCreate(
        Array.from({ length: 12 }, (_, i) => ({ title: `${i}`, number: i, book: ids[0]! })),
        { batchSize: 2 },
      )
      for (let i = 0; i < 12; i += 2) await Tag.objects.bulkCreate([{ slug: `a${i}` }, { slug: `b${i}` }]) // chunks of the project's own
      for await (const chapter of Chapter.objects.prefetchRelated('book').iterator({ chunk: 2 })) void chapter
      const rows = await Chapter.objects.all()
      await Chapter.objects.bulkUpdate(rows, ['title'], { batchSize: 2 })
      for (let i = 0; i < 4; i++) await Book.objects.count()
    })
    expect(found).toEqual([])
  })

  test('a chain of rows that go with one another is deleted by one call', async () => {
    let next: Chapter | null = null
    for (let i = 0; i < 8; i++) next = await Chapter.objects.create({ title: `${i}`, number: i, book: ids[0]!, next })
    expect(await repeatsOf(() => Book.objects.filter({ id: ids[0]! }).delete())).toEqual([])
  })

  test('allowRepeats() says why', async () => {
    const found = await repeatsOf(() =>
      allowRepeats('each book is looked at by itself', async () => {
        for (const id of ids) await Book.objects.get({ id })
      }),
    )
    expect(found).toEqual([])
    const lazy = await repeatsOf(() => allowRepeats('a query set runs here', () => Book.objects.filter({ id: 1 })))
    expect(lazy).toEqual([])
    expect(() => allowRepeats(' ', () => 1)).toThrow('was given no reason')
    expect(allowRepeats('what it gives', () => 7)).toBe(7)
  })
})

describe('scopes', () => {
  test('count by themselves, and are not mixed by what runs at the same time', async () => {
    const three = () =>
      repeatsOf(async () => {
        for (const id of ids.slice(0, 3)) await Book.objects.get({ id })
      })
    expect(await Promise.all([three(), three(), three()])).toEqual([[], [], []])
  })

  test('outside of every scope nothing is counted, unless there is one for all', async () => {
    for (const id of ids) await Book.objects.get({ id })
    const all = new RepeatScope(() => undefined)
    setRepeatScope(all)
    for (const id of ids) await Book.objects.get({ id })
    expect(all.end()).toHaveLength(1)
    const ignoring = new RepeatScope(
      () => undefined,
      (place) => place.startsWith(file),
    )
    setRepeatScope(ignoring)
    for (const id of ids) await Book.objects.get({ id })
    expect(ignoring.end()).toEqual([])
  })

  test('where rows were read is that of the time, not of later', async () => {
    const found = await only(async () => {
      const authors = await Author.objects.all() // before
      for (const author of authors) await author.books.count()
      await Author.objects.all()
    })
    expect(found.advice).toContain(`on the query set of Author at ${at('before')}.`)
    const one = await only(async () => {
      for (const id of ids) await Tag.objects.bulkCreate([{ slug: `one ${id}` }])
    })
    expect(one.advice).toContain('Tag.objects.bulkCreate([…])')
  })

  test('where rows were read is the project’s: nobody writes into a list of the admin', async () => {
    const filename = fileURLToPath(new URL('../../../src/admin/made-up.js', import.meta.url))
    // Called by nobody of the project, as by a request.
    const text = 'return new Promise((done) => setTimeout(async () => done(await Author.objects.all())))'
    const list = compileFunction(text, ['Author'], { filename })
    const found = await only(async () => {
      const authors = (await list(Author)) as Author[]
      for (const author of authors) await author.books.all() // column
    })
    expect(found.place).toBe(at('column'))
    expect(found.advice).toBe("Read them with the rows: .prefetchRelated('books'), on the query set of Author.")
  })

  test('what comes after the end is told at once', async () => {
    const late: RepeatedQuery[] = []
    const scope = new RepeatScope((found) => late.push(found))
    await inRepeatScope(scope, async () => {
      expect(scope.end()).toEqual([])
      for (const id of ids) await Book.objects.get({ id })
    })
    expect(late).toMatchObject([{ count: 5 }])
  })
})

describe('as an error', () => {
  test('the query that reaches the threshold throws, with the place and what to write', async () => {
    watch(true)
    let sent = 0
    const error = await repeatsOf(async () => {
      const authors = await Author.objects.all()
      for (const author of authors) {
        await Book.objects.filter({ author }) // throws
        sent++
      }
    }).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(RepeatedQueryError)
    expect(error).toMatchObject({
      code: 'db.repeated-query',
      message: expect.stringContaining(
        `The same query was sent 5 times from ${at('throws')} (Author.books): SELECT … FROM`,
      ),
      hint: expect.stringContaining(".prefetchRelated('books')"),
    })
    expect((error as Error).stack).toContain('watch.test.ts')
    expect(sent).toBe(4)
    await Book.objects.get({ id: ids[0]! }) // the connection is as it was
  })

  test('a block that throws it is undone', async () => {
    watch(true)
    const work = () =>
      atomic(async () => {
        for (const id of ids) await Tag.objects.create({ slug: `t${id}` })
      })
    await expect(repeatsOf(work)).rejects.toThrow(RepeatedQueryError)
    expect(await Tag.objects.count()).toBe(1)
  })
})

test('off: nothing is watched, and an await takes no turn more', async () => {
  stop()
  expect(isWatched()).toBe(false)
  const order: string[] = []
  const rows = Book.objects.all().then(() => order.push('rows'))
  const turns = (async () => {
    for (let i = 0; i < 3; i++) await null
    order.push('turns')
  })()
  await Promise.all([rows, turns])
  if (process.env.TEST_ENGINE === undefined) expect(order).toEqual(['rows', 'turns'])
  const scope = new RepeatScope(() => undefined)
  await inRepeatScope(scope, async () => {
    for (const id of ids) await Book.objects.get({ id })
  })
  expect(scope.end()).toEqual([])
})
