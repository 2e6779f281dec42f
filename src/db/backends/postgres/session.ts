/** A connection of the pool with its prepared statements. */
import { StoppedSender } from './cancel.ts'
import { CopyIn } from './copy.ts'
import { asArrays, type PgClient, type PgQuery, type PgResult } from './pg.ts'
import type { Sender } from './send.ts'
import type { StatementNames } from './statement-names.ts'

export class PgSession implements Sender {
  readonly client: PgClient
  /** It cannot be used again; see cancel.ts. */
  spoiled = false
  /** When it was given back last. */
  used = 0
  readonly #names: StatementNames | null

  /** @param names   null: nothing is prepared by name, since the next statement may meet another connection */
  constructor(client: PgClient, names: StatementNames | null) {
    this.client = client
    this.#names = names
  }

  query(query: PgQuery): Promise<PgResult> {
    return this.client.query(query)
  }

  prepared(sql: string, values: readonly unknown[]): Promise<PgResult> {
    if (this.#names === null) return this.client.query(asArrays({ text: sql, values }))
    const name = this.#names.take(sql, (old) => this.#close(old))
    return this.client.query(asArrays({ name, text: sql, values }))
  }

  until(signal: AbortSignal): Sender {
    return new StoppedSender(this, signal)
  }

  async copyIn(sql: string, pieces: Iterable<Buffer>): Promise<PgResult> {
    this.client.pipeline = false
    try {
      return await this.client.query(new CopyIn(sql, pieces)).done
    } finally {
      this.client.pipeline = true
    }
  }

  forget(sql: string): void {
    const name = this.#names?.drop(sql)
    if (name !== undefined) this.#close(name)
  }

  /** Travels with the query that follows: no time is lost, and closing what is not there is no error. */
  #close(name: string): void {
    const { connection } = this.client
    connection.close({ type: 'S', name })
    delete connection.parsedStatements[name]
  }
}
