/** The pool of `pg`, with what a session needs to be ours: settings, prepared statements, health. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError } from '../../../std/errors.ts'
import { OperationalError } from '../../errors.ts'
import { connect } from './cancel.ts'
import { translatePostgresError } from './errors.ts'
import type { PostgresOptions } from './options.ts'
import { loadPg, type PgClient, type PgPool } from './pg.ts'
import { assertServer } from './server.ts'
import { PgSession } from './session.ts'
import { leftOpen } from './sharing.ts'
import { StatementNames } from './statement-names.ts'

const ignore = (): void => undefined

/** What sessions speak, whatever the server's settings: the decoders read this. */
const SPEECH = { timezone: 'UTC', datestyle: 'ISO,YMD', intervalstyle: 'postgres', standard_conforming_strings: 'on' }

/** A value among the start-up options, where spaces and backslashes mean something. */
const escaped = (value: string): string => value.replace(/[\\\s]/g, '\\$&')

/** Settings that a session begins with. */
function startOptions({ searchPath, isolation }: PostgresOptions): string {
  const settings: Record<string, string> = { ...SPEECH }
  if (searchPath !== null) settings.search_path = searchPath
  if (isolation !== null) settings.default_transaction_isolation = isolation
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${escaped(value)}`)
    .join(' ')
}

/**
 * Behind a pooler of transactions a session has no start-up options. These settings are among the few that a pooler follows
 * (pgbouncer: client_encoding, datestyle, timezone, standard_conforming_strings, application_name).
 */
const FOLLOWED = "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET standard_conforming_strings = on"

async function setUp(client: PgClient): Promise<void> {
  await client.query({ text: FOLLOWED })
  const { rows } = await client.query({ text: 'SHOW intervalstyle', rowMode: 'array' })
  if (rows[0]?.[0] === 'postgres') return
  throw new ConfigurationError(`The server writes intervals in the style ${String(rows[0]?.[0])}.`, {
    code: 'db.invalid-option',
    hint: "A pooler does not let it be set: ALTER ROLE … SET intervalstyle = 'postgres'.",
  })
}

/** Connections of one alias to one address. */
export class SessionPool {
  readonly #alias: string
  readonly #pool: PgPool
  readonly #options: PostgresOptions
  readonly #sessions = new WeakMap<PgClient, PgSession>()
  /** The one given back last, until the end of this turn of the event loop. */
  #warm: PgSession | null = null
  #isSweeping = false
  #closed = false

  constructor(alias: string, pool: PgPool, options: PostgresOptions) {
    this.#alias = alias
    this.#pool = pool
    this.#options = options
    // An idle connection that the server closes is no error of anybody: the pool opens another when it needs one.
    pool.on('error', ignore)
  }

  /** The connection that was given back a moment ago, at once; null where there is none. */
  takeWarm(): PgSession | null {
    const session = this.#warm
    this.#warm = null
    return session
  }

  /**
   * A connection for one user. A signal ends the wait. @throws OperationalError db.closed, db.pool-exhausted, db.cannot-connect …
   */
  async take(signal?: AbortSignal): Promise<PgSession> {
    for (;;) {
      if (this.#closed) {
        throw new OperationalError(`The database "${this.#alias}" is closed.`, {
          code: 'db.closed',
          alias: this.#alias,
        })
      }
      const warm = signal?.aborted ? null : this.takeWarm()
      if (warm !== null) return warm
      const client = await connect(this.#pool, signal)
      client.on('error', ignore) // a lost connection fails the statement that runs; without a listener it ends the process
      let session = this.#sessions.get(client)
      if (session === undefined) {
        const { statements } = this.#options
        session = new PgSession(client, statements === 0 ? null : new StatementNames(statements))
        this.#sessions.set(client, session)
        return session
      }
      const { healthCheck } = this.#options
      if (healthCheck === null || performance.now() - session.used < healthCheck) return session
      try {
        await session.query({ text: 'SELECT 1' })
        return session
      } catch (error) {
        this.give(session, error as Error) // the pool opens another
      }
    }
  }

  /**
   * Gives a connection back; one with an error is closed. So is one that a raw `begin` left in a transaction: what the
   * next request is told was stored would go with a rollback, and after a failure nothing of it would be accepted.
   */
  give(session: PgSession, error?: Error): void {
    session.used = performance.now()
    session.client.off('error', ignore)
    session.client.release(error ?? (session.spoiled || !session.isIdle))
  }

  /**
   * Gives back a connection on which a statement failed. The server sends the error first, and how the connection stands
   * after it: what it answers to nothing comes behind both.
   */
  giveFailed(session: PgSession): void {
    session.query({ text: '' }).then(
      () => this.give(session),
      (error: Error) => this.give(session, error),
    )
  }

  /**
   * Gives back a connection whose statements have succeeded: code that sends one after another has the next in hand
   * before this turn ends, and so the same connection without the pool's bookkeeping, which costs more than the query.
   */
  giveWarm(session: PgSession): void {
    if (this.#warm !== null || this.#closed || session.spoiled || !session.isIdle || this.#pool.waitingCount > 0) {
      this.give(session)
      return
    }
    session.used = performance.now()
    this.#warm = session
    if (this.#isSweeping) return
    this.#isSweeping = true
    setImmediate(() => {
      this.#isSweeping = false
      const left = this.takeWarm()
      if (left !== null) this.give(left)
    })
  }

  /** A connection of its own while `work` runs. */
  async with<T>(work: (session: PgSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = this.takeWarm() ?? (await this.take(signal))
    let result: T
    try {
      result = await work(session)
    } catch (error) {
      this.giveFailed(session)
      throw error
    }
    const { isIdle } = session
    this.giveWarm(session)
    if (isIdle) return result
    throw leftOpen()
  }

  /** Waits for connections in use, but no longer than the pool's own wait: who never gives one back keeps no process. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const warm = this.takeWarm()
    if (warm !== null) this.give(warm)
    const waiting = new AbortController()
    const { wait } = this.#options
    await Promise.race([this.#pool.end(), sleep(wait, undefined, { signal: waiting.signal }).catch(ignore)])
    waiting.abort()
  }
}

/**
 * A URL without its start-up options, and these: `pg` would take them instead of ours, and a session that speaks other
 * dates than the decoders read gives wrong values.
 */
function splitOptions(url: string): readonly [url: string, options: string] {
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
  if (!query.has('options')) return [url, '']
  const options = query.getAll('options').join(' ')
  query.delete('options')
  return [`${url.slice(0, mark)}?${query}`, `${options} `]
}

/** How `pg` connects. `direct`: past the pooler. */
export function connectionConfig(options: PostgresOptions, direct: boolean): Readonly<Record<string, unknown>> {
  const { url, host, ssl, isPooled, directUrl } = options
  const [connectionString, given] = splitOptions(direct ? (directUrl ?? url) : url)
  return {
    connectionString,
    ...(host === null || (direct && directUrl !== null) ? {} : { host }),
    ...(ssl === null ? {} : { ssl }),
    ...(isPooled && !(direct && directUrl !== null) ? {} : { options: given + startOptions(options) }),
    connectionTimeoutMillis: options.wait,
    application_name: options.applicationName,
    keepAlive: true,
    pipeline: true,
  }
}

/**
 * Opens a pool, and one connection of it, to see errors early. `direct`: past the pooler, two connections at most.
 * @throws ConfigurationError db.driver-missing; OperationalError db.cannot-connect …; NotSupportedError db.not-supported for
 *   a server that is too old
 */
export async function openPool(alias: string, options: PostgresOptions, direct = false): Promise<SessionPool> {
  const { Pool } = await loadPg()
  const { isPooled, statementTimeout, lockTimeout } = options
  const pool = new Pool({
    ...connectionConfig(options, direct),
    ...(isPooled && !direct ? { onConnect: setUp } : {}),
    // Changes of tables may take their time.
    ...(isPooled || direct || statementTimeout === null ? {} : { statement_timeout: statementTimeout }),
    ...(isPooled || direct || lockTimeout === null ? {} : { lock_timeout: lockTimeout }),
    max: direct ? Math.min(2, options.poolSize) : options.poolSize,
    idleTimeoutMillis: options.idleTimeout,
    maxLifetimeSeconds: options.maxAge,
    allowExitOnIdle: true,
  })
  try {
    const client = await pool.connect()
    try {
      const { rows } = await client.query({ text: 'SHOW server_version_num', rowMode: 'array' })
      assertServer(String(rows[0]?.[0]))
    } finally {
      client.release() // the pool's end waits for it
    }
  } catch (error) {
    await pool.end().catch(ignore)
    throw translatePostgresError(error, 'CONNECT')
  }
  return new SessionPool(alias, pool, options)
}
