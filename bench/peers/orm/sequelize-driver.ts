/**
 * better-sqlite3 as the module `sqlite3`, which Sequelize asks for (`dialectModule`), so that it runs over what the other
 * libraries run over. Nothing waits: it calls back at once.
 */
import SqliteDatabase from 'better-sqlite3'
import { pragmas } from './sqlite.ts'

type Callback = (this: object, error: Error | null, rows?: unknown[]) => void
/** What a callback finds in `this`. Sequelize looks for a class of this name. */
class Statement {
  lastID = 0
  changes = 0
}

class Database {
  readonly #database: SqliteDatabase.Database
  readonly #prepared = new Map<string, SqliteDatabase.Statement>()
  readonly filename: string
  uuid?: string

  constructor(filename: string, _mode: number, opened: Callback) {
    this.filename = filename
    this.#database = pragmas(new SqliteDatabase(filename))
    queueMicrotask(() => opened.call(this, null))
  }

  serialize(work: () => void): void {
    work()
  }

  all(sql: string, ...rest: [object?, Callback?]): void {
    const callback = rest.findLast((each) => typeof each === 'function') as Callback | undefined
    const values = rest[0] !== undefined && rest[0] !== callback ? named(rest[0] as object) : []
    const done = new Statement()
    let rows: unknown[] = []
    try {
      const statement = this.#prepared.get(sql) ?? this.#database.prepare(sql)
      this.#prepared.set(sql, statement)
      if (statement.reader) rows = statement.all(...values)
      else {
        const { changes, lastInsertRowid } = statement.run(...values)
        done.changes = changes
        done.lastID = Number(lastInsertRowid)
      }
    } catch (error) {
      if (callback === undefined) throw error
      callback.call(done, error as Error)
      return
    }
    callback?.call(done, null, rows)
  }

  run(sql: string, ...rest: [object?, Callback?]): void {
    this.all(sql, ...rest)
  }

  close(callback?: Callback): void {
    this.#database.close()
    callback?.call(this, null)
  }
}

/** `{ $1: value }` as this driver names the same. */
function named(values: object): unknown[] {
  const entries = Object.entries(values)
  return entries.length === 0 ? [] : [Object.fromEntries(entries.map(([name, value]) => [name.slice(1), value]))]
}

export default { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4 }
