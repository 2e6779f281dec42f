/** Attacks on the pool of PostgreSQL: nothing that one request leaves on a connection reaches the next that gets it. */
import { atomic, connection, sql } from 'nuages/db'
import { copyIn, copyOut } from 'nuages/db/postgres'
import { beforeEach, describe, expect, test } from 'vitest'
import { configureDatabases, database } from '../../../src/db/connections.ts'
import { freshServer } from '../../contracts/db-server.ts'
import { Company } from '../query/models.ts'
import { dropSchemas, freshSchemas } from './postgres.ts'

const schema = await freshSchemas(10)
freshServer(schema, dropSchemas)

/** One connection: who comes next gets what was left on it. */
beforeEach(() => {
  const { config } = database()
  configureDatabases({ default: { ...config, options: { ...config.options, poolSize: 1 } } })
})

const failed = (work: PromiseLike<unknown> | void): Promise<unknown> =>
  Promise.resolve(work).then(
    () => 'nothing failed',
    (error: unknown) => error,
  )
const nothing = async (): Promise<void> => undefined
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

describe('TX-01 a transaction that a raw statement leaves open', () => {
  test.each([
    ['at once', nothing],
    ['later', nextTurn],
  ])('is told, and takes no write of another request with it, %s', async (_, wait) => {
    expect(await failed(database().exec('BEGIN'))).toMatchObject({ code: 'db.not-in-block' })
    await wait()
    await Company.objects.create({ id: 1, name: 'told to be stored' })
    await wait()
    await Promise.resolve(database().exec('ROLLBACK')) // a warning of the server
    expect(await Company.objects.count()).toBe(1)
  })

  test('and that failed does not make the statements of other requests fail', async () => {
    const script = failed(database().exec('BEGIN; SELECT 1 / 0; COMMIT'))
    expect(await script).toMatchObject({ message: expect.stringContaining('division by zero') })
    expect(await Company.objects.count()).toBe(0)
    await nextTurn()
    expect(await Company.objects.count()).toBe(0)
  })
})

test('TX-10 settings of a block go with it', async () => {
  await atomic(async () => {
    await connection().execute(sql`set local search_path = pg_catalog`)
    await connection().execute(sql`set local statement_timeout = 1`)
  })
  expect(await Company.objects.count()).toBe(0)
})

describe('SEC-07 COPY', () => {
  const HOSTILE = ['\\.', '\\', 'a\tb', 'a\\nb', '\\N', 'a\r\nb', '\\.\n9\tforged', "'; drop table library_company --"]

  test('no value ends it, begins another row or is null', async () => {
    const rows = Array.from({ length: 4000 }, (_, i) => ({ id: i + 1, name: HOSTILE[i % HOSTILE.length]! }))
    await Company.objects.bulkCreate(rows)
    expect(await Company.objects.orderBy('id').values('id', 'name')).toEqual(rows)
  })

  test('a source that fails in the middle of a row leaves nothing, and the connection as it was', async () => {
    async function* source() {
      yield '1\tone\n2\tt'
      throw new Error('the visitor has gone')
    }
    const copied = copyIn(sql`copy library_company from stdin`, source())
    await expect(copied).rejects.toThrow('the visitor has gone')
    expect(await Company.objects.count()).toBe(0)
  })

  test('what stops a loop over its rows stops no statement after it', async () => {
    await Company.objects.bulkCreate(Array.from({ length: 300 }, (_, i) => ({ id: i + 1, name: 'x'.repeat(100) })))
    for (let i = 0; i < 50; i++) {
      for await (const piece of copyOut(sql`copy library_company to stdout`)) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      expect(await Company.objects.count()).toBe(300)
    }
  })
})
