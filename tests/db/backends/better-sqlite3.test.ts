/** The package better-sqlite3 as the driver of SQLite. */
import { atomic, connection, sql } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadBetterSqlite } from '../../../src/db/backends/sqlite/better-sqlite3.ts'
import { createDatabase, database } from '../../../src/db/connections.ts'
import { describeBackend } from '../../contracts/db-backend.ts'
import { add, addMany, freshDatabase, freshPath, names, sqlOf } from '../transactions/databases.ts'

const options = { driver: 'better-sqlite3' }
describeBackend('better-sqlite3 in a file', () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}`, options }))
describeBackend('better-sqlite3 in memory', () => ({ engine: 'sqlite', url: 'sqlite::memory:', options }))

describe('as node:sqlite', () => {
  beforeEach(() => freshDatabase({ options }))

  test('integers beyond 2^53 come as bigints from raw SQL and loops over it, and are refused where they were written', async () => {
    const { rows } = await connection().execute(sql`select 9007199254740993 as large, 5 as small, 1e300 as float`)
    expect(rows).toEqual([[9007199254740993n, 5, 1e300]])
    const returning = sql`insert into item (name, number) values (${'a'}, 9007199254740993) returning number`
    await expect(connection().execute(returning)).rejects.toMatchObject({ code: 'db.integer-too-large' })
    const looped: unknown[] = []
    for await (const rows of database().iterate(sqlOf(database()).all, [])) looped.push(...rows.flat())
    expect(looped).toEqual([1, 'a', 9007199254740993n]) // refused is what was to come back: the row was written
  })

  test('bytes are an Uint8Array, not a Buffer', async () => {
    const { rows } = await connection().execute(sql`select x'0102' as bytes`)
    expect(Object.getPrototypeOf(rows[0]![0])).toBe(Uint8Array.prototype)
  })

  test('a block may write while it reads a loop', async () => {
    await addMany('n', 300)
    const db = database()
    await atomic(async () => {
      for await (const rows of db.iterate(sqlOf(db).names, [], 100)) await add(`more ${rows.length} ${rows[0]![0]}`)
    })
    expect((await names()).length).toBeGreaterThan(302)
  })

  test('errors have their codes', async () => {
    const run = (statement: ReturnType<typeof sql>) => connection().execute(statement)
    await add('a')
    await expect(add('a')).rejects.toMatchObject({
      code: 'db.unique-violation',
      constraint: 'unique',
      table: 'item',
      columns: ['name'],
    })
    await expect(run(sql`select * from nowhere`)).rejects.toMatchObject({ code: 'db.no-such-table' })
    const missing = { code: 'db.no-such-column', hint: expect.stringContaining('nuages migrate') }
    await expect(run(sql`insert into item (nonsense) values (1)`)).rejects.toMatchObject(missing)
    await expect(run(sql`select 1; select 2`)).rejects.toMatchObject({ code: 'db.invalid-sql' })
    await expect(run(sql`select nuages_regex('(', 'a', 0)`)).rejects.toMatchObject({ code: 'db.invalid-pattern' })
    await expect(run(sql`select ${2n ** 70n}`)).rejects.toMatchObject({ code: 'db.invalid-value' })
  })

  test('another process that writes is waited for, then named', async () => {
    const path = freshPath()
    const db = await freshDatabase({ path, options, lockTimeout: 60 })
    const other = (await loadBetterSqlite())(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(add('late')).rejects.toMatchObject({ code: 'db.locked' })
    other.exec('COMMIT')
    other.close()
    await add('now')
    expect(await names(db)).toEqual(['now'])
  })
})

test('other drivers are refused by name', () => {
  const db = createDatabase('default', { engine: 'sqlite', url: 'sqlite::memory:', options: { driver: 'sqlite3' } })
  expect(() => db.open()).toThrow(expect.objectContaining({ code: 'db.invalid-option' }))
})
