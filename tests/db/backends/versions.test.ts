/** MDB-07: a database that is too old is told so when it is opened. MariaDB and MySQL: mysql-versions.test.ts. */
import { afterEach, expect, test, vi } from 'vitest'
import { readOptions } from '../../../src/db/backends/postgres/options.ts'
import { openPool } from '../../../src/db/backends/postgres/pool.ts'
import { SqliteConnection } from '../../../src/db/backends/sqlite/connection.ts'
import { openSqlite } from '../../../src/db/backends/sqlite/sqlite.ts'

const server = vi.hoisted(() => ({ version: '', ended: false, out: 0 }))

vi.mock('../../../src/db/backends/postgres/pg.ts', () => {
  const query = async () => {
    if (server.version === 'lost') throw Object.assign(new Error('server login has been failing'), { code: '08P01' })
    return { rows: [[server.version]] }
  }
  class Pool {
    connect = async () => {
      server.out++
      return { query, release: () => void server.out-- }
    }
    on() {}
    end = async () => {
      server.ended = true
    }
  }
  return { loadPg: async () => ({ Pool }) }
})
afterEach(() => {
  server.ended = false
  server.out = 0
})

const open = (version: string) => {
  server.version = version
  return openPool('default', readOptions({ engine: 'postgres', url: 'postgres://a@b/c' }))
}

test.each(['90624', '130011', '140020'])('MDB-07: PostgreSQL %s is refused', async (version) => {
  await expect(open(version)).rejects.toMatchObject({
    code: 'db.not-supported',
    message: expect.stringMatching(/^The database is PostgreSQL (9|13|14)\.\d+, which is too old\.$/),
    hint: 'PostgreSQL 15 or newer.',
  })
  expect(server.ended).toBe(true)
})

test.each(['150000', '150020', '180001'])('MDB-07: PostgreSQL %s is taken', async (version) => {
  await open(version)
  expect(server.ended).toBe(false)
})

test('MDB-07: of a pooler whose server is gone the connection is given back before the pool ends, which waits for it', async () => {
  await expect(open('lost')).rejects.toThrow('server login has been failing')
  expect(server).toMatchObject({ out: 0, ended: true })
})

test('MDB-07: an SQLite that is too old is refused', () => {
  const old = (version: string) => () =>
    new SqliteConnection(':memory:', 10, (path) => {
      const database = openSqlite(path)
      const prepare = database.prepare.bind(database)
      database.prepare = (sql) =>
        sql.includes('sqlite_version') ? prepare(`SELECT '${version}' AS version`) : prepare(sql)
      return database
    })
  for (const version of ['3.34.1', '3.37.2', '2.8.17'])
    expect(old(version), version).toThrow(
      expect.objectContaining({
        code: 'db.not-supported',
        message: `The database is SQLite ${version}, which is too old.`,
      }),
    )
  for (const version of ['3.38.0', '3.50.4', '4.0.0']) old(version)().close()
})
