/**
 * One level of a transaction: the whole (`begin … commit`) or a savepoint in it. Whatever runs in it goes through its
 * lock, so that statements and inner blocks started together run one after another, in the order they came.
 */
import type { Compiled, Connection, MaybePromise, TransactionConnection } from './backends/backend.ts'
import { type Holder, holderName, Lock, type Wait } from './backends/lock.ts'
import { TransactionError } from './errors.ts'

/** A callback of onCommit(). */
export interface CommitCallback {
  readonly run: () => unknown
  /** Its error is only reported, not thrown to who opened the block. */
  readonly robust: boolean
}

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
  /** The error that made the rest of this level impossible. */
  broken: unknown = null
  child: Block | null = null
  #ended = false
  #flight: Promise<unknown> | null = null
  readonly #wait: Wait
  readonly #errorsBreak: boolean

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
    this.#errorsBreak = options.errorsBreak
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

  /** Runs one statement in its turn. */
  statement<T>(method: 'rows' | 'run', compiled: Compiled, params: readonly unknown[]): MaybePromise<T> {
    if (this.#ended || this.broken !== null) this.assertUsable()
    if (!this.lock.tryAcquire(STATEMENT)) return this.#statementLater(method, compiled, params)
    return this.#execute(method, compiled, params)
  }

  /** The lock is held, and given on here. */
  #execute<T>(method: 'rows' | 'run', compiled: Compiled, params: readonly unknown[]): MaybePromise<T> {
    let result: MaybePromise<T>
    try {
      // Both methods give what the caller of the same name expects.
      result = (this.connection as unknown as Record<string, Connection['rows']>)[method]!(
        compiled,
        params,
      ) as MaybePromise<T>
    } catch (error) {
      this.#failed(error)
      this.lock.release()
      throw error
    }
    if (!(result instanceof Promise)) {
      this.lock.release()
      return result
    }
    return this.#landing(result)
  }

  async #statementLater<T>(method: 'rows' | 'run', compiled: Compiled, params: readonly unknown[]): Promise<T> {
    await this.lock.acquire(STATEMENT, this.#wait)
    try {
      this.assertUsable()
    } catch (error) {
      this.lock.release()
      throw error
    }
    return this.#execute<T>(method, compiled, params)
  }

  /** Statements without parameters, in their turn. */
  async exec(sql: string): Promise<void> {
    this.assertUsable()
    await this.enter(STATEMENT)
    let result: MaybePromise<void>
    try {
      this.assertUsable()
      result = this.connection.exec(sql)
    } catch (error) {
      this.#failed(error)
      this.leave()
      throw error
    }
    if (result instanceof Promise) return this.#landing(result)
    this.leave()
  }

  #landing<T>(result: Promise<T>): Promise<T> {
    const flight = result.then(
      (value) => {
        this.#landed()
        return value
      },
      (error) => {
        this.#failed(error)
        this.#landed()
        throw error
      },
    )
    this.#flight = flight
    return flight
  }
  #landed(): void {
    this.#flight = null
    this.lock.release()
  }

  #failed(error: unknown): void {
    if (this.#ended) return
    // The database has ended the transaction by itself (disk full, for instance): nothing of it is left, on any level.
    if (!this.connection.active) for (let b: Block | null = this; b !== null; b = b.parent) b.broken ??= error
    else if (this.#errorsBreak) this.broken ??= error
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
