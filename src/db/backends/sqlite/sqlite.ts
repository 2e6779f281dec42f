/**
 * What we use of a driver of SQLite, and how one is loaded: `node:sqlite`, when the first database is opened and under
 * either name of its class (`DatabaseSync` is being renamed `Database`, DEP0210), or the package better-sqlite3.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { ConfigurationError } from '../../../std/errors.ts'
import type { MaybePromise } from '../backend.ts'

/** A prepared statement of either SQLite driver. */
export type SqliteStatement = Pick<
  StatementSync,
  'all' | 'run' | 'iterate' | 'columns' | 'setReturnArrays' | 'setReadBigInts'
>
/** An open SQLite database: what `node:sqlite` and `better-sqlite3` have in common. */
export interface SqliteDatabase
  extends Pick<DatabaseSync, 'isOpen' | 'isTransaction' | 'exec' | 'close' | 'function' | 'aggregate'> {
  prepare(sql: string): SqliteStatement
  /** `node:sqlite` of newer Node: bytes of a database, and such bytes as the database. */
  serialize?(): Uint8Array
  deserialize?(bytes: Uint8Array): void
}
/** Opens one connection. Errors are the driver's own. */
export type OpenSqlite = (path: string, options?: { readOnly?: boolean }) => SqliteDatabase

type Constructor = new (path: string, options: Record<string, unknown>) => SqliteDatabase
let loaded: Constructor | undefined

/** Opens one connection of `node:sqlite`. */
export const openSqlite: OpenSqlite = (path, options = {}) => {
  if (loaded === undefined) {
    const module = process.getBuiltinModule('node:sqlite') as unknown as Record<string, Constructor | undefined> // two names
    loaded = module.DatabaseSync ?? module.Database
  }
  // timeout 0: SQLite waits for locks by sleeping, and with it would sleep every request of this process.
  return new loaded!(path, { timeout: 0, enableForeignKeyConstraints: true, readOnly: options.readOnly ?? false })
}

/**
 * The driver that the option `driver` names; default `node:sqlite`.
 * @throws ConfigurationError db.invalid-option, db.driver-missing
 */
export function sqliteOpener(name: unknown = 'node:sqlite'): MaybePromise<OpenSqlite> {
  if (name === 'node:sqlite') return openSqlite
  if (name === 'better-sqlite3') return import('./better-sqlite3.ts').then((module) => module.loadBetterSqlite())
  throw new ConfigurationError(`${JSON.stringify(name)} is no driver of SQLite.`, {
    code: 'db.invalid-option',
    hint: 'Use node:sqlite (default) or better-sqlite3.',
  })
}
