/**
 * SQLite in processes of its own: no statement holds up the event loop, and each can be stopped. One worker writes, behind
 * the same lock as without workers; others read. A statement that is stopped costs its worker, and the next one starts
 * another: what waits in this process is not lost with it.
 */
import { ConfigurationError } from '../../../../std/errors.ts'
import { OperationalError } from '../../../errors.ts'
import type {
  BeginOptions,
  Compiled,
  Connection,
  DatabaseConfig,
  Driver,
  NamedRows,
  RunResult,
  SqlRow,
  TransactionConnection,
} from '../../backend.ts'
import { Lock, type Wait } from '../../lock.ts'
import { isBusy, translateSqliteError } from '../errors.ts'
import { assertUsable, type SqliteOptions, sqlitePath } from '../open.ts'
import { retryLater } from '../retry.ts'
import { chunksOf } from './chunks.ts'
import { type Question, sent } from './messages.ts'
import { ReaderPool } from './pool.ts'
import { WorkerTransaction } from './transaction.ts'
import { type Stop, Worker } from './worker.ts'

const ONE_STATEMENT = 'a statement outside a block'
/** Writes that may run in a transaction of their own, so that stopping them never meets their commit. */
const CHANGES = /^\s*(?:insert|update|delete|replace|with)\b/i

/** What a statement gives that both changes and returns rows. */
export interface Both {
  readonly rows: SqlRow[]
  readonly result: RunResult
}

/** The open database of one alias. Made by {@link openWorkerDriver}. */
export class WorkerDriver implements Driver {
  readonly reader: Connection
  readonly writer: Connection
  readonly alias: string
  readonly path: string
  readonly lock: Lock
  readonly wait: Wait
  /** Milliseconds a statement may take; 0 for any. */
  readonly timeout: number
  readonly #start: () => Promise<Worker>
  readonly #readers: ReaderPool
  readonly #synchronous: string
  #write: Worker | null = null
  #closed = false

  constructor(alias: string, path: string, wait: Wait, options: SqliteOptions) {
    this.alias = alias
    this.path = path
    this.lock = new Lock(alias)
    this.wait = wait
    this.timeout = options.statementTimeout
    this.#synchronous = options.synchronous
    this.#start = async () => {
      const worker = new Worker()
      try {
        const { driver, statements } = options
        await this.ask(worker, { op: 'open', path, driver, statements })
        return worker
      } catch (error) {
        await worker.close()
        throw translateSqliteError(error, '', path)
      }
    }
    this.#readers = new ReaderPool({
      alias,
      size: options.readers,
      wait: wait.timeout,
      start: async () => {
        const worker = await this.#start()
        await this.ask(worker, { op: 'exec', sql: 'PRAGMA query_only = ON; PRAGMA cache_size = -8000' })
        return worker
      },
    })
    const write = <T>(op: 'rows' | 'run' | 'named', statement: Compiled, params: readonly unknown[], signal?: Signal) =>
      this.#writing<T>({ op, statement: sent(statement), params }, signal)
    const read = <T>(op: 'rows' | 'run' | 'named', statement: Compiled, params: readonly unknown[], signal?: Signal) =>
      this.#reading<T>({ op, statement: sent(statement), params }, signal)
    this.writer = {
      rows: (statement, params, signal) =>
        statement.bulk === null
          ? write<SqlRow[]>('rows', statement, params, signal)
          : this.#bulk(statement, params, signal).then(({ rows }) => rows),
      run: (statement, params, signal) =>
        statement.bulk === null
          ? write<RunResult>('run', statement, params, signal)
          : this.#bulk(statement, params, signal).then(({ result }) => result),
      named: (statement, params, signal) => write<NamedRows>('named', statement, params, signal),
      iterate: (statement, params, chunk, signal) => this.#iterate(statement, params, chunk, signal),
      exec: (sql, signal) => this.#writing<void>({ op: 'exec', sql }, signal),
    }
    this.reader = {
      ...this.writer,
      rows: (statement, params, signal) => read<SqlRow[]>('rows', statement, params, signal),
      named: (statement, params, signal) => read<NamedRows>('named', statement, params, signal),
    }
  }

  /** Starts the writer, so that errors of the file come now. */
  async open(): Promise<this> {
    await this.#writer()
    return this
  }

  async begin(options: BeginOptions): Promise<TransactionConnection> {
    const start = performance.now()
    if (!this.lock.tryAcquire(options.holder)) await this.lock.acquire(options.holder, options)
    let worker: Worker | null = null
    try {
      worker = await this.#writer()
      if (options.schemaChange) await worker.ask({ op: 'exec', sql: 'PRAGMA foreign_keys = OFF' })
      const left = Math.max(0, options.timeout - (performance.now() - start))
      const signal = options.signal
      await this.ask(worker, { op: 'exec', sql: 'BEGIN IMMEDIATE' }, {}, { timeout: left, signal })
      return new WorkerTransaction(this, worker, options.schemaChange ?? false)
    } catch (error) {
      await this.endTransaction(worker, options.schemaChange ?? false)
      throw error
    }
  }

  /** After COMMIT or ROLLBACK: the connection as it was, and the lock to the next. */
  async endTransaction(worker: Worker | null, schemaChange: boolean): Promise<void> {
    try {
      if (schemaChange && worker !== null && !worker.lost)
        await worker.ask({ op: 'exec', sql: 'PRAGMA foreign_keys = ON' })
    } finally {
      this.lock.release()
    }
  }

  translateError(error: unknown, sql: string): unknown {
    return translateSqliteError(error, sql)
  }

  /** Waits for a running block (up to the lock's limit), then ends every worker. */
  async close(): Promise<void> {
    if (this.#closed) return
    try {
      if (!this.lock.tryAcquire('close')) await this.lock.acquire('close', this.wait)
    } finally {
      this.#closed = true
      await this.#readers.close()
      await this.#write?.close() // last: it folds the WAL back into the file
      this.lock.release()
    }
  }

  /** Asks until another process' lock is no longer in the way. */
  async ask<T>(worker: Worker, question: Question, stop: Stop = {}, wait: Wait = this.wait): Promise<T> {
    try {
      return await worker.ask<T>(question, stop)
    } catch (error) {
      if (!isBusy(error)) throw error
      return await retryLater(() => worker.ask<T>(question, stop), wait, error, this)
    }
  }

  /** The worker that writes, of whoever has the lock. */
  async #writer(): Promise<Worker> {
    this.#assertOpen()
    if (this.#write !== null && !this.#write.lost) return this.#write
    const worker = await this.#start()
    try {
      const mode = await this.ask(worker, { op: 'value', sql: 'PRAGMA journal_mode' })
      if (mode !== 'wal') await this.ask(worker, { op: 'value', sql: 'PRAGMA journal_mode = WAL' })
      await this.ask(worker, {
        op: 'exec',
        sql: `PRAGMA synchronous = ${this.#synchronous}; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864`,
      })
    } catch (error) {
      await worker.close()
      throw translateSqliteError(error, 'PRAGMA journal_mode = WAL', this.path)
    }
    this.#write = worker
    return worker
  }

  async #reading<T>(question: Question, signal: Signal): Promise<T> {
    this.#assertOpen()
    const worker = await this.#readers.take(signal)
    try {
      return await this.ask<T>(worker, question, { signal, timeout: this.timeout }, { ...this.wait, signal })
    } finally {
      this.#readers.give(worker)
    }
  }

  async #locked<T>(signal: Signal, work: (worker: Worker) => Promise<T>): Promise<T> {
    if (!this.lock.tryAcquire(ONE_STATEMENT)) await this.lock.acquire(ONE_STATEMENT, { ...this.wait, signal })
    try {
      return await work(await this.#writer())
    } finally {
      this.lock.release()
    }
  }

  #writing<T>(question: Question, signal: Signal): Promise<T> {
    return this.#locked(signal, (worker) => {
      const stop = { signal, timeout: this.timeout }
      const stoppable = signal !== undefined || this.timeout > 0
      return stoppable && 'statement' in question && CHANGES.test(question.statement.sql)
        ? this.#alone<T>(worker, question, stop)
        : this.ask<T>(worker, question, stop, { ...this.wait, signal })
    })
  }

  /** In a transaction of its own: the statement may be stopped, the commit not. */
  async #alone<T>(worker: Worker, question: Question, stop: Stop): Promise<T> {
    try {
      await this.ask(worker, { op: 'exec', sql: 'BEGIN IMMEDIATE' }, {}, { ...this.wait, signal: stop.signal })
      const result = await worker.ask<T>(question, stop)
      await this.ask(worker, { op: 'exec', sql: 'COMMIT' })
      return result
    } finally {
      if (worker.transaction) await worker.ask({ op: 'exec', sql: 'ROLLBACK' })
    }
  }

  #bulk(statement: Compiled, params: readonly unknown[], signal: Signal): Promise<Both> {
    const stop = { signal, timeout: this.timeout }
    return this.#locked(signal, (worker) =>
      this.#alone<Both>(worker, { op: 'bulk', statement: sent(statement), params }, stop),
    )
  }

  /** A worker for the loop alone, so that its snapshot is not the other readers'. */
  async *#iterate(statement: Compiled, params: readonly unknown[], chunk: number, signal: Signal) {
    this.#assertOpen()
    const worker = await this.#readers.lend()
    try {
      yield* chunksOf(worker, statement, params, chunk, { signal, timeout: this.timeout })
    } finally {
      this.#readers.back(worker)
    }
  }

  #assertOpen(): void {
    if (!this.#closed) return
    throw new OperationalError(`The database "${this.alias}" is closed.`, { code: 'db.closed', alias: this.alias })
  }
}

type Signal = AbortSignal | undefined

/**
 * Opens the file of `config` in a worker.
 * @throws ConfigurationError db.invalid-option for `:memory:`; OperationalError as without workers
 */
export async function openWorkerDriver(
  config: DatabaseConfig,
  alias: string,
  options: SqliteOptions,
): Promise<WorkerDriver> {
  const path = sqlitePath(config)
  if (path === ':memory:') {
    throw new ConfigurationError('A database in memory cannot have workers: each would have one of its own.', {
      code: 'db.invalid-option',
      hint: 'Leave out `worker`, or name a file.',
    })
  }
  assertUsable(path)
  return await new WorkerDriver(alias, path, { timeout: options.lockTimeout }, options).open()
}
