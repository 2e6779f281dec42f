/**
 * One database: it takes compiled statements with plain values, and sends them into the current `atomic` block of its
 * alias, or outside one to the reader, a replica or the writer.
 */
import { type ContextKey, contextKey, current } from '../std/context.ts'
import { assertRunning, signalOfNow } from './abort.ts'
import type {
  Backend,
  BeginOptions,
  Compiled,
  Connection,
  DatabaseConfig,
  Decoder,
  Driver,
  MaybePromise,
  NamedRows,
  RunResult,
  SqlRow,
  TransactionConnection,
} from './backends/backend.ts'
import type { Features } from './backends/features.ts'
import { aborted } from './backends/lock.ts'
import { Block, call, type Method } from './block.ts'
import { callSite } from './call-site.ts'
import { DatabaseError, TransactionError } from './errors.ts'
import type { ColumnType, Kind } from './kinds.ts'
import { explained } from './models/violations.ts'
import { isLogged, report } from './query-log.ts'
import { noteWrite, replicaOfNow } from './replicas.ts'
import { isWatched, type QueryCall, watched, wrapped } from './wrappers.ts'

/** Milliseconds that blocks wait for each other unless `lockTimeout` says otherwise. */
const LOCK_TIMEOUT = 5000
/** Rows of one chunk of iterate(). */
const CHUNK = 1000
const NO_REPLICAS: readonly Database[] = Object.freeze([])

/** One database of the project. Opened at first use. */
export class Database implements Connection {
  readonly alias: string
  readonly config: DatabaseConfig
  readonly backend: Backend
  /** Where the current block of this alias is kept: null outside blocks. */
  readonly blockKey: ContextKey<Block | null>
  /** Databases that hold the same rows a moment later; see replicas.ts. */
  replicas: readonly Database[] = NO_REPLICAS
  #driver: Driver | null = null
  #opening: Promise<Driver> | null = null
  #pinned: Block | null = null

  constructor(alias: string, config: DatabaseConfig, backend: Backend) {
    this.alias = alias
    this.config = config
    this.backend = backend
    this.blockKey = contextKey<Block | null>(`db.block.${alias}`, null)
  }

  get features(): Features {
    return this.backend.features
  }
  get lockTimeout(): number {
    return this.config.lockTimeout ?? LOCK_TIMEOUT
  }

  /** The block that statements of this context run in; null outside. */
  currentBlock(): Block | null {
    return current(this.blockKey) ?? this.#pinned
  }

  /** Reads a value of a kind; null where the row's value is right as it comes. */
  decoder(kind: Kind, type?: ColumnType): Decoder {
    return this.backend.decoder(kind, type)
  }

  /**
   * Rows as arrays in column order. Gives them at once where the driver can (SQLite, nothing in the way), else a
   * promise; so errors, too, may be thrown at once.
   * @param values   by slot; encoded here
   * @throws IntegrityError, OperationalError, DataError, ProgrammingError, TransactionError
   */
  rows(compiled: Compiled, values: readonly unknown[]): MaybePromise<SqlRow[]> {
    return this.#replicaFor(compiled)?.rows(compiled, values) ?? this.#execute<SqlRow[]>('rows', compiled, values)
  }

  /** Runs a statement for its effect. As {@link rows}. */
  run(compiled: Compiled, values: readonly unknown[]): MaybePromise<RunResult> {
    if (this.replicas.length > 0) noteWrite(this.alias)
    return this.#execute<RunResult>('run', compiled, values)
  }

  /**
   * Rows with the names of their columns, or how many rows a statement changed. As {@link rows}.
   * @throws NotSupportedError db.not-supported where the driver does not tell names
   */
  named(compiled: Compiled, values: readonly unknown[]): MaybePromise<NamedRows> {
    return this.#replicaFor(compiled)?.named(compiled, values) ?? this.#execute<NamedRows>('named', compiled, values)
  }

  #execute<T>(method: Method, compiled: Compiled, values: readonly unknown[]): MaybePromise<T> {
    const params = encode(compiled, values)
    if (isWatched()) return watched(this.#call(compiled, params), () => this.#send<T>(method, compiled, params))
    return this.#send<T>(method, compiled, params)
  }

  #call({ sql, bulk }: Compiled, params: readonly unknown[]): QueryCall {
    return { alias: this.alias, sql, params, many: bulk !== null }
  }

  /** The replica that answers a statement; null for this database itself. */
  #replicaFor(compiled: Compiled): Database | null {
    const { replicas } = this
    if (replicas.length === 0) return null
    if (compiled.writes) {
      noteWrite(this.alias)
      return null
    }
    if (this.currentBlock() !== null) return null
    const turn = replicaOfNow(this.alias, replicas.length)
    return turn === null ? null : replicas[turn]!
  }

  /**
   * Rows in chunks with bounded memory, all of one moment: outside a block the loop sees what was committed when it
   * began, whatever is written meanwhile (`:memory:` has one connection and reads everything first); inside a block,
   * rows as they are when read. Other requests run between chunks. A loop left early closes by itself.
   * @param chunk   rows at a time; default 1_000
   */
  iterate(compiled: Compiled, values: readonly unknown[], chunk: number = CHUNK): AsyncIterable<SqlRow[]> {
    const replica = this.#replicaFor(compiled)
    if (replica !== null) return replica.iterate(compiled, values, chunk)
    // Bound to the block of the caller, not of whoever asks for the first chunk.
    return this.#chunks(compiled, encode(compiled, values), chunk, this.currentBlock(), signalOfNow())
  }

  /** Statements of ours without parameters: DDL, pragmas. */
  exec(sql: string): MaybePromise<void> {
    if (this.replicas.length > 0) noteWrite(this.alias)
    const signal = signalOfNow()
    const send = async (): Promise<void> => {
      try {
        assertRunning(signal)
        const block = this.currentBlock()
        if (block !== null) await block.exec(sql, signal)
        else await (await this.open()).writer.exec(sql, signal)
      } catch (error) {
        throw this.translate(error, sql, signal)
      }
    }
    return isWatched() ? watched({ alias: this.alias, sql, params: [], many: false }, send) : send()
  }

  /** Opens the database now, to see its errors early. @throws OperationalError, ConfigurationError */
  open(): MaybePromise<Driver> {
    if (this.#driver !== null) return this.#driver
    if (this.#opening !== null) return this.#opening
    const opened = this.backend.open(this.config, this.alias)
    if (!(opened instanceof Promise)) {
      this.#driver = opened
      return opened
    }
    this.#opening = opened.then((driver) => {
      this.#driver = driver
      return driver
    })
    this.#opening.finally(() => (this.#opening = null)).catch(() => undefined) // the caller has the error
    return this.#opening
  }

  /** Waits for a running block, then closes every connection. Using the database again opens it again. */
  async close(): Promise<void> {
    while (this.#pinned !== null) await this.unpin()
    await this.#opening?.catch(() => undefined) // its caller has the error
    const driver = this.#driver
    this.#driver = null
    await driver?.close()
  }

  /** A transaction on the writer. For transactions.ts; everybody else uses atomic(). */
  async begin(options: BeginOptions): Promise<TransactionConnection> {
    try {
      return await (await this.open()).begin(options)
    } catch (error) {
      throw this.translate(error, 'BEGIN')
    }
  }

  /**
   * For tests: begins a transaction that every statement of every context runs in from now on, first come, first
   * served; atomic() becomes a savepoint in it. {@link unpin} rolls it back. Pins nest.
   */
  async pin(): Promise<void> {
    const holder = callSite(this.pin)
    const parent = this.#pinned
    let connection: TransactionConnection
    if (parent === null) connection = await this.begin({ holder, timeout: this.lockTimeout })
    else {
      await parent.enter(holder)
      connection = parent.connection
    }
    const block = this.block(connection, parent, holder, this.lockTimeout, true)
    if (parent !== null) await connection.exec(`SAVEPOINT ${block.savepoint}`)
    this.#pinned = block
  }

  /** Undoes everything since the last {@link pin}. @throws TransactionError db.not-in-block without one */
  async unpin(): Promise<void> {
    const block = this.#pinned
    if (block === null) {
      throw new TransactionError(`The database "${this.alias}" is not pinned.`, {
        code: 'db.not-in-block',
        alias: this.alias,
      })
    }
    await block.end()
    this.#pinned = block.parent
    if (block.parent === null) await block.connection.rollback()
    else {
      if (block.connection.active)
        await block.connection.exec(`ROLLBACK TO ${block.savepoint}; RELEASE SAVEPOINT ${block.savepoint}`)
      block.parent.leave()
    }
  }

  /** One level of a transaction of this database. */
  block(
    connection: TransactionConnection,
    parent: Block | null,
    holder: () => string,
    timeout: number,
    pin = false,
  ): Block {
    return new Block({ db: this, connection, parent, holder, timeout, pin })
  }

  #send<T>(method: Method, compiled: Compiled, params: readonly unknown[]): MaybePromise<T> {
    const signal = signalOfNow()
    try {
      assertRunning(signal)
      const block = this.currentBlock()
      let result: MaybePromise<T>
      if (block !== null) result = block.statement<T>(method, compiled, params, signal)
      else {
        const driver = this.#driver
        if (driver === null) return this.#sendLater<T>(method, compiled, params)
        result = call<T>(compiled.writes ? driver.writer : driver.reader, method, compiled, params, signal)
      }
      return result instanceof Promise ? this.#translating(result, compiled.sql, signal) : result
    } catch (error) {
      throw this.translate(error, compiled.sql, signal)
    }
  }

  #sendLater<T>(method: Method, compiled: Compiled, params: readonly unknown[]): MaybePromise<T> {
    const driver = this.open()
    if (driver instanceof Promise) return driver.then(() => this.#send<T>(method, compiled, params))
    return this.#send<T>(method, compiled, params)
  }

  async #translating<T>(result: Promise<T>, sql: string, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await result
    } catch (error) {
      throw this.translate(error, sql, signal)
    }
  }

  /** An error of the driver as one of ours, with the alias; one that its signal caused says so. Others as they are. */
  translate(error: unknown, sql: string, signal?: AbortSignal): unknown {
    if (error instanceof DatabaseError && error.alias !== undefined) return error // by the block it came through
    let translated = this.#driver === null ? error : this.#driver.translateError(error, sql)
    if (!(translated instanceof DatabaseError)) return translated
    if (signal?.aborted && translated.code === 'db.cancelled') translated = aborted(signal, sql)
    const own = explained(translated as DatabaseError) // asked above
    own.alias ??= this.alias
    return own
  }

  async *#chunks(
    compiled: Compiled,
    params: unknown[],
    chunk: number,
    block: Block | null,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SqlRow[]> {
    const start = performance.now()
    let count = 0
    let failure: { error?: unknown } = {}
    try {
      assertRunning(signal)
      const { writes } = compiled
      const source = block?.connection ?? (await this.open())[writes ? 'writer' : 'reader']
      block?.assertUsable()
      const given = writes
        ? changed(() => source.rows(compiled, params, signal), chunk)
        : source.iterate(compiled, params, chunk, signal)
      const chunks = given[Symbol.asyncIterator]()
      try {
        // Wrappers see the statement begin; what the loop does between chunks is not theirs.
        let next = await wrapped(this.#call(compiled, params), () => chunks.next())
        while (!next.done) {
          count += next.value.length
          yield next.value
          block?.assertUsable()
          assertRunning(signal)
          next = await chunks.next()
        }
      } finally {
        await chunks.return?.()
      }
    } catch (error) {
      failure = { error: block?.failed(error, compiled.sql, signal) ?? this.translate(error, compiled.sql, signal) }
      throw failure.error
    } finally {
      if (isLogged()) report({ alias: this.alias, sql: compiled.sql, params, start, rows: count, ...failure })
    }
  }
}

/** Rows of a change: all of it has happened before the first is seen, wherever the loop is left. */
async function* changed(send: () => MaybePromise<SqlRow[]>, chunk: number): AsyncGenerator<SqlRow[]> {
  const rows = await send()
  for (let i = 0; i < rows.length; i += chunk) yield rows.slice(i, i + chunk)
}

/** Values by slot, as parameters in the order of the placeholders. */
function encode(compiled: Compiled, values: readonly unknown[]): unknown[] {
  const { slots, encoders, bulk } = compiled
  if (bulk !== null) return encodeRows(encoders, values, bulk.count * bulk.width)
  const length = slots.length
  const params: unknown[] = new Array(length)
  for (let i = 0; i < length; i++) {
    const value = values[slots[i]!]
    const encoder = encoders[i]
    params[i] = value === null || encoder === null || encoder === undefined ? value : encoder(value)
  }
  return params
}
function encodeRows(encoders: Compiled['encoders'], values: readonly unknown[], length: number): unknown[] {
  const width = encoders.length
  const params: unknown[] = new Array(length)
  for (let i = 0, column = 0; i < length; i++) {
    const value = values[i]
    const encoder = encoders[column]
    params[i] = value === null || encoder === null || encoder === undefined ? value : encoder(value)
    if (++column === width) column = 0
  }
  return params
}
