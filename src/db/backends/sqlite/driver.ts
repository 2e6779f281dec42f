/**
 * SQLite between concurrent requests. One connection writes, behind a first-come lock; another reads and, as WAL
 * allows, never waits for a writer. Locks of other processes are waited for with timers. `:memory:` has one connection
 * only, so that there everything outside a block waits for the block.
 *
 * Durability: `synchronous = NORMAL` in WAL mode. A killed process loses nothing that was committed; a power cut may
 * lose the last commits, never the file's integrity. `options: { synchronous: 'FULL' }` closes that gap for an fsync a commit.
 */

import { setImmediate as immediate } from 'node:timers/promises'
import { OperationalError } from '../../errors.ts'
import type {
  BeginOptions,
  Compiled,
  Connection,
  DatabaseConfig,
  Driver,
  MaybePromise,
  NamedRows,
  RunResult,
  SqlRow,
  TransactionConnection,
} from '../backend.ts'
import { aborted, Lock, type Wait } from '../lock.ts'
import { inTurn } from '../turns.ts'
import { type Sliced, SqliteConnection } from './connection.ts'
import { isBusy, translateSqliteError } from './errors.ts'
import { iterateRows } from './iterate.ts'
import { assertUsable, type SqliteOptions, sqliteOptions, sqlitePath } from './open.ts'
import { retryLater } from './retry.ts'
import { type OpenSqlite, sqliteOpener } from './sqlite.ts'
import { SqliteTransaction } from './transaction.ts'

/** Connections kept for iterators; more are opened when needed and closed after. */
const SPARE_READERS = 4
const ONE_STATEMENT = 'a statement outside a block'

/** What a statement is sent for. */
type Method = 'rows' | 'run' | 'named'

/** One statement on a connection; by name, for a property whose name is a variable is looked up in a table of all the process. */
function call<T>(connection: SqliteConnection, method: Method, statement: Compiled, params: readonly unknown[]): T {
  // What the method of this name gives.
  if (method === 'rows') return connection.rows(statement, params) as T
  return (method === 'run' ? connection.run(statement, params) : connection.named(statement, params)) as T
}

/** Something outside a block, on its way to the writer. */
interface Sent<T> {
  work(connection: SqliteConnection): T
  /** Many inserts instead of it. */
  readonly bulk: { readonly statement: Compiled; readonly params: readonly unknown[]; readonly method: Method } | null
  readonly signal: AbortSignal | undefined
}

/** The open database of one alias. Made by {@link openSqliteDriver}. */
export class SqliteDriver implements Driver {
  readonly reader: Connection
  readonly writer: Connection
  readonly alias: string
  readonly path: string
  readonly memory: boolean
  readonly lock: Lock
  readonly wait: Wait
  readonly #connect: () => SqliteConnection
  readonly #write: SqliteConnection
  #read: SqliteConnection | null = null
  readonly #spare: SqliteConnection[] = []
  #closed = false

  /** @param connect   makes another connection */
  constructor(alias: string, path: string, connection: SqliteConnection, wait: Wait, connect: () => SqliteConnection) {
    this.alias = alias
    this.path = path
    this.memory = path === ':memory:'
    this.lock = new Lock(alias)
    this.wait = wait
    this.#connect = connect
    this.#write = connection
    this.writer = {
      rows: (statement, params, signal) => this.#writing<SqlRow[]>('rows', statement, params, signal),
      run: (statement, params, signal) => this.#writing<RunResult>('run', statement, params, signal),
      named: (statement, params, signal) => this.#writing<NamedRows>('named', statement, params, signal),
      iterate: (statement, params, chunk, signal) => this.#materialized(statement, params, chunk, signal),
      exec: (sql, signal) => this.#inTurn({ work: (connection) => connection.exec(sql), bulk: null, signal }),
    }
    this.reader = this.memory
      ? this.writer
      : {
          rows: (statement, params, signal) => this.#reading<SqlRow[]>('rows', statement, params, signal),
          run: (statement, params, signal) => this.writer.run(statement, params, signal),
          named: (statement, params, signal) => this.#reading<NamedRows>('named', statement, params, signal),
          iterate: (statement, params, chunk) => this.#snapshot(statement, params, chunk),
          exec: (sql, signal) => this.writer.exec(sql, signal),
        }
  }

  /** The writing connection, for a transaction. */
  get connection(): SqliteConnection {
    return this.#write
  }

  async begin(options: BeginOptions): Promise<TransactionConnection> {
    const start = performance.now()
    if (!this.lock.tryAcquire(options.holder)) await this.lock.acquire(options.holder, options)
    try {
      this.#assertOpen()
      if (options.schemaChange) this.#write.exec('PRAGMA foreign_keys = OFF')
      const left = Math.max(0, options.timeout - (performance.now() - start))
      await this.retry(() => this.#write.exec('BEGIN IMMEDIATE'), { timeout: left, signal: options.signal })
      return new SqliteTransaction(this, options.schemaChange ?? false)
    } catch (error) {
      this.endTransaction(options.schemaChange ?? false)
      throw error
    }
  }

  /** After COMMIT or ROLLBACK: the connection as it was, and the lock to the next. */
  endTransaction(schemaChange: boolean): void {
    // A table that was made anew may have failed half-way: no rollback takes a pragma back.
    if (schemaChange && !this.#closed) this.#write.exec('PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF')
    this.lock.release()
  }

  serialize(): Uint8Array | null {
    return this.#write.serialize()
  }

  deserialize(bytes: Uint8Array): void {
    this.#write.deserialize(bytes)
    this.#write.exec('PRAGMA cache_size = -8000') // of the database that is gone
  }

  translateError(error: unknown, sql: string): unknown {
    return translateSqliteError(error, sql)
  }

  /** Waits for a running block (up to the lock's limit), then closes every connection. */
  async close(): Promise<void> {
    if (this.#closed) return
    try {
      if (!this.lock.tryAcquire('close')) await this.lock.acquire('close', this.wait)
    } finally {
      this.#closed = true
      for (const spare of this.#spare) spare.close()
      this.#read?.close()
      this.#write.close() // last: it folds the WAL back into the file
      this.lock.release()
    }
  }

  /**
   * Runs `work` until it is not refused because of another process' lock, with pauses of 1 to 25 ms in between.
   * @throws OperationalError db.locked after the time given
   */
  retry<T>(work: () => T, wait: Wait): MaybePromise<T> {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      return retryLater(work, wait, error, this)
    }
  }

  /** Runs sliced work on a connection that is ours alone, letting others run between slices; a signal ends it there. */
  finish<T>(work: Sliced<T>, signal?: AbortSignal): MaybePromise<T> {
    if (work.step()) return work.result
    return this.#finishLater(work, signal)
  }
  async #finishLater<T>(work: Sliced<T>, signal: AbortSignal | undefined): Promise<T> {
    do {
      await immediate()
      if (signal?.aborted) throw aborted(signal)
    } while (!work.step())
    return work.result
  }

  // ------------------------------------------------------------------ outside a block

  #reading<T>(
    method: Method,
    statement: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
  ): MaybePromise<T> {
    if (signal === undefined) return this.#readNow<T>(method, statement, params, signal)
    return inTurn(signal, () => this.#readNow<T>(method, statement, params, signal))
  }
  #readNow<T>(
    method: Method,
    statement: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
  ): MaybePromise<T> {
    const read = () => call<T>(this.#read ?? this.#openReader(), method, statement, params)
    try {
      return read()
    } catch (error) {
      if (!isBusy(error)) throw error
      return retryLater(read, { ...this.wait, signal }, error, this)
    }
  }

  #openReader(): SqliteConnection {
    const reader = this.#newReader()
    this.#read = reader
    return reader
  }
  #newReader(): SqliteConnection {
    this.#assertOpen()
    const connection = this.#connect()
    // Whatever a statement claims to be, this connection cannot write past the lock.
    try {
      connection.exec('PRAGMA query_only = ON; PRAGMA cache_size = -8000')
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  #writing<T>(
    method: Method,
    statement: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
  ): MaybePromise<T> {
    // One statement that runs at once needs no lock: only that nobody has it.
    if (signal === undefined && statement.bulk === null && !this.lock.held) {
      this.#assertOpen()
      try {
        return call<T>(this.#write, method, statement, params)
      } catch (error) {
        if (!isBusy(error)) throw error
      }
    }
    const bulk = statement.bulk === null ? null : { statement, params, method }
    return this.#inTurn({ work: (connection) => call<T>(connection, method, statement, params), bulk, signal })
  }
  #inTurn<T>(sent: Sent<T>): MaybePromise<T> {
    const { signal } = sent
    return signal === undefined ? this.#writeNow(sent) : inTurn(signal, () => this.#writeNow(sent))
  }
  #writeNow<T>(sent: Sent<T>): MaybePromise<T> {
    if (!this.lock.tryAcquire(ONE_STATEMENT)) return this.#writeLater(sent)
    let waits = false
    try {
      this.#assertOpen()
      if (sent.bulk !== null) {
        waits = true
        return this.#bulk<T>(sent.bulk, sent.signal)
      }
      const result = this.retry(() => sent.work(this.#write), this.#waitOf(sent.signal))
      if (!(result instanceof Promise)) return result
      waits = true
      return result.finally(() => this.lock.release())
    } finally {
      if (!waits) this.lock.release()
    }
  }
  async #writeLater<T>(sent: Sent<T>): Promise<T> {
    await this.lock.acquire(ONE_STATEMENT, this.#waitOf(sent.signal))
    try {
      this.#assertOpen()
    } catch (error) {
      this.lock.release()
      throw error
    }
    if (sent.bulk !== null) return this.#bulk<T>(sent.bulk, sent.signal)
    try {
      return await this.retry(() => sent.work(this.#write), this.#waitOf(sent.signal))
    } finally {
      this.lock.release()
    }
  }

  #waitOf(signal: AbortSignal | undefined): Wait {
    return signal === undefined ? this.wait : { ...this.wait, signal }
  }

  /** Many inserts as one: in a transaction of their own. The lock is held and given back here. */
  async #bulk<T>(
    { statement, params, method }: NonNullable<Sent<T>['bulk']>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    try {
      await this.retry(() => this.#write.exec('BEGIN IMMEDIATE'), this.#waitOf(signal))
      const done = await this.finish(this.#write.bulk(statement, params), signal)
      this.#write.exec('COMMIT')
      return (method === 'run' ? done.result : done.rows) as T // what the method of this name gives
    } finally {
      if (this.#write.database.isOpen && this.#write.database.isTransaction) this.#write.exec('ROLLBACK')
      this.lock.release()
    }
  }

  // ------------------------------------------------------------------ iterating outside a block

  /** From a connection of its own, so that its snapshot is not the other readers'. */
  async *#snapshot(statement: Compiled, params: readonly unknown[], chunk: number): AsyncGenerator<SqlRow[]> {
    const connection = this.#spare.pop() ?? (await this.retry(() => this.#newReader(), this.wait))
    try {
      yield* iterateRows(connection, statement, params, chunk)
    } finally {
      if (this.#closed || this.#spare.length >= SPARE_READERS) connection.close()
      else this.#spare.push(connection)
    }
  }

  /** Where there is one connection only: all rows first, so that the loop's body may write. */
  async *#materialized(
    statement: Compiled,
    params: readonly unknown[],
    chunk: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SqlRow[]> {
    const rows = await this.writer.rows(statement, params, signal)
    for (let i = 0; i < rows.length; i += chunk) {
      if (i > 0) await immediate()
      yield rows.slice(i, i + chunk)
    }
  }

  #assertOpen(): void {
    if (!this.#closed) return
    throw new OperationalError(`The database "${this.alias}" is closed.`, { code: 'db.closed', alias: this.alias })
  }
}

/** Opens the file of `config`. @throws ConfigurationError db.invalid-option; OperationalError db.cannot-open, db.read-only, db.not-a-database, db.locked */
export function openSqliteDriver(config: DatabaseConfig, alias: string): MaybePromise<Driver> {
  const options = sqliteOptions(config)
  // In their own module: who has no workers does not load them.
  if (options.worker)
    return import('./worker/driver.ts').then((module) => module.openWorkerDriver(config, alias, options))
  const open = sqliteOpener(options.driver)
  return open instanceof Promise
    ? open.then((open) => openWith(open, config, alias, options))
    : openWith(open, config, alias, options)
}

function openWith(
  open: OpenSqlite,
  config: DatabaseConfig,
  alias: string,
  { statements, synchronous, lockTimeout }: SqliteOptions,
): MaybePromise<SqliteDriver> {
  const path = sqlitePath(config)
  const memory = path === ':memory:'
  if (!memory) assertUsable(path)
  const connect = (): SqliteConnection => new SqliteConnection(path, statements, open)
  const wait = { timeout: lockTimeout }
  const start = (): SqliteDriver => {
    const connection = connect()
    try {
      if (!memory && connection.value('PRAGMA journal_mode') !== 'wal') connection.value('PRAGMA journal_mode = WAL')
      connection.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY`)
      // No mmap: measured, it gains nothing here, and each connection's mapping counts as resident memory.
      if (!memory) connection.exec('PRAGMA journal_size_limit = 67108864')
      return new SqliteDriver(alias, path, connection, wait, connect)
    } catch (error) {
      connection.close()
      throw error
    }
  }
  const failed = (error: unknown): never => {
    throw translateSqliteError(error, '', path)
  }
  try {
    return start()
  } catch (error) {
    // Another process makes the file, or writes to one that has no log of writes yet.
    return isBusy(error) ? retryLater(start, wait, error, { path, alias }).catch(failed) : failed(error)
  }
}
