/**
 * One level of a transaction: the whole (`begin … commit`) or a savepoint in it. Whatever runs in it goes through its
 * lock, so that statements and inner blocks started together run one after another, in the order they came.
 */
import type { Compiled, Connection, MaybePromise, TransactionConnection } from './backends/backend.ts'
import { type Holder, holderName, Lock, type Wait } from './backends/lock.ts'
import { NotSupportedError, TransactionError } from './errors.ts'
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

/** What a level is made of. */
export interface BlockOptions {
  readonly alias: string
  readonly connection: TransactionConnection
  readonly parent: Block | null
  readonly holder: Holder
  readonly timeout: number
  readonly errorsBreak: boolean
  /** A level made for tests, which rolls it back: blocks in it count as outermost. */
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
  readonly #errorsBreak: boolean
  /** What statements are sent to. */
  readonly #statements: Connection

  constructor(options: BlockOptions) {
    this.alias = options.alias
    this.connection = options.connection
    this.parent = options.parent
    this.holder = options.holder
    this.pin = options.pin
    this.depth = options.parent === null ? 0 : options.parent.depth + 1
    this.savepoint = `"nuages_${this.depth}"`
    this.lock = new Lock(options.alias, 'The outer block')
    this.#wait = { timeout: options.timeout, perHolder: true }
    this.#errorsBreak = options.errorsBreak && !options.pin
    this.#statements = options.errorsBreak && options.pin ? withSavepoints(options.connection) : options.connection
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
      this.#failed(error, signal)
      this.#landed(shares)
      throw error
    }
    if (!(result instanceof Promise)) {
      this.#landed(shares)
      return result
    }
    return this.#landing(result, signal, shares)
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
      this.#failed(error, signal)
      this.leave()
      throw error
    }
    if (result instanceof Promise) return this.#landing(result, signal)
    this.leave()
  }

  #landing<T>(result: Promise<T>, signal: AbortSignal | undefined, shares = false): Promise<T> {
    const flight = result.then(
      (value) => {
        this.#landed(shares)
        return value
      },
      (error) => {
        this.#failed(error, signal)
        this.#landed(shares)
        throw error
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

  #failed(error: unknown, signal: AbortSignal | undefined): void {
    if (this.#ended) return
    // The database has ended the transaction by itself (disk full, for instance): nothing of it is left, on any level.
    if (!this.connection.active) for (let b: Block | null = this; b !== null; b = b.parent) b.broken ??= error
    // A statement that was stopped half-way: what it did is not known to who waits for it.
    else if (this.#errorsBreak || signal?.aborted) this.broken ??= error
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
    return new TransactionError(
      `The block opened at ${holderName(this.holder)} failed before and can only be rolled back.`,
      {
        code: 'db.broken-transaction',
        hint: 'Let the first error (the cause) leave the block, or put what may fail into an atomic() of its own.',
        alias: this.alias,
        cause: this.broken,
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

/** One statement on a connection. @throws NotSupportedError db.not-supported */
export function call<T>(
  connection: Connection,
  method: Method,
  compiled: Compiled,
  params: readonly unknown[],
  signal: AbortSignal | undefined,
): MaybePromise<T> {
  if (method === 'named' && connection.named === undefined) {
    throw new NotSupportedError('This database does not tell the names of the columns of raw SQL.', {
      code: 'db.not-supported',
      hint: 'Await sql`…` itself: it gives rows as lists.',
    })
  }
  // Each method gives what the caller of the same name expects.
  return connection[method]!(compiled, params, signal) as MaybePromise<T>
}
