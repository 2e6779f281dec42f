/**
 * What a statement sends to the server, as one piece of bytes: messages of the extended protocol,
 * https://www.postgresql.org/docs/current/protocol-message-formats.html. Values go as text, lists as array literals.
 */

/** Bytes that messages are written to, one after another, before others are taken. */
const SLAB = 16_384
/** Letters up to which a loop is quicker than the call that writes a text. */
const SHORT = 24
/** Letters from which the bytes of a text are counted before room is made for them. */
const COUNTED = SLAB / 4

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d
const NULL = Buffer.from('NULL')
const NOTHING = Buffer.alloc(0)
const SPECIAL = /[\\"]/
const EACH_SPECIAL = /[\\"]/g

/** Describe, of the unnamed portal. */
const DESCRIBE = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0])
/** Execute, all rows of the unnamed portal; and Sync. */
const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4])

/** How the driver writes dates, objects and bytes: as text, bytes or null. */
let otherValue: (value: unknown) => unknown = String
/** Tells it. */
export function writeOthersWith(prepareValue: (value: unknown) => unknown): void {
  otherValue = prepareValue
}

/** Text, a list, bytes or null, of any value. @throws what the value's own methods throw */
function wireValue(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
      return String(value)
    default:
      return value === null || Array.isArray(value) ? value : (otherValue(value) ?? null)
  }
}

/** Whether all values can go as they are. */
function isText(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'string' && values[i] !== null) return false
  return true
}

/** A number of four bytes, the highest first. */
function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** One statement's execution. */
interface Execution {
  /** Empty: none, and it is parsed each time. */
  readonly name: string
  /** The statement's text where it has to be parsed. */
  readonly text: string | null
  readonly values: readonly unknown[]
  /** Whether the server shall tell the columns. */
  readonly describes: boolean
}

export class MessageWriter {
  #bytes: Buffer = NOTHING
  /** What is not taken yet is from here … */
  #start = 0
  /** … to here. */
  #at = 0

  /** What was written since, which is given away. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#at)
    if (this.#bytes.length > SLAB) {
      // A large piece: it is kept no longer than it takes to send it.
      this.#bytes = NOTHING
      this.#at = 0
    }
    this.#start = this.#at
    return taken
  }

  /** Parse where needed, Bind, Describe where wanted, Execute, Sync. Writes all of it or, where a value throws, nothing. */
  execute({ name, text, values, describes }: Execution): void {
    const before = this.#at - this.#start
    try {
      if (text !== null) this.#parse(name, text)
      this.#bind(name, values)
    } catch (error) {
      this.#at = this.#start + before
      throw error
    }
    if (describes) this.#constant(DESCRIBE)
    this.#constant(EXECUTE_AND_SYNC)
  }

  #parse(name: string, text: string): void {
    const length = this.#begin(0x50)
    this.#terminated(name)
    this.#terminated(text)
    this.#int16(0)
    this.#end(length)
  }

  #bind(name: string, values: readonly unknown[]): void {
    const length = this.#begin(0x42)
    this.#terminated('')
    this.#terminated(name)
    const given = isText(values) ? values : values.map(wireValue)
    if (given === values) this.#int16(0)
    else this.#formats(given)
    this.#int16(given.length)
    for (let i = 0; i < given.length; i++) this.#value(given[i])
    this.#int16(0) // all columns as text
    this.#end(length)
  }

  /** None where all values are text; 1 is for bytes. */
  #formats(values: readonly unknown[]): void {
    const formats = values.some((value) => value instanceof Uint8Array) ? values : []
    this.#int16(formats.length)
    for (const value of formats) this.#int16(value instanceof Uint8Array ? 1 : 0)
  }

  #value(value: unknown): void {
    if (value === null) {
      this.#int32(-1)
      return
    }
    const length = this.#reserve(4)
    if (Array.isArray(value)) this.#list(value)
    else if (value instanceof Uint8Array) this.#constant(value)
    else this.#text(value as string) // see wireValue()
    putInt32(this.#bytes, this.#start + length, this.#at - this.#start - length - 4)
  }

  /** `{"a",NULL,{"b"}}` */
  #list(values: readonly unknown[]): void {
    this.#byte(OPEN)
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#byte(COMMA)
      const value = values[i]
      if (value === null || value === undefined) this.#constant(NULL)
      else if (typeof value === 'string') this.#quoted(value)
      else if (typeof value === 'number' || typeof value === 'boolean') this.#quoted(String(value))
      else if (Array.isArray(value)) this.#list(value)
      // The driver writes it as an element, between the brackets of a list.
      else this.#text(String(otherValue([value])).slice(1, -1))
    }
    this.#byte(CLOSE)
  }

  #quoted(text: string): void {
    const { length } = text
    if (length > SHORT) {
      this.#quotedLong(text)
      return
    }
    this.#ensure(length + 2)
    const bytes = this.#bytes
    let at = this.#at
    bytes[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f || code === QUOTE || code === BACKSLASH) {
        this.#quotedLong(text)
        return
      }
      bytes[at++] = code
    }
    bytes[at++] = QUOTE
    this.#at = at
  }
  #quotedLong(text: string): void {
    this.#byte(QUOTE)
    this.#text(SPECIAL.test(text) ? text.replace(EACH_SPECIAL, '\\$&') : text)
    this.#byte(QUOTE)
  }

  #text(text: string): void {
    const { length } = text
    // UTF-8 has no more than three bytes for a unit of UTF-16. To count them takes longer, and less memory.
    this.#ensure(length > COUNTED ? Buffer.byteLength(text) : 3 * length)
    const bytes = this.#bytes
    let at = this.#at
    if (length <= SHORT) {
      let i = 0
      for (; i < length; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        bytes[at++] = code
      }
      if (i === length) {
        this.#at = at
        return
      }
    }
    this.#at += bytes.write(text, this.#at, 'utf8')
  }

  /** Text that ends with a zero. */
  #terminated(text: string): void {
    this.#text(text)
    this.#byte(0)
  }

  #constant(bytes: Uint8Array): void {
    this.#ensure(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #byte(value: number): void {
    this.#ensure(1)
    this.#bytes[this.#at++] = value
  }
  #int16(value: number): void {
    this.#ensure(2)
    this.#at = this.#bytes.writeUInt16BE(value, this.#at)
  }
  #int32(value: number): void {
    putInt32(this.#bytes, this.#start + this.#reserve(4), value)
  }

  /** A message's letter, and room for its length: where that is, from the start. */
  #begin(letter: number): number {
    this.#byte(letter)
    return this.#reserve(4)
  }
  #end(length: number): void {
    putInt32(this.#bytes, this.#start + length, this.#at - this.#start - length)
  }

  /** Where so many bytes are, from the start: the slab may change. */
  #reserve(size: number): number {
    this.#ensure(size)
    const place = this.#at - this.#start
    this.#at += size
    return place
  }

  #ensure(size: number): void {
    if (this.#bytes.length - this.#at >= size) return
    const written = this.#at - this.#start
    const needed = written + size
    // Twice what is there, for what comes one by one; not twice what comes now, which may be one huge text.
    const larger = Buffer.allocUnsafeSlow(needed <= SLAB ? SLAB : needed + written + SLAB)
    this.#bytes.copy(larger, 0, this.#start, this.#at)
    this.#bytes = larger
    this.#start = 0
    this.#at = written
  }
}
