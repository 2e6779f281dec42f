import type { Database } from 'better-sqlite3'

/** The settings that Nuages gives a connection, for those who leave them to the user. */
export function pragmas(database: Database): Database {
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.pragma('foreign_keys = ON')
  database.pragma('cache_size = -8000')
  database.pragma('temp_store = MEMORY')
  database.pragma('busy_timeout = 5000')
  return database
}
