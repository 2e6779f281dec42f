/** The writing worker between BEGIN IMMEDIATE and COMMIT. */
import { TransactionError } from '../../../errors.ts'
import type { Compiled, NamedRows, RunResult, SqlRow, TransactionConnection } from '../../backend.ts'
import { brokenReference } from '../transaction.ts'
import { chunksOf } from './chunks.ts'
import type { Both, WorkerDriver } from './driver.ts'
import { type Question, sent } from './messages.ts'
import type { Stop, Worker } from './worker.ts'

const BULK = '"nuages_bulk"'

export class WorkerTransaction implements TransactionConnection {
  readonly #driver: WorkerDriver
  readonly #worker: Worker
  readonly #schemaChange: boolean
  #ended = false

  constructor(driver: WorkerDriver, worker: Worker, schemaChange: boolean) {
    this.#driver = driver
    this.#worker = worker
    this.#schemaChange = schemaChange
  }

  /** False, too, when a statement was stopped: the worker is gone, and SQLite has rolled back. */
  get active(): boolean {
    return !this.#ended && this.#worker.transaction
  }

  async rows(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<SqlRow[]> {
    if (statement.bulk !== null) return (await this.#bulk(statement, params, signal)).rows
    return await this.#ask({ op: 'rows', statement: sent(statement), params }, signal)
  }

  async run(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<RunResult> {
    if (statement.bulk !== null) return (await this.#bulk(statement, params, signal)).result
    return await this.#ask({ op: 'run', statement: sent(statement), params }, signal)
  }

  named(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<NamedRows> {
    return this.#ask({ op: 'named', statement: sent(statement), params }, signal)
  }

  exec(sql: string, signal?: AbortSignal): Promise<void> {
    return this.#ask({ op: 'exec', sql }, signal)
  }

  /** Rows as they are when read: changes made by the loop's own body may or may not show. */
  iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    return chunksOf(this.#worker, statement, params, chunk, this.#stop(signal), () => {
      if (!this.#ended) return
      throw new TransactionError('Rows were read after the block that read them had ended.', {
        code: 'db.block-ended',
        hint: 'Finish the loop inside the block.',
      })
    })
  }

  async deferConstraints(): Promise<void> {
    await this.exec('PRAGMA defer_foreign_keys = ON')
  }

  async commit(): Promise<void> {
    try {
      await this.#worker.ask({ op: 'endAll' })
      if (this.#schemaChange) {
        const [first] = await this.#worker.ask<SqlRow[]>({ op: 'pragma', sql: 'PRAGMA foreign_key_check' })
        if (first !== undefined) throw brokenReference(first)
      }
      await this.#driver.ask(this.#worker, { op: 'exec', sql: 'COMMIT' })
    } catch (error) {
      await this.#rollBack()
      throw error
    } finally {
      await this.#end()
    }
  }

  async rollback(): Promise<void> {
    try {
      await this.#rollBack()
    } finally {
      await this.#end()
    }
  }

  async #rollBack(): Promise<void> {
    if (!this.#worker.transaction) return
    await this.#worker.ask({ op: 'endAll' })
    await this.#worker.ask({ op: 'exec', sql: 'ROLLBACK' })
  }

  async #end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#driver.endTransaction(this.#worker, this.#schemaChange)
  }

  #stop(signal: AbortSignal | undefined): Stop {
    return { signal, timeout: this.#driver.timeout }
  }
  #ask<T>(question: Question, signal: AbortSignal | undefined): Promise<T> {
    return this.#worker.ask<T>(question, this.#stop(signal))
  }

  /** All rows of a bulk insert or none, without ending the block. */
  async #bulk(statement: Compiled, params: readonly unknown[], signal: AbortSignal | undefined): Promise<Both> {
    await this.exec(`SAVEPOINT ${BULK}`)
    try {
      const done = await this.#ask<Both>({ op: 'bulk', statement: sent(statement), params }, signal)
      await this.exec(`RELEASE ${BULK}`)
      return done
    } catch (error) {
      if (this.active) await this.exec(`ROLLBACK TO ${BULK}; RELEASE ${BULK}`)
      throw error
    }
  }
}
