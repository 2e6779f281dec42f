/**
 * Which reference leads nowhere: SQLite says only that one does. Asked when a statement or a COMMIT has failed, of the
 * rows as they would be, and only where looking at every reference takes a moment: no input may stop the process for longer.
 */
import type { SqliteConnection } from './connection.ts'
import { isBrokenReference } from './errors.ts'

/** Databases up to this many bytes are looked through. */
const MOST = 32 * 1024 * 1024

/** References that lead nowhere, each as a text of its table, row, parent and number. */
type Broken = ReadonlySet<string>

/** The error of a statement outside a transaction: it is done once more inside one, which is rolled back. */
export function brokenByStatement(error: unknown, connection: SqliteConnection, again: () => unknown): unknown {
  if (!isBrokenReference(error) || connection.database.isTransaction) return error
  return named(error, connection, () => {
    connection.exec('BEGIN IMMEDIATE')
    again()
  })
}

/** The error of a COMMIT, whose transaction is still there; then it is rolled back. */
export function brokenByCommit(error: unknown, connection: SqliteConnection): unknown {
  if (!isBrokenReference(error) || !connection.database.isTransaction) return error
  return named(error, connection, () => undefined)
}

/** With the columns behind the message, as SQLite has those of a unique constraint. */
function named(error: Error, connection: SqliteConnection, begin: () => void): unknown {
  try {
    if (sizeOf(connection) > MOST) return error
    begin()
    const after = brokenIn(connection)
    connection.exec('ROLLBACK')
    // What was broken before is not what this broke.
    const before = brokenIn(connection)
    const first = [...after].find((each) => !before.has(each))
    if (first !== undefined) error.message += `: ${pathOf(first, connection)}`
  } catch {
    // Another process has the lock, or the table went: the error is the one there was.
  } finally {
    if (connection.database.isTransaction) connection.exec('ROLLBACK')
  }
  return error
}

function sizeOf(connection: SqliteConnection): number {
  return Number(connection.value('PRAGMA page_count')) * Number(connection.value('PRAGMA page_size'))
}

function brokenIn(connection: SqliteConnection): Broken {
  return new Set(
    connection
      .prepare('PRAGMA foreign_key_check')
      .all()
      .map((row) => JSON.stringify(row)),
  )
}

/** `shop_order.customer_id`; a comma between columns of one reference. */
function pathOf(broken: string, connection: SqliteConnection): string {
  const [table, , , number] = JSON.parse(broken) as [string, unknown, string, number] // as the pragma gives it
  const keys = connection.prepare('SELECT id, "from" FROM pragma_foreign_key_list(?) ORDER BY seq').all(table as never)
  const columns = (keys as unknown as [number, string][]).filter(([id]) => id === number) // arrays: setReturnArrays
  return columns.map(([, column]) => `${table}.${column}`).join(', ')
}
