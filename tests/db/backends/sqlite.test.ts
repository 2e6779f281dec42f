import { connection, sql } from 'nuages/db'
import { afterEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { describeBackend } from '../../contracts/db-backend.ts'
import { freshPath } from '../transactions/databases.ts'

describeBackend('SQLite in a file', () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}` }))
describeBackend('SQLite in memory', () => ({ engine: 'sqlite', url: 'sqlite::memory:' }))

describe('QS-27 an integer beyond 2^53 that comes late in a stream', () => {
  afterEach(closeDatabases)
  test.each(['', '?driver=better-sqlite3', '?worker=true'])('is a bigint, of the same rows%s', async (query) => {
    configureDatabases({ default: { engine: 'sqlite', url: `sqlite:${freshPath()}${query}` } })
    const db = connection()
    await db.execute(sql`create table rows (id integer primary key, n integer)`)
    await db.execute(
      sql`with recursive i(n) as (select 1 union all select n + 1 from i where n < 100)
          insert into rows select n, case n when 80 then 9007199254740993 else n end from i`,
    )
    const seen: unknown[] = []
    const read = { sql: 'select id, n from rows order by id', slots: [], encoders: [], rows: true, bulk: null }
    for await (const rows of database('default').iterate({ ...read, writes: false }, [], 10)) {
      seen.push(...rows)
      // Another writes meanwhile: what is read goes on as it was.
      if (seen.length === 20) await db.execute(sql`delete from rows where id > 30`)
    }
    expect(seen).toHaveLength(100)
    expect(seen[78]).toEqual([79, 79])
    expect(seen[79]).toEqual([80, 9007199254740993n])
    expect(seen[80]).toEqual([81, 81])
  })
})
