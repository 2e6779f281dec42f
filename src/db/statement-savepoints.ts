/**
 * A savepoint around each statement, for databases where an error ends the transaction (PostgreSQL). Tests run in one
 * that nobody wrote: what fails in them must cost the statement, as it does outside of a block.
 */
import type { Connection, MaybePromise, TransactionConnection } from './backends/backend.ts'

const SAVEPOINT = '"nuages_statement"'

/** The connection, its statements undone one by one where they fail. */
export function withSavepoints(connection: TransactionConnection): Connection {
  async function guarded<T>(send: () => MaybePromise<T>): Promise<T> {
    await connection.exec(`SAVEPOINT ${SAVEPOINT}`)
    try {
      const result = await send()
      await connection.exec(`RELEASE ${SAVEPOINT}`)
      return result
    } catch (error) {
      if (connection.active) await connection.exec(`ROLLBACK TO ${SAVEPOINT}; RELEASE ${SAVEPOINT}`)
      throw error
    }
  }
  return {
    rows: (statement, params, signal) => guarded(() => connection.rows(statement, params, signal)),
    run: (statement, params, signal) => guarded(() => connection.run(statement, params, signal)),
    ...(connection.named === undefined
      ? {}
      : { named: (statement, params, signal) => guarded(() => connection.named!(statement, params, signal)) }),
    iterate: (statement, params, chunk, signal) => connection.iterate(statement, params, chunk, signal),
    exec: (sql, signal) => guarded(() => connection.exec(sql, signal)),
  } satisfies Connection
}
