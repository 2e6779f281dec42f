/** Rows of a running statement in chunks: while nobody reads, the connection is paused and the server waits. */
import type { SqlRow } from '../backend.ts'
import type { MysqlCommand, MysqlConnection } from './mysql2.ts'

export class RowStream {
  readonly #connection: MysqlConnection
  readonly #chunk: number
  #rows: SqlRow[] = []
  #done = false
  #error: Error | null = null
  /** Another statement waits for the connection: no more pauses. */
  #free = false
  #left = false
  #wake: (() => void) | null = null
  readonly #end = Promise.withResolvers<void>()

  /** @param chunk   rows at a time */
  constructor(connection: MysqlConnection, command: MysqlCommand, chunk: number) {
    this.#connection = connection
    this.#chunk = chunk
    command.on('result', (row) => {
      if (this.#left) return
      this.#rows.push(row)
      if (this.#rows.length < chunk) return
      if (!this.#free) connection.pause()
      this.#wake?.()
    })
    command.on('error', (error) => {
      this.#error = error
      this.#finish()
    })
    command.on('end', () => this.#finish())
  }

  /** Resolves when the last row has come, or none will. */
  get ended(): Promise<void> {
    return this.#end.promise
  }
  get done(): boolean {
    return this.#done
  }

  #finish(): void {
    this.#done = true
    this.#wake?.()
    this.#end.resolve()
  }

  /** The next rows; null after the last. */
  async next(): Promise<SqlRow[] | null> {
    while (this.#rows.length < this.#chunk && !this.#done) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      if (!this.#free) this.#connection.resume()
      await promise
      this.#wake = null
    }
    if (this.#rows.length > 0) {
      const rows = this.#rows.length <= this.#chunk ? this.#rows : this.#rows.slice(0, this.#chunk)
      this.#rows = this.#rows.length <= this.#chunk ? [] : this.#rows.slice(this.#chunk)
      return rows
    }
    if (this.#error !== null) throw this.#error
    return null
  }

  /** Takes the rest into memory, because another statement wants the connection. */
  free(): void {
    if (this.#free) return
    this.#free = true
    this.#connection.resume()
  }

  /** Nobody wants the rest. */
  leave(): void {
    this.#left = true
    this.#rows = []
    this.free()
  }
}
