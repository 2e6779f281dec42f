import type { Backend, SqlRow, StatementTimeouts } from '../backends/backend.ts'
import type { ExistingTrigger, TableSpec } from '../backends/schema.ts'
import type { Statement } from '../sql/nodes.ts'

/** The database being migrated, as far as migrations need it. */
export interface MigrationDatabase {
  readonly alias: string
  readonly backend: Backend
  /**
   * Runs `fn` in one transaction in which tables may change: references are checked at its end. Queries of models
   * inside join it. With `timeouts` its statements wait and run no longer.
   */
  transaction<T>(fn: () => Promise<T>, timeouts?: StatementTimeouts): Promise<T>
  /** One or several statements of ours, inside the transaction if there is one. */
  exec(sql: string): Promise<void>
  /** Whether {@link session} can be: not behind a pooler of transactions that nothing leads past. */
  readonly hasSessions: boolean
  /** Statements one by one on one connection and in no transaction, which some statements refuse. */
  session(statements: readonly string[], timeouts: StatementTimeouts | null): Promise<void>
  /** Rows of a statement without parameters. */
  rows(statement: Statement): Promise<SqlRow[]>
  /** Rows of SQL without parameters. */
  query(sql: string): Promise<SqlRow[]>
  /** Names of the tables there are. */
  tables(): Promise<string[]>
  /** Names of the views there are. */
  views(): Promise<string[]>
  /** A table as it is; null where there is none. */
  table(name: string): Promise<TableSpec | null>
  /** A table in the database's own words, where it makes tables anew to change them; else null. */
  asDeclared(name: string): Promise<TableSpec | null>
  /** Whether a column holds a value in any row; false where there is no such column. */
  holds(table: string, column: string): Promise<boolean>
  /** Triggers of a table. */
  triggers(table: string): Promise<readonly ExistingTrigger[]>
  /** Of a table that was made anew: a view or a trigger that names what is gone, in a sentence; else null. */
  broken(table: string): Promise<string | null>
  /**
   * Runs `fn` while no other process migrates this database. Where one does, tells `onWaiting` once and waits until it
   * has ended or died. Of SQLite it is a file beside the database's that is locked.
   */
  exclusively<T>(fn: () => Promise<T>, onWaiting: () => void): Promise<T>
}
