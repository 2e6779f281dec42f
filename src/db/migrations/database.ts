import type { Backend, SqlRow } from '../backends/backend.ts'
import type { ExistingTrigger } from '../backends/schema.ts'
import type { Statement } from '../sql/nodes.ts'

/** The database being migrated, as far as migrations need it. */
export interface MigrationDatabase {
  readonly alias: string
  readonly backend: Backend
  /**
   * Runs `fn` in one transaction in which tables may change: references are checked at its end. Queries of models
   * inside join it.
   */
  transaction<T>(fn: () => Promise<T>): Promise<T>
  /** One or several statements of ours, inside the transaction if there is one. */
  exec(sql: string): Promise<void>
  /** Rows of a statement without parameters. */
  rows(statement: Statement): Promise<SqlRow[]>
  /** Names of the tables there are. */
  tables(): Promise<string[]>
  /** Triggers of a table. */
  triggers(table: string): Promise<readonly ExistingTrigger[]>
}
