/** Names of prepared statements on one connection: the last used stay, others are given up. */

/** Statements that one connection keeps prepared: each costs the server memory there. */
export const STATEMENTS = 500

/** The names of one user of a connection. A name is never used twice, so that none can mean another text. */
export class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #size: number
  readonly #prefix: string
  #count = 0

  /** @param prefix   what the names begin with, where several use one connection */
  constructor(size: number = STATEMENTS, prefix = 'nuages') {
    this.#size = size
    this.#prefix = prefix
  }

  /** The name of a text; `give` is called with the name that has to go for it. */
  take(sql: string, give: (name: string) => void): string {
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
      const [[oldest, name]] = this.#names as unknown as [[string, string]] // not empty: its size is the limit
      this.#names.delete(oldest)
      give(name)
    }
    const name = `${this.#prefix}_${++this.#count}`
    this.#names.set(sql, name)
    return name
  }

  /** Gives up one text; its name, where it had one. */
  drop(sql: string): string | undefined {
    const name = this.#names.get(sql)
    this.#names.delete(sql)
    return name
  }

  /** All names, which are given up. */
  clear(): string[] {
    const all = [...this.#names.values()]
    this.#names.clear()
    return all
  }
}
