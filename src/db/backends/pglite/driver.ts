/**
 * PGlite: PostgreSQL in this process, with one connection. Statements and blocks take it in the order they come; while one
 * runs, the process does nothing else.
 */
import { OperationalError } from '../../errors.ts'
import type {
  BeginOptions,
  Compiled,
  Connection,
  DatabaseConfig,
  Driver,
  Hearer,
  Isolation,
  SqlRow,
  TransactionConnection,
} from '../backend.ts'
import { assertIsolation } from '../isolation.ts'
import type { Holder } from '../lock.ts'
import { translatePostgresError } from '../postgres/errors.ts'
import { channelSql } from '../postgres/listener.ts'
import { quotedPath } from '../postgres/options.ts'
import type { PgQuery, PgResult } from '../postgres/pg.ts'
import { alone, beginSql, effect, fetchChunks, isStale, namedRows, type Sender } from '../postgres/send.ts'
import { type Prepared, STATEMENTS, StatementNames } from '../postgres/statement-names.ts'
import { PostgresTransaction } from '../postgres/transaction.ts'
import { acquireInstance, type Instance } from './instance.ts'

/** Milliseconds to wait for the connection. */
const WAIT = 5000
const STATEMENT = 'a statement outside of a block'
let drivers = 0

/** One database of a server; several may share it, each with a search path of its own. */
export class PgliteDriver implements Driver {
  readonly reader: Connection
  readonly writer: Connection
  readonly alias: string
  readonly #instance: Instance
  readonly #give: () => Promise<void>
  readonly #wait: number
  readonly #setSession: string
  readonly #isolation: Isolation | null
  readonly #names = new StatementNames(STATEMENTS, `nuages_${++drivers}`)
  readonly #sender: Sender
  readonly #heard = new Set<() => Promise<void>>()
  #closed = false

  constructor(
    alias: string,
    { instance, release }: Awaited<ReturnType<typeof acquireInstance>>,
    { lockTimeout, options }: DatabaseConfig,
  ) {
    this.alias = alias
    this.#instance = instance
    this.#give = release
    this.#wait = lockTimeout ?? WAIT
    const { searchPath = 'public', isolation } = options ?? {}
    this.#setSession = `SET search_path = ${quotedPath(String(searchPath))}`
    if (isolation !== undefined) assertIsolation(isolation as Isolation) // what it asserts
    this.#isolation = (isolation as Isolation | undefined) ?? null
    const { client } = instance
    this.#sender = {
      query: (query) => client.query(query),
      prepared: async (text, values) => {
        const { name } = this.#names.take(text, (old) => client.forget(old))
        try {
          return await client.query({ text, values, name })
        } catch (error) {
          if (isStale(error)) this.#forget(text)
          throw error
        }
      },
      unprepared: ({ sql }) => client.query({ text: sql }),
      copyIn: (text, pieces) => client.copyIn(text, pieces),
      copyFrom: (text, source) => client.copyFrom(text, source),
      copyTo: (text) => client.copyTo(text),
    }
    const connection: Connection = {
      rows: async (statement, params, signal) => (await this.#alone(statement, params, signal)).rows,
      run: async (statement, params, signal) => effect(await this.#alone(statement, params, signal)),
      named: async (statement, params, signal) => namedRows(await this.#alone(statement, params, signal)),
      iterate: (statement, params, chunk, signal) => this.#iterate(statement, params, chunk, signal),
      exec: async (sql, signal) => {
        await this.#turn((sender) => sender.query({ text: sql }), signal)
      },
    }
    this.reader = connection
    this.writer = connection
  }

  #forget(sql: string): void {
    const name = this.#names.drop(sql)
    if (name !== undefined) this.#instance.client.forget(name)
  }

  /** Waits for the connection, and makes its session this database's own. */
  async #take(holder: Holder, timeout: number, signal?: AbortSignal): Promise<void> {
    const { lock } = this.#instance
    if (this.#closed) {
      throw new OperationalError(`The database "${this.alias}" is closed.`, { code: 'db.closed', alias: this.alias })
    }
    if (!lock.tryAcquire(holder)) await lock.acquire(holder, { timeout, signal, perHolder: true })
    if (this.#instance.session === this) return
    try {
      await this.#instance.client.query({ text: this.#setSession })
      this.#instance.session = this
    } catch (error) {
      lock.release()
      throw error
    }
  }

  async #turn<T>(work: (sender: Sender) => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#take(STATEMENT, this.#wait, signal)
    try {
      return await work(this.#sender)
    } finally {
      this.#instance.lock.release()
    }
  }

  #alone(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<PgResult> {
    return this.#turn((sender) => alone(sender, statement, params), signal)
  }

  /** The server keeps the rows of the moment the loop began; between chunks others have the connection. */
  async *#iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    // Giving the cursor up is not what a signal stops.
    const stop = (query: PgQuery) => (query.text.startsWith('CLOSE') ? undefined : signal)
    const query = (query: PgQuery) => this.#turn((sender) => sender.query(query), stop(query))
    const sender = { query, unprepared: ({ sql }: Prepared) => query({ text: sql }) }
    yield* fetchChunks(sender, statement, params, chunk, true)
  }

  async begin({
    holder,
    timeout,
    signal,
    isolation,
    schemaChange = false,
  }: BeginOptions): Promise<TransactionConnection> {
    await this.#take(holder, timeout, signal)
    const end = (): void => this.#instance.lock.release()
    try {
      await this.#sender.query({ text: beginSql(isolation ?? this.#isolation) })
    } catch (error) {
      end()
      throw error
    }
    return new PostgresTransaction(this.#sender, end, schemaChange)
  }

  /** Hears what this process notifies: there is nobody else. */
  async listen(channel: string, hearer: Hearer): Promise<() => Promise<void>> {
    const { hearers } = this.#instance
    if (hearers.add(channel, hearer))
      await this.#turn((sender) => sender.query({ text: `LISTEN ${channelSql(channel)}` }))
    const stop = async (): Promise<void> => {
      this.#heard.delete(stop)
      if (!hearers.remove(channel, hearer) || this.#closed) return
      await this.#turn((sender) => sender.query({ text: `UNLISTEN ${channelSql(channel)}` }))
    }
    this.#heard.add(stop)
    return stop
  }

  translateError(error: unknown, sql: string): unknown {
    return translatePostgresError(error, sql)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    for (const stop of this.#heard) await stop()
    // A block that still runs has the connection; somebody who never gives it back must not keep the process.
    const mine = await this.#take('closing', this.#wait).then(
      () => true,
      () => false,
    )
    this.#closed = true
    if (mine) {
      this.#instance.session = null
      for (const name of this.#names.clear()) this.#instance.client.forget(name)
      this.#instance.lock.release()
    }
    await this.#give()
  }
}

/**
 * Opens PGlite. Options: `extensions` (names, with commas between), `searchPath` (schemas, with commas between), `shared`
 * (of `:memory:`: databases of this process with the same name share it).
 *
 * @throws ConfigurationError db.driver-missing, db.unknown-extension; OperationalError db.in-use, db.cannot-open
 */
export async function openPgliteDriver(config: DatabaseConfig, alias: string): Promise<PgliteDriver> {
  return new PgliteDriver(alias, await acquireInstance(config, alias), config)
}
