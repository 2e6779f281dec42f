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
import { translatePostgresError } from './errors.ts'
import { loadPg, type PgClient, type PgPool, type PgResult } from './pg.ts'
import { effect, fetchChunks, send } from './send.ts'
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
  #closed = false

  /** @param wait   milliseconds that closing waits for blocks that still run */
  constructor(alias: string, pool: PgPool, wait: number) {
    this.alias = alias
    this.#wait = wait
    this.#pool = pool
    // An idle connection that the server closes is no error of anybody: the pool opens another when it needs one.
    pool.on('error', ignore)
    const connection: Connection = {
      rows: async (statement, params) => (await this.#alone(statement, params)).rows,
      run: async (statement, params) => effect(await this.#alone(statement, params)),
      iterate: (statement, params, chunk) => this.#iterate(statement, params, chunk),
      exec: async (sql) => {
        await this.#open().query({ text: sql })
      },
    }
    this.reader = connection
    this.writer = connection
  }

  #open(): PgPool {
    if (!this.#closed) return this.#pool
    throw new OperationalError(`The database "${this.alias}" is closed.`, { code: 'db.closed', alias: this.alias })
  }

  /** One statement outside a block; several of a bulk insert are one transaction. */
  async #alone(statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
    const pool = this.#open()
    if (statement.bulk === null || statement.bulk.count <= statement.bulk.rowsPerChunk)
      return send(pool, statement, params)
    return this.withClient(async (client) => {
      await client.query({ text: 'BEGIN' })
      try {
        const result = await send(client, statement, params)
        await client.query({ text: 'COMMIT' })
        return result
      } catch (error) {
        await client.query({ text: 'ROLLBACK' }).catch(ignore)
        throw error
      }
    })
  }

  /** A connection of its own while `work` runs. */
  async withClient<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await this.#open().connect()
    client.on('error', ignore) // a lost connection fails the statement that runs; without a listener it ends the process
    try {
      return await work(client)
    } finally {
      client.off('error', ignore)
      client.release()
    }
  }

  async *#iterate(statement: Compiled, params: readonly unknown[], chunk: number): AsyncGenerator<SqlRow[]> {
    if (statement.writes) {
      const { rows } = await this.#alone(statement, params)
      for (let i = 0; i < rows.length; i += chunk) yield rows.slice(i, i + chunk)
      return
    }
    const client = await this.#open().connect()
    client.on('error', ignore)
    try {
      await client.query({ text: 'BEGIN READ ONLY' })
      yield* fetchChunks(client, statement, params, chunk)
    } finally {
      await client.query({ text: 'ROLLBACK' }).catch(ignore)
      client.off('error', ignore)
      client.release()
    }
  }

  async begin({ signal, schemaChange = false }: BeginOptions): Promise<TransactionConnection> {
    if (signal?.aborted) throw aborted(signal)
    const client = await this.#open().connect()
    client.on('error', ignore)
    const end = (error?: Error): void => {
      client.off('error', ignore)
      client.release(error)
    }
    try {
      if (signal?.aborted) throw aborted(signal)
      await client.query({ text: 'BEGIN' })
    } catch (error) {
      end(error as Error)
      throw error
    }
    return new PostgresTransaction(client, end, schemaChange)
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
