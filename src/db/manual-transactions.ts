/**
 * Transactions and savepoints whose ends are said by hand, for what a function cannot stand around: a tool with a prompt,
 * rows from a stream that are kept or given up one by one. All else is atomic()'s: blocks, order, callbacks, errors.
 */
import { runWith } from '../std/context.ts'
import type { Block } from './block.ts'
import { currentAlias, type Database, database } from './connections.ts'
import { TransactionError } from './errors.ts'
import { type AtomicOptions, atomic, runUndos } from './transactions.ts'

/** Options of {@link beginTransaction}; as of atomic(). */
export type TransactionOptions = Pick<AtomicOptions, 'using' | 'isolation' | 'timeout' | 'signal'>

/** A transaction that is open until it is told to end. Made by {@link beginTransaction}. */
export class Transaction implements AsyncDisposable {
  readonly #db: Database
  readonly #block: Block
  readonly #end: (undo: boolean) => Promise<void>
  #ending: Promise<void> | null = null

  /** @param end   ends the block, and resolves once the database has */
  constructor(db: Database, block: Block, end: (undo: boolean) => Promise<void>) {
    this.#db = db
    this.#block = block
    this.#end = end
  }

  /** Whether it was told to end. */
  get ended(): boolean {
    return this.#ending !== null
  }

  /**
   * Runs `fn` in the transaction: what it and what it awaits asks of the database belongs to it, atomic() inside is a
   * savepoint, onCommit() waits for {@link commit}. Gives what `fn` gives. What `fn` throws undoes nothing by itself.
   * @throws TransactionError db.block-ended after its end; db.broken-transaction once a statement of it has failed
   */
  async run<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    this.#block.assertUsable()
    return runWith(this.#db.blockKey, this.#block, async () => await fn())
  }

  /**
   * Stores everything, then runs the callbacks of onCommit().
   * @throws TransactionError db.block-ended if it has ended; db.broken-transaction, db.statement-in-flight: it was rolled
   *   back; CommitCallbackError db.on-commit-failed: stored, but callbacks failed
   */
  commit(): Promise<void> {
    return this.#finish(false)
  }

  /** Undoes everything. @throws TransactionError db.block-ended if it has ended */
  rollback(): Promise<void> {
    return this.#finish(true)
  }

  /** `await using`: what was not committed is undone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending === null) await this.rollback()
    else await this.#ending.catch(() => undefined) // told to who ended it
  }

  async #finish(undo: boolean): Promise<void> {
    if (this.#ending !== null) throw this.#block.endedError()
    this.#ending = this.#end(undo)
    await this.#ending
  }
}

const UNDONE = Symbol('rolled back by hand')

/**
 * Begins a transaction that ends when it is told to: it holds a connection (of SQLite, the writer) until then.
 *
 *     await using transaction = await beginTransaction()
 *     await transaction.run(() => importRow(row))
 *     await transaction.commit() // without it, the end of the scope undoes everything
 *
 * @throws LockTimeoutError db.lock-timeout; TransactionError db.nested-durable inside a block
 */
export async function beginTransaction(options: TransactionOptions = {}): Promise<Transaction> {
  const db = database(options.using ?? currentAlias())
  const opened = Promise.withResolvers<Block>()
  const ended = Promise.withResolvers<void>()
  const done = atomic(
    () => {
      opened.resolve(db.currentBlock()!) // atomic() made it
      return ended.promise
    },
    { ...options, durable: true },
  )
  done.catch(opened.reject) // before it was opened; after, whoever ends it is told
  return new Transaction(db, await opened.promise, async (undo) => {
    if (undo) ended.reject(UNDONE)
    else ended.resolve()
    try {
      await done
    } catch (error) {
      if (error !== UNDONE) throw error
    }
  })
}

/** A place in a block that it can go back to. Made by {@link savepoint}. */
export class Savepoint {
  readonly #db: Database
  readonly #block: Block
  readonly #name: string
  readonly #callbacks: number
  readonly #undos: number

  constructor(db: Database, block: Block, name: string) {
    this.#db = db
    this.#block = block
    this.#name = name
    this.#callbacks = block.callbacks.length
    this.#undos = block.undos.length
  }

  /**
   * Undoes what the block did since, forgets the callbacks it gave to onCommit() since, and the error that broke it. The
   * savepoint stays; those made after it are gone.
   * @throws TransactionError db.savepoint-ended, db.block-ended
   */
  async rollback(): Promise<void> {
    const block = this.#block
    await this.#inTurn(async () => {
      if (!block.connection.active) block.assertUsable()
      await this.#send(`ROLLBACK TO SAVEPOINT ${this.#name}`)
      block.savepoints.length = block.savepoints.indexOf(this.#name) + 1
      block.callbacks.length = this.#callbacks
      block.broken = null
    })
    await runUndos(this.#db, block, this.#undos)
  }

  /** Gives the savepoint up, with those made after it; what was done since stays. @throws as {@link rollback}; db.broken-transaction */
  async release(): Promise<void> {
    const block = this.#block
    await this.#inTurn(async () => {
      block.assertUsable()
      await this.#send(`RELEASE SAVEPOINT ${this.#name}`)
      block.savepoints.length = block.savepoints.indexOf(this.#name)
    })
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const block = this.#block
    if (block.ended) throw block.endedError()
    await block.enter('a savepoint')
    try {
      if (block.ended) throw block.endedError()
      if (!block.savepoints.includes(this.#name)) throw savepointEnded(block)
      await work()
    } finally {
      block.leave()
    }
  }

  async #send(sql: string): Promise<void> {
    try {
      await this.#block.mark(sql)
    } catch (error) {
      throw this.#block.failed(error, sql, undefined)
    }
  }
}

function savepointEnded(block: Block): TransactionError {
  return new TransactionError('The savepoint is gone.', {
    code: 'db.savepoint-ended',
    hint: 'It was released, or an earlier one of the block was rolled back or released, which ends those after it.',
    alias: block.alias,
  })
}

let made = 0

/**
 * Marks a place in the current block that it can go back to. Where a function can stand around the work, an inner atomic()
 * is shorter.
 *
 *     const before = await savepoint()
 *     for await (const row of rows) {
 *       try {
 *         await row.save()
 *       } catch {
 *         await before.rollback()
 *         break
 *       }
 *     }
 *
 * @throws TransactionError db.not-in-block outside of a block; db.broken-transaction
 */
export async function savepoint(options: { readonly using?: string | undefined } = {}): Promise<Savepoint> {
  const db = database(options.using ?? currentAlias())
  const block = db.currentBlock()
  if (block === null || block.pin) {
    throw new TransactionError('savepoint() was called outside of a block.', {
      code: 'db.not-in-block',
      hint: 'Call it inside atomic(), or in the run() of a transaction.',
      alias: db.alias,
    })
  }
  const name = `"nuages_mark_${++made}"`
  await block.exec(`SAVEPOINT ${name}`)
  block.savepoints.push(name)
  return new Savepoint(db, block, name)
}
