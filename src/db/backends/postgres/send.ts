/** Statements on their way to the server: prepared by name, rows of bulk inserts as arrays, cursors. */
import type { Compiled, RunResult, SqlRow } from '../backend.ts'
import { asArrays, type PgQuery, type PgResult } from './pg.ts'

/** Texts that get a name: each costs the server memory on every connection. */
const NAMES = 500

const names = new Map<string, string>()

/** A statement as the driver takes it; named, so that the server plans it once. */
export function queryOf({ sql }: Compiled, values: readonly unknown[]): PgQuery {
  let name = names.get(sql)
  if (name === undefined && names.size < NAMES) {
    name = `nuages_${names.size}`
    names.set(sql, name)
  }
  return asArrays(name === undefined ? { text: sql, values } : { name, text: sql, values })
}

/** What a client or a pool does. */
export interface Sender {
  query(query: PgQuery): Promise<PgResult>
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
  return statement.bulk === null ? sender.query(queryOf(statement, params)) : bulk(sender, statement, params)
}

/** What a result says of a statement that was run for its effect. */
export function effect(result: PgResult): RunResult {
  return { changes: result.rowCount ?? 0, lastId: null }
}

let cursors = 0

/** Rows of a statement in chunks, from a cursor in the client's transaction. */
export async function* fetchChunks(
  client: Sender,
  statement: Compiled,
  params: readonly unknown[],
  chunk: number,
): AsyncGenerator<SqlRow[]> {
  const cursor = `"nuages_cursor_${++cursors}"`
  await client.query({ text: `DECLARE ${cursor} NO SCROLL CURSOR FOR ${statement.sql}`, values: params })
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
