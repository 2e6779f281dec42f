/**
 * What a server owes beyond the suite of every backend: lost connections, a pool that is empty, statements that take too
 * long, transactions that disturb each other. Run against each server, in its words.
 */
import { abortable, atomic, IntegrityError } from 'nuages/db'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { DatabaseConfig, SqlRow } from '../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, database } from '../../src/db/connections.ts'
import { Author, Book, Company } from '../db/query/models.ts'
import { createTables } from '../db/query/setup.ts'

/** How a server says what every server can do. */
export interface ServerWords {
  /** Gives the number of the connection that is asked. */
  readonly connection: string
  /** Ends the connection of a number. */
  kill(id: number): string
  /** Makes the connection's transactions read only. */
  readonly readOnly: string
  /** A statement that takes its time. */
  sleep(seconds: number): string
}

/** Rows of SQL as it is. */
export async function rows(text: string, alias = 'default'): Promise<SqlRow[]> {
  const db = database(alias)
  return db.rows(db.backend.compiler.compile({ t: 'rawStatement', parts: [text], nodes: [] }), [])
}

/** Before each test of a file: an empty database with the library's tables, also as `hurried` and `slow`. */
export function freshServer(config: () => DatabaseConfig, drop: () => Promise<void>): void {
  afterAll(async () => {
    await closeDatabases()
    await drop()
  })
  beforeEach(async () => {
    await closeDatabases()
    const fresh = config()
    configureDatabases({
      default: fresh,
      hurried: { ...fresh, lockTimeout: 300 },
      slow: { ...fresh, options: { ...fresh.options, statementTimeout: '100' } },
    })
    await createTables()
  })
}

/** Runs the suite; the file has called {@link freshServer}. */
export function describeServer(words: ServerWords): void {
  test('MDB-04 a server that takes no writes says so, and reads as before', async () => {
    const { config } = database()
    await closeDatabases()
    configureDatabases({ default: { ...config, options: { ...config.options, poolSize: '1' } } })
    await database().exec(words.readOnly)
    await expect(Company.objects.create({ name: 'Gallimard' })).rejects.toMatchObject({
      code: 'db.read-only',
      status: 503,
      hint: expect.stringContaining('write to the primary'),
    })
    await expect(atomic(() => Company.objects.update({ name: 'x' }))).rejects.toMatchObject({ code: 'db.read-only' })
    expect(await Company.objects.count()).toBe(0)
  })

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
        const id = (await rows(words.connection))[0]![0] as number
        await database('slow').exec(words.kill(id))
        await Company.objects.create({ name: 'lost too' })
      })
      await expect(killed).rejects.toMatchObject({ code: 'db.connection-lost' })
      expect(await Company.objects.count()).toBe(0)
      for (let i = 0; i < 6; i++) await atomic(() => Company.objects.create({ name: 'kept' }))
      expect(await Company.objects.count()).toBe(6)
    })

    test('an idle connection that the server kills is nobody’s error', async () => {
      const id = (await rows(words.connection))[0]![0] as number
      await database('slow').exec(words.kill(id))
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(await Company.objects.count()).toBe(0)
    })

    test('a statement that takes too long is stopped', async () => {
      await expect(rows(words.sleep(2), 'slow')).rejects.toMatchObject({
        code: 'db.cancelled',
        hint: expect.stringContaining('longer than statementTimeout'),
      })
      expect(await Company.objects.using('slow').count()).toBe(0)
    })

    test('abortable() stops a statement that runs, in a block and outside, and the connection is of use again', async () => {
      const stop = (work: () => Promise<unknown>) => {
        const controller = new AbortController()
        setTimeout(() => controller.abort(), 50)
        return abortable(controller.signal, work)
      }
      await expect(stop(() => rows(words.sleep(5)))).rejects.toMatchObject({ code: 'db.aborted' })
      const block = stop(() =>
        atomic(async () => {
          await Company.objects.create({ name: 'undone' })
          await rows(words.sleep(5))
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

    test('TX rows read with forUpdate() stay as they are; noWait and skipLocked do not wait', async () => {
      const [a, b] = [await Company.objects.create({ name: 'a' }), await Company.objects.create({ name: 'b' })]
      await atomic(async () => {
        await Company.objects.filter({ id: a.id }).forUpdate().get()
        const elsewhere = (work: () => Promise<unknown>) => atomic(work, { using: 'hurried' })
        const all = () => Company.objects.using('hurried').orderBy('id')
        await expect(elsewhere(() => all().forUpdate({ noWait: true }).list())).rejects.toMatchObject({
          code: 'db.locked',
          hint: expect.stringContaining('Another transaction holds the row'),
        })
        await elsewhere(async () => {
          expect((await all().forUpdate({ skipLocked: true })).map((company) => company.id)).toEqual([b.id])
        })
      })
      await expect(Company.objects.forUpdate().list()).rejects.toMatchObject({ code: 'db.not-in-block' })
      expect(await atomic(() => Company.objects.forUpdate().list())).toHaveLength(2)
    })

    test('TX a row that another holds is waited for no longer than lockTimeout, in a block and outside', async () => {
      const [a, b] = [await Company.objects.create({ name: 'a' }), await Company.objects.create({ name: 'b' })]
      await atomic(async () => {
        await Company.objects.filter({ id: a.id }).update({ name: 'held' })
        const late = () => Company.objects.using('hurried').filter({ id: a.id }).update({ name: 'late' })
        const hint = expect.stringContaining('Another transaction holds the row')
        await expect(late()).rejects.toMatchObject({ code: 'db.locked', status: 503, hint })
        await expect(atomic(late, { using: 'hurried' })).rejects.toMatchObject({ code: 'db.locked' })
        expect(await Company.objects.using('hurried').filter({ id: b.id }).update({ name: 'free' })).toBe(1)
      })
      expect(await Company.objects.orderBy('id').valuesList('name', { flat: true })).toEqual(['held', 'free'])
    })

    test('QS-19 getOrCreate from many at once makes one row', async () => {
      await database().exec('CREATE UNIQUE INDEX company_name ON library_company (name)')
      const made = await Promise.all(Array.from({ length: 20 }, () => Company.objects.getOrCreate({ name: 'Selmer' })))
      expect(made.filter(([, created]) => created)).toHaveLength(1)
      expect(new Set(made.map(([company]) => company.id)).size).toBe(1)
      await Promise.all(
        Array.from({ length: 20 }, () => Company.objects.updateOrCreate({ name: 'Favino' }, { name: 'Favino' })),
      )
      expect(await Company.objects.filter({ name: 'Favino' }).count()).toBe(1)
    })

    test('updates by the column’s own value lose none', async () => {
      const author = await Author.objects.create({ name: 'x' })
      const book = await Book.objects.create({ title: 'n', pages: 0, author })
      await Promise.all(
        Array.from({ length: 30 }, () =>
          Book.objects.filter({ id: book.id }).update({ pages: Book.F('pages').plus(1) }),
        ),
      )
      expect((await Book.objects.get({ id: book.id })).pages).toBe(30)
    })
  })
}
