/**
 * One level of a transaction: the whole (`begin … commit`) or a savepoint in it. Whatever runs in it goes through its
 * lock, so that statements and inner blocks started together run one after another, in the order they came.
 *
 * A statement that fails breaks its level, on every database. PostgreSQL ends a transaction at an error; others undo the
 * statement and go on, so what was only tried there would fail where it is run.
 */
import type { Compiled, Connection, MaybePromise, TransactionConnection } from './backends/backend.ts'
import type { Features } from './backends/features.ts'
import { type Holder, holderName, Lock, type Wait } from './backends/lock.ts'
import { DatabaseError, NotSupportedError, TransactionError } from './errors.ts'
import { withSavepoints } from './statement-savepoints.ts'

/** A callback of onCommit(). */
export interface CommitCallback {
  readonly run: () => unknown
  /** Its error is only reported, not thrown to who opened the block. */
  readonly robust: boolean
}

/** What a statement is sent for: rows, its effect, rows with the names of their columns. */
export type Method = 'rows' | 'run' | 'named'

const STATEMENT = 'another statement of the same block'

/** What a level is told of its database. */
export interface BlockDatabase {
  readonly alias: string
  readonly features: Features
  /** An error of the driver as one of ours; others as they are. */
  translate(error: unknown, sql: string, signal?: AbortSignal): unknown
}

/** What a level is made of. */
export interface BlockOptions {
  readonly db: BlockDatabase
  readonly connection: TransactionConnection
  readonly parent: Block | null
  readonly holder: Holder
  readonly timeout: number
  /** A level made for tests, which rolls it back: blocks in it count as outermost, and statements stand for themselves. */
  readonly pin: boolean
}

export class Block {
  readonly alias: string
  readonly connection: TransactionConnection
  readonly parent: Block | null
  readonly holder: Holder
  readonly pin: boolean
  readonly savepoint: string
  readonly depth: number
  readonly lock: Lock
  readonly callbacks: CommitCallback[] = []
  /** Run when this level's work is undone, the last first; those of an inner level that was kept are the outer one's. */
  readonly undos: (() => unknown)[] = []
  /** Names of savepoints made by hand that this level can go back to, in the order they were made. */
  readonly savepoints: string[] = []
  /** The error that made the rest of this level impossible. */
  broken: unknown = null
  child: Block | null = null
  /** Its work is undone at its end, though nothing failed; see setRollback(). */
  undone = false
  #ended = false
  #flight: Promise<unknown> | null = null
  /** Statements on their way that share the turn. */
  #flights = 0
  readonly #wait: Wait
  readonly #db: BlockDatabase
  /** What statements are sent to. */
  readonly #statements: Connection

  constructor(options: BlockOptions) {
    const { db, connection } = options
    this.#db = db
    this.alias = db.alias
    this.connection = connection
    this.parent = options.parent
    this.holder = options.holder
    this.pin = options.pin
    this.depth = options.parent === null ? 0 : options.parent.depth + 1
    this.savepoint = `"nuages_${this.depth}"`
    this.lock = new Lock(db.alias, 'The outer block')
    this.#wait = { timeout: options.timeout, perHolder: true }
    this.#statements = options.pin && db.features.errorsBreakTransactions ? withSavepoints(connection) : connection
  }

  get ended(): boolean {
    return this.#ended
  }

  /** A statement or an inner block runs or waits. */
  get busy(): boolean {
    return this.lock.held
  }

  /** @throws TransactionError db.block-ended, db.broken-transaction */
  assertUsable(): void {
    if (this.#ended) throw this.endedError()
    if (this.broken !== null) throw this.brokenError()
  }

  /** Runs one statement in its turn. A signal ends the wait, or stops the statement where the driver can. */
  statement<T>(method: Method, compiled: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<T> {
    if (this.#ended || this.broken !== null) this.assertUsable()
    // What may be stopped goes alone: to stop it is to stop whatever runs.
    const shares = this.connection.pipelines === true && signal === undefined && compiled.bulk === null
    if (this.lock.tryAcquire(STATEMENT)) return this.#execute(method, compiled, params, signal, shares)
    // Behind statements that are on their way, while nobody waits for them to come back.
    if (shares && this.#flights > 0 && this.lock.waiting === 0)
      return this.#execute(method, compiled, params, signal, true)
    return this.#statementLater(method, compiled, params, signal)
  }

  /** The lock is held, and given on here; `shares`: by the last of those that share it. */
  #execute<T>(
    method: Method,
    compiled: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
    shares = false,
  ): MaybePromise<T> {
    if (shares) this.#flights++
    let result: MaybePromise<T>
    try {
      result = call<T>(this.#statements, method, compiled, params, signal)
    } catch (error) {
      const own = this.failed(error, compiled.sql, signal)
      this.#landed(shares)
      throw own
    }
    if (!(result instanceof Promise)) {
      this.#landed(shares)
      return result
    }
    return this.#landing(result, compiled.sql, signal, shares)
  }

  async #statementLater<T>(
    method: Method,
    compiled: Compiled,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<T> {
    await this.lock.acquire(STATEMENT, signal === undefined ? this.#wait : { ...this.#wait, signal })
    try {
      this.assertUsable()
    } catch (error) {
      this.lock.release()
      throw error
    }
    return this.#execute<T>(method, compiled, params, signal)
  }

  /** Statements without parameters, in their turn. */
  async exec(sql: string, signal?: AbortSignal): Promise<void> {
    this.assertUsable()
    await this.enter(STATEMENT, { signal })
    let result: MaybePromise<void>
    try {
      this.assertUsable()
      result = this.#statements.exec(sql, signal)
    } catch (error) {
      const own = this.failed(error, sql, signal)
      this.leave()
      throw own
    }
    if (result instanceof Promise) return this.#landing(result, sql, signal)
    this.leave()
  }

  /**
   * A statement about a savepoint, by whoever has the turn: the end of the level waits for it, and none follows its end.
   * @throws TransactionError db.block-ended; what the driver throws, as it is
   */
  async mark(sql: string): Promise<void> {
    if (this.#ended) throw this.endedError()
    const flight = Promise.resolve(this.connection.exec(sql))
    this.#flight = flight
    try {
      await flight
    } finally {
      this.#flight = null
    }
  }

  #landing<T>(result: Promise<T>, sql: string, signal: AbortSignal | undefined, shares = false): Promise<T> {
    const flight = result.then(
      (value) => {
        this.#landed(shares)
        return value
      },
      (error) => {
        const own = this.failed(error, sql, signal)
        this.#landed(shares)
        throw own
      },
    )
    this.#flight = flight // the last one comes back last
    return flight
  }
  #landed(shares: boolean): void {
    if (shares && --this.#flights > 0) return
    this.#flight = null
    this.lock.release()
  }

  /** What a statement failed with, as one of our errors, and what that does to this level. */
  failed(error: unknown, sql: string, signal: AbortSignal | undefined): unknown {
    const own = this.#db.translate(error, sql, signal)
    if (this.#ended) return own
    // The database has ended the transaction by itself (disk full, a deadlock): nothing of it is left, on any level.
    if (!this.connection.active) for (let b: Block | null = this; b !== null; b = b.parent) b.broken ??= own
    // A statement that was stopped half-way: what it did is not known to who waits for it.
    else if (signal?.aborted || (!this.pin && wasSent(error))) this.broken ??= own
    return own
  }

  /** Waits for this level's turn; {@link leave} gives it on. */
  enter(holder: Holder, wait: Partial<Wait> = {}): MaybePromise<void> {
    if (this.lock.tryAcquire(holder)) return
    const timeout = wait.timeout ?? this.#wait.timeout
    return this.lock.acquire(holder, { timeout, signal: wait.signal, perHolder: true })
  }
  leave(): void {
    this.lock.release()
  }

  /**
   * Ends the level: whoever still waits, and inner blocks that still run, get db.block-ended. Resolves when the
   * statement that is on its way has come back, so that the connection is free for ROLLBACK.
   */
  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.lock.dismiss(() => this.endedError())
    await this.#flight?.catch(() => undefined) // its own caller gets the error
    await this.child?.end()
  }

  endedError(): TransactionError {
    return new TransactionError(
      `The block opened at ${holderName(this.holder)} has ended; a statement came after its end.`,
      {
        code: 'db.block-ended',
        hint: 'Await everything the block starts; start what should outlive it with onCommit().',
        alias: this.alias,
      },
    )
  }

  brokenError(): TransactionError {
    const { broken } = this
    const sql = broken instanceof DatabaseError ? broken.sql : undefined
    return new TransactionError(
      `The block opened at ${holderName(this.holder)} can only be rolled back: ${reason(broken)}`,
      {
        code: 'db.broken-transaction',
        hint: 'Wrap the statement that may fail in an atomic() of its own and catch around that; or let the first error (the cause) leave the block.',
        alias: this.alias,
        sql,
        cause: broken,
      },
    )
  }

  inFlightError(): TransactionError {
    return new TransactionError(`The block opened at ${holderName(this.holder)} ended while it still had work to do.`, {
      code: 'db.statement-in-flight',
      hint: 'It was rolled back. Await every query, save and inner atomic() before the block returns.',
      alias: this.alias,
    })
  }
}

/** Whether the database may have seen the statement: what is refused before, by us, changes nothing. */
function wasSent(error: unknown): boolean {
  return !(error instanceof TransactionError || error instanceof NotSupportedError)
}

/** Longest text of a statement that a message shows. */
const LONGEST = 200
/** Why a level is broken, in words. */
function reason(error: unknown): string {
  if (!(error instanceof DatabaseError)) return `it failed before with ${error}`
  const { code, message, sql = '' } = error
  const told = `${message.replace(/\.$/, '')} (${code})`
  if (sql === '') return `it failed before with “${told}”.`
  return `its statement “${sql.length > LONGEST ? `${sql.slice(0, LONGEST)}…` : sql}” failed with “${told}”.`
}

/** One statement on a connection. @throws NotSupportedError db.not-supported */
export function call<T>(
  connection: Connection,
  method: Method,
  compiled: Compiled,
  params: readonly unknown[],
  signal: AbortSignal | undefined,
): MaybePromise<T> {
  // Each method gives what the caller of the same name expects. By name and not by `connection[method]`: a property whose
  // name is a variable is looked up in a table of all the process.
  if (method === 'rows') return connection.rows(compiled, params, signal) as MaybePromise<T>
  if (method === 'run') return connection.run(compiled, params, signal) as MaybePromise<T>
  if (connection.named === undefined) {
    throw new NotSupportedError('This database does not tell the names of the columns of raw SQL.', {
      code: 'db.not-supported',
      hint: 'Await sql`…` itself: it gives rows as lists.',
    })
  }
  return connection.named(compiled, params, signal) as MaybePromise<T>
}
