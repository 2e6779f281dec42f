/** Results read a chunk at a time. */
import { setImmediate as immediate } from 'node:timers/promises'
import type { Compiled, SqlRow } from '../backend.ts'
import { SLICE, type SqliteConnection } from './connection.ts'

/** Rows between two looks at the clock. */
const LOOK = 64

/** A result that is being read. `close` gives the statement up; `next` then throws what `close` was given. */
export class RowCursor {
  readonly #rows: Iterator<unknown>
  #closed: Error | null = null

  constructor(connection: SqliteConnection, statement: Compiled, params: readonly unknown[]) {
    // Not from the cache: a statement being read cannot be run a second time.
    const prepared = connection.database.prepare(statement.sql)
    prepared.setReturnArrays(true)
    this.#rows = prepared.iterate(...(params as never[])) // bound values, checked by the encoders
  }

  /** Up to `size` rows, fewer when they take long; null at the end. */
  next(size: number): SqlRow[] | null {
    if (this.#closed !== null) throw this.#closed
    const rows: SqlRow[] = []
    const end = performance.now() + SLICE
    while (rows.length < size) {
      const { done, value } = this.#rows.next()
      if (done) return rows.length > 0 ? rows : null
      rows.push(value as SqlRow) // arrays: setReturnArrays
      if (rows.length % LOOK === 0 && performance.now() > end) break
    }
    return rows
  }

  close(reason: Error | null = null): void {
    if (this.#closed !== null) return
    this.#closed = reason ?? new Error('closed')
    this.#rows.return?.()
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
