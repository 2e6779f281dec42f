/** PGlite's connection: each query is one message of PostgreSQL's protocol, each answer one of its results. */
import { arrayText } from '../postgres/copy.ts'
import type { PgQuery, PgResult } from '../postgres/pg.ts'
import { typeParser } from '../postgres/values.ts'
import { turnDue } from '../turns.ts'
import type { Message, Pglite, Serializer } from './pglite.ts'

interface Column {
  readonly name: string
  readonly dataTypeID: number
}
type Read = (text: string) => unknown

/** A value as the server takes it; lists as array literals. */
function text(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? arrayText(value) : String(value)
}

/** The result of the last statement of a message. */
function resultOf(messages: readonly Message[]): PgResult {
  let rows: unknown[][] = []
  let readers: readonly Read[] = []
  let names: PgResult['fields'] = []
  let command = ''
  let rowCount: number | null = null
  for (const { name, fields, text: tag } of messages) {
    if (name === 'rowDescription') {
      rows = []
      names = fields as readonly Column[] // as protocol says
      readers = (fields as readonly Column[]).map((column) => typeParser(column.dataTypeID))
    } else if (name === 'dataRow') {
      const row = fields as (string | null)[] // as protocol says
      rows.push(row.map((value, i) => (value === null ? null : readers[i]!(value))))
    } else if (name === 'commandComplete') {
      command = /^[A-Z]+/.exec(tag!)?.[0] ?? ''
      const count = /\d+$/.exec(tag!)
      rowCount = count === null ? null : Number(count[0])
    }
  }
  return { command, rowCount, rows, fields: names }
}

/** The connection of one server. Queries run one after another, whoever sends them. */
export class PgliteClient {
  readonly #server: Pglite
  readonly #write: Serializer
  readonly #prepared = new Set<string>()
  /** Names to give up. */
  readonly #given: string[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(server: Pglite, write: Serializer) {
    this.#server = server
    this.#write = write
  }

  /** Values come as arrays in column order, whatever the query asks for. */
  async query({ text: sql, values, name = '' }: PgQuery): Promise<PgResult> {
    const write = this.#write
    if (values === undefined) return resultOf(await this.send(write.query(sql)))
    const messages = [
      write.bind({ statement: name, values: values.map(text) }),
      write.describe({ type: 'P' }),
      write.execute({}),
      write.sync(),
    ]
    const isNew = name === '' || !this.#prepared.has(name)
    if (isNew) messages.unshift(write.parse({ text: sql, name }))
    for (const old of this.#given.splice(0)) messages.unshift(write.close({ type: 'S', name: old }))
    if (name !== '') this.#prepared.add(name)
    try {
      return resultOf(await this.send(Buffer.concat(messages)))
    } catch (error) {
      // Whether it was prepared before it failed is not known; to close what is not there is no error.
      if (isNew && name !== '') this.forget(name)
      throw error
    }
  }

  /** Rows of a COPY, all in one message: the server reads them from this process's memory. */
  async copyIn(sql: string, pieces: Iterable<Uint8Array>): Promise<PgResult> {
    const write = this.#write
    const rows = [...pieces].map((piece) => write.copyData(piece))
    return resultOf(await this.send(Buffer.concat([write.query(sql), ...rows, write.copyDone()])))
  }

  /** As above, from a source that takes its time: nothing runs meanwhile. */
  async copyFrom(sql: string, source: AsyncIterable<Uint8Array>): Promise<PgResult> {
    const pieces: Uint8Array[] = []
    for await (const piece of source) pieces.push(piece)
    return this.copyIn(sql, pieces)
  }

  /** What a COPY gives: the server has written all of it when the first piece is here. */
  async *copyTo(sql: string): AsyncGenerator<Uint8Array> {
    for (const { name, chunk } of await this.send(this.#write.query(sql))) if (name === 'copyData') yield chunk!
  }

  /** Gives up a prepared statement, with the next query. */
  forget(name: string): void {
    if (this.#prepared.delete(name)) this.#given.push(name)
  }

  /** Sends messages of the protocol after all that were sent before; now and then others of the process come first. */
  send(message: Uint8Array): Promise<readonly Message[]> {
    const sent = this.#last.then(turnDue).then(() => this.#server.execProtocolStream(message, { syncToFs: false }))
    this.#last = sent.catch(() => undefined) // its sender has the error
    return sent
  }
}
