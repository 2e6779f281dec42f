/** iterator(): rows a chunk at a time, without keeping them. */
import type { SqlRow } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { inChunks } from '../repeats/allow.ts'
import { completed } from './execute.ts'
import { type Plan, planIterate } from './plan.ts'
import { databaseOf, introduce, rowsPlan, valuesOf } from './rows.ts'
import type { State } from './state.ts'

/** A result that is being read. */
interface Opened {
  readonly db: Database
  readonly plan: Plan
  readonly chunks: AsyncIterator<SqlRow[]>
}

/**
 * What an async generator over the chunks would be, by hand: that one makes three promises and as many turns of
 * microtasks for each row, this one a promise. As there, nothing is asked before the first row is, calls wait for those
 * before them, and a loop that is left closes the result.
 */
export class RowStream implements AsyncGenerator<unknown, undefined> {
  readonly #model: AnyModel
  readonly #state: State
  readonly #chunk: number
  /** The chunk as it came, and what became of it. */
  #rows: unknown[] = []
  #list: unknown[] = []
  #at = 0
  /** Null before the first chunk; and, once it is done, again. */
  #open: Opened | null = null
  #done = false
  /** A chunk is on its way, or the end. */
  #busy = false
  /** Calls that wait for it. */
  #waiting = 0
  /** What was asked last. Nothing hangs on it but who awaits it: else a stack would not lead to the loop. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(model: AnyModel, state: State, chunk: number) {
    this.#model = model
    this.#state = state
    this.#chunk = chunk
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#busy || this.#waiting > 0 ? this.#behind(() => this.#next()) : this.#next()
  }
  #next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#at < this.#list.length) return Promise.resolve({ done: false, value: this.#list[this.#at++] })
    if (this.#done) return Promise.resolve({ done: true, value: undefined })
    return this.#alone(() => this.#more())
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    const end = () => this.#alone(() => this.#end())
    return this.#busy || this.#waiting > 0 ? this.#behind(end) : end()
  }

  throw(error: unknown): Promise<IteratorResult<unknown, undefined>> {
    return this.return().then(() => {
      throw error
    })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#busy = true
    const asked = work()
    // Who waits already is last, and comes before whoever asks from now on.
    if (this.#waiting === 0) this.#last = asked
    return asked
  }
  #behind<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++
    const inTurn = (): Promise<T> => {
      this.#waiting--
      return work()
    }
    const asked = this.#last.then(inTurn, inTurn)
    this.#last = asked
    return asked
  }

  /** The first row of the next chunk that has any. */
  async #more(): Promise<IteratorResult<unknown, undefined>> {
    try {
      this.#open ??= this.#opened()
      while (this.#open !== null) {
        const { db, plan, chunks } = this.#open
        const next = await chunks.next()
        if (next.done) break
        if (next.value.length === 0) continue
        const list = plan.hydrate!(next.value, db.alias)
        introduce(this.#state, list)
        this.#forget()
        this.#rows = next.value
        this.#list = await this.#completed(list)
        this.#at = 1
        this.#busy = false
        return { done: false, value: this.#list[0] }
      }
    } catch (error) {
      await this.#end()
      throw error
    }
    return this.#end()
  }

  /**
   * Empties the lists of the chunk before: one that has become old is not looked at until a full collection, and all
   * that it holds, dead or not, survives with it and becomes old in its turn.
   */
  #forget(): void {
    this.#rows.length = 0
    this.#list.length = 0
  }

  #opened(): Opened | null {
    const [model, state] = [this.#model, this.#state]
    if (state.empty) return null
    const db = databaseOf(model, state)
    const plan = rowsPlan(model, state, db)
    const source = planIterate(db, plan, valuesOf(state), this.#chunk)
    return source && { db, plan, chunks: source[Symbol.asyncIterator]() }
  }

  /** A chunk with what is read ahead. */
  #completed(list: unknown[]): unknown[] | Promise<unknown[]> {
    const state = this.#state
    if (state.mode !== 'instances' || state.prefetch.length === 0) return list
    return inChunks(async () => completed(this.#model, state, list as AnyInstance[])) // of this mode
  }

  async #end(): Promise<{ done: true; value: undefined }> {
    const open = this.#open
    this.#done = true
    this.#open = null
    this.#at = this.#list.length
    try {
      await open?.chunks.return?.()
      return { done: true, value: undefined }
    } finally {
      this.#busy = false
    }
  }
}
