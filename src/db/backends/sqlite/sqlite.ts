/**
 * The one place that knows `node:sqlite`: loaded when the first database is opened, and under either name of its
 * class (`DatabaseSync` is being renamed `Database`, DEP0210).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type SqliteDatabase = DatabaseSync
export type SqliteStatement = StatementSync

type Constructor = new (path: string, options: Record<string, unknown>) => SqliteDatabase
let loaded: Constructor | undefined

/** Opens one connection. Errors are the driver's own. */
export function openSqlite(path: string, options: { readOnly?: boolean } = {}): SqliteDatabase {
  if (loaded === undefined) {
    const module = process.getBuiltinModule('node:sqlite') as unknown as Record<string, Constructor | undefined> // two names
    loaded = module.DatabaseSync ?? module.Database
  }
  // timeout 0: SQLite waits for locks by sleeping, and with it would sleep every request of this process.
  return new loaded!(path, { timeout: 0, enableForeignKeyConstraints: true, readOnly: options.readOnly ?? false })
}
