/** A session between START TRANSACTION and COMMIT. */
import { IntegrityError, OperationalError, TransactionError } from '../../errors.ts'
import type { Compiled, NamedRows, RunResult, SqlRow, StatementTimeouts, TransactionConnection } from '../backend.ts'
import { type Kill, stoppable } from './cancel.ts'
import { brokenReference } from './references.ts'
import type { RowStream } from './row-stream.ts'
import { send, sendNamed } from './send.ts'
import { isInTransaction, type Session } from './session.ts'

/** What commits whatever ran before it. */
const DDL = /^\s*(?:\/\*M![^*]*\*\/\s*)?(?:create|alter|drop|rename|truncate)\s+(?!temporary\b)/i
const DEADLOCK = 1213
const NO_SAVEPOINT = 1305
const OWN_TIMEOUTS = 'SET lock_wait_timeout = @nuages_lock /*M! , max_statement_time = @nuages_time */'

/** What a transaction is begun with. */
export interface TransactionOptions {
  readonly session: Session
  readonly release: () => void
  /** Tables may change: each such statement commits by itself. */
  readonly schemaChange: boolean
  readonly kill: Kill
}

export class MysqlTransaction implements TransactionConnection {
  readonly #session: Session
  readonly #release: () => void
  readonly #schemaChange: boolean
  readonly #kill: Kill
  readonly #streams = new Set<RowStream>()
  #ended = false
  #deferred = false
  #isBounded = false
  /** A statement committed what came before it, savepoints included. */
  #committed = false

  constructor({ session, release, schemaChange, kill }: TransactionOptions) {
    this.#kill = kill
    this.#session = session
    this.#release = release
    this.#schemaChange = schemaChange
  }

  get active(): boolean {
    return !this.#ended && !this.#session.lost
  }

  async rows(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<SqlRow[]> {
    return (await this.#guarded(statement, signal, () => send(this.#session, statement, params))).rows
  }

  async run(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<RunResult> {
    return (await this.#guarded(statement, signal, () => send(this.#session, statement, params))).result
  }

  async named(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): Promise<NamedRows> {
    return (await this.#guarded(statement, signal, () => sendNamed(this.#session, statement, params))).named
  }

  /** Rows with bounded memory, until another statement of the block runs: then the rest is read into memory first. */
  async *iterate(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    if (this.#ended) throw ended()
    const stream = this.#session.stream(statement.sql, params, statement.encoders, chunk)
    this.#streams.add(stream)
    const next = (): Promise<SqlRow[] | null> => stoppable(this.#session, this.#kill, signal, () => stream.next())
    try {
      for (let rows = await next(); rows !== null; rows = await next()) {
        yield rows
        if (this.#ended) throw ended()
      }
    } finally {
      this.#streams.delete(stream)
      stream.leave()
    }
  }

  async exec(sql: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#guarded({ sql, writes: true }, signal, async () => ({ outcome: await this.#session.query(sql) }))
    } catch (error) {
      // Committed by a change of tables: there is nothing to give up, and nothing to go back to.
      const isSavepoint =
        /^(?:release|rollback to)\b/i.test(sql) && (error as { errno?: number }).errno === NO_SAVEPOINT
      if (!this.#committed || !isSavepoint) throw error
    }
  }

  /** Runs a statement, and sees to what the server does to a transaction by itself. */
  async #guarded<T extends { outcome: Awaited<ReturnType<Session['query']>> }>(
    { sql, writes }: { readonly sql: string; readonly writes: boolean },
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (this.#ended) throw ended()
    const changesTables = writes && DDL.test(sql)
    if (changesTables && !this.#schemaChange) {
      throw new TransactionError('A change of tables would commit what the block wrote before it.', {
        code: 'db.ddl-in-block',
        hint: 'MariaDB and MySQL roll no change of tables back: run it outside of atomic().',
        sql,
      })
    }
    try {
      const result = await stoppable(this.#session, this.#kill, signal, work)
      if (changesTables || !isInTransaction(result.outcome)) {
        this.#committed = true
        await this.#session.query('START TRANSACTION')
      }
      return result
    } catch (error) {
      // The server has rolled back all of it: what came next would be committed statement by statement.
      if ((error as { errno?: number }).errno === DEADLOCK) await this.#end('ROLLBACK')
      throw error
    }
  }

  /** The server checks references with every statement: from here on they are not, and all of them are at the commit. */
  async deferConstraints(): Promise<void> {
    this.#deferred = true
    await this.#session.query('SET foreign_key_checks = 0')
  }

  /** The server knows them for a session only: it has its own again at the end. */
  async setTimeouts({ lock, statement }: StatementTimeouts): Promise<void> {
    if (!this.#isBounded)
      await this.#session.query('SET @nuages_lock = @@lock_wait_timeout /*M! , @nuages_time = @@max_statement_time */')
    this.#isBounded = true
    const seconds = Math.max(1, Math.ceil(lock / 1000))
    await this.#session.query(`SET lock_wait_timeout = ${seconds} /*M! , max_statement_time = ${statement / 1000} */`)
  }

  async commit(): Promise<void> {
    if (this.#ended) {
      throw new OperationalError('The server rolled the transaction back before it could be committed.', {
        code: 'db.deadlock',
        status: 503,
        hint: 'Run the block again.',
      })
    }
    try {
      if (this.#deferred) await this.#checkReferences()
      await this.#end('COMMIT')
    } catch (error) {
      await this.rollback()
      throw error
    }
  }

  async rollback(): Promise<void> {
    if (this.#ended) return
    await this.#end('ROLLBACK').catch(() => undefined)
  }

  async #checkReferences(): Promise<void> {
    const broken = await brokenReference(this.#session)
    if (broken === null) return
    throw new IntegrityError(
      `A reference of ${broken.table}.${broken.columns.join(', ')} leads to a row that does not exist.`,
      {
        code: 'db.foreign-key-violation',
        constraint: 'foreignKey',
        table: broken.table,
        columns: [...broken.columns],
        hint: 'The block was rolled back.',
      },
    )
  }

  async #end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    for (const stream of this.#streams) stream.leave()
    try {
      const own = [
        ...(this.#deferred || this.#schemaChange ? ['SET foreign_key_checks = 1'] : []),
        ...(this.#isBounded ? [OWN_TIMEOUTS] : []),
      ]
      await this.#session.query([how, ...own].join('; '))
    } catch (error) {
      // Lost, and with the connection the transaction; or it cannot be told in which state it is.
      this.#session.lost = true
      throw error
    } finally {
      if (!this.#ended) {
        this.#ended = true
        this.#release()
      }
    }
  }
}

function ended(): TransactionError {
  return new TransactionError('Rows were read after the block that read them had ended.', {
    code: 'db.block-ended',
    hint: 'Finish the loop inside the block.',
  })
}
