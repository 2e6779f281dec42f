/** Statements on their way to the server: prepared by name, rows of bulk inserts as arrays, cursors. */
import type { Compiled, NamedRows, RunResult, SqlRow } from '../backend.ts'
import { asArrays, type PgQuery, type PgResult } from './pg.ts'

/** Where statements go: a connection, or whichever is free. */
export interface Sender {
  query(query: PgQuery): Promise<PgResult>
  /** A statement that is likely to come again: the server keeps its plan where it can. */
  prepared(sql: string, values: readonly unknown[]): Promise<PgResult>
  /** The same connection, its statements stopped when a signal fires; missing where that cannot be. */
  until?(signal: AbortSignal): Sender
}

/** A sender whose statements end with a signal, where there is one and they can. */
export function until(sender: Sender, signal: AbortSignal | undefined): Sender {
  return signal === undefined ? sender : (sender.until?.(signal) ?? sender)
}

/** Rows of a bulk insert, thousands at a time: each column's values are one array. */
async function bulk(sender: Sender, statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
  const { count, width, rowsPerChunk, chunkSql } = statement.bulk!
  const rows: SqlRow[] = []
  let changes = 0
  for (let done = 0; done < count; done += rowsPerChunk) {
    const size = Math.min(rowsPerChunk, count - done)
    const columns = Array.from({ length: width }, (_, column) =>
      Array.from({ length: size }, (_, row) => params[(done + row) * width + column]),
    )
    const text = width === 0 ? statement.sql : chunkSql
    const result = await sender.query(asArrays({ text, values: columns }))
    for (const row of result.rows) rows.push(row)
    changes += result.rowCount ?? 0
  }
  return { command: 'INSERT', rowCount: changes, rows }
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
  const stopped = until(sender, signal)
  if (statement.bulk === null || statement.bulk.count <= statement.bulk.rowsPerChunk)
    return send(stopped, statement, params)
  await sender.query({ text: 'BEGIN' })
  try {
    const result = await send(stopped, statement, params)
    await sender.query({ text: 'COMMIT' })
    return result
  } catch (error) {
    await sender.query({ text: 'ROLLBACK' }).catch(() => undefined)
    throw error
  }
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
  client: Pick<Sender, 'query'>,
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
  try {
    for (;;) {
      const { rows } = await client.query(asArrays({ text: `FETCH FORWARD ${chunk} FROM ${cursor}` }))
      if (rows.length > 0) yield rows
      if (rows.length < chunk) return
    }
  } finally {
    // Where the transaction has failed or ended, the cursor is gone already.
    await client.query({ text: `CLOSE ${cursor}` }).catch(() => undefined)
  }
}
