/** Rows without keys get each its own, in whichever order a database gives them back. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Backend, Connection, DatabaseConfig, SqlRow } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, createDatabase, registerBackend } from '../../../src/db/connections.ts'
import { engine } from '../backends/fresh.ts'
import { Company } from './models.ts'
import { createTables } from './setup.ts'

/** Mixes the rows that statements of many rows give back. */
let mixed: (rows: SqlRow[]) => SqlRow[] = (rows) => rows

/** A configuration like another, whose rows come in the order of {@link mixed}. */
function disorderly(config: DatabaseConfig): DatabaseConfig {
  const inner = createDatabase('inner', config).backend
  const name = `disorderly-${config.engine}`
  const open: Backend['open'] = async (given, alias) => {
    const driver = await inner.open({ ...given, engine: config.engine }, alias)
    const { writer } = driver
    const rows: Connection['rows'] = async (statement, params, signal) => {
      const all = await writer.rows(statement, params, signal)
      return statement.bulk === null ? all : mixed(all)
    }
    return {
      reader: driver.reader,
      writer: {
        rows,
        run: (...given) => writer.run(...given),
        iterate: (...given) => writer.iterate(...given),
        exec: (sql) => writer.exec(sql),
      },
      begin: (options) => driver.begin(options),
      translateError: (error, sql) => driver.translateError(error, sql),
      close: () => driver.close(),
    }
  }
  registerBackend({ ...inner, name, open })
  return { ...config, engine: name }
}

describe(`QS-21 bulkCreate() of rows without keys (${engine.name})`, () => {
  beforeAll(async () => {
    const fresh = await engine.fresh(1)
    configureDatabases({ default: disorderly(fresh()) })
    await createTables()
  }, 120_000)
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })

  test('each row has the key of the row that was stored', async () => {
    const orders = fc.oneof(fc.constant('as given' as const), fc.array(fc.nat(), { minLength: 40, maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 40 }), async (order, count) => {
        const place = (i: number): number => (order === 'as given' ? i : order[i]!)
        mixed = (rows) => {
          const places = rows.map((row, i) => ({ row, at: place(i), i })).sort((a, b) => a.at - b.at || a.i - b.i)
          // Upside down it is as a sequence that counts down, and taken as that.
          const falls = places.length > 1 && places.every(({ i }, n) => n === 0 || i < places[n - 1]!.i)
          return falls ? rows : places.map(({ row }) => row)
        }
        const rows = await Company.objects.bulkCreate(
          Array.from({ length: count }, (_, i) => ({ name: `company ${count - i}` })),
        )
        const stored = await Company.objects.inBulk(rows.map((row) => row.id))
        for (const row of rows) expect(stored.get(row.id)?.name).toBe(row.name)
      }),
      { numRuns: 60 },
    )
  })

  test('keys that a sequence counts down stay as they came', async () => {
    mixed = (rows) => rows.map(([id]) => [-Number(id)])
    const rows = await Company.objects.bulkCreate([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    expect(rows.map((row) => row.id)).toEqual(rows.map((row) => row.id).toSorted((a, b) => b - a))
  })
})
