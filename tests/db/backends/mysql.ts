/** A MariaDB or MySQL server for tests: each test has a database of its own. */
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { loadBackends } from '../../../src/db/connections.ts'
import { isLeft } from './left.ts'

/** Of this machine, unless `MYSQL_URL` names another. */
export const MYSQL_URL: string = process.env.MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/test'

interface Driver {
  createConnection(options: { uri: string; multipleStatements: boolean }): Promise<{
    query(sql: string): Promise<[Record<string, string>[]]>
    end(): Promise<void>
  }>
}

/** Runs statements on a connection of its own. */
async function withClient<T>(
  work: (query: (sql: string) => Promise<Record<string, string>[]>) => Promise<T>,
): Promise<T> {
  const name = 'mysql2/promise' // an optional peer
  const { createConnection } = (await import(name)) as Driver
  const client = await createConnection({ uri: MYSQL_URL.replace(/^mariadb:/, 'mysql:'), multipleStatements: true })
  try {
    return await work(async (sql) => (await client.query(sql))[0])
  } finally {
    await client.end()
  }
}

const PREFIX = `nuages_${process.pid}_`

const named = (prefix: string): string =>
  `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE '${prefix.replaceAll('_', '\\_')}%'`

/** Makes databases when they are asked for, and gives one at each call; drops those that runs before left. */
export async function freshDatabases(count: number): Promise<() => DatabaseConfig> {
  const config = { engine: 'mysql', url: MYSQL_URL }
  await loadBackends({ default: config })
  // Texts are told apart by every letter, as on the other databases; what the server's own collation does is in mysql-server.test.ts.
  await withClient(async (query) => {
    for (const { name } of await query(named('nuages_'))) {
      if (isLeft(name!)) await query(`DROP DATABASE IF EXISTS \`${name}\``)
    }
    const texts = Array.from(
      { length: count },
      (_, i) => `CREATE DATABASE ${PREFIX}${made + i} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    )
    await query(texts.join('; '))
  })
  let next = made
  const last = made + count
  made = last
  return () => {
    if (next >= last) throw new Error(`more than ${count} databases were asked for`)
    const url = new URL(MYSQL_URL)
    url.pathname = `/${PREFIX}${next++}`
    return { ...config, url: url.href, options: { poolSize: '5' } }
  }
}
let made = 0

/** Drops the databases of this run. */
export async function dropDatabases(): Promise<void> {
  await withClient(async (query) => {
    for (const { name } of await query(named(PREFIX))) await query(`DROP DATABASE \`${name}\``)
  })
}
