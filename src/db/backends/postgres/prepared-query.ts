/**
 * A prepared statement on its way to the server, in place of the driver's own query: what the statement's columns are is
 * asked once for each connection, not with every execution, and rows are made without looking that up again.
 */
import type { SqlRow } from '../backend.ts'
import type { PgResult } from './pg.ts'
import type { Columns, Prepared } from './statement-names.ts'
import { typeParser } from './values.ts'

const NONE: Columns = Object.freeze({ fields: [], converted: [], parsers: [] })

/** Types whose text is the value. */
const asText = typeParser(0)

function readColumns(fields: readonly Described[]): Columns {
  const parsers = fields.map(({ dataTypeID }) => typeParser(dataTypeID))
  const converted = [...parsers.keys()].filter((i) => parsers[i] !== asText)
  return { fields, converted, parsers: converted.map((i) => parsers[i]!) }
}

interface Described {
  readonly name: string
  readonly dataTypeID: number
}

/** The wire of `pg`, as its queries are given it. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(buffer: Buffer): unknown }
  /** Texts by name: of statements that the server has, and of those on their way. */
  readonly parsedStatements: Record<string, string>
  readonly submittedNamedStatements?: Record<string, string>
  parse(message: { readonly name: string; readonly text: string }): void
  bind(message: { readonly statement: string; readonly values: readonly unknown[] }): void
  describe(message: { readonly type: 'P'; readonly name: '' }): void
  sendCopyFail(reason: string): void
}

/** How the driver writes dates, lists and objects. */
let otherValue: (value: unknown) => unknown = String

/** A value as Bind takes it: text, bytes or null. */
function wireValue(value: unknown): unknown {
  if (typeof value === 'string' || value === null) return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return otherValue(value)
}

/** Execute (all rows of the unnamed portal) and Sync, https://www.postgresql.org/docs/current/protocol-message-formats.html */
const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4])

export type Done = (error: unknown, result: PgResult) => void

export class PreparedQuery {
  // What `pg` reads of a query.
  readonly name: string
  readonly text: string
  /** Called once; `pg` puts one of its own around it where a query may take only so long. */
  callback: Done
  readonly #statement: Prepared
  readonly #values: readonly unknown[]
  #columns: Columns
  readonly #found: SqlRow[] = []
  #tag = ''
  #failure: unknown = null

  constructor(statement: Prepared, values: readonly unknown[], done: Done) {
    this.name = statement.name
    this.text = statement.sql
    this.callback = done
    this.#statement = statement
    this.#values = values
    this.#columns = statement.columns ?? NONE
  }

  /** Its messages, behind what the stream holds already: see PgSession.start(). Gives an error where a value cannot be sent. */
  submit(wire: Wire): unknown {
    const { name, text } = this
    let values: unknown[]
    try {
      values = this.#values.map(wireValue)
    } catch (error) {
      return error
    }
    if (wire.parsedStatements[name] === undefined && wire.submittedNamedStatements?.[name] === undefined) {
      wire.parse({ name, text })
      if (wire.submittedNamedStatements !== undefined) wire.submittedNamedStatements[name] = text
    }
    wire.bind({ statement: name, values })
    if (this.#statement.columns === null) wire.describe({ type: 'P', name: '' })
    if (wire.stream.writable) wire.stream.write(EXECUTE_AND_SYNC)
    return null
  }

  // What `pg` calls when messages come.

  handleRowDescription({ fields }: { readonly fields: readonly Described[] }): void {
    this.#columns = readColumns(fields)
  }

  /** @param message   its fields are an array of its own, which becomes the row */
  handleDataRow({ fields }: { readonly fields: unknown[] }): void {
    const { converted, parsers } = this.#columns
    try {
      for (let i = 0; i < converted.length; i++) {
        const at = converted[i]!
        const text = fields[at]
        if (text !== null) fields[at] = parsers[i]!(text as string) // columns come as text
      }
    } catch (error) {
      this.#failure ??= error
    }
    this.#found.push(fields)
  }

  /** @param message   with `SELECT 1`, `INSERT 0 5` */
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text
    this.#statement.columns ??= this.#columns
  }

  handleReadyForQuery(): void {
    const { fields } = this.#columns
    if (this.#failure !== null) this.callback(this.#failure, EMPTY)
    else this.callback(null, { ...readTag(this.#tag), rows: this.#found, fields })
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

/**
 * Makes our queries ones of the driver's, which takes no others on connections that do not wait in between. Its
 * constructor is passed by: it would work out again what is known here.
 */
export function joinDriver(query: { readonly prototype: object }, prepareValue: (value: unknown) => unknown): void {
  Object.setPrototypeOf(PreparedQuery.prototype, query.prototype)
  otherValue = prepareValue
}

const EMPTY: PgResult = Object.freeze({ command: '', rowCount: null, rows: [] })

/** What a command was, and how many rows it was about; `BEGIN` does not say. */
function readTag(tag: string): { readonly command: string; readonly rowCount: number | null } {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1))
  const end = tag.indexOf(' ')
  return { command: end === -1 ? tag : tag.slice(0, end), rowCount: Number.isNaN(count) ? null : count }
}
