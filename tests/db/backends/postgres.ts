/** A PostgreSQL server for tests: each test has a schema of its own. */
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { loadBackends } from '../../../src/db/connections.ts'
import { isLeft } from './left.ts'

/** Of this machine, unless `POSTGRES_URL` names another. */
export const POSTGRES_URL: string = process.env.POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

type Row = Record<string, string>
interface Pg {
  readonly Client: new (
    url: string,
  ) => {
    connect(): Promise<void>
    query(sql: string): Promise<{ rows: Row[] }>
    end(): Promise<void>
  }
}

/** Runs statements on a connection of its own. */
async function withClient<T>(
  work: (query: (sql: string) => Promise<Row[]>) => Promise<T>,
  url: string = POSTGRES_URL,
): Promise<T> {
  const name = 'pg' // an optional peer
  const { default: pg } = (await import(name)) as { default: Pg }
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(async (sql) => (await client.query(sql)).rows)
  } finally {
    await client.end()
  }
}

const PREFIX = `nuages_${process.pid}_`

/** Makes schemas, and gives one at each call; drops those that runs before left. */
export async function freshSchemas(count: number, url: string = POSTGRES_URL): Promise<() => DatabaseConfig> {
  const config = { engine: 'postgres', url }
  const first = made
  made += count // at once: several calls may run side by side
  await loadBackends({ default: config })
  await withClient(async (query) => {
    await query('CREATE EXTENSION IF NOT EXISTS pgcrypto')
    for (const { nspname } of await query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'nuages\\_%'")) {
      if (isLeft(nspname!)) await query(`DROP SCHEMA IF EXISTS "${nspname}" CASCADE`)
    }
    for (let i = 0; i < count; i++) await query(`CREATE SCHEMA ${PREFIX}${first + i}`)
  }, url)
  let next = first
  return () => {
    if (next >= first + count) throw new Error(`more than ${count} schemas were asked for`)
    return { ...config, options: { searchPath: `${PREFIX}${next++},public`, poolSize: '5' } }
  }
}

let made = 0

/** Drops the schemas of this run. */
export async function dropSchemas(url: string = POSTGRES_URL): Promise<void> {
  await withClient(async (query) => {
    for (const { nspname } of await query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE '${PREFIX}%'`))
      await query(`DROP SCHEMA "${nspname}" CASCADE`)
  }, url)
}

/** Makes databases of their own on the server; gives their URLs. Drops those that runs before left. */
export async function freshDatabases(count: number): Promise<string[]> {
  await withClient(async (query) => {
    for (const { datname } of await query("SELECT datname FROM pg_database WHERE datname LIKE 'nuages\\_%'"))
      if (isLeft(datname!)) await query(`DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`)
    for (let i = 0; i < count; i++) await query(`CREATE DATABASE ${PREFIX}${i} TEMPLATE template0`)
  })
  return Array.from({ length: count }, (_, i) => {
    const url = new URL(POSTGRES_URL)
    url.pathname = `/${PREFIX}${i}`
    return url.href
  })
}

/** Drops the databases of this run. */
export async function dropDatabases(): Promise<void> {
  await withClient(async (query) => {
    for (const { datname } of await query(`SELECT datname FROM pg_database WHERE datname LIKE '${PREFIX}%'`))
      await query(`DROP DATABASE "${datname}" WITH (FORCE)`)
  })
}
