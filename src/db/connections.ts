/**
 * Databases by alias. A {@link Database} takes compiled statements with plain values, and sends them into the current
 * `atomic` block of its alias, or outside one to the reader or the writer.
 */
import { type ContextKey, contextKey, current, runWith } from '../std/context.ts'
import { nearest } from '../std/text.ts'
import type {
  Backend,
  BeginOptions,
  Compiled,
  Connection,
  DatabaseConfig,
  Decoder,
  Driver,
  Features,
  MaybePromise,
  RunResult,
  SqlRow,
  TransactionConnection,
} from './backends/backend.ts'
import { sqliteBackend } from './backends/sqlite/index.ts'
import { Block } from './block.ts'
import { callSite } from './call-site.ts'
import { DatabaseError, DatabaseNotFoundError, TransactionError } from './errors.ts'
import type { ColumnType, Kind } from './kinds.ts'
import { isLogged, logged, report } from './query-log.ts'

/** Milliseconds that blocks wait for each other unless `lockTimeout` says otherwise. */
const LOCK_TIMEOUT = 5000
/** Rows of one chunk of iterate(). */
const CHUNK = 1000

/** One database of the project. Opened at first use. */
export class Database implements Connection {
  readonly alias: string
  readonly config: DatabaseConfig
  readonly backend: Backend
  /** Where the current block of this alias is kept: null outside blocks. */
  readonly blockKey: ContextKey<Block | null>
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
    const params = encode(compiled, values)
    if (isLogged())
      return logged(this.alias, compiled.sql, params, () => this.#send<SqlRow[]>('rows', compiled, params))
    return this.#send<SqlRow[]>('rows', compiled, params)
  }

  /** Runs a statement for its effect. As {@link rows}. */
  run(compiled: Compiled, values: readonly unknown[]): MaybePromise<RunResult> {
    const params = encode(compiled, values)
    if (isLogged())
      return logged(this.alias, compiled.sql, params, () => this.#send<RunResult>('run', compiled, params))
    return this.#send<RunResult>('run', compiled, params)
  }

  /**
   * Rows in chunks with bounded memory, all of one moment: outside a block the loop sees what was committed when it
   * began, whatever is written meanwhile (`:memory:` has one connection and reads everything first); inside a block,
   * rows as they are when read. Other requests run between chunks. A loop left early closes by itself.
   * @param chunk   rows at a time; default 1_000
   */
  iterate(compiled: Compiled, values: readonly unknown[], chunk: number = CHUNK): AsyncIterable<SqlRow[]> {
    // Bound to the block of the caller, not of whoever asks for the first chunk.
    return this.#chunks(compiled, encode(compiled, values), chunk, this.currentBlock())
  }

  /** Statements of ours without parameters: DDL, pragmas. */
  exec(sql: string): MaybePromise<void> {
    const send = async (): Promise<void> => {
      try {
        const block = this.currentBlock()
        if (block !== null) await block.exec(sql)
        else await (await this.open()).writer.exec(sql)
      } catch (error) {
        throw this.#translated(error, sql)
      }
    }
    return isLogged() ? logged(this.alias, sql, [], send) : send()
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
      throw this.#translated(error, 'BEGIN')
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
        await block.connection.exec(`ROLLBACK TO ${block.savepoint}; RELEASE ${block.savepoint}`)
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
    const errorsBreak = this.features.errorsBreakTransactions
    return new Block({ alias: this.alias, connection, parent, holder, timeout, errorsBreak, pin })
  }

  #send<T>(method: 'rows' | 'run', compiled: Compiled, params: readonly unknown[]): MaybePromise<T> {
    try {
      const block = this.currentBlock()
      let result: MaybePromise<T>
      if (block !== null) result = block.statement<T>(method, compiled, params)
      else {
        const driver = this.#driver
        if (driver === null) return this.#sendLater<T>(method, compiled, params)
        const connection = compiled.writes ? driver.writer : driver.reader
        // Both methods give what the caller of the same name expects.
        result = (
          method === 'rows' ? connection.rows(compiled, params) : connection.run(compiled, params)
        ) as MaybePromise<T>
      }
      return result instanceof Promise ? this.#translating(result, compiled.sql) : result
    } catch (error) {
      throw this.#translated(error, compiled.sql)
    }
  }

  #sendLater<T>(method: 'rows' | 'run', compiled: Compiled, params: readonly unknown[]): MaybePromise<T> {
    const driver = this.open()
    if (driver instanceof Promise) return driver.then(() => this.#send<T>(method, compiled, params))
    return this.#send<T>(method, compiled, params)
  }

  async #translating<T>(result: Promise<T>, sql: string): Promise<T> {
    try {
      return await result
    } catch (error) {
      throw this.#translated(error, sql)
    }
  }

  /** An error of the driver as one of ours, with the alias. */
  #translated(error: unknown, sql: string): unknown {
    const translated = this.#driver === null ? error : this.#driver.translateError(error, sql)
    if (translated instanceof DatabaseError) translated.alias ??= this.alias
    return translated
  }
  /** As the private one, for the transaction's own statements. */
  translate(error: unknown, sql: string): unknown {
    return this.#translated(error, sql)
  }

  async *#chunks(compiled: Compiled, params: unknown[], chunk: number, block: Block | null): AsyncGenerator<SqlRow[]> {
    const start = performance.now()
    let count = 0
    let failure: { error?: unknown } = {}
    try {
      const source = block !== null ? block.connection : (await this.open()).reader
      block?.assertUsable()
      for await (const rows of source.iterate(compiled, params, chunk)) {
        count += rows.length
        yield rows
        block?.assertUsable()
      }
    } catch (error) {
      failure = { error: this.#translated(error, compiled.sql) }
      throw failure.error
    } finally {
      if (isLogged()) report({ alias: this.alias, sql: compiled.sql, params, start, rows: count, ...failure })
    }
  }
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

// -------------------------------------------------------------------- by alias

const backends = new Map<string, Backend>([['sqlite', sqliteBackend]])
let databases: ReadonlyMap<string, Database> = new Map()
const aliasKey = contextKey<string>('db.alias', 'default')

/** Adds a backend, or replaces one; its name is the `engine` of a database's configuration. */
export function registerBackend(backend: Backend): void {
  backends.set(backend.name, backend)
}

/** Backends that are loaded when a database of theirs is configured: their code and drivers cost others nothing. */
const lazy: Readonly<Record<string, () => Promise<Backend>>> = {
  postgres: async () => (await import('./backends/postgres/index.ts')).postgresBackend,
  pglite: async () => (await import('./backends/pglite/index.ts')).pgliteBackend,
}

/** Loads the backends that these databases need; before {@link configureDatabases}. */
export async function loadBackends(configs: Readonly<Record<string, DatabaseConfig>>): Promise<void> {
  const engines = new Set(Object.values(configs).map((config) => config.engine))
  for (const engine of engines) {
    if (!backends.has(engine) && Object.hasOwn(lazy, engine)) registerBackend(await lazy[engine]!())
  }
}

/** Makes a database without listing it under its alias. @throws DatabaseNotFoundError db.unknown-engine */
export function createDatabase(alias: string, config: DatabaseConfig): Database {
  const backend = backends.get(config.engine)
  if (backend === undefined) {
    throw new DatabaseNotFoundError(
      `No backend for the engine ${JSON.stringify(config.engine)} of database "${alias}".`,
      {
        code: 'db.unknown-engine',
        hint: `Engines: ${[...new Set([...backends.keys(), ...Object.keys(lazy)])].join(', ')}.`,
      },
    )
  }
  return new Database(alias, config, backend)
}

/**
 * Says which databases there are, by alias; called once at start. Nothing is opened yet. A database configured before in
 * the same way stays as it is, open or not; others stay open for who holds them: close them first.
 */
export function configureDatabases(configs: Readonly<Record<string, DatabaseConfig>>): void {
  const before = databases
  const kept = (alias: string, config: DatabaseConfig): Database | null => {
    const open = before.get(alias)
    return open !== undefined && JSON.stringify(open.config) === JSON.stringify(config) ? open : null
  }
  databases = new Map(
    Object.entries(configs).map(([alias, config]) => [alias, kept(alias, config) ?? createDatabase(alias, config)]),
  )
}

/** The database of an alias; default the current one (see {@link using}). @throws DatabaseNotFoundError db.unknown-database */
export function database(alias: string = current(aliasKey)): Database {
  const found = databases.get(alias)
  if (found !== undefined) return found
  const names = [...databases.keys()]
  const meant = nearest(alias, names)
  throw new DatabaseNotFoundError(`There is no database "${alias}".`, {
    code: 'db.unknown-database',
    hint:
      names.length === 0
        ? 'No database is configured: set `databases` in the settings.'
        : `${meant === null ? '' : `Did you mean "${meant}"? `}Databases: ${names.join(', ')}.`,
  })
}

/** Aliases of all databases. */
export function databaseAliases(): string[] {
  return [...databases.keys()]
}

/** Closes every database, waiting for blocks that still run. */
export async function closeDatabases(): Promise<void> {
  await Promise.all([...databases.values()].map((database) => database.close()))
}

/**
 * Runs `fn` with another database as the current one: queries, atomic() and onCommit() in it use `alias`. A query that
 * `fn` gives is run here, not where it is awaited.
 */
export function using<T>(alias: string, fn: () => PromiseLike<T>): Promise<T>
export function using<R>(alias: string, fn: () => R): R
export function using(alias: string, fn: () => unknown): unknown {
  return runWith(aliasKey, alias, () => {
    const result = fn()
    return isThenable(result) ? (async () => await result)() : result
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** The alias that queries use where none is named. */
export function currentAlias(): string {
  return current(aliasKey)
}
