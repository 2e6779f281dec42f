/**
 * PostgreSQL through a pool of connections. A statement outside a block takes whichever is free, or shares one with others
 * of the moment; a block keeps one from BEGIN to COMMIT. Statements are prepared by name, once per connection.
 *
 * Behind a pooler of transactions (pgbouncer) nothing of a session lasts longer than a transaction: statements have no
 * names, and settings of ours come with each transaction. Changes of tables go past it, where `directUrl` says how.
 */
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
import { aborted } from '../lock.ts'
import { translatePostgresError } from './errors.ts'
import { PostgresListener } from './listener.ts'
import { type PostgresOptions, readOptions } from './options.ts'
import type { PgResult } from './pg.ts'
import { openPool, type SessionPool } from './pool.ts'
import { alone, beginSql, effect, fetchChunks, inTransaction, namedRows, rowsOf, until } from './send.ts'
import type { PgSession } from './session.ts'
import { SharedReads } from './sharing.ts'
import { PostgresTransaction } from './transaction.ts'

const ignore = (): void => undefined

/** The pool of one alias. Made by {@link openPostgresDriver}. */
export class PostgresDriver implements Driver {
  readonly reader: Connection
  readonly writer: Connection
  readonly alias: string
  readonly options: PostgresOptions
  readonly #pool: SessionPool
  readonly #shared: SharedReads
  /** Settings that come with each transaction, since the session has none of ours; empty where it has. */
  readonly #locals: string
  /** Statements outside blocks need a transaction for such settings. */
  readonly #isWrapped: boolean
  #direct: Promise<SessionPool> | null = null
  #listener: PostgresListener | null = null

  constructor(alias: string, pool: SessionPool, options: PostgresOptions) {
    this.alias = alias
    this.options = options
    this.#pool = pool
    this.#shared = new SharedReads(pool)
    this.#locals = options.isPooled ? localSettings(options) : ''
    this.#isWrapped = options.isPooled && (this.#locals !== '' || options.isolation !== null)
    const connection: Connection = {
      rows: (statement, params, signal) => this.#alone(statement, params, signal, rowsOf),
      run: (statement, params, signal) => this.#alone(statement, params, signal, effect),
      named: (statement, params, signal) => this.#alone(statement, params, signal, namedRows),
      iterate: (statement, params, chunk, signal) => this.#iterate(statement, params, chunk, signal),
      exec: (sql, signal) => this.#exec(sql, signal),
    }
    this.reader = connection
    this.writer = connection
  }

  #alone<T>(
    statement: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
    read: (result: PgResult) => T,
  ): Promise<T> {
    // One that may be stopped has a connection of its own: to stop it is to stop whatever runs there.
    if (signal === undefined && statement.bulk === null && !this.#isWrapped)
      return this.#shared.send(statement, params, read)
    return this.#pool.with(async (session) => read(await this.#own(session, statement, params, signal)), signal)
  }

  #own(
    session: PgSession,
    statement: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<PgResult> {
    if (this.#isWrapped) return inTransaction(session, statement, params, { begin: this.#begin(), signal })
    return SharedReads.timed(statement, () => alone(session, statement, params, signal))
  }

  async #exec(sql: string, signal?: AbortSignal): Promise<void> {
    const pool = await this.direct()
    const text = this.#locals === '' || pool !== this.#pool ? sql : `${this.#locals}; ${sql}`
    await pool.with((session) => until(session, signal).query({ text }), signal)
  }

  /** The pool of connections past the pooler; the usual one without `directUrl`. */
  async direct(): Promise<SessionPool> {
    if (this.options.directUrl === null) return this.#pool
    this.#direct ??= openPool(this.alias, this.options, true)
    try {
      return await this.#direct
    } catch (error) {
      this.#direct = null // the next one tries again
      throw error
    }
  }

  async *#iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    const session = await this.#pool.take(signal)
    try {
      await session.query({ text: `${this.#begin()}; SET TRANSACTION READ ONLY` })
      yield* fetchChunks(until(session, signal), statement, params, chunk)
    } finally {
      await session.query({ text: 'ROLLBACK' }).catch(ignore)
      this.#pool.give(session)
    }
  }

  #begin(isolation: Isolation | null = this.options.isolation): string {
    const begin = beginSql(isolation)
    return this.#locals === '' ? begin : `${begin}; ${this.#locals}`
  }

  async begin({ signal, isolation, schemaChange = false }: BeginOptions): Promise<TransactionConnection> {
    if (signal?.aborted) throw aborted(signal)
    const pool = schemaChange ? await this.direct() : this.#pool
    const session = await pool.take(signal)
    const end = (error?: Error): void => (error === undefined ? pool.giveWarm(session) : pool.give(session, error))
    try {
      if (signal?.aborted) throw aborted(signal)
      const begin = this.#begin(isolation)
      await (this.#locals === '' ? session.prepared(begin, []) : session.query({ text: begin }))
    } catch (error) {
      end(error as Error)
      throw error
    }
    return new PostgresTransaction(session, end, schemaChange)
  }

  async listen(channel: string, hearer: Hearer): Promise<() => Promise<void>> {
    this.#listener ??= new PostgresListener(this.alias, this.options)
    return this.#listener.listen(channel, hearer)
  }

  translateError(error: unknown, sql: string): unknown {
    return translatePostgresError(error, sql)
  }

  async close(): Promise<void> {
    const direct = this.#direct?.then((pool) => pool.close(), ignore)
    await Promise.all([this.#pool.close(), direct, this.#listener?.close()])
  }
}

/** `SET LOCAL …; SET LOCAL …` */
function localSettings({ searchPath, statementTimeout, lockTimeout }: PostgresOptions): string {
  const settings: string[] = []
  if (searchPath !== null) settings.push(`SET LOCAL search_path = ${searchPath}`)
  if (statementTimeout !== null) settings.push(`SET LOCAL statement_timeout = ${statementTimeout}`)
  if (lockTimeout !== null) settings.push(`SET LOCAL lock_timeout = ${lockTimeout}`)
  return settings.join('; ')
}

/**
 * Opens a pool for `config`. Its options are those of {@link PostgresOptions}, described in docs/guides/databases.md.
 *
 * @throws ConfigurationError db.driver-missing, db.invalid-option; OperationalError db.cannot-connect …
 */
export async function openPostgresDriver(config: DatabaseConfig, alias: string): Promise<PostgresDriver> {
  const options = readOptions(config)
  return new PostgresDriver(alias, await openPool(alias, options), options)
}
