/**
 * Reads that are asked for at the same moment share a connection, and so a round trip: the driver sends them without
 * waiting in between. Only those that have been quick so far, because one waits for those before it.
 */
import type { Compiled } from '../backend.ts'
import type { PgResult } from './pg.ts'
import type { SessionPool } from './pool.ts'
import { alone } from './send.ts'
import type { PgSession } from './session.ts'

/** Milliseconds up to which a statement counts as quick. */
const QUICK = 3
/** Statements that go in one direction at once. */
const MOST = 32

interface Batch {
  readonly session: Promise<PgSession>
  size: number
  sent: number
  left: number
}

/** What is known of a statement: the mean of the time it takes. */
const times = new WeakMap<Compiled, { mean: number }>()

/** Sends quick reads of one pool. */
export class SharedReads {
  readonly #pool: SessionPool
  #batch: Batch | null = null

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

  async send(statement: Compiled, params: readonly unknown[]): Promise<PgResult> {
    const batch = this.#join()
    let session: PgSession
    try {
      session = await batch.session
    } catch (error) {
      batch.left-- // there is none to give back
      throw error
    }
    const start = performance.now()
    const first = batch.sent++ === 0
    try {
      const result = await alone(session, statement, params)
      if (first) note(statement, performance.now() - start) // of others, the time of those before them is part
      return result
    } catch (error) {
      note(statement, performance.now() - start)
      throw error
    } finally {
      if (--batch.left === 0) this.#end(batch, session)
    }
  }

  #join(): Batch {
    let batch = this.#batch
    if (batch === null || batch.size === MOST) {
      const opened: Batch = { session: this.#pool.take(), size: 0, sent: 0, left: 0 }
      this.#batch = opened
      // Whoever comes later gets a connection of its own.
      setImmediate(() => {
        if (this.#batch === opened) this.#batch = null
      })
      batch = opened
    }
    batch.size++
    batch.left++
    return batch
  }

  #end(batch: Batch, session: PgSession): void {
    if (this.#batch === batch) this.#batch = null
    this.#pool.give(session)
  }
}

function note(statement: Compiled, ms: number): void {
  const known = times.get(statement)
  if (known === undefined) times.set(statement, { mean: ms })
  else known.mean += (ms - known.mean) / 4
}
