/**
 * What the server sends, cut into messages. Rows of our own queries are read from the bytes as they came, and what ends
 * them; `pg` reads all else. It would make an object, an array and texts of each row, and an event of each message.
 */
import { PreparedQuery } from './prepared-query.ts'
import { int32 } from './row-reader.ts'

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const BIND_COMPLETE = 0x32
const COMMAND_COMPLETE = 0x43
const DATA_ROW = 0x44
const READY_FOR_QUERY = 0x5a
/** A letter, and the length of what follows, itself included. */
const HEADER = 5
const IDLE = 0x49

/** What tells `pg` that the next query can be sent. */
const READY: Readonly<Record<number, object>> = Object.fromEntries(
  ['I', 'T', 'E'].map((status) => [status.charCodeAt(0), { name: 'readyForQuery', length: 5, status }]),
)

/** A connection of `pg`, as far as messages go. */
export interface Messages {
  attachListeners(stream: Incoming): void
  emit(event: string, message: object): boolean
}
interface Incoming {
  on(event: string, listener: (chunk: Buffer) => void): unknown
}

export class MessageReader {
  /** In no transaction, as the server said when it last was ready: not in one (`T`), nor in one that failed (`E`). */
  isIdle = true
  readonly #connection: Messages
  readonly #active: () => unknown
  /** The driver's own reader of bytes. */
  #others: (chunk: Buffer) => void = () => undefined
  /** The beginning of a message whose rest has not come yet, and how much of it is there. */
  #part: Buffer = Buffer.alloc(0)
  #filled = 0

  /**
   * Takes the driver's place at a connection that is not open yet.
   * @param active   the query whose answer comes, if one is
   */
  constructor(connection: Messages, active: () => unknown) {
    this.#connection = connection
    this.#active = active
    const attach = connection.attachListeners.bind(connection)
    connection.attachListeners = (stream) => {
      attach({
        on: (event, listener) => {
          if (event !== 'data') return stream.on(event, listener)
          this.#others = listener
          return stream.on('data', (chunk) => this.take(chunk))
        },
      })
    }
  }

  /** Bytes as they come: messages, and parts of them. */
  take(chunk: Buffer): void {
    let at = this.#filled === 0 ? 0 : this.#completed(chunk)
    const end = chunk.length
    while (end - at >= HEADER) {
      const next = at + 1 + int32(chunk, at + 1)
      if (next > end) break
      this.#message(chunk, at, next)
      at = next
    }
    if (at < end) this.#keep(chunk, at, end)
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const size = end - start < HEADER ? HEADER : 1 + int32(chunk, start + 1)
    this.#part = Buffer.allocUnsafe(size)
    this.#filled = chunk.copy(this.#part, 0, start, end)
  }

  /** Takes what is missing of the message that has begun; where the next one begins. */
  #completed(chunk: Buffer): number {
    let at = this.#fill(chunk, 0)
    if (this.#filled === HEADER && this.#part.length === HEADER) {
      const size = 1 + int32(this.#part, 1)
      if (size > HEADER) {
        const header = this.#part
        this.#part = Buffer.allocUnsafe(size)
        header.copy(this.#part)
        at = this.#fill(chunk, at)
      }
    }
    if (this.#filled < this.#part.length) return at
    const whole = this.#part
    this.#filled = 0
    this.#message(whole, 0, whole.length)
    return at
  }

  #fill(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#part, this.#filled, at)
    this.#filled += taken
    return at + taken
  }

  #message(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start]) {
      case DATA_ROW: {
        const query = this.#active()
        if (!(query instanceof PreparedQuery)) break
        query.readRow(bytes, start + HEADER)
        return
      }
      case COMMAND_COMPLETE: {
        const query = this.#active()
        if (!(query instanceof PreparedQuery)) break
        query.readTag(bytes, start + HEADER, end - 1)
        return
      }
      case BIND_COMPLETE:
        return // `pg` does nothing with it
      case READY_FOR_QUERY: {
        const status = bytes[start + HEADER]!
        this.isIdle = status === IDLE
        this.#connection.emit('readyForQuery', READY[status]!)
        return
      }
    }
    // A copy: it keeps what it needs of them, and these are read over.
    this.#others(Buffer.from(bytes.subarray(start, end)))
  }
}
