/** Results read a chunk at a time. */
import { setImmediate as immediate } from 'node:timers/promises'
import type { Compiled, SqlRow } from '../backend.ts'
import { narrowRow, SLICE, type SqliteConnection } from './connection.ts'
import { isTooLarge } from './errors.ts'

/** Rows between two looks at the clock. */
const LOOK = 64

/** A result that is being read. `close` gives the statement up; `next` then throws what `close` was given. */
export class RowCursor {
  readonly #connection: SqliteConnection
  readonly #statement: Compiled
  readonly #params: readonly unknown[]
  #rows: Iterator<unknown>
  /** Rows read so far. */
  #count = 0
  /** Integers come as bigint, since one was too large for a number. Raw SQL only: typed columns are cast. */
  #wide = false
  #closed: Error | null = null

  constructor(connection: SqliteConnection, statement: Compiled, params: readonly unknown[]) {
    this.#connection = connection
    this.#statement = statement
    this.#params = params
    this.#rows = this.#open()
  }

  /** Up to `size` rows, fewer when they take long; null at the end. */
  next(size: number): SqlRow[] | null {
    if (this.#closed !== null) throw this.#closed
    const rows: SqlRow[] = []
    const end = performance.now() + SLICE
    while (rows.length < size) {
      const { done, value } = this.#step()
      if (done) return rows.length > 0 ? rows : null
      this.#count++
      const row = value as SqlRow // arrays: setReturnArrays
      if (this.#wide) narrowRow(row)
      rows.push(row)
      if (rows.length % LOOK === 0 && performance.now() > end) break
    }
    return rows
  }

  close(reason: Error | null = null): void {
    if (this.#closed !== null) return
    this.#closed = reason ?? new Error('closed')
    this.#rows.return?.()
  }

  #open(): Iterator<unknown> {
    // Not from the cache: a statement being read cannot be run a second time.
    const prepared = this.#connection.database.prepare(this.#statement.sql)
    prepared.setReturnArrays(true)
    if (this.#wide) prepared.setReadBigInts(true)
    return prepared.iterate(...(this.#params as never[])) // bound values, checked by the encoders
  }

  #step(): IteratorResult<unknown> {
    try {
      return this.#rows.next()
    } catch (error) {
      if (this.#wide || this.#statement.writes || !isTooLarge(error)) throw error
    }
    // Once more from the beginning, past the rows that were read: the first statement is open until then, and keeps its snapshot.
    const first = this.#rows
    this.#wide = true
    this.#rows = this.#open()
    for (let i = 0; i < this.#count; i++) this.#rows.next()
    const step = this.#rows.next()
    first.return?.()
    return step
  }
}

/** Chunks of up to `chunk` rows; other work of the process runs in between. */
export async function* iterateRows(
  connection: SqliteConnection,
  statement: Compiled,
  params: readonly unknown[],
  chunk: number,
): AsyncGenerator<SqlRow[]> {
  const cursor = new RowCursor(connection, statement, params)
  try {
    for (let rows = cursor.next(chunk); rows !== null; rows = cursor.next(chunk)) {
      yield rows
      await immediate()
    }
  } finally {
    cursor.close()
  }
}
