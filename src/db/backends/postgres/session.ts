/** A connection of the pool with its prepared statements. */
import { cancel, StoppedSender } from './cancel.ts'
import { CopyIn } from './copy.ts'
import { CopyFrom, CopyTo } from './copy-stream.ts'
import { MessageWriter } from './message-writer.ts'
import type { PgClient, PgQuery, PgResult } from './pg.ts'
import { type Done, PreparedQuery } from './prepared-query.ts'
import { isStale, type Sender } from './send.ts'
import { type Prepared, type StatementNames, unnamed } from './statement-names.ts'

export class PgSession implements Sender {
  readonly client: PgClient
  /** It cannot be used again; see cancel.ts. */
  spoiled = false
  /** When it was given back last. */
  used = 0
  readonly #names: StatementNames | null
  readonly #writer = new MessageWriter()
  /** What was written now waits for the end of this turn. */
  #isHeld = false

  /** @param names   null: nothing is prepared by name, since the next statement may meet another connection */
  constructor(client: PgClient, names: StatementNames | null) {
    this.client = client
    this.#names = names
  }

  /** In no transaction, as the server said when it last was ready. */
  get isIdle(): boolean {
    return this.client.reader.isIdle
  }

  query(query: PgQuery): Promise<PgResult> {
    return this.client.query(query)
  }

  prepared(sql: string, values: readonly unknown[]): Promise<PgResult> {
    return new Promise((resolve, reject) => {
      this.start(sql, values, (error, result) => (error === null ? resolve(result) : reject(error)))
    })
  }

  unprepared(statement: Prepared): Promise<PgResult> {
    return new Promise((resolve, reject) => {
      this.#send(statement, [], (error, result) => (error === null ? resolve(result) : reject(error)))
    })
  }

  /**
   * As {@link prepared}, with a function to be called, once. What one turn starts goes to the server as one piece. A
   * statement that has become stale is given up: sent again, it is prepared anew.
   */
  start(sql: string, values: readonly unknown[], done: Done): void {
    const statement = this.#names === null ? unnamed(sql) : this.#names.take(sql, (old) => this.#close(old))
    this.#send(statement, values, (error, result) => {
      if (error !== null && isStale(error)) this.forget(sql)
      done(error, result)
    })
  }

  #send(statement: Prepared, values: readonly unknown[], done: Done): void {
    this.#hold()
    this.client.query(new PreparedQuery(statement, values, this.#writer, done))
  }

  #hold(): void {
    if (this.#isHeld) return
    this.#isHeld = true
    const { stream } = this.client.connection
    stream.cork()
    queueMicrotask(() => {
      this.#isHeld = false
      stream.uncork()
    })
  }

  until(signal: AbortSignal): Sender {
    return new StoppedSender(this, signal)
  }

  async copyIn(sql: string, pieces: Iterable<Buffer>): Promise<PgResult> {
    return this.#alone(() => this.client.query(new CopyIn(sql, pieces)).done)
  }

  async copyFrom(sql: string, source: AsyncIterable<Uint8Array>): Promise<PgResult> {
    return this.#alone(() => this.client.query(new CopyFrom(sql, source)).done)
  }

  async *copyTo(sql: string): AsyncGenerator<Uint8Array> {
    this.client.pipeline = false
    const copy = this.client.query(new CopyTo(sql))
    let isRead = false
    try {
      yield* copy.pieces()
      isRead = true
    } finally {
      if (!isRead) {
        copy.leave()
        await cancel(this.client) // else the server would send all the rest
        await copy.done.catch(() => undefined)
      }
      this.client.pipeline = true
    }
  }

  /** A query of our own making goes alone. */
  async #alone<T>(send: () => Promise<T>): Promise<T> {
    this.client.pipeline = false
    try {
      return await send()
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
