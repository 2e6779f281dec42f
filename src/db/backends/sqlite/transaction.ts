/** The writing connection of SQLite between BEGIN IMMEDIATE and COMMIT. */
import { setImmediate as immediate } from 'node:timers/promises'
import { IntegrityError, TransactionError } from '../../errors.ts'
import type { Compiled, MaybePromise, NamedRows, RunResult, SqlRow, TransactionConnection } from '../backend.ts'
import { inTurn } from '../turns.ts'
import type { SqliteConnection } from './connection.ts'
import type { SqliteDriver } from './driver.ts'
import { RowCursor } from './iterate.ts'

const BULK = '"nuages_bulk"'

/** Statements here run at once (with a signal: see turns.ts): order and queues between concurrent callers are the block's work (transactions.ts). */
export class SqliteTransaction implements TransactionConnection {
  readonly #driver: SqliteDriver
  readonly #connection: SqliteConnection
  readonly #schemaChange: boolean
  readonly #cursors = new Set<RowCursor>()
  #ended = false

  constructor(driver: SqliteDriver, schemaChange: boolean) {
    this.#driver = driver
    this.#connection = driver.connection
    this.#schemaChange = schemaChange
  }

  get active(): boolean {
    return !this.#ended && this.#connection.database.isTransaction
  }

  rows(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<SqlRow[]> {
    if (statement.bulk === null) return inTurn(signal, () => this.#connection.rows(statement, params))
    return this.#bulk(statement, params, signal).then((done) => done.rows)
  }

  run(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<RunResult> {
    if (statement.bulk === null) return inTurn(signal, () => this.#connection.run(statement, params))
    return this.#bulk(statement, params, signal).then((done) => done.result)
  }

  named(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<NamedRows> {
    return inTurn(signal, () => this.#connection.named(statement, params))
  }

  /** All rows of a bulk insert or none, without ending the block. */
  async #bulk(
    statement: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<{ rows: SqlRow[]; result: RunResult }> {
    this.exec(`SAVEPOINT ${BULK}`)
    try {
      const done = await this.#driver.finish(this.#connection.bulk(statement, params), signal)
      this.exec(`RELEASE ${BULK}`)
      return done
    } catch (error) {
      if (this.active) this.exec(`ROLLBACK TO ${BULK}; RELEASE ${BULK}`)
      throw error
    }
  }

  /** Rows as they are when read: changes made by the loop's own body may or may not show. */
  async *iterate(statement: Compiled, params: readonly unknown[], chunk: number): AsyncGenerator<SqlRow[]> {
    const cursor = new RowCursor(this.#connection, statement, params)
    this.#cursors.add(cursor)
    try {
      for (let rows = cursor.next(chunk); rows !== null; rows = cursor.next(chunk)) {
        yield rows
        await immediate()
      }
    } finally {
      this.#cursors.delete(cursor)
      cursor.close()
    }
  }

  exec(sql: string): void {
    this.#connection.exec(sql)
  }

  deferConstraints(): void {
    this.exec('PRAGMA defer_foreign_keys = ON')
  }

  async commit(): Promise<void> {
    try {
      this.#closeCursors()
      if (this.#schemaChange) this.#checkReferences()
      await this.#driver.retry(() => this.#connection.exec('COMMIT'), this.#driver.wait)
    } catch (error) {
      this.#rollBack()
      throw error
    } finally {
      this.#end()
    }
  }

  rollback(): void {
    try {
      this.#closeCursors()
      this.#rollBack()
    } finally {
      this.#end()
    }
  }

  #rollBack(): void {
    if (this.#connection.database.isOpen && this.#connection.database.isTransaction) this.#connection.exec('ROLLBACK')
  }

  /** An open cursor would keep the connection on this transaction's snapshot, and the next writer out. */
  #closeCursors(): void {
    for (const cursor of this.#cursors) {
      cursor.close(
        new TransactionError('Rows were read after the block that read them had ended.', {
          code: 'db.block-ended',
          hint: 'Finish the loop inside the block.',
        }),
      )
    }
    this.#cursors.clear()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#driver.endTransaction(this.#schemaChange)
  }

  #checkReferences(): void {
    const [first] = this.#connection.prepare('PRAGMA foreign_key_check').all() as unknown as SqlRow[] // setReturnArrays
    if (first !== undefined) throw brokenReference(first)
  }
}

/** The error of a row that `PRAGMA foreign_key_check` gave. */
export function brokenReference([table, rowid, parent]: SqlRow): IntegrityError {
  return new IntegrityError(`Row ${rowid} of ${table} refers to a row of ${parent} that does not exist.`, {
    code: 'db.foreign-key-violation',
    constraint: 'foreignKey',
    table: String(table),
    hint: 'The change of tables was rolled back. Repair the row, then run it again.',
  })
}
