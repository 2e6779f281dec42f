/** REL-12 Awaiting a relation in a loop over one result is one query for all peers, which are held weakly. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { abortable, atomic, DoesNotExist } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { runOutside } from '../../../src/std/context.ts'
import { Engine } from '../../../src/templates/engine.ts'
import { Author, Book, Chapter, Company, Loan, Profile } from './models.ts'
import { createTables, freshTables, watched } from './setup.ts'

freshTables()

let authors: Author[]
beforeEach(async () => {
  const companies = await Company.objects.bulkCreate([{ name: 'Selmer' }, { name: 'Maccaferri' }])
  authors = await Author.objects.bulkCreate(
    [1, 2, 3, 4].map((i) => ({ name: `Author ${i}`, company: companies[i % 2]! })),
  )
  const books = await Book.objects.bulkCreate(authors.map((author) => ({ title: `Of ${author.name}`, author })))
  await Chapter.objects.bulkCreate(
    books.flatMap((book) => [1, 2].map((number) => ({ title: `${number}`, number, book }))),
  )
  await Profile.objects.bulkCreate(authors.slice(0, 3).map((author) => ({ author })))
})

const queriesOf = async (work: () => Promise<unknown>): Promise<number> => (await watched(work)).sql.length

describe('one query for all', () => {
  test('in a loop, and side by side', async () => {
    const rows = await Book.objects.all()
    const names: string[] = []
    expect(
      await queriesOf(async () => {
        for (const row of rows) names.push((await row.author).name)
      }),
    ).toBe(1)
    expect(names.sort()).toEqual(authors.map(({ name }) => name))
    const again = await Book.objects.all()
    expect(await queriesOf(() => Promise.all(again.map(async (row) => (await row.author).name)))).toBe(1)
  })

  test('for each level down the tree', async () => {
    const chapters = await Chapter.objects.all()
    const count = await queriesOf(async () => {
      for (const chapter of chapters) await (await (await chapter.book).author).company
    })
    expect(count).toBe(3)
  })

  test('of the other side of a one-to-one, where some have none', async () => {
    const rows = await Author.objects.orderBy('id')
    const found: unknown[] = []
    expect(
      await queriesOf(async () => {
        for (const row of rows) found.push((await row.profile) !== null)
      }),
    ).toBe(1)
    expect(found).toEqual([true, true, true, false])
    const profiles = await Profile.objects.all()
    expect(
      await queriesOf(async () => {
        for (const profile of profiles) await profile.author
      }),
    ).toBe(1)
  })

  test('of rows that were read ahead: peers across all parents', async () => {
    const rows = await Author.objects.prefetchRelated('books__chapters')
    const count = await queriesOf(async () => {
      for (const row of rows)
        for (const book of row.books) for (const chapter of book.chapters as unknown as Chapter[]) await chapter.next
      for (const row of rows) for (const book of row.books) await book.editor
    })
    expect(count).toBe(0) // nothing there
    await Book.objects.update({ editor: authors[0]! })
    const edited = await Author.objects.prefetchRelated('books')
    expect(
      await queriesOf(async () => {
        for (const row of edited) for (const book of row.books) await book.editor
      }),
    ).toBe(1)
  })

  test('of rows whose set was changed since, and forgot them', async () => {
    await Book.objects.update({ editor: authors[3]! })
    const owner = (await Author.objects.prefetchRelated('books'))[0]!
    const book = owner.books.items[0]!
    await owner.books.create({ title: 'Manoir' })
    expect((await book.editor)!.id).toBe(authors[3]!.id)
  })

  test('nulls ask nothing; rows that have it already are not asked for again', async () => {
    const [first, ...rest] = await Book.objects.orderBy('id')
    first!.author = authors[3]!
    const { sql: sent, result } = await watched(async () => {
      for (const row of [first!, ...rest]) await row.editor
      return Promise.all([first!, ...rest].map(async (row) => (await row.author).name))
    })
    expect(sent).toHaveLength(1)
    expect(result[0]).toBe('Author 4')
  })
})

describe('wherever rows come from', () => {
  test('an iterator: one query for each chunk', async () => {
    const names: string[] = []
    const count = await queriesOf(async () => {
      for await (const row of Book.objects.orderBy('id').iterator({ chunk: 2 })) names.push((await row.author).name)
    })
    expect(names).toEqual(authors.map(({ name }) => name))
    expect(count).toBe(1 + 2) // four books, two by two
  })

  test('another database, which is asked', async () => {
    await createTables('other')
    const others = await Author.objects
      .using('other')
      .bulkCreate([1, 2, 3].map((i) => ({ id: authors[i]!.id, name: `Other ${i}` })))
    await Book.objects.using('other').bulkCreate(others.map((author) => ({ title: author.name, author: author.id })))
    const rows = [...(await Book.objects.using('other').orderBy('id')), ...(await Book.objects.orderBy('id'))]
    const names: string[] = []
    const count = await queriesOf(async () => {
      for (const row of rows) names.push((await row.author).name)
    })
    expect(names).toEqual(['Other 1', 'Other 2', 'Other 3', 'Author 1', 'Author 2', 'Author 3', 'Author 4'])
    expect(count).toBe(2)
  })

  test('a template, and what it includes', async () => {
    const engine = new Engine({
      templates: {
        list: "{% for book in books %}{% include 'one' %}{% endfor %}",
        one: '{{ book.author.name }} ({{ book.author.company.name }}), ',
      },
    })
    const books = await Book.objects.orderBy('id')
    let text = ''
    const count = await queriesOf(async () => {
      text = await engine.render('list', { books }, null)
    })
    expect(text).toMatch(/^Author 1 \((?:Selmer|Maccaferri)\), Author 2 /)
    expect(count).toBe(2)
  })
})

describe('what a row says now counts', () => {
  test('after an assignment, a save and a refresh', async () => {
    const rows = await Book.objects.orderBy('id')
    for (const row of rows) await row.author
    rows[0]!.authorId = authors[1]!.id
    expect((await rows[0]!.author).name).toBe('Author 2')
    await rows[0]!.save()
    expect((await rows[1]!.author).name).toBe('Author 2')
    await Book.objects.filter({ id: rows[2]!.id }).update({ author: authors[0]! })
    await rows[2]!.refresh()
    expect((await rows[2]!.author).name).toBe('Author 1')
  })

  test('what leads nowhere is an error of that row, and is not asked for with others again', async () => {
    const rows = await Book.objects.orderBy('id')
    for (const row of rows.slice(0, 3)) row.authorId = 100_000 + row.id
    let errors = 0
    const { sql: sent } = await watched(async () => {
      await Promise.all(
        rows.map(async (row) => {
          try {
            await row.author
          } catch (error) {
            expect(error).toBeInstanceOf(DoesNotExist)
            errors++
          }
        }),
      )
    })
    expect(errors).toBe(3)
    expect(sent).toHaveLength(1)
    rows[0]!.authorId = authors[0]!.id
    expect((await rows[0]!.author).name).toBe('Author 1')
  })

  test('a failure is told to all who wait, and the next one tries again', async () => {
    const rows = await Book.objects.all()
    const controller = new AbortController()
    controller.abort(new Error('stop'))
    const failed = await abortable(controller.signal, async () =>
      Promise.allSettled(rows.map(async (row) => row.author)),
    )
    expect(failed.map(({ status }) => status)).toEqual(rows.map(() => 'rejected'))
    expect((await rows[0]!.author).name).toContain('Author')
  })
})

describe('transactions', () => {
  test('a block reads in the block: what it wrote is seen by its peers', async () => {
    const rows = await Book.objects.orderBy('id')
    await atomic(async () => {
      await Author.objects.update({ name: 'changed' })
      for (const row of rows) expect((await row.author).name).toBe('changed')
    })
  })

  test('a block does not wait for what is read outside of it, which sees other rows', async () => {
    const rows = await Book.objects.orderBy('id')
    const name = async (row: Book) => (await row.author).name
    let outside: Promise<string> | undefined
    await atomic(async () => {
      await Author.objects.update({ name: 'changed' })
      outside = runOutside(() => name(rows[0]!))
      expect(await name(rows[1]!)).toBe('changed')
    })
    expect(await outside).toMatch(/^(Author 1|changed)$/)
  })
})

describe('many, and few', () => {
  test('a hundred thousand peers', { timeout: 60_000 }, async () => {
    const many = 100_000
    const loans = Array.from({ length: many }, (_, i) => ({ book: i % 4, author: i % 4 }))
    const books = await Book.objects.orderBy('id')
    await Loan.objects.bulkCreate(loans.map(({ book, author }) => ({ book: books[book]!, author: authors[author]! })))
    const rows = await Loan.objects.all()
    expect(rows).toHaveLength(many)
    expect(await queriesOf(() => Promise.all(rows.map(async (row) => (await row.author).name)))).toBe(1)
  })

  test('one that is kept keeps no others; a loop whose list is gone still has its peers', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
    const others: WeakRef<Book>[] = []
    const keep = async () => {
      const rows = await Book.objects.orderBy('id')
      others.push(...rows.slice(1).map((row) => new WeakRef(row)))
      return rows[0]!
    }
    const kept = await keep()
    await turn()
    gc()
    await turn()
    expect(others.map((reference) => reference.deref())).toEqual(others.map(() => undefined))
    expect((await kept.author).name).toBe('Author 1')

    const some = async () => (await Book.objects.all()).filter((row) => row.id > 0)
    const rows = await some()
    const count = await queriesOf(async () => {
      for (const row of rows) {
        const author = await row.author
        gc()
        await turn()
        await author.company
      }
    })
    expect(count).toBe(2)
  })
})
