/** What only a server of MariaDB or MySQL can do to us: lost connections, an empty pool, locks, its own collations. */
import { abortable, atomic, IntegrityError, TransactionError } from 'nuages/db'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { SqlRow } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, database } from '../../../src/db/connections.ts'
import { Author, Book, Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { dropDatabases, freshDatabases, MYSQL_URL } from './mysql.ts'

const fresh = await freshDatabases(30)
afterAll(async () => {
  await closeDatabases()
  await dropDatabases()
})
beforeEach(async () => {
  await closeDatabases()
  const config = fresh()
  configureDatabases({
    default: config,
    hurried: { ...config, lockTimeout: 300 },
    slow: { ...config, options: { ...config.options, statementTimeout: '100' } },
  })
  await createTables()
})

const raw = (text: string) => database().backend.compiler.compile({ t: 'rawStatement', parts: [text], nodes: [] })
const rows = async (text: string, alias = 'default'): Promise<SqlRow[]> => database(alias).rows(raw(text), [])
/** The server's number of the connection that serves the current block. */
const connectionId = async (): Promise<number> => (await rows('SELECT CONNECTION_ID()'))[0]![0] as number

describe('a pool', () => {
  test('that is empty is told after the time to wait, and is whole again afterwards', async () => {
    const gate = Promise.withResolvers<void>()
    const all = Promise.withResolvers<void>()
    let inside = 0
    const holders = Array.from({ length: 5 }, () =>
      atomic(
        () => {
          if (++inside === 5) all.resolve()
          return gate.promise
        },
        { using: 'hurried' },
      ),
    )
    await all.promise
    await expect(Author.objects.using('hurried').count()).rejects.toMatchObject({
      code: 'db.pool-exhausted',
      status: 503,
    })
    gate.resolve()
    await Promise.all(holders)
    expect(await Author.objects.using('hurried').count()).toBe(0)
  })

  test('many statements at once wait their turn', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, i) => Company.objects.create({ name: `c${i}` })))
    expect(await Company.objects.count()).toBe(100)
    const counts = Array.from({ length: 50 }, () => Company.objects.filter({ name__startswith: 'c1' }).count())
    expect(new Set(await Promise.all(counts))).toEqual(new Set([11]))
  })

  test('a connection that the server kills in a block: rolled back, told, and the pool heals', async () => {
    const killed = atomic(async () => {
      await Company.objects.create({ name: 'lost' })
      const id = await connectionId()
      await database('slow').exec(`KILL ${id}`)
      await Company.objects.create({ name: 'lost too' })
    })
    await expect(killed).rejects.toMatchObject({ code: 'db.connection-lost' })
    expect(await Company.objects.count()).toBe(0)
    for (let i = 0; i < 6; i++) await atomic(() => Company.objects.create({ name: 'kept' }))
    expect(await Company.objects.count()).toBe(6)
  })

  test('an idle connection that the server kills is nobody’s error', async () => {
    const id = await connectionId()
    await database('slow').exec(`KILL ${id}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await Company.objects.count()).toBe(0)
  })

  test('a statement that takes too long is stopped', async () => {
    await expect(rows('SELECT SLEEP(2) FROM information_schema.tables', 'slow')).rejects.toMatchObject({
      code: 'db.cancelled',
    })
    expect(await Company.objects.using('slow').count()).toBe(0)
  })

  test('abortable() stops a statement that runs, in a block and outside, and the connection is of use again', async () => {
    const stop = (work: () => Promise<unknown>) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 50)
      return abortable(controller.signal, work)
    }
    await expect(stop(() => rows('SELECT SLEEP(5)'))).rejects.toMatchObject({ code: 'db.aborted' })
    const block = stop(() =>
      atomic(async () => {
        await Company.objects.create({ name: 'undone' })
        await rows('SELECT SLEEP(5)')
      }),
    )
    await expect(block).rejects.toMatchObject({ code: 'db.aborted' })
    expect(await Company.objects.count()).toBe(0)
  })

  test('a loop over rows left early, or failing, gives its connection back', async () => {
    await Company.objects.bulkCreate(Array.from({ length: 50 }, (_, i) => ({ name: `c${i}` })))
    for (let i = 0; i < 12; i++) {
      for await (const company of Company.objects.iterator({ chunk: 7 })) if (company.name) break
    }
    const loop = async () => {
      for await (const company of Company.objects.iterator({ chunk: 7 })) throw new Error(company.name)
    }
    for (let i = 0; i < 12; i++) await expect(loop()).rejects.toThrow()
    expect(await Company.objects.count()).toBe(50)
  })

  test('other statements of a block run while a loop of it reads', async () => {
    await Company.objects.bulkCreate(Array.from({ length: 300 }, (_, i) => ({ name: `c${i}` })))
    await atomic(async () => {
      let seen = 0
      for await (const company of Company.objects.orderBy('id').iterator({ chunk: 7 })) {
        if (seen++ === 10) await Company.objects.filter({ id: company.id }).update({ name: 'seen' })
      }
      expect(seen).toBe(300)
    })
    expect(await Company.objects.filter({ name: 'seen' }).count()).toBe(1)
  })
})

describe('transactions', () => {
  test('what fails in a block of its own leaves the outer one whole', async () => {
    await atomic(async () => {
      await Company.objects.create({ id: 1, name: 'one' })
      await expect(atomic(() => Company.objects.create({ id: 1, name: 'again' }))).rejects.toThrow(IntegrityError)
      await Company.objects.create({ id: 2, name: 'two' })
    })
    expect(await Company.objects.count()).toBe(2)
  })

  test('a reference is checked at once, and the error names table and column', async () => {
    await expect(Author.objects.create({ name: 'x', company: 77 })).rejects.toMatchObject({
      code: 'db.foreign-key-violation',
      constraint: 'foreignKey',
      table: 'library_author',
      columns: ['company_id'],
    })
  })

  test('references that were not checked for a while are at the commit, also those over several columns', async () => {
    const db = database()
    await db.exec('CREATE TABLE "pair" ("a" integer, "b" integer, PRIMARY KEY ("a", "b"))')
    await db.exec(
      'CREATE TABLE "of_pair" ("x" integer, "y" integer, CONSTRAINT "to_pair" FOREIGN KEY ("x", "y") REFERENCES "pair" ("a", "b"))',
    )
    await db.exec('INSERT INTO "pair" VALUES (1, 1), (2, 2)')
    const deferred = (text: string) =>
      atomic(async () => {
        await db.currentBlock()?.connection.deferConstraints?.()
        await db.exec(text)
      })
    // Each column alone is there; the pair is not.
    await expect(deferred('INSERT INTO "of_pair" VALUES (1, 2)')).rejects.toMatchObject({
      code: 'db.foreign-key-violation',
      table: 'of_pair',
      columns: ['x', 'y'],
    })
    expect(await rows('SELECT COUNT(*) FROM "of_pair"')).toEqual([[0]])
    await deferred('INSERT INTO "of_pair" VALUES (2, 3), (3, NULL), (1, 1); INSERT INTO "pair" VALUES (2, 3)')
    expect(await rows('SELECT COUNT(*) FROM "of_pair"')).toEqual([[3]])
  })

  test('a change of tables in a block is refused: it would commit what was written before', async () => {
    const block = atomic(async () => {
      await Company.objects.create({ name: 'x' })
      await database().exec('CREATE TABLE more (id int)')
    })
    await expect(block).rejects.toThrow(TransactionError)
    await expect(block).rejects.toMatchObject({ code: 'db.ddl-in-block' })
    expect(await Company.objects.count()).toBe(0)
  })

  test('two that wait for each other: one is told, the other goes on, and nothing of the first is stored', async () => {
    const [a, b] = [await Company.objects.create({ name: 'a' }), await Company.objects.create({ name: 'b' })]
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const run = (first: number, second: number, own: 0 | 1) =>
      atomic(async () => {
        await Company.objects.filter({ id: first }).update({ name: `${own}` })
        both[own].resolve()
        await both[own === 0 ? 1 : 0].promise
        await Company.objects.filter({ id: second }).update({ name: `${own}` })
      })
    const results = await Promise.allSettled([run(a.id, b.id, 0), run(b.id, a.id, 1)])
    const failed = results.findIndex((result) => result.status === 'rejected')
    expect((results[failed] as PromiseRejectedResult).reason).toMatchObject({ code: 'db.deadlock', status: 503 })
    const other = failed === 0 ? '1' : '0'
    expect(await Company.objects.orderBy('id').valuesList('name', { flat: true })).toEqual([other, other])
  })

  test('a row that another holds is waited for no longer than lockTimeout', async () => {
    const a = await Company.objects.create({ name: 'a' })
    await atomic(async () => {
      await Company.objects.filter({ id: a.id }).update({ name: 'held' })
      const elsewhere = Company.objects.using('hurried').filter({ id: a.id }).update({ name: 'late' })
      await expect(elsewhere).rejects.toMatchObject({ code: 'db.locked' })
    })
  })

  test('TX rows read with forUpdate() stay as they are; noWait and skipLocked do not wait', async () => {
    const [a, b] = [await Company.objects.create({ name: 'a' }), await Company.objects.create({ name: 'b' })]
    await atomic(async () => {
      await Company.objects.filter({ id: a.id }).forUpdate().get()
      const elsewhere = (work: () => Promise<unknown>) => atomic(work, { using: 'hurried' })
      const all = () => Company.objects.using('hurried').orderBy('id')
      await expect(elsewhere(() => all().forUpdate({ noWait: true }).list())).rejects.toMatchObject({
        code: 'db.locked',
      })
      await elsewhere(async () => {
        expect((await all().forUpdate({ skipLocked: true })).map((company) => company.id)).toEqual([b.id])
      })
    })
  })

  test('QS-19 getOrCreate from many at once makes one row', async () => {
    await database().exec('CREATE UNIQUE INDEX company_name ON library_company (name)')
    const made = await Promise.all(Array.from({ length: 20 }, () => Company.objects.getOrCreate({ name: 'Selmer' })))
    expect(made.filter(([, created]) => created)).toHaveLength(1)
    expect(new Set(made.map(([company]) => company.id)).size).toBe(1)
  })

  test('updates by the column’s own value lose none', async () => {
    const author = await Author.objects.create({ name: 'x' })
    const book = await Book.objects.create({ title: 'n', pages: 0, author })
    await Promise.all(
      Array.from({ length: 30 }, () => Book.objects.filter({ id: book.id }).update({ pages: Book.F('pages').plus(1) })),
    )
    expect((await Book.objects.get({ id: book.id })).pages).toBe(30)
  })
})

test('changes by a list of keys look rows up by their index, however many there are', async () => {
  await Company.objects.bulkCreate(Array.from({ length: 3000 }, (_, i) => ({ name: `c${i}` })))
  const id = { t: 'column', table: null, column: 'id', kind: 'auto' } as const
  const where = { t: 'in', left: id, right: { t: 'param', slot: 0, kind: 'auto', list: true } } as const
  const table = 'library_company'
  const set = [{ column: 'name', value: { t: 'literal', value: 'x' } }] as const
  for (const statement of [{ t: 'delete', table, where } as const, { t: 'update', table, set, where } as const]) {
    const compiled = database().backend.compiler.compile(statement)
    const explain = { ...compiled, sql: `EXPLAIN ${compiled.sql}`, rows: true, writes: false }
    const plan = await database().rows(explain, [[1, 2, 3]])
    expect(plan.find((row) => row[2] === table)![3]).toBe('eq_ref')
    expect((await database().run(compiled, [[1, 2, 3]])).changes).toBe(statement.t === 'delete' ? 3 : 0)
  }
  const ids = Array.from({ length: 3000 }, (_, i) => i + 1)
  expect(await Company.objects.filter({ id__in: ids }).update({ name: 'y' })).toBe(2997)
  expect(await Company.objects.filter({ id__in: ids }).update({ name: 'y' })).toBe(2997) // matched, not changed
})

describe('a session', () => {
  test('speaks UTC and utf8mb4, is strict, and takes a backslash as a letter', async () => {
    const [row] = await rows("SELECT @@time_zone, @@character_set_connection, @@sql_mode, 'a\\b'")
    expect(row).toEqual(['+00:00', 'utf8mb4', expect.stringMatching(/NO_BACKSLASH_ESCAPES.*STRICT_ALL_TABLES/), 'a\\b'])
    await expect(Company.objects.create({ name: 'x'.repeat(300) })).rejects.toMatchObject({ code: 'db.invalid-value' })
  })

  test('constants with backslashes and quotes stay inside their quotes, whatever the mode of the session', async () => {
    const value = "\\' OR 1=1 -- \\"
    const { compiler } = database().backend
    for (const mode of ['', 'NO_BACKSLASH_ESCAPES']) {
      await atomic(async () => {
        await database().exec(`SET SESSION sql_mode = '${mode}'`)
        expect(await rows(`SELECT ${compiler.literal(value, 'text')}`)).toEqual([[value]])
        await database().exec(
          "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
        )
      })
    }
    const company = await Company.objects.create({ name: value })
    expect(await Company.objects.filter({ name__endswith: '-- \\' }).valuesList('id', { flat: true })).toEqual([
      company.id,
    ])
  })

  test('contains tells capitals apart and icontains does not, whatever the collation of the table', async () => {
    await database().exec('ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    await closeDatabases() // for sessions that know of it
    await database().exec('ALTER TABLE library_company CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    await Company.objects.create({ name: 'Café Noir' })
    const found = async (where: object): Promise<boolean> => Company.objects.filter(where).exists()
    expect(await found({ name__contains: 'Noir' })).toBe(true)
    expect(await found({ name__contains: 'noir' })).toBe(false)
    expect(await found({ name__icontains: 'NOIR' })).toBe(true)
    expect(await found({ name__icontains: 'CAFE' })).toBe(false)
    expect(await found({ name__iexact: 'café noir' })).toBe(true)
    expect(await found({ name__regex: 'Caf. n' })).toBe(false)
    expect(await found({ name__iregex: 'Caf. n' })).toBe(true)
    // Equality is the table's own: as in Django, this collation takes capitals and accents as alike.
    expect(await found({ name: 'CAFE NOIR' })).toBe(true)
    expect(await found({ name__in: ['CAFE NOIR'] })).toBe(true)
  })

  test('values are stored as Django stores them', async () => {
    const author = await Author.objects.create({ name: 'x' })
    await Book.objects.create({
      title: 'n',
      author,
      price: '1.50',
      publishedAt: new Date('2024-02-29T12:30:15.050Z'),
      settings: { langs: ['fr'] },
    })
    const stored = await rows(
      'SELECT CAST(price AS CHAR), CAST(published_at AS CHAR), settings, visible FROM library_book',
    )
    expect(stored).toEqual([['1.50', '2024-02-29 12:30:15.050000', '{"langs":["fr"]}', 1]])
  })
})

describe('a database that cannot be opened', () => {
  const { host } = new URL(MYSQL_URL)
  test.each([
    ['mysql://root@127.0.0.1:1/test', 'db.cannot-connect'],
    [`mysql://root@${host}/there_is_none`, 'db.no-such-database'],
    [`mysql://nobody_here:secret@${host}/test`, 'db.access-denied'],
    [`mysql://root@${host}/test?poolSize=none`, 'db.invalid-option'],
    [`mysql://root@${host}/test?isolation=chaos`, 'db.invalid-option'],
  ])('%s', async (text, code) => {
    const [url, query] = text.split('?') as [string, string?]
    const options = Object.fromEntries(new URLSearchParams(query))
    configureDatabases({ default: { engine: 'mysql', url, options } })
    const error = await Promise.resolve(Company.objects.count()).then(
      () => null,
      (reason) => reason,
    )
    expect(error).toMatchObject({ code })
    expect(String(error)).not.toContain('secret')
  })
})
