/**
 * Empty databases for tests, of the engine that `TEST_ENGINE` names (default sqlite, in memory). A file of tests asks
 * for as many as it needs, and gives them back at its end; each line of {@link ENGINES} is one engine.
 */
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'

/** What tests need of a server. */
export interface Engine {
  /** As people call it. */
  readonly name: string
  /** Makes databases (or schemas), and gives one at each call; `together`: how many one test has in blocks at once, default 2. */
  readonly fresh: (count: number, together?: number) => Promise<() => DatabaseConfig>
  /** Drops those of this run. */
  readonly drop: () => Promise<void>
}

const sqlite: Engine = {
  name: 'SQLite',
  fresh: async () => () => ({ engine: 'sqlite', url: 'sqlite::memory:' }),
  drop: async () => undefined,
}

const betterSqlite: Engine = {
  name: 'SQLite',
  fresh: async () => () => ({ engine: 'sqlite', url: 'sqlite::memory:', options: { driver: 'better-sqlite3' } }),
  drop: async () => undefined,
}

const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  sqlite: async () => sqlite,
  'better-sqlite3': async () => betterSqlite,
  'sqlite-worker': async () => {
    const { freshPath } = await import('../transactions/databases.ts') // its files go at the end of each file of tests
    return {
      name: 'SQLite',
      fresh: async () => () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}`, options: { worker: true } }),
      drop: async () => undefined,
    }
  },
  postgres: async () => {
    const { freshSchemas, dropSchemas } = await import('./postgres.ts')
    return { name: 'PostgreSQL', fresh: (count) => freshSchemas(count), drop: () => dropSchemas() }
  },
  pgbouncer: async () => {
    const { freshPastPgbouncer, stopPgbouncer } = await import('./pgbouncer.ts')
    return { name: 'PostgreSQL', fresh: freshPastPgbouncer, drop: stopPgbouncer }
  },
  mysql: async () => {
    const { freshDatabases, dropDatabases } = await import('./mysql.ts')
    return { name: 'MariaDB', fresh: freshDatabases, drop: dropDatabases }
  },
  pglite: async () => {
    const { freshPglite, dropPglite } = await import('./pglite.ts')
    return { name: 'PGlite', fresh: freshPglite, drop: dropPglite }
  },
}

const asked = process.env.TEST_ENGINE ?? 'sqlite'
if (!Object.hasOwn(ENGINES, asked)) throw new Error(`TEST_ENGINE is ${asked}, not one of ${Object.keys(ENGINES)}`)

/** The engine that tests run on. */
export const engine: Engine = await ENGINES[asked]!()
