/**
 * Statements outside of blocks. Reads that are asked for at the same moment share a connection, and so a round trip: the
 * driver sends them without waiting in between. Only those that have been quick so far, because one waits for those before
 * it. Every other statement has a connection of its own.
 */
import { TransactionError } from '../../errors.ts'
import type { Compiled } from '../backend.ts'
import type { PgResult } from './pg.ts'
import type { SessionPool } from './pool.ts'
import { isStale } from './send.ts'
import type { PgSession } from './session.ts'

/** Milliseconds up to which a statement counts as quick. */
const QUICK = 3
/** Statements that go in one direction at once. */
const MOST = 32

/** Those that share a connection; one alone, often. */
interface Batch {
  readonly session: PgSession | Promise<PgSession>
  size: number
  sent: number
  left: number
  failed: boolean
}

/** What is known of a statement: the mean of the time it takes. */
const times = new WeakMap<Compiled, { mean: number }>()

/** Sends the statements of one pool. */
export class SharedReads {
  readonly #pool: SessionPool
  #batch: Batch | null = null
  #isClosing = false

  constructor(pool: SessionPool) {
    this.#pool = pool
  }

  /** Whether a statement may share: it only reads, and has been quick. */
  static isQuick(statement: Compiled): boolean {
    return !statement.writes && (times.get(statement)?.mean ?? Number.POSITIVE_INFINITY) < QUICK
  }

  /** Runs a statement of its own, and remembers how long it took. */
  static async timed<T>(statement: Compiled, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await work()
    note(statement, performance.now() - start)
    return result
  }

  /**
   * Sends a statement; at once where a connection is at hand. One promise, whatever it goes through: each more costs a
   * tenth of what sending does.
   * @param read   what is made of the result
   */
  send<T>(statement: Compiled, params: readonly unknown[], read: (result: PgResult) => T): Promise<T> {
    const batch = SharedReads.isQuick(statement) ? this.#join() : this.#begin()
    batch.size++
    batch.left++
    const { session } = batch
    return session instanceof Promise
      ? this.#sendLater(batch, session, statement, params, read)
      : this.#sendNow(batch, session, statement, params, read)
  }

  async #sendLater<T>(
    batch: Batch,
    opening: Promise<PgSession>,
    statement: Compiled,
    params: readonly unknown[],
    read: (result: PgResult) => T,
  ): Promise<T> {
    let session: PgSession
    try {
      session = await opening
    } catch (error) {
      batch.left-- // there is none to give back
      throw error
    }
    return this.#sendNow(batch, session, statement, params, read)
  }

  #sendNow<T>(
    batch: Batch,
    session: PgSession,
    statement: Compiled,
    params: readonly unknown[],
    read: (result: PgResult) => T,
  ): Promise<T> {
    const start = performance.now()
    const first = batch.sent++ === 0
    return new Promise((resolve, reject) => {
      let isAgain = false
      const answered = (error: unknown, result: PgResult): void => {
        // Nothing was done, and it was given up: sent again, it is prepared anew.
        if (error !== null && !isAgain && isStale(error)) {
          isAgain = true
          session.start(statement.sql, params, answered)
          return
        }
        // Of others than the first, the time of those before them is part.
        if (first || error !== null) note(statement, performance.now() - start)
        const { isIdle } = session
        if (error !== null) batch.failed = true
        this.#leave(batch, session)
        if (error !== null) reject(error)
        else if (isIdle) resolve(read(result))
        else reject(leftOpen())
      }
      session.start(statement.sql, params, answered)
    })
  }

  #begin(): Batch {
    return { session: this.#pool.takeWarm() ?? this.#pool.take(), size: 0, sent: 0, left: 0, failed: false }
  }

  #join(): Batch {
    if (this.#batch === null || this.#batch.size === MOST) {
      this.#batch = this.#begin()
      this.#closeSoon()
    }
    return this.#batch
  }

  /** Whoever comes in another turn of the event loop gets a connection of its own. */
  #closeSoon(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    setImmediate(() => {
      this.#isClosing = false
      this.#batch = null
    })
  }

  #leave(batch: Batch, session: PgSession): void {
    if (--batch.left > 0) return
    if (this.#batch === batch) this.#batch = null
    if (batch.failed) this.#pool.giveFailed(session)
    else this.#pool.giveWarm(session)
  }
}

/** A statement began a transaction that nobody would end; its connection is closed. */
export function leftOpen(): TransactionError {
  return new TransactionError('A statement outside a block began a transaction, which was rolled back.', {
    code: 'db.not-in-block',
    hint: 'Statements of a transaction have one connection in atomic(); outside of it each has any.',
  })
}

function note(statement: Compiled, ms: number): void {
  const known = times.get(statement)
  if (known === undefined) times.set(statement, { mean: ms })
  else known.mean += (ms - known.mean) / 4
}
