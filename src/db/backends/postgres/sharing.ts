/**
 * Reads that are asked for at the same moment share a connection, and so a round trip: the driver sends them without
 * waiting in between. Only those that have been quick so far, because one waits for those before it.
 */
import type { Compiled } from '../backend.ts'
import type { PgResult } from './pg.ts'
import type { SessionPool } from './pool.ts'
import { alone, isStale } from './send.ts'
import type { PgSession } from './session.ts'

/** Milliseconds up to which a statement counts as quick. */
const QUICK = 3
/** Statements that go in one direction at once. */
const MOST = 32

interface Batch {
  readonly session: PgSession | Promise<PgSession>
  size: number
  sent: number
  left: number
  failed: boolean
}

/** What is known of a statement: the mean of the time it takes. */
const times = new WeakMap<Compiled, { mean: number }>()

/** Sends quick reads of one pool. */
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

  /** Sends a statement; at once where a connection is at hand. */
  send(statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
    const batch = this.#join()
    const { session } = batch
    return session instanceof Promise
      ? this.#sendLater(batch, session, statement, params)
      : this.#sendNow(batch, session, statement, params)
  }

  async #sendLater(
    batch: Batch,
    opening: Promise<PgSession>,
    statement: Compiled,
    params: readonly unknown[],
  ): Promise<PgResult> {
    let session: PgSession
    try {
      session = await opening
    } catch (error) {
      batch.left-- // there is none to give back
      throw error
    }
    return this.#sendNow(batch, session, statement, params)
  }

  #sendNow(batch: Batch, session: PgSession, statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
    const start = performance.now()
    const first = batch.sent++ === 0
    return new Promise((resolve, reject) => {
      session.start(statement.sql, params, (error, result) => {
        // Of others than the first, the time of those before them is part.
        if (first || error !== null) note(statement, performance.now() - start)
        if (error === null) {
          this.#leave(batch, session)
          resolve(result)
        } else if (isStale(error)) {
          session.forget(statement.sql)
          alone(session, statement, params)
            .finally(() => this.#leave(batch, session))
            .then(resolve, reject)
        } else {
          batch.failed = true
          this.#leave(batch, session)
          reject(error)
        }
      })
    })
  }

  #join(): Batch {
    let batch = this.#batch
    if (batch === null || batch.size === MOST) {
      batch = { session: this.#pool.takeWarm() ?? this.#pool.take(), size: 0, sent: 0, left: 0, failed: false }
      this.#batch = batch
      this.#closeSoon()
    }
    batch.size++
    batch.left++
    return batch
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

function note(statement: Compiled, ms: number): void {
  const known = times.get(statement)
  if (known === undefined) times.set(statement, { mean: ms })
  else known.mean += (ms - known.mean) / 4
}
