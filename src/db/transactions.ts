/** Transactions: {@link atomic} blocks that nest, bound to the asynchronous context, and {@link onCommit}. */
import { setTimeout as sleep } from 'node:timers/promises'
import { runWith } from '../std/context.ts'
import { assertRunning, joined as eitherSignal, signalOfNow } from './abort.ts'
import type { Isolation } from './backends/backend.ts'
import { assertIsolation } from './backends/isolation.ts'
import type { Block, CommitCallback } from './block.ts'
import { callSite } from './call-site.ts'
import { currentAlias, type Database, database } from './connections.ts'
import { CommitCallbackError, DatabaseError, IntegrityError, TransactionError } from './errors.ts'
import { assertOptions } from './options.ts'

/** Options of {@link atomic}. */
export interface AtomicOptions {
  /** Alias of the database; default the current one. */
  readonly using?: string | undefined
  /** Must be the outermost block: refuses to run inside another. */
  readonly durable?: boolean
  /** false: an inner block without a savepoint; its failure makes the outer block fail. Default true. */
  readonly savepoint?: boolean
  /** Milliseconds to wait for the writer, or for sibling blocks; default the database's lockTimeout (5_000). */
  readonly timeout?: number
  /** Gives up waiting when aborted. Does not stop a block that has begun; for that, see abortable(). */
  readonly signal?: AbortSignal
  /**
   * How many times more the outermost block is run when the database ends it because of others: db.deadlock,
   * db.serialization-failure. Between tries it waits 10 ms, 20 ms … (up to 1 s, a random part of it). What `fn` did
   * outside of the database it does again; onCommit() callbacks of failed tries are dropped. An inner block is never run
   * again by itself. Default 0.
   */
  readonly retries?: number
  /**
   * How much the block sees of others that run at the same time; default the database's own. Outermost only. SQLite's
   * blocks are always serializable. With `repeatable read` and `serializable` PostgreSQL may answer
   * `db.serialization-failure`: see `retries`.
   */
  readonly isolation?: Isolation
  /** For migrations: references are not enforced inside, but all of them are checked before the commit. Outermost only. */
  readonly schemaChange?: boolean
}

const OPTIONS = [
  'using',
  'durable',
  'savepoint',
  'timeout',
  'signal',
  'retries',
  'isolation',
  'schemaChange',
] as const satisfies readonly (keyof AtomicOptions)[]

/**
 * Runs `fn` in a transaction: all of its statements happen, or, when it throws, none. Inside another block it is a
 * savepoint: what it throws undoes this level only. The block belongs to `fn` and what it awaits; concurrent requests
 * never see each other's blocks. Gives what `fn` gives.
 *
 *     await atomic(async () => {
 *       await order.save()
 *       onCommit(() => mailReceipt(order.id))
 *     })
 *
 * @throws LockTimeoutError db.lock-timeout when the writer was not free in time
 * @throws TransactionError db.statement-in-flight, db.block-ended, db.nested-durable, db.broken-transaction
 * @throws QueryUsageError db.bad-options
 * @throws CommitCallbackError db.on-commit-failed: committed, but callbacks failed
 */
export async function atomic<T>(fn: () => T | PromiseLike<T>, options: AtomicOptions = {}): Promise<T> {
  assertOptions('atomic()', options, OPTIONS)
  const holder = callSite(atomic)
  const db = database(options.using ?? currentAlias())
  const parent = db.currentBlock()
  if (parent === null) return options.retries ? repeated(db, fn, options, holder) : outermost(db, fn, options, holder)
  if (!parent.pin) assertNestable(parent, options)
  if (options.savepoint === false && !parent.pin) return joined(parent, fn)
  const level = { db, parent, holder, timeout: options.timeout ?? db.lockTimeout }
  const { result, callbacks } = await nested(level, fn, options)
  if (parent.pin) await runCallbacks(db, callbacks)
  else parent.callbacks.push(...callbacks)
  return result
}

function assertNestable(parent: Block, options: AtomicOptions): void {
  if (options.isolation !== undefined) {
    throw new TransactionError(`The isolation ${options.isolation} cannot be asked for inside another block.`, {
      code: 'db.nested-isolation',
      hint: 'Give it to the outermost atomic(): a transaction has one.',
      alias: parent.alias,
    })
  }
  if (!options.durable && !options.schemaChange) return
  throw new TransactionError(
    `A ${options.durable ? 'durable block' : 'schema change'} cannot run inside another block.`,
    {
      code: 'db.nested-durable',
      hint: 'Open it outside of every atomic(): what it commits must not depend on an outer block.',
      alias: parent.alias,
    },
  )
}

/** What another transaction did to this one, and may not do a second time. */
const PASSING = new Set(['db.deadlock', 'db.serialization-failure'])

function isPassing(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false
  if (PASSING.has(error.code)) return true
  // The first error was caught inside: what the block says then has it as its cause.
  return error.code === 'db.broken-transaction' && isPassing(error.cause)
}

async function repeated<T>(
  db: Database,
  fn: () => T | PromiseLike<T>,
  options: AtomicOptions,
  holder: () => string,
): Promise<T> {
  const { retries = 0 } = options
  for (let tried = 0; ; tried++) {
    try {
      return await outermost(db, fn, options, holder)
    } catch (error) {
      if (tried >= retries || !isPassing(error)) throw error
      const signal = eitherSignal(options.signal, signalOfNow())
      // A random part, so that those who met do not meet again.
      await sleep(Math.min(1000, 10 * 2 ** tried) * (0.5 + Math.random() / 2))
      assertRunning(signal)
    }
  }
}

async function outermost<T>(
  db: Database,
  fn: () => T | PromiseLike<T>,
  options: AtomicOptions,
  holder: () => string,
): Promise<T> {
  const timeout = options.timeout ?? db.lockTimeout
  const { isolation, schemaChange = false } = options
  if (isolation !== undefined) assertIsolation(isolation)
  const stop = signalOfNow()
  const signal = eitherSignal(options.signal, stop)
  assertRunning(stop)
  const connection = await db.begin({ holder, timeout, signal, isolation, schemaChange })
  const block = db.block(connection, null, holder, timeout)
  let result: T
  try {
    result = await within(db, block, fn)
    await finish(block)
    assertRunning(stop)
    if (block.undone) {
      await connection.rollback()
      await runUndos(db, block)
      return result
    }
  } catch (error) {
    await block.end()
    try {
      await connection.rollback()
    } catch {
      // The connection is gone, and the transaction with it; why it was to be rolled back is what is told.
    }
    await runUndos(db, block)
    throw error
  }
  try {
    await connection.commit()
  } catch (cause) {
    const error = db.translate(cause, 'COMMIT')
    // A refusal says that nothing was stored (a key that is looked at now leads nowhere); a lost connection says nothing.
    if (error instanceof IntegrityError || isPassing(error)) await runUndos(db, block)
    throw error
  }
  await runCallbacks(db, block.callbacks)
  return result
}

/** Awaits inside the context, too: what `fn` gives may be a query that only starts when it is awaited. */
function within<T>(db: Database, block: Block | null, fn: () => T | PromiseLike<T>): Promise<T> {
  return runWith(db.blockKey, block, async () => await fn())
}

interface Level {
  readonly db: Database
  readonly parent: Block
  readonly holder: () => string
  readonly timeout: number
}

async function nested<T>(
  { db, parent, holder, timeout }: Level,
  fn: () => T | PromiseLike<T>,
  options: AtomicOptions,
): Promise<{ result: T; callbacks: readonly CommitCallback[] }> {
  parent.assertUsable()
  await parent.enter(holder, { timeout, signal: eitherSignal(options.signal, signalOfNow()) })
  const { connection } = parent
  const block = db.block(connection, parent, holder, timeout)
  try {
    parent.assertUsable()
    parent.child = block
    await savepoint(db, parent, `SAVEPOINT ${block.savepoint}`)
    parent.assertUsable() // it may have ended meanwhile
    if (options.schemaChange) await connection.deferConstraints?.() // in a pinned test: nothing is committed anyway
    let result: T
    try {
      result = await within(db, block, fn)
      if (block.ended) throw block.endedError() // the outer block did not wait for this one
      await finish(block)
      if (parent.ended) throw parent.endedError()
    } catch (error) {
      await block.end()
      // What made it fail is what is told; that it could not be undone, the outer block tells.
      if (!parent.ended && connection.active) await savepoint(db, parent, undo(block)).catch(() => undefined)
      await runUndos(db, block)
      throw error
    }
    if (block.undone) {
      try {
        await savepoint(db, parent, undo(block))
      } finally {
        await runUndos(db, block) // where it failed, the outer block is undone
      }
      return { result, callbacks: [] }
    }
    parent.undos.push(...block.undos) // first: where the release fails, the outer block is undone
    await savepoint(db, parent, `RELEASE SAVEPOINT ${block.savepoint}`)
    return { result, callbacks: block.callbacks }
  } finally {
    parent.child = null
    parent.leave()
  }
}

const undo = ({ savepoint }: Block): string => `ROLLBACK TO ${savepoint}; RELEASE SAVEPOINT ${savepoint}`

/** Where a savepoint fails, nobody knows what of the level is left in the outer block: that one cannot be stored. */
async function savepoint(db: Database, parent: Block, sql: string): Promise<void> {
  try {
    await parent.mark(sql)
  } catch (error) {
    const own = db.translate(error, sql)
    parent.broken ??= own
    throw own
  }
}

/** A level that comes to its end without an error: nothing may be left to do, and nothing broken. */
async function finish(block: Block): Promise<void> {
  const busy = block.busy
  await block.end()
  if (busy) throw block.inFlightError()
  if (block.broken !== null) throw block.brokenError()
}

/** Without a savepoint there is nothing to go back to: a failure is the outer block's. */
async function joined<T>(parent: Block, fn: () => T | PromiseLike<T>): Promise<T> {
  parent.assertUsable()
  try {
    return await fn()
  } catch (error) {
    parent.broken ??= error
    throw error
  }
}

/** Options of {@link onCommit}. */
export interface OnCommitOptions {
  readonly using?: string | undefined
  /** An error is reported as a process warning and not thrown by atomic(). */
  readonly robust?: boolean
}

/**
 * Runs `callback` once the outermost block is committed, after those given before it; never if this block, or one
 * around it, is rolled back. Outside a block it runs at once. Callbacks run outside the transaction, one after
 * another; atomic() waits for them. One that fails stops no other: atomic() then throws CommitCallbackError.
 */
export function onCommit(callback: () => unknown, options: OnCommitOptions = {}): void | Promise<void> {
  const db = database(options.using ?? currentAlias())
  const block = db.currentBlock()
  const entry: CommitCallback = { run: callback, robust: options.robust ?? false }
  if (block === null || block.pin) return runCallbacks(db, [entry])
  block.assertUsable()
  block.callbacks.push(entry)
}

/**
 * For what a database cannot undo: runs `callback` once the current block, or one around it, was rolled back, the last
 * given first. Nothing happens outside a block. It is not run where nobody knows what became of the transaction: when the
 * connection was lost at its COMMIT. What fails is a warning.
 */
export function onRollback(callback: () => unknown, options: { readonly using?: string } = {}): void {
  const block = database(options.using ?? currentAlias()).currentBlock()
  block?.undos.push(callback)
}

/** What the block, from its `from`-th on, wanted to follow a rollback. */
export async function runUndos(db: Database, block: Block, from = 0): Promise<void> {
  for (const run of block.undos.splice(from).reverse()) {
    try {
      await within(db, null, async () => run())
    } catch (error) {
      process.emitWarning(`What was to follow a rollback failed: ${error}`)
    }
  }
}

/**
 * Lets the current block be undone at its end without an error: `atomic` gives what its function gives, nothing of the
 * block is stored, and its onCommit() callbacks never run. Of an inner block that is its own level. With `false` the
 * block is kept after all.
 *
 *     await atomic(async () => {
 *       const report = await importRows(file)
 *       if (dryRun) setRollback()
 *       return report
 *     })
 *
 * @throws TransactionError db.not-in-block
 */
export function setRollback(undo = true, options: { readonly using?: string | undefined } = {}): void {
  const db = database(options.using ?? currentAlias())
  const block = db.currentBlock()
  if (block === null || block.pin) {
    throw new TransactionError('setRollback() was called outside of atomic().', {
      code: 'db.not-in-block',
      hint: 'Call it in the block that is to be undone.',
      alias: db.alias,
    })
  }
  block.assertUsable()
  block.undone = undo
}

async function runCallbacks(db: Database, callbacks: readonly CommitCallback[]): Promise<void> {
  const errors: unknown[] = []
  for (const { run, robust } of callbacks) {
    try {
      await within(db, null, run)
    } catch (error) {
      if (!robust) errors.push(error)
      else {
        // A text, not the error: emitWarning() keeps no code beside an error.
        const detail = error instanceof Error ? (error.stack ?? '') : ''
        process.emitWarning(`A callback of onCommit() failed: ${error}`, { code: 'db.on-commit-failed', detail })
      }
    }
  }
  if (errors.length === 0) return
  throw new CommitCallbackError(
    `The transaction is committed, but ${errors.length} callback(s) of onCommit() failed: ${errors[0]}`,
    {
      code: 'db.on-commit-failed',
      hint: 'Do not repeat the block: its changes are stored. Give callbacks that may fail { robust: true }.',
      alias: db.alias,
      cause: errors[0],
      errors,
    },
  )
}
