/** A connection of PostgreSQL between BEGIN and COMMIT. */
import { TransactionError } from '../../errors.ts'
import type { Compiled, NamedRows, RunResult, SqlRow, StatementTimeouts, TransactionConnection } from '../backend.ts'
import { effect, fetchChunks, namedRows, rowsOf, type Sender, send, until } from './send.ts'

export class PostgresTransaction implements TransactionConnection {
  readonly pipelines = true
  readonly #client: Sender
  readonly #release: (error?: Error) => void
  readonly #schemaChange: boolean
  #ended = false

  constructor(client: Sender, release: (error?: Error) => void, schemaChange: boolean) {
    this.#client = client
    this.#release = release
    this.#schemaChange = schemaChange
  }

  get active(): boolean {
    return !this.#ended
  }

  rows(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<SqlRow[]> {
    return send(until(this.#client, signal), statement, params).then(rowsOf)
  }

  run(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<RunResult> {
    return send(until(this.#client, signal), statement, params).then(effect)
  }

  named(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<NamedRows> {
    return send(until(this.#client, signal), statement, params).then(namedRows)
  }

  async *iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    for await (const rows of fetchChunks(until(this.#client, signal), statement, params, chunk)) {
      yield rows
      if (this.#ended)
        throw new TransactionError('Rows were read after the block that read them had ended.', {
          code: 'db.block-ended',
          hint: 'Finish the loop inside the block.',
        })
    }
  }

  async exec(sql: string, signal?: AbortSignal): Promise<void> {
    // A table whose references are still to be checked cannot be altered: check what was written so far.
    if (this.#schemaChange && /^\s*(alter|drop|create)\b/i.test(sql))
      await this.#client.query({ text: 'SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED' })
    await until(this.#client, signal).query({ text: sql })
  }

  async copyFrom(sql: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    return (await this.#client.copyFrom!(sql, source)).rowCount ?? 0 // every session has it
  }

  copyTo(sql: string): AsyncIterable<Uint8Array> {
    return this.#client.copyTo!(sql) // as above
  }

  async deferConstraints(): Promise<void> {
    await this.#client.query({ text: 'SET CONSTRAINTS ALL DEFERRED' })
  }

  async setTimeouts({ lock, statement }: StatementTimeouts): Promise<void> {
    await this.#client.query({ text: `SET LOCAL lock_timeout = ${lock}; SET LOCAL statement_timeout = ${statement}` })
  }

  async commit(): Promise<void> {
    try {
      const { command } = await this.#client.prepared('COMMIT', [])
      // After a failed statement the server answers COMMIT with ROLLBACK, and no error.
      if (command === 'ROLLBACK') {
        throw new TransactionError('A statement of this transaction failed, so it was rolled back.', {
          code: 'db.broken-transaction',
          hint: 'Put what may fail in an atomic block of its own.',
        })
      }
      this.#end()
    } catch (error) {
      await this.rollback()
      throw error
    }
  }

  async rollback(): Promise<void> {
    if (this.#ended) return
    try {
      await this.#client.query({ text: 'ROLLBACK' })
      this.#end()
    } catch (error) {
      // The connection is lost, and with it the transaction.
      this.#end(error as Error)
    }
  }

  #end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#release(error)
  }
}
