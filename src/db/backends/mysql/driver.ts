/**
 * MariaDB and MySQL through a pool of connections. A statement outside a block takes whichever is free; a block keeps
 * one from START TRANSACTION to COMMIT.
 */
import { ConfigurationError } from '../../../std/errors.ts'
import { TransactionError } from '../../errors.ts'
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
import { type Kill, stoppable } from './cancel.ts'
import { translateMysqlError } from './errors.ts'
import { loadMysql2, type MysqlOutcome } from './mysql2.ts'
import { connector } from './open.ts'
import { SessionPool } from './pool.ts'
import { type Sent, send, sendNamed, statementsOf } from './send.ts'
import { leavesOpen, type Session } from './session.ts'
import { MysqlTransaction } from './transaction.ts'

/** Connections of one process. */
const POOL_SIZE = 10
/** Milliseconds to wait for a free one, and for a row that another transaction holds. */
const WAIT = 5000
/** Statements that run others. */
const PROGRAM = /^\W*(?:call|begin|execute)\b/i

/** The pool of one alias. Made by {@link openMysqlDriver}. */
export class MysqlDriver implements Driver {
  readonly reader: Connection
  readonly writer: Connection
  readonly #pool: SessionPool
  readonly #connect: () => Promise<Session>
  readonly #wait: number

  /** @param wait   milliseconds that closing waits for blocks that still run */
  constructor(pool: SessionPool, connect: () => Promise<Session>, wait: number) {
    this.#pool = pool
    this.#connect = connect
    this.#wait = wait
    const connection: Connection = {
      rows: async (statement, params, signal) => (await this.#alone(statement, params, signal)).rows,
      run: async (statement, params, signal) => (await this.#alone(statement, params, signal)).result,
      named: (statement, params, signal) =>
        this.withSession(
          async (session) =>
            (await this.#closed(session, statement.sql, () => sendNamed(session, statement, params))).named,
          signal,
        ),
      iterate: (statement, params, chunk, signal) => this.#iterate(statement, params, chunk, signal),
      exec: (sql, signal) => this.withSession((session) => this.#exec(session, sql), signal),
    }
    this.reader = connection
    this.writer = connection
  }

  /** A connection of its own while `work` runs; its statement is stopped when the signal fires. */
  async withSession<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = await this.#pool.acquire(signal)
    try {
      return await stoppable(session, this.#kill, signal, () => work(session))
    } finally {
      this.#pool.release(session)
    }
  }

  /** Over a connection that is made for it: those of the pool may all be busy. */
  readonly #kill: Kill = async (id) => {
    const session = await this.#connect()
    try {
      await session.query(`KILL QUERY ${id}`)
    } finally {
      session.destroy()
    }
  }

  async #exec(session: Session, sql: string): Promise<void> {
    try {
      await this.#closed(session, sql, async () => ({ outcome: await session.query(sql) }))
    } catch (error) {
      // Of several statements one failed: what the first set, the last has not set back.
      session.lost = true
      throw error
    }
  }

  /** One statement outside a block; several of a bulk insert are one transaction. */
  #alone(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<Sent> {
    return this.withSession(async (session) => {
      if (statementsOf(statement) <= 1)
        return this.#closed(session, statement.sql, () => send(session, statement, params))
      await session.query('START TRANSACTION')
      try {
        const sent = await send(session, statement, params)
        await session.query('COMMIT')
        return sent
      } catch (error) {
        await this.#undo(session)
        throw error
      }
    }, signal)
  }

  /**
   * A statement that leaves no transaction open, as a procedure may: the connection would take with it what others write.
   * The server says so with the outcome; after an error it says nothing.
   */
  async #closed<T extends { outcome: MysqlOutcome }>(
    session: Session,
    sql: string,
    work: () => Promise<T>,
  ): Promise<T> {
    let done: T
    try {
      done = await work()
    } catch (error) {
      if (PROGRAM.test(sql)) await this.#undo(session)
      throw error
    }
    if (!leavesOpen(done.outcome)) return done
    await this.#undo(session)
    throw new TransactionError('A statement outside a block began a transaction, which was rolled back.', {
      code: 'db.not-in-block',
      hint: 'Statements of a transaction have one connection in atomic(); outside of it each has any.',
      sql,
    })
  }

  async #undo(session: Session): Promise<void> {
    await session.query('ROLLBACK').catch(() => {
      session.lost = true
    })
  }

  async *#iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    const session = await this.#pool.acquire(signal)
    const stream = session.stream(statement.sql, params, statement.encoders, chunk)
    const next = (): Promise<SqlRow[] | null> => stoppable(session, this.#kill, signal, () => stream.next())
    try {
      for (let rows = await next(); rows !== null; rows = await next()) yield rows
    } finally {
      // Left early: the rest would have to be read before anything else. Another connection costs less.
      if (!stream.done) session.destroy()
      this.#pool.release(session)
    }
  }

  async begin({ signal, isolation, schemaChange = false }: BeginOptions): Promise<TransactionConnection> {
    if (signal?.aborted) throw aborted(signal)
    const session = await this.#pool.acquire(signal)
    const release = (): void => this.#pool.release(session)
    try {
      if (signal?.aborted) throw aborted(signal)
      const level = isolation === undefined ? '' : `SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}; `
      await session.query(`${level}START TRANSACTION`)
    } catch (error) {
      release()
      throw error
    }
    return new MysqlTransaction({ session, release, schemaChange, kill: this.#kill })
  }

  translateError(error: unknown, sql: string): unknown {
    return translateMysqlError(error, sql)
  }

  close(): Promise<void> {
    return this.#pool.close(this.#wait)
  }
}

/** A whole number among the options. @throws ConfigurationError db.invalid-option */
function whole(name: string, value: unknown, least: number): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new ConfigurationError(`${JSON.stringify(value)} is no value of the option ${name} of a database URL.`, {
    code: 'db.invalid-option',
    hint: `Give a whole number from ${least}.`,
  })
}

/**
 * Opens a pool for `config`. Options: `poolSize` (10), `statementTimeout` (milliseconds; none), `isolation` (`read
 * committed`), `ssl` (`true`, `no-verify`), `socketPath`.
 *
 * @throws ConfigurationError db.driver-missing, db.invalid-option; OperationalError db.cannot-connect …
 */
export async function openMysqlDriver(config: DatabaseConfig, alias: string): Promise<MysqlDriver> {
  const module = await loadMysql2()
  const { poolSize, statementTimeout } = config.options ?? {}
  const wait = config.lockTimeout ?? WAIT
  const connect = connector(module, config, {
    lockWait: Math.max(1, Math.ceil(wait / 1000)),
    statementTimeout: statementTimeout === undefined ? 0 : whole('statementTimeout', statementTimeout, 0),
  })
  const size = poolSize === undefined ? POOL_SIZE : whole('poolSize', poolSize, 1)
  const pool = new SessionPool({ alias, size, wait, connect })
  try {
    pool.release(await pool.acquire())
  } catch (error) {
    await pool.close(0)
    throw translateMysqlError(error, 'CONNECT')
  }
  return new MysqlDriver(pool, connect, wait)
}
