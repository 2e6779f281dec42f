/** COPY … FROM STDIN: rows as a stream of text, the quickest way into a table. */
import type { PgResult } from './pg.ts'

/** Rows from which COPY takes less time than an insert of arrays: half of it at 5,000, a third at 100,000. */
export const COPY_ROWS = 2000

/** What the driver shows of a connection to a query of our own making. */
interface Wire {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  readonly stream: {
    readonly writableNeedDrain: boolean
    once(event: 'drain', listener: () => void): void
  }
}

const SPECIAL = /[\\\n\r\t]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A value of an array literal. */
function element(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return Array.isArray(value) ? arrayText(value) : `"${String(value).replace(/[\\"]/g, '\\$&')}"`
}
/** A list as PostgreSQL writes it: `{"a","b"}`. */
export function arrayText(values: readonly unknown[]): string {
  return `{${values.map(element).join(',')}}`
}

/** One value as COPY reads it. */
function field(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  const text = typeof value === 'string' ? value : Array.isArray(value) ? arrayText(value) : String(value)
  return text.replace(SPECIAL, (letter) => ESCAPES[letter]!)
}

/** Letters of one piece, before the next is begun. */
const PIECE = 65_536

/** Rows as COPY reads them, some thousands of letters at a time. @param params   row by row, encoded */
export function* copyLines(params: readonly unknown[], width: number): Generator<Buffer> {
  let lines = ''
  for (let at = 0; at < params.length; at += width) {
    for (let column = 0; column < width; column++)
      lines += field(params[at + column]) + (column === width - 1 ? '\n' : '\t')
    if (lines.length < PIECE) continue
    yield Buffer.from(lines)
    lines = ''
  }
  if (lines !== '') yield Buffer.from(lines)
}

/** A query of `pg` that sends pieces after the server has asked for them, as fast as it takes them. */
export class CopyIn {
  readonly done: Promise<PgResult>
  readonly #text: string
  readonly #pieces: Iterator<Buffer>
  readonly #settle: PromiseWithResolvers<PgResult> = Promise.withResolvers<PgResult>()
  #error: unknown
  #count = 0

  constructor(text: string, pieces: Iterable<Buffer>) {
    this.#text = text
    this.#pieces = pieces[Symbol.iterator]()
    this.done = this.#settle.promise
  }

  // What `pg` calls.

  submit(wire: Wire): void {
    wire.query(this.#text)
  }

  handleCopyInResponse(wire: Wire): void {
    const more = (): void => {
      while (this.#error === undefined) {
        const { done, value } = this.#pieces.next()
        if (done) {
          wire.endCopyFrom()
          return
        }
        wire.sendCopyFromChunk(value)
        if (wire.stream.writableNeedDrain) {
          wire.stream.once('drain', more)
          return
        }
      }
    }
    more()
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#count = Number(/\d+$/.exec(text)?.[0] ?? 0)
  }

  /** What is still sent is thrown away by the server. */
  handleError(error: unknown): void {
    this.#error = error
    this.#settle.reject(error)
  }

  handleReadyForQuery(): void {
    this.#settle.resolve({ command: 'COPY', rowCount: this.#count, rows: [] })
  }
}
