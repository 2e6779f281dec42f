/**
 * A prepared statement on its way to the server, in place of the driver's own query: what the statement's columns are is
 * asked once for each connection, not with every execution, and rows are made of the bytes that came.
 */
import type { SqlRow } from '../backend.ts'
import type { MessageWriter } from './message-writer.ts'
import type { PgResult } from './pg.ts'
import { type Columns, type Described, NO_COLUMNS, readColumns, readRow } from './row-reader.ts'
import type { Prepared } from './statement-names.ts'
import { typeParser } from './values.ts'

/** The wire of `pg`, as its queries are given it. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(bytes: Buffer): unknown }
  /** Texts by name: of statements that the server has, and of those on their way. */
  readonly parsedStatements: Record<string, string>
  readonly submittedNamedStatements?: Record<string, string>
  sendCopyFail(reason: string): void
}

/** Called once, when the answer to a statement is there, or its error. */
export type Done = (error: unknown, result: PgResult) => void

const EMPTY: PgResult = Object.freeze({ rowCount: null, rows: [] })
const ZERO = 0x30

export class PreparedQuery {
  // What `pg` reads of a query.
  readonly name: string
  readonly text: string
  /** Called once; `pg` puts one of its own around it where a query may take only so long. */
  callback: Done
  readonly #statement: Prepared
  readonly #values: readonly unknown[]
  readonly #writer: MessageWriter
  #columns: Columns
  readonly #found: SqlRow[] = []
  #count: number | null = null
  #command: string | undefined
  #failure: unknown = null

  /** @param writer   what its messages are written to */
  constructor(statement: Prepared, values: readonly unknown[], writer: MessageWriter, done: Done) {
    this.name = statement.name
    this.text = statement.sql
    this.callback = done
    this.#statement = statement
    this.#values = values
    this.#writer = writer
    this.#columns = statement.columns ?? NO_COLUMNS
  }

  /** Its messages, behind what the stream holds already: see PgSession.start(). Gives an error where a value cannot be sent. */
  submit(wire: Wire): unknown {
    const { name, text } = this
    const isKnown = this.#statement.columns !== null
    const isParsed = name !== '' && (isKnown || isOnItsWay(wire, name))
    try {
      this.#writer.execute({ name, text: isParsed ? null : text, values: this.#values, describes: !isKnown })
    } catch (error) {
      return error
    }
    if (!isParsed && name !== '' && wire.submittedNamedStatements !== undefined)
      wire.submittedNamedStatements[name] = text
    const bytes = this.#writer.take()
    if (wire.stream.writable) wire.stream.write(bytes)
    return null
  }

  // What the reader of messages calls.

  /** @param at   where the row's number of columns is */
  readRow(bytes: Buffer, at: number): void {
    try {
      this.#found.push(readRow(bytes, at, this.#columns))
    } catch (error) {
      this.#failure ??= error
    }
  }

  /** What was done, `INSERT 0 5`. @param start   of its letters */
  readTag(bytes: Buffer, start: number, end: number): void {
    let count = 0
    let at = end - 1
    for (let unit = 1; ; at--, unit *= 10) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) break
      count += digit * unit
    }
    if (at === end - 1) this.#ended(null, bytes.toString('latin1', start, end))
    else this.#ended(count)
  }

  #ended(count: number | null, command?: string): void {
    this.#count = count
    this.#command = command
    this.#statement.columns ??= this.#columns
  }

  // What `pg` calls when messages come: rows and ends of them only in versions that do not say whose they are.

  handleRowDescription({ fields }: { readonly fields: readonly Described[] }): void {
    this.#columns = readColumns(fields)
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const { fields: columns } = this.#columns
    this.#found.push(fields.map((text, i) => (text === null ? null : typeParser(columns[i]!.dataTypeID)(text))))
  }

  /** @param message   with `SELECT 1`, `INSERT 0 5` */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const count = /\d+$/.exec(text)
    if (count === null) this.#ended(null, text)
    else this.#ended(Number(count[0]))
  }

  handleReadyForQuery(): void {
    if (this.#failure !== null) this.callback(this.#failure, EMPTY)
    else {
      const { fields } = this.#columns
      this.callback(null, { command: this.#command, rowCount: this.#count, rows: this.#found, fields })
    }
  }

  handleError(error: unknown): void {
    this.callback(error, EMPTY)
  }

  /** A statement without text. */
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('Rows of a COPY are sent by bulkCreate().')
  }
}

function isOnItsWay({ parsedStatements, submittedNamedStatements }: Wire, name: string): boolean {
  return parsedStatements[name] !== undefined || submittedNamedStatements?.[name] !== undefined
}

/**
 * Makes our queries ones of the driver's, which takes no others on connections that do not wait in between. Its
 * constructor is passed by: it would work out again what is known here.
 */
export function joinDriver(query: { readonly prototype: object }): void {
  Object.setPrototypeOf(PreparedQuery.prototype, query.prototype)
}
