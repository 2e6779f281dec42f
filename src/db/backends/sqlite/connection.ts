/** One connection of SQLite with its prepared statements. Everything here is synchronous; waiting is the driver's. */
import type { Compiled, NamedRows, RunResult, SqlRow } from '../backend.ts'
import { isTooLarge } from './errors.ts'
import { registerFunctions } from './functions.ts'
import { assertLibrary } from './library.ts'
import { brokenByCommit, brokenByStatement } from './references.ts'
import { type OpenSqlite, openSqlite, type SqliteDatabase, type SqliteStatement } from './sqlite.ts'

interface Prepared {
  readonly statement: SqliteStatement
  /** Used since the cache last looked for room. */
  used: boolean
}

/** How long a loop may run before others get the thread, in milliseconds. */
export const SLICE = 15

/** Work that may take long, in slices: done when `step` gives true. */
export interface Sliced<T> {
  step(): boolean
  readonly result: T
}

// The driver takes bound values as separate arguments; their types are checked by the encoders.
type Bound = never[]

/** A physical connection. */
export class SqliteConnection {
  readonly database: SqliteDatabase
  readonly #prepared = new Map<string, Prepared>()
  readonly #limit: number

  /**
   * @param open   of which driver; default node:sqlite
   * @throws NotSupportedError db.not-supported for an SQLite that is too old
   */
  constructor(path: string, limit: number, open: OpenSqlite = openSqlite) {
    this.database = open(path)
    this.#limit = limit
    try {
      // The first to read the file: another process may have it locked.
      const version = this.database.prepare('SELECT sqlite_version()')
      version.setReturnArrays(true)
      assertLibrary(String(version.all()[0]?.[0 as never]))
      registerFunctions(this.database)
    } catch (error) {
      this.database.close()
      throw error
    }
  }

  /** The prepared statement of a text; kept by text, so equal statements compiled twice share one. */
  prepare(sql: string): SqliteStatement {
    const known = this.#prepared.get(sql)
    if (known !== undefined) {
      known.used = true
      return known.statement
    }
    const statement = this.database.prepare(sql)
    statement.setReturnArrays(true)
    if (this.#prepared.size >= this.#limit) this.#makeRoom()
    this.#prepared.set(sql, { statement, used: false })
    return statement
  }

  /** Second chance (Corbató 1968): the oldest goes unless used since; a hit then costs no reordering. */
  #makeRoom(): void {
    for (const [sql, entry] of this.#prepared) {
      this.#prepared.delete(sql)
      if (!entry.used) return
      entry.used = false
      this.#prepared.set(sql, entry)
    }
  }

  /** Everything the database holds; null where the driver cannot tell, or not take it back. */
  serialize(): Uint8Array | null {
    const { database } = this
    if (database.deserialize === undefined || database.serialize === undefined) return null
    const bytes = database.serialize()
    // A file's log is read with it; what is opened in memory must not say that it has one (sqlite.org/fileformat.html#file_format_version_numbers).
    bytes.fill(1, 18, 20)
    return bytes
  }

  /** The bytes of {@link serialize} as this database, in memory. */
  deserialize(bytes: Uint8Array): void {
    this.#prepared.clear() // they end with the database they were made for
    this.database.deserialize!(bytes) // whoever has such bytes has it
  }

  /** Statements kept. */
  get preparedCount(): number {
    return this.#prepared.size
  }

  rows(statement: Compiled, params: readonly unknown[]): SqlRow[] {
    const prepared = this.prepare(statement.sql)
    try {
      return prepared.all(...(params as Bound)) as unknown as SqlRow[] // arrays: setReturnArrays
    } catch (error) {
      if (statement.writes) throw brokenByStatement(error, this, () => prepared.all(...(params as Bound)))
      if (!isTooLarge(error)) throw error
      return this.#rowsWithBigints(statement.sql, params)
    }
  }

  /** Integers too large for a number come as bigint, the rest as numbers. Raw SQL only: typed columns are cast. */
  #rowsWithBigints(sql: string, params: readonly unknown[]): SqlRow[] {
    const statement = this.database.prepare(sql)
    statement.setReturnArrays(true)
    statement.setReadBigInts(true)
    const rows = statement.all(...(params as Bound)) as unknown as SqlRow[] // as above
    for (const row of rows) narrowRow(row)
    return rows
  }

  run(statement: Compiled, params: readonly unknown[]): RunResult {
    const prepared = this.prepare(statement.sql)
    try {
      const { changes, lastInsertRowid } = prepared.run(...(params as Bound))
      return { changes: Number(changes), lastId: lastInsertRowid }
    } catch (error) {
      throw brokenByStatement(error, this, () => prepared.run(...(params as Bound)))
    }
  }

  /** Raw SQL: rows with the names of their columns, or how many a statement without rows changed. */
  named(statement: Compiled, params: readonly unknown[]): NamedRows {
    const columns = this.prepare(statement.sql)
      .columns()
      .map(({ name }) => name)
    if (columns.length === 0) return { columns, rows: [], changes: this.run(statement, params).changes }
    const rows = this.rows(statement, params)
    return { columns, rows, changes: rows.length }
  }

  /** Rows of one bulk insert, a chunk at a time; the caller sees to it that all of them or none stay. */
  bulk(statement: Compiled, params: readonly unknown[]): Sliced<{ rows: SqlRow[]; result: RunResult }> {
    const plan = statement.bulk!
    const { width, rowsPerChunk, count } = plan
    const rows: SqlRow[] = []
    let changes = 0
    let lastId: number | bigint | null = null
    let done = 0
    return {
      step: () => {
        const end = performance.now() + SLICE
        while (done < count && performance.now() < end) {
          const whole = count - done >= rowsPerChunk
          const size = whole ? rowsPerChunk : 1
          const prepared = this.prepare(whole && rowsPerChunk > 1 ? plan.chunkSql : statement.sql)
          const values = params.slice(done * width, (done + size) * width) as Bound
          if (statement.rows) {
            for (const row of prepared.all(...values) as unknown as SqlRow[]) rows.push(row) // as above
          } else {
            const result = prepared.run(...values)
            changes += Number(result.changes)
            lastId = result.lastInsertRowid
          }
          done += size
        }
        return done >= count
      },
      get result() {
        return { rows, result: { changes: statement.rows ? rows.length : changes, lastId } }
      },
    }
  }

  exec(sql: string): void {
    try {
      this.database.exec(sql)
    } catch (error) {
      throw sql === 'COMMIT' ? brokenByCommit(error, this) : error
    }
  }

  /** One value of one row, for pragmas. */
  value(sql: string): unknown {
    return this.prepare(sql).all()[0]?.[0 as never]
  }

  close(): void {
    this.#prepared.clear()
    if (this.database.isOpen) this.database.close()
  }
}

/** Integers that fit a number as numbers, in place; the others stay bigint. */
export function narrowRow(row: SqlRow): void {
  for (let i = 0; i < row.length; i++) {
    const value = row[i]
    if (typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      row[i] = Number(value)
    }
  }
}
