/** Statements on their way to the server: rows of bulk inserts many at a time, counts as everywhere, keys without RETURNING. */
import { NotSupportedError } from '../../errors.ts'
import type { Compiled, NamedRows, RunResult, SqlRow } from '../backend.ts'
import type { MysqlEffect, MysqlField, MysqlOutcome } from './mysql2.ts'
import type { Session } from './session.ts'
import type { InsertPlan, MysqlStatement } from './statement.ts'

/** What a statement gave. */
export interface Sent {
  readonly rows: SqlRow[]
  readonly result: RunResult
  /** The last outcome, with the server's status. */
  readonly outcome: MysqlOutcome
}

/** Rows that an insert changed: the server counts an updated row twice, or one that stayed once. */
function changesOf({ affectedRows, info }: MysqlEffect, insert: InsertPlan | undefined): number {
  if (insert === undefined || insert.conflict === 'none') return affectedRows
  const [, records, duplicates] = /^Records: (\d+) +Duplicates: (\d+)/.exec(info) ?? []
  if (records === undefined) return Math.min(affectedRows, 1) // one row
  return insert.conflict === 'upsert' ? Number(records) : Number(records) - Number(duplicates)
}

/** Asked before anything is written: what MySQL would not answer must not be stored either. */
function assertAnswered({ server }: Session, { rows, insert, sql, stuck }: MysqlStatement): void {
  if (!server.isMariaDb && stuck !== undefined) {
    throw new NotSupportedError(
      `MySQL assigns columns one after another, and another one is computed from ${stuck} as it was.`,
      {
        code: 'db.not-supported',
        hint: 'Nothing was written. Write the columns by two statements in one atomic(), or use MariaDB.',
        sql,
      },
    )
  }
  if (server.isMariaDb || !rows || insert === undefined || (insert.identity && insert.conflict === 'none')) return
  throw new NotSupportedError('MySQL tells nothing of a new row but its number.', {
    code: 'db.not-supported',
    hint: 'Nothing was written. Write without asking for the row and read it again, or use MariaDB.',
    sql,
  })
}

/** Rows of RETURNING; of MySQL, which has none, the keys it gave, which follow one another within a statement. */
function returned(outcome: MysqlOutcome, count: number, { server }: Session): SqlRow[] {
  if (Array.isArray(outcome)) return outcome
  const first = Number(outcome.insertId)
  return Array.from({ length: count }, (_, i) => [first + i * server.step])
}

async function one(session: Session, statement: MysqlStatement, params: readonly unknown[], count = 1): Promise<Sent> {
  const { sql, encoders, insert } = statement
  const outcome = await session.execute(sql, params, encoders)
  const rows = statement.rows
    ? insert === undefined
      ? Array.isArray(outcome)
        ? outcome
        : []
      : returned(outcome, count, session)
    : []
  if (Array.isArray(outcome)) return { rows, result: { changes: rows.length, lastId: null }, outcome }
  const lastId = Number(outcome.insertId)
  return { rows, result: { changes: changesOf(outcome, insert), lastId: lastId === 0 ? null : lastId }, outcome }
}

/** Sizes of statements for what is left after full chunks: few texts, so that each is prepared once. */
function* sizes(count: number, most: number): Generator<number> {
  for (let left = count; left > 0; ) {
    const size = left >= most ? most : 2 ** Math.floor(Math.log2(left))
    yield size
    left -= size
  }
}

/** Rows of a bulk insert, `rowsPerChunk` at a time. */
async function bulk(session: Session, statement: MysqlStatement, params: readonly unknown[]): Promise<Sent> {
  const { count, width, rowsPerChunk } = statement.bulk!
  const { head, row, tail } = statement.insert!
  const rows: SqlRow[] = []
  let changes = 0
  let done = 0
  let last: Sent | null = null
  for (const size of sizes(count, rowsPerChunk)) {
    const sql = head + Array.from({ length: size }, () => row).join(', ') + tail
    last = await one(session, { ...statement, sql }, params.slice(done * width, (done + size) * width), size)
    for (const item of last.rows) rows.push(item)
    changes += last.result.changes
    done += size
  }
  return { rows, result: { changes, lastId: last?.result.lastId ?? null }, outcome: last?.outcome ?? [] }
}

/** Sends a statement. */
export async function send(session: Session, statement: Compiled, params: readonly unknown[]): Promise<Sent> {
  const mine = statement as MysqlStatement // made by this backend's compiler, or by hand without `insert`
  assertAnswered(session, mine)
  return mine.bulk === null ? one(session, mine, params) : bulk(session, mine, params)
}

/** Raw SQL, with the names of its columns. */
export async function sendNamed(
  session: Session,
  { sql, encoders }: Compiled,
  params: readonly unknown[],
): Promise<{ named: NamedRows; outcome: MysqlOutcome }> {
  const [outcome, given] = await session.named(sql, params, encoders)
  // A procedure gives a list of results, and of their columns: the first is its answer.
  const isList = Array.isArray(given[0])
  const first = isList ? (outcome as unknown as readonly MysqlOutcome[])[0]! : outcome // as its columns are
  const fields = (isList ? given[0] : given) as readonly MysqlField[] // as above
  const isRows = Array.isArray(first)
  const named = {
    columns: isRows ? fields.map(({ name }) => name) : [],
    rows: isRows ? first : [],
    changes: isRows ? first.length : first.affectedRows,
  }
  return { named, outcome }
}

/** How many statements a bulk insert takes. */
export function statementsOf({ bulk: plan }: Compiled): number {
  return plan === null ? 1 : [...sizes(plan.count, plan.rowsPerChunk)].length
}
