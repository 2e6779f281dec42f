/** Statements on their way to the server: prepared by name, rows of bulk inserts as arrays, cursors. */
import type { Compiled, Isolation, NamedRows, RunResult, SqlRow } from '../backend.ts'
import { COPY_ROWS, copyLines } from './copy.ts'
import type { PgQuery, PgResult } from './pg.ts'
import { type Prepared, unnamed } from './statement-names.ts'

/** Where statements go: a connection, or whichever is free. */
export interface Sender {
  query(query: PgQuery): Promise<PgResult>
  /**
   * A statement that is likely to come again: the server keeps its plan where it can. One that has become stale fails,
   * and is given up: see {@link isStale}.
   */
  prepared(sql: string, values: readonly unknown[]): Promise<PgResult>
  /** A statement without values and without a name. Its columns are asked for once, as long as it is the same object. */
  unprepared(statement: Prepared): Promise<PgResult>
  /** Sends the rows of a COPY … FROM STDIN; missing where that cannot be. Nothing else may run meanwhile. */
  copyIn?(sql: string, pieces: Iterable<Buffer>): Promise<PgResult>
  /** A COPY … FROM STDIN or … TO STDOUT of the project's own; missing where that cannot be. */
  copyFrom?(sql: string, source: AsyncIterable<Uint8Array>): Promise<PgResult>
  copyTo?(sql: string): AsyncIterable<Uint8Array>
  /** The same connection, its statements stopped when a signal fires; missing where that cannot be. */
  until?(signal: AbortSignal): Sender
}

/** A sender whose statements end with a signal, where there is one and they can. */
export function until(sender: Sender, signal: AbortSignal | undefined): Sender {
  return signal === undefined ? sender : (sender.until?.(signal) ?? sender)
}

/** Rows of a bulk insert, thousands at a time: each column's values are one array. */
async function bulk(sender: Sender, statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
  const { count, width, rowsPerChunk, chunkSql, copySql } = statement.bulk!
  if (copySql !== undefined && count >= COPY_ROWS && sender.copyIn !== undefined)
    return sender.copyIn(copySql, copyLines(params, width))
  const rows: SqlRow[] = []
  let changes = 0
  for (let done = 0; done < count; done += rowsPerChunk) {
    const size = Math.min(rowsPerChunk, count - done)
    const columns = Array.from({ length: width }, (_, column) => columnOf(params, done * width + column, width, size))
    const result = await sender.prepared(width === 0 ? statement.sql : chunkSql, columns)
    if (size === count) return result
    for (const row of result.rows) rows.push(row)
    changes += result.rowCount ?? 0
  }
  return { rowCount: changes, rows }
}

/** Every `width`-th value from `at` on. */
function columnOf(params: readonly unknown[], at: number, width: number, size: number): unknown[] {
  const values: unknown[] = new Array(size)
  for (let row = 0; row < size; row++) values[row] = params[at + row * width]
  return values
}

/** A table was changed since the statement was prepared: columns of the result are of other types now. */
export function isStale(error: unknown): boolean {
  const { code, routine } = error as { readonly code?: unknown; readonly routine?: unknown }
  return code === '0A000' && routine === 'RevalidateCachedQuery'
}

/** Sends a statement. */
export function send(sender: Sender, statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
  return statement.bulk === null ? sender.prepared(statement.sql, params) : bulk(sender, statement, params)
}

/** One statement outside a block; several of a bulk insert are one transaction. */
export async function alone(
  sender: Sender,
  statement: Compiled,
  params: readonly unknown[],
  signal?: AbortSignal,
): Promise<PgResult> {
  if (statement.bulk !== null && statement.bulk.count > statement.bulk.rowsPerChunk)
    return inTransaction(sender, statement, params, { begin: 'BEGIN', signal })
  const stopped = until(sender, signal)
  try {
    return await send(stopped, statement, params)
  } catch (error) {
    if (!isStale(error)) throw error
    return send(stopped, statement, params) // nothing was done: it is prepared anew
  }
}

/** `BEGIN`, with a level that is known to be one. */
export function beginSql(isolation: Isolation | null): string {
  return isolation === null ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}`
}

/** A statement in a transaction that `begin` begins; on connections that do not wait in between, in one round trip. */
export async function inTransaction(
  sender: Sender,
  statement: Compiled,
  params: readonly unknown[],
  { begin, signal }: { readonly begin: string; readonly signal: AbortSignal | undefined },
): Promise<PgResult> {
  const begun = sender.query({ text: begin })
  const sent = send(until(sender, signal), statement, params)
  // After a failure it rolls back. Rows of a bulk insert are not all sent yet.
  const committed = statement.bulk === null ? sender.query({ text: 'COMMIT' }) : null
  const [start, done, end] = await Promise.allSettled([begun, sent, committed])
  if (committed === null) await sender.query({ text: done.status === 'fulfilled' ? 'COMMIT' : 'ROLLBACK' })
  for (const each of [start, done, end]) if (each.status === 'rejected') throw each.reason
  return sent
}

export function rowsOf({ rows }: PgResult): SqlRow[] {
  return rows
}

/** What a result says of a statement that was run for its effect. */
export function effect(result: PgResult): RunResult {
  return { changes: result.rowCount ?? 0, lastId: null }
}

/** What a result says of raw SQL. */
export function namedRows({ fields = [], rows, rowCount }: PgResult): NamedRows {
  return { columns: fields.map(({ name }) => name), rows, changes: rowCount ?? 0 }
}

let cursors = 0

/**
 * Rows of a statement in chunks, from a cursor in the client's transaction; with `hold` it outlives the transaction, and
 * the server keeps all of its rows until the loop ends.
 */
export async function* fetchChunks(
  client: Pick<Sender, 'query' | 'unprepared'>,
  statement: Compiled,
  params: readonly unknown[],
  chunk: number,
  hold = false,
): AsyncGenerator<SqlRow[]> {
  const cursor = `"nuages_cursor_${++cursors}"`
  await client.query({
    text: `DECLARE ${cursor} NO SCROLL CURSOR${hold ? ' WITH HOLD' : ''} FOR ${statement.sql}`,
    values: params,
  })
  const fetch = unnamed(`FETCH FORWARD ${chunk} FROM ${cursor}`)
  try {
    for (;;) {
      const { rows } = await client.unprepared(fetch)
      if (rows.length > 0) yield rows
      if (rows.length < chunk) return
    }
  } finally {
    // Where the transaction has failed or ended, the cursor is gone already.
    await client.query({ text: `CLOSE ${cursor}` }).catch(() => undefined)
  }
}
