/** What routers and replicas do, on two databases that really are two: rows tell which was asked. */
import {
  atomic,
  Case,
  connection,
  Exists,
  ModelError,
  onCommit,
  QueryUsageError,
  type Router,
  sql,
  using,
  Value,
  When,
  withReplicas,
} from 'nuages/db'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, configureRouters, database, onQuery } from '../../../src/db/internal.ts'
import { Author, Book, Company, Tag } from '../query/models.ts'
import { createTables } from '../query/setup.ts'

/** Two empty databases of one engine. */
export type Pair = () => { readonly one: DatabaseConfig; readonly two: DatabaseConfig }

const names = async (alias: string): Promise<string[]> => [
  ...(await Company.objects.using(alias).orderBy('name').valuesList('name', { flat: true })),
]

/** Aliases of the statements that `work` sends. */
async function asked(work: () => PromiseLike<unknown>): Promise<string[]> {
  const aliases: string[] = []
  const stop = onQuery((event) => aliases.push(event.alias))
  try {
    await work()
  } finally {
    stop()
  }
  return aliases
}

export function describeRouting(pair: Pair): void {
  afterEach(() => configureRouters([]))
  afterAll(closeDatabases)
  describeReplicas(pair)
  describeRouters(pair)
  describeAffinity(pair)
}

function describeReplicas(pair: Pair): void {
  describe('replicas', () => {
    beforeEach(async () => {
      await closeDatabases()
      const { one, two } = pair()
      configureDatabases({ default: { ...one, replicas: ['copy'] }, copy: two })
      for (const alias of ['default', 'copy']) await createTables(alias)
      await using('default', () => Company.objects.create({ id: 100, name: 'of the primary' }))
      await database('copy').exec("INSERT INTO library_company (id, name) VALUES (100, 'of the replica')")
    })
    const read = async () => (await Company.objects.get({ id: 100 })).name

    test('MDB-04: reads of a scope go to the replica; outside of one everything goes to the primary', async () => {
      expect(await withReplicas(read)).toBe('of the replica')
      expect(await read()).toBe('of the primary')
      expect(await withReplicas(() => Company.objects.filter({ id: 100 }).valuesList('name', { flat: true }))).toEqual([
        'of the replica',
      ])
      const streamed = await withReplicas(async () => {
        const found: string[] = []
        for await (const company of Company.objects.iterator()) found.push(company.name)
        return found
      })
      expect(streamed).toEqual(['of the replica'])
    })

    test('MDB-04: after a write the scope reads what it wrote; others go on reading the replica', async () => {
      await withReplicas(async () => {
        expect(await read()).toBe('of the replica')
        const beside = withReplicas(async () => undefined)
        await Company.objects.create({ name: 'new' })
        expect(await read()).toBe('of the primary')
        expect(await Company.objects.filter({ name: 'new' }).exists()).toBe(true)
        await beside
      })
      expect(await withReplicas(read)).toBe('of the replica')
      await withReplicas(async () => {
        await connection().execute(sql`update library_company set name = ${'raw'} where id = 100`)
        expect(await read()).toBe('raw')
      })
    })

    test('a write that its block undoes, and one in an inner scope, count as well', async () => {
      await withReplicas(async () => {
        await withReplicas(() =>
          atomic(async () => {
            await Company.objects.create({ name: 'new' })
            throw new Error('undone')
          }).catch(() => undefined),
        )
        expect(await read()).toBe('of the primary')
      })
    })

    test('MDB-04: everything in a block is on the primary, forUpdate() with it; after a block that only read, replicas again', async () => {
      await withReplicas(async () => {
        await atomic(async () => {
          expect(await read()).toBe('of the primary')
          expect((await Company.objects.forUpdate().get({ id: 100 })).name).toBe('of the primary')
          onCommit(async () => expect(await read()).toBe('of the replica'))
        })
        expect(await read()).toBe('of the replica')
      })
    })

    test("using('primary') reads the primary; the replica's alias reads the replica", async () => {
      await withReplicas(async () => {
        expect(await using('primary', read)).toBe('of the primary')
        expect(await using('primary', () => Company.objects.valuesList('name', { flat: true }))).toEqual([
          'of the primary',
        ])
        expect(await read()).toBe('of the replica')
      })
      expect((await Company.objects.using('copy').get({ id: 100 })).name).toBe('of the replica')
      expect(await using('copy', read)).toBe('of the replica')
    })

    test('rows of the replica are saved, deleted and refreshed on the primary', async () => {
      const company = await withReplicas(() => Company.objects.get({ id: 100 }))
      company.name = 'changed'
      await company.save()
      expect([await names('default'), await names('copy')]).toEqual([['changed'], ['of the replica']])
      const named = await Company.objects.using('copy').get({ id: 100 })
      await named.delete()
      expect([await names('default'), await names('copy')]).toEqual([[], ['of the replica']])
    })

    test('getOrCreate() looks on the primary: what the replica does not have yet is not made twice', async () => {
      await using('default', () => Company.objects.create({ id: 200, name: 'late' }))
      await withReplicas(async () => {
        const [company, created] = await Company.objects.getOrCreate({ name: 'late' })
        expect([company.id, created]).toEqual([200, false])
      })
      expect(await names('default')).toEqual(['late', 'of the primary'])
    })

    test('statements tell the alias of the replica', async () => {
      expect(await asked(() => withReplicas(read))).toEqual(['copy'])
      expect(await asked(() => withReplicas(() => Company.objects.create({ name: 'x' })))).toEqual(['default'])
    })

    test('a replica is another alias, of the same engine, without replicas of its own', () => {
      const { one, two } = pair()
      for (const replicas of [['nobody'], ['default']])
        expect(() => configureDatabases({ default: { ...one, replicas }, copy: two })).toThrow('cannot be a replica')
      expect(() =>
        configureDatabases({ default: { ...one, replicas: ['copy'] }, copy: { ...two, replicas: ['default'] } }),
      ).toThrow('cannot be a replica')
    })

    test('a mirror is another name of one database', async () => {
      const { one } = pair()
      await closeDatabases()
      configureDatabases({ default: one, copy: { ...one, mirror: 'default' } })
      await createTables()
      await Company.objects.create({ name: 'x' })
      expect(await names('copy')).toEqual(['x'])
      await atomic(async () => {
        await Company.objects.using('copy').create({ name: 'y' })
        throw new Error('undone')
      }).catch(() => undefined)
      expect(await names('default')).toEqual(['x'])
    })
  })
}

function twoDatabases(pair: Pair): void {
  beforeEach(async () => {
    await closeDatabases()
    const { one, two } = pair()
    configureDatabases({ default: one, other: two })
    for (const alias of ['default', 'other']) await createTables(alias)
  })
}

function describeRouters(pair: Pair): void {
  describe('routers', () => {
    twoDatabases(pair)

    const companies: Router = {
      dbForRead: (model) => (model === Company ? 'other' : null),
      dbForWrite: (model) => (model === Company ? 'other' : null),
    }

    test('MDB-02: choose by model, the first answer counts, none is the default', async () => {
      configureRouters([{}, companies, { dbForRead: () => 'nowhere', dbForWrite: () => 'default' }])
      await Company.objects.create({ name: 'there' })
      expect([await names('default'), await names('other')]).toEqual([[], ['there']])
      expect(await Company.objects.count()).toBe(1)
      await expect(Author.objects.count()).rejects.toMatchObject({ code: 'db.unknown-database' })
      await Author.objects.create({ name: 'here' })
      expect(await Author.objects.using('default').count()).toBe(1)
    })

    test('MDB-02: every way to write asks dbForWrite, every way to read dbForRead', async () => {
      configureRouters([{ dbForRead: () => 'default', dbForWrite: () => 'other' }])
      await Company.objects.create({ id: 1, name: 'a' })
      await new Company({ id: 2, name: 'b' }).save()
      await Company.objects.bulkCreate([{ id: 3, name: 'c' }])
      await Company.objects.upsert([{ id: 4, name: 'd' }], { conflict: ['id'], update: ['name'] })
      expect([await names('default'), await names('other')]).toEqual([[], ['a', 'b', 'c', 'd']])
      expect(await Company.objects.filter({ id: 1 }).update({ name: 'A' })).toBe(1)
      expect((await Company.objects.filter({ id: 2 }).delete()).total).toBe(1)
      expect(await names('other')).toEqual(['A', 'c', 'd'])
      const [found, created] = await Company.objects.getOrCreate({ name: 'c' })
      expect([found.id, created]).toEqual([3, false])
      const [updated] = await Company.objects.updateOrCreate({ id: 4 }, { name: 'D' })
      expect(updated.name).toBe('D')
      expect(await names('other')).toEqual(['A', 'D', 'c'])
      expect(await Company.objects.count()).toBe(0)
      expect(await Company.objects.list()).toEqual([])
      expect(await atomic(() => Company.objects.forUpdate().count(), { using: 'other' })).toBe(3)
    })

    test('MDB-02: hints name the instance, and what was read from one database is written where routers say', async () => {
      const seen: unknown[] = []
      configureRouters([
        {
          dbForRead: () => 'default',
          dbForWrite: (_model, { instance }) => {
            seen.push(instance)
            return 'other'
          },
        },
      ])
      for (const alias of ['default', 'other']) await Company.objects.using(alias).create({ id: 1, name: alias })
      const company = await Company.objects.get({ id: 1 })
      company.name = 'changed'
      await company.save()
      expect(seen).toEqual([company])
      expect([await names('default'), await names('other')]).toEqual([['default'], ['changed']])
      await company.delete()
      expect([await names('default'), await names('other')]).toEqual([['default'], []])
    })

    test('MDB-03: using() per query, per save, around code and on a manager is stronger than routers', async () => {
      configureRouters([companies])
      await Company.objects.using('default').create({ name: 'query' })
      await new Company({ name: 'save' }).save({ using: 'default' })
      await using('default', () => Company.objects.create({ name: 'scope' }))
      expect(await names('default')).toEqual(['query', 'save', 'scope'])
      expect(await names('other')).toEqual([])
      const manager = Company.objects.using('default')
      expect(await manager.filter({ name: 'save' }).count()).toBe(1)
      expect(await using('default', () => Company.objects.count())).toBe(3)
    })

    test('a failing router is nobody’s secret', async () => {
      configureRouters([
        {
          dbForRead: () => {
            throw new RangeError('of the router')
          },
        },
      ])
      await expect(Company.objects.count()).rejects.toThrow('of the router')
    })
  })
}

function describeAffinity(pair: Pair): void {
  describe('instances and their database', () => {
    twoDatabases(pair)

    function authorIn(alias: string): Promise<Author> {
      return Author.objects.using(alias).create({ name: alias })
    }

    test('MDB-02: related queries of an instance go to its database', async () => {
      const author = await authorIn('other')
      await author.books.create({ title: 'there' })
      expect(await Book.objects.count()).toBe(0)
      expect((await author.books).map((book) => book.title)).toEqual(['there'])
      const book = await Book.objects.using('other').get({ title: 'there' })
      expect((await book.author).name).toBe('other')
      await book.tags.create({ slug: 'tag' })
      expect([await Tag.objects.count(), await Tag.objects.using('other').count()]).toEqual([0, 1])
      const [again] = await Author.objects.using('other').prefetchRelated('books')
      expect([...again!.books].map((each) => each.title)).toEqual(['there'])
      await author.refresh()
    })

    test('MDB-02: routers are asked for related queries, with the instance', async () => {
      const author = await authorIn('other')
      const seen: unknown[] = []
      configureRouters([
        {
          dbForRead: (_model, { instance }) => {
            seen.push(instance)
            return null
          },
        },
      ])
      expect(await author.books).toEqual([])
      expect(seen).toEqual([author])
    })

    test('a new instance goes where those it refers to are', async () => {
      const author = await authorIn('other')
      await new Book({ title: 'new', author }).save()
      await Book.objects.create({ title: 'created', author })
      expect(await Book.objects.using('other').count()).toBe(2)
      expect(await Book.objects.count()).toBe(0)
    })

    test('MDB-03: a relation into another database is refused', async () => {
      const [here, there] = [await authorIn('default'), await authorIn('other')]
      const book = await here.books.create({ title: 'here' })
      const refused = { code: 'db.cross-database' }
      expect(() => {
        book.editor = there
      }).toThrow(ModelError)
      expect(() => {
        book.editor = there
      }).toThrow('of the database "default" cannot lead to')
      await expect(new Book({ title: 'x', author: here, editor: there }).save()).rejects.toMatchObject(refused)
      await expect(Book.objects.using('default').create({ title: 'x', author: there })).rejects.toMatchObject(refused)
      await expect(here.friends.add(there)).rejects.toMatchObject(refused)
      await expect(here.books.add(await there.books.create({ title: 'there' }))).rejects.toMatchObject(refused)
      expect(await Book.objects.count()).toBe(1)
    })

    test('MDB-03: a row of another database is no value of a condition, unless a router says so', async () => {
      const [here, there] = [await authorIn('default'), await authorIn('other')]
      await here.books.create({ title: 'here' })
      const refused = { name: 'ModelError', code: 'db.cross-database' }
      const asked = [
        () => Book.objects.filter({ author: there }).count(),
        () => Book.objects.exclude({ author__in: [here, there] }).list(),
        () => Book.objects.get(Book.Q({ author: here }).or({ editor: there })),
        () => Book.objects.filter({ author: there }).delete(),
        () => Book.objects.using('other').filter({ author: here }).exists(),
      ]
      for (const ask of asked) await expect((async () => ask())()).rejects.toMatchObject(refused)
      expect(await Book.objects.filter({ author: here }).count()).toBe(1)
      expect(await Book.objects.using('other').filter({ author: there }).count()).toBe(0)
      const told: [boolean, object][] = []
      configureRouters([
        {
          allowRelation: (one, other) => {
            told.push([one instanceof Book, other])
            return true
          },
        },
      ])
      expect(await Book.objects.filter({ author: there }).count()).toBe(there.id === here.id ? 1 : 0)
      expect(told).toEqual([[true, there]])
    })

    test('MDB-03: a row of another database is no value of a change, unless a router says so', async () => {
      const [here, there] = [await authorIn('default'), await authorIn('other')]
      const book = await here.books.create({ title: 'here' })
      const refused = { name: 'ModelError', code: 'db.cross-database' }
      const upsert = { conflict: ['id'], update: { editor: there } } as const
      const changes = [
        () => Book.objects.update({ editor: there }),
        () => Book.objects.update({ editor: there, pages: Book.F('pages').plus(1) }),
        () => here.books.update({ editor: there }),
        () => Book.objects.update({ editor: Value(there) }),
        () => Book.objects.update({ editor: Case([When({ title: 'here' }, Value(there))]) }),
        () => Book.objects.update({ editor: Case([When({ title: 'here' }, Value(there))], Value(here)) }),
        () => Book.objects.update({ editor: Case([When({ editor: there }, Value(here.id))]) }),
        () => Book.objects.create({ title: 'new', author: Value(there) as never }),
        () => Book.objects.using('other').update({ editor: here }),
        () => Book.objects.bulkCreate([{ title: 'new', author: there }]),
        () => Book.objects.bulkUpdate([new Book({ id: book.id, title: 'x', author: there })], ['author']),
        () => Book.objects.upsert([{ id: book.id, title: 'x', author: there }], { ...upsert, update: ['author'] }),
        () => Book.objects.upsert([{ id: book.id, title: 'x', author: here }], upsert),
        () => new Book({ id: book.id, title: 'x', author: there }).save({ using: 'default', forceUpdate: true }),
        () => Book.objects.getOrCreate({ title: 'new' }, { author: there }),
        () => Book.objects.updateOrCreate({ title: 'here' }, { editor: there }),
        () => book.save({ set: { editor: there } }),
      ]
      for (const [i, change] of changes.entries())
        await expect((async () => change())(), `change ${i}`).rejects.toMatchObject(refused)
      for (const alias of ['default', 'other'])
        expect(await Book.objects.using(alias).valuesList('title', 'editorId')).toEqual(
          alias === 'default' ? [['here', null]] : [],
        )
      expect(await Book.objects.update({ editor: here })).toBe(1)
      configureRouters([{ allowRelation: () => true }])
      expect(await Book.objects.update({ editor: there })).toBe(1)
      expect((await Book.objects.get({ title: 'here' })).editorId).toBe(there.id)
    })

    test('MDB-02: allowRelation() of a router may allow it', async () => {
      const [here, there] = [await authorIn('default'), await authorIn('other')]
      configureRouters([{ allowRelation: () => null }, { allowRelation: () => true }])
      const book = await here.books.create({ title: 'here' })
      book.editor = there
      expect(book.editorId).toBe(there.id)
      configureRouters([{ allowRelation: () => false }])
      expect(() => {
        book.editor = here
      }).toThrow('cannot lead to')
    })

    test('MDB-03: rows are copied by save({ using }), with their keys', async () => {
      const author = await authorIn('default')
      const book = await author.books.create({ title: 'copied' })
      await author.save({ using: 'other' })
      await book.save({ using: 'other' })
      expect(await Book.objects.using('other').filter({ author__name: 'default' }).count()).toBe(1)
    })

    test('a query with a query of another database inside is refused; of the same it runs there', async () => {
      const inner = Author.objects.using('other').filter({ name: 'other' })
      const author = await authorIn('other')
      await author.books.create({ title: 'there' })
      await expect(Book.objects.filter({ author__in: inner }).count()).rejects.toMatchObject({
        code: 'db.cross-database-query',
      })
      await expect(Book.objects.get({ author__in: inner })).rejects.toThrow(QueryUsageError)
      await expect(Book.objects.filter({ author__in: inner }).update({ pages: 1 })).rejects.toThrow(QueryUsageError)
      expect(await Book.objects.using('other').filter({ author__in: inner }).count()).toBe(1)
      const mixed = () => Book.objects.using('default').union(Book.objects.using('other'))
      expect(mixed).toThrow('One query cannot read the databases')
    })

    test('MDB-02: a query inside of a model that routers keep elsewhere is refused before it is sent', async () => {
      const isThere = (alias: string, model: unknown): boolean => (model === 'Company') === (alias === 'other')
      configureRouters([
        {
          dbForRead: (model) => (model.meta.name === 'Company' ? 'other' : null),
          dbForWrite: (model) => (model.meta.name === 'Company' ? 'other' : null),
          allowMigrate: (alias, _app, { model }) => isThere(alias, model),
        },
      ])
      const companies = Company.objects.filter({ name: 'x' })
      const inside = Author.objects.filter({ company__in: companies })
      const message = /keep library\.Company out of it; they are in "other"/
      const refused = { code: 'db.cross-database-query', message: expect.stringMatching(message) }
      const sent = await asked(async () => {
        await expect((async () => inside)()).rejects.toMatchObject(refused)
        await expect(inside.count()).rejects.toMatchObject(refused)
        await expect(inside.exists()).rejects.toMatchObject(refused)
        await expect(inside.update({ name: 'y' })).rejects.toMatchObject(refused)
        await expect(inside.delete()).rejects.toMatchObject(refused)
        const exists = Exists(Company.objects.filter({ id: Author.OuterRef('companyId') })) as never
        await expect((async () => Author.objects.annotate({ exists }))()).rejects.toMatchObject(refused)
      })
      expect(sent).toEqual([])
      expect(await Author.objects.filter({ id__in: Book.objects.values('authorId') }).count()).toBe(0)
      // Everything is in a copy that no migration touches.
      configureRouters([{ dbForRead: () => 'other', allowMigrate: (alias) => alias === 'default' }])
      expect(await inside.count()).toBe(0)
    })
  })
}
