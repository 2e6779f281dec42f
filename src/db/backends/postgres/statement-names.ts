/** Names of prepared statements on one connection: the last used stay, others are given up. */
import type { Columns } from './row-reader.ts'

/** Statements that one connection keeps prepared: each costs the server memory there. */
export const STATEMENTS = 500

/** A statement that a connection has prepared, or is about to. */
export interface Prepared {
  /** Empty: it is not kept, and parsed with each execution. */
  readonly name: string
  readonly sql: string
  /** Null until it has run once. A change of its columns makes the server refuse it: see isStale() in send.ts. */
  columns: Columns | null
}

/** A statement without a name. */
export function unnamed(sql: string): Prepared {
  return { name: '', sql, columns: null }
}

/** The names of one user of a connection. A name is never used twice, so that none can mean another text. */
export class StatementNames {
  readonly #names = new Map<string, Prepared>()
  readonly #size: number
  readonly #prefix: string
  #count = 0

  /** @param prefix   what the names begin with, where several use one connection */
  constructor(size: number = STATEMENTS, prefix = 'nuages') {
    this.#size = size
    this.#prefix = prefix
  }

  /** What is prepared of a text; `give` is called with the name that has to go for it. */
  take(sql: string, give: (name: string) => void): Prepared {
    const known = this.#names.get(sql)
    if (known !== undefined) {
      // Below the limit nothing ever goes, so the order does not matter.
      if (this.#names.size >= this.#size) {
        this.#names.delete(sql)
        this.#names.set(sql, known)
      }
      return known
    }
    if (this.#names.size >= this.#size) {
      const [[oldest, { name }]] = this.#names as unknown as [[string, Prepared]] // not empty: its size is the limit
      this.#names.delete(oldest)
      give(name)
    }
    const prepared: Prepared = { name: `${this.#prefix}_${++this.#count}`, sql, columns: null }
    this.#names.set(sql, prepared)
    return prepared
  }

  /** Gives up one text; its name, where it had one. */
  drop(sql: string): string | undefined {
    const prepared = this.#names.get(sql)
    this.#names.delete(sql)
    return prepared?.name
  }

  /** All names, which are given up. */
  clear(): string[] {
    const all = [...this.#names.values()].map(({ name }) => name)
    this.#names.clear()
    return all
  }
}
