/**
 * PostgreSQL through a pool of connections. A statement outside a block takes whichever is free; a block keeps one
 * from BEGIN to COMMIT. Statements are prepared by name, once per connection.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError } from '../../../std/errors.ts'
import { OperationalError } from '../../errors.ts'
import type {
  BeginOptions,
  Compiled,
  Connection,
  DatabaseConfig,
  Driver,
  SqlRow,
  TransactionConnection,
} from '../backend.ts'
import { aborted } from '../lock.ts'
import { connect } from './cancel.ts'
import { translatePostgresError } from './errors.ts'
import { loadPg, type PgClient, type PgPool, type PgResult } from './pg.ts'
import { alone, effect, fetchChunks, namedRows, until } from './send.ts'
import { PgSession } from './session.ts'
import { StatementNames } from './statement-names.ts'
import { PostgresTransaction } from './transaction.ts'

/** Connections of one process. */
const POOL_SIZE = 10
/** Milliseconds to wait for a free one. */
const WAIT = 5000
const ignore = (): void => undefined

/** The pool of one alias. Made by {@link openPostgresDriver}. */
export class PostgresDriver implements Driver {
  readonly reader: Connection
  readonly writer: Connection
  readonly alias: string
  readonly #pool: PgPool
  readonly #wait: number
  readonly #sessions = new WeakMap<PgClient, PgSession>()
  #closed = false

  /** @param wait   milliseconds that closing waits for blocks that still run */
  constructor(alias: string, pool: PgPool, wait: number) {
    this.alias = alias
    this.#wait = wait
    this.#pool = pool
    // An idle connection that the server closes is no error of anybody: the pool opens another when it needs one.
    pool.on('error', ignore)
    const connection: Connection = {
      rows: async (statement, params, signal) => (await this.#alone(statement, params, signal)).rows,
      run: async (statement, params, signal) => effect(await this.#alone(statement, params, signal)),
      named: async (statement, params, signal) => namedRows(await this.#alone(statement, params, signal)),
      iterate: (statement, params, chunk, signal) => this.#iterate(statement, params, chunk, signal),
      exec: async (sql, signal) => {
        await this.withSession((session) => until(session, signal).query({ text: sql }), signal)
      },
    }
    this.reader = connection
    this.writer = connection
  }

  #open(): PgPool {
    if (!this.#closed) return this.#pool
    throw new OperationalError(`The database "${this.alias}" is closed.`, { code: 'db.closed', alias: this.alias })
  }

  #alone(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<PgResult> {
    return this.withSession((session) => alone(session, statement, params, signal), signal)
  }

  /** A connection of its own while `work` runs. */
  async withSession<T>(work: (session: PgSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = await this.#connect(signal)
    try {
      return await work(session)
    } finally {
      this.#release(session)
    }
  }

  async #connect(signal?: AbortSignal): Promise<PgSession> {
    const client = await connect(this.#open(), signal)
    client.on('error', ignore) // a lost connection fails the statement that runs; without a listener it ends the process
    let session = this.#sessions.get(client)
    if (session === undefined) {
      session = new PgSession(client, new StatementNames())
      this.#sessions.set(client, session)
    }
    return session
  }

  #release({ client, spoiled }: PgSession, error?: Error): void {
    client.off('error', ignore)
    client.release(error ?? spoiled)
  }

  async *#iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    if (statement.writes) {
      const { rows } = await this.#alone(statement, params, signal)
      for (let i = 0; i < rows.length; i += chunk) yield rows.slice(i, i + chunk)
      return
    }
    const session = await this.#connect(signal)
    try {
      await session.query({ text: 'BEGIN READ ONLY' })
      yield* fetchChunks(until(session, signal), statement, params, chunk)
    } finally {
      await session.query({ text: 'ROLLBACK' }).catch(ignore)
      this.#release(session)
    }
  }

  async begin({ signal, schemaChange = false }: BeginOptions): Promise<TransactionConnection> {
    if (signal?.aborted) throw aborted(signal)
    const session = await this.#connect(signal)
    const end = (error?: Error): void => this.#release(session, error)
    try {
      if (signal?.aborted) throw aborted(signal)
      await session.query({ text: 'BEGIN' })
    } catch (error) {
      end(error as Error)
      throw error
    }
    return new PostgresTransaction(session, end, schemaChange)
  }

  translateError(error: unknown, sql: string): unknown {
    return translatePostgresError(error, sql)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // The pool waits for connections that are in use; somebody who never gives one back must not keep the process.
    const waiting = new AbortController()
    await Promise.race([this.#pool.end(), sleep(this.#wait, undefined, { signal: waiting.signal }).catch(ignore)])
    waiting.abort()
  }
}

/** What sessions speak, whatever the server's settings: the decoders read this. */
const SESSION = '-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=postgres -c standard_conforming_strings=on'

/** A value among the start-up options, where spaces and backslashes mean something. */
const escaped = (value: unknown): string => String(value).replace(/[\\\s]/g, '\\$&')

const whole = (name: string, value: unknown): number => {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new ConfigurationError(`${JSON.stringify(value)} is no value of the option ${name} of a database URL.`, {
    code: 'db.invalid-option',
    hint: 'Give a whole number.',
  })
}

/**
 * Opens a pool for `config`. Options: `poolSize` (10), `statementTimeout` (milliseconds; none), `ssl` (`true`,
 * `no-verify`), `host` (a folder with a socket), `applicationName`, `searchPath` (schemas, with commas between).
 *
 * @throws ConfigurationError db.driver-missing, db.invalid-option; OperationalError db.cannot-connect …
 */
export async function openPostgresDriver(config: DatabaseConfig, alias: string): Promise<PostgresDriver> {
  const { Pool } = await loadPg()
  const { poolSize, statementTimeout, ssl, host, applicationName, searchPath } = config.options ?? {}
  const pool = new Pool({
    connectionString: config.url,
    ...(host === undefined ? {} : { host }),
    ...(ssl === undefined ? {} : { ssl: ssl === 'no-verify' ? { rejectUnauthorized: false } : ssl !== 'false' }),
    max: poolSize === undefined ? POOL_SIZE : whole('poolSize', poolSize),
    connectionTimeoutMillis: config.lockTimeout ?? WAIT,
    ...(statementTimeout === undefined ? {} : { statement_timeout: whole('statementTimeout', statementTimeout) }),
    application_name: applicationName ?? 'nuages',
    options: searchPath === undefined ? SESSION : `${SESSION} -c search_path=${escaped(searchPath)}`,
    allowExitOnIdle: true,
  })
  try {
    ;(await pool.connect()).release()
  } catch (error) {
    await pool.end().catch(ignore)
    throw translatePostgresError(error, 'CONNECT')
  }
  return new PostgresDriver(alias, pool, config.lockTimeout ?? WAIT)
}
