/** Bytes to and from PostgreSQL, against the driver's own reader and writer of them. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageReader } from '../../../src/db/backends/postgres/message-reader.ts'
import { MessageWriter } from '../../../src/db/backends/postgres/message-writer.ts'
import { loadPg } from '../../../src/db/backends/postgres/pg.ts'
import { PreparedQuery } from '../../../src/db/backends/postgres/prepared-query.ts'
import { readColumns, readRow } from '../../../src/db/backends/postgres/row-reader.ts'
import { typeParser } from '../../../src/db/backends/postgres/values.ts'

const require = createRequire(createRequire(import.meta.url).resolve('pg'))
const { serialize } = require('pg-protocol') as {
  serialize: {
    bind(message: { statement: string; values: unknown[]; valueMapper?: (value: unknown) => unknown }): Buffer
  }
}
const { prepareValue } = require('pg/lib/utils.js') as { prepareValue(value: unknown): unknown }
await loadPg() // the writer asks the driver about dates and objects

const INT2 = 21
const INT4 = 23
const INT8 = 20
const FLOAT4 = 700
const FLOAT8 = 701
const BOOL = 16
const TEXT = 25

/** A message: a letter, its length, its parts. */
function message(letter: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const header = Buffer.alloc(5)
  header.write(letter)
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
function dataRow(texts: readonly (string | null)[]): Buffer {
  const parts = texts.flatMap((text) => {
    if (text === null) return [int32(-1)]
    const bytes = Buffer.from(text)
    return [int32(bytes.length), bytes]
  })
  return message('D', int16(texts.length), ...parts)
}

/** A column's type, and a text that the server could send of it. */
const column = fc.oneof(
  fc.tuple(fc.constantFrom(INT2, INT4), fc.integer({ min: -32_768, max: 2_147_483_647 }).map(String)),
  fc.tuple(fc.constant(INT8), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  fc.tuple(
    fc.constantFrom(FLOAT4, FLOAT8),
    fc.double().map((value) => (Object.is(value, -0) ? '-0' : String(value))),
  ),
  fc.tuple(
    fc.constantFrom(FLOAT4, FLOAT8),
    fc.tuple(fc.integer(), fc.nat({ max: 99_999_999 })).map((parts) => parts.join('.')),
  ),
  fc.tuple(fc.constant(BOOL), fc.constantFrom('t', 'f')),
  fc.tuple(
    fc.constant(TEXT),
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  ),
)

test('a row of bytes is the row that its texts are', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(column, fc.boolean())), (cells) => {
      const columns = readColumns(cells.map(([[dataTypeID]], i) => ({ name: `c${i}`, dataTypeID })))
      const texts = cells.map(([[, text], isNull]) => (isNull ? null : text))
      const expected = texts.map((text, i) => (text === null ? null : typeParser(cells[i]![0][0])(text)))
      expect(readRow(dataRow(texts), 5, columns)).toEqual(expected)
    }),
  )
})

test('decimals are the nearest doubles, however many digits they have', () => {
  const texts = ['0.06079271018540267', '-0.5', '-0', '123456789012345', '1234567890123456', '9007199254740993', '0.1']
  texts.push(
    '100000000000000.5',
    '1e+15',
    '1.7976931348623157e+308',
    '5e-324',
    'NaN',
    'Infinity',
    '-Infinity',
    '3.0e-5',
  )
  const columns = readColumns(texts.map((name) => ({ name, dataTypeID: FLOAT8 })))
  expect(readRow(dataRow(texts), 5, columns)).toEqual(texts.map(Number))
})

test('messages come in pieces of any size', () => {
  const rows = [
    ['1', 'é'.repeat(40)],
    [null, ''],
    ['-7', 'x'.repeat(300)],
  ]
  const answer = Buffer.concat([
    message('N', Buffer.from('a notice')),
    message('2'),
    ...rows.map(dataRow),
    message('C', Buffer.from('SELECT 3\0')),
    message('Z', Buffer.from('T')),
  ])
  fc.assert(
    fc.property(fc.array(fc.nat({ max: answer.length })), (cuts) => {
      const found: unknown[] = []
      const others: string[] = []
      const statement = {
        name: 'n',
        sql: '',
        columns: readColumns([INT4, TEXT].map((dataTypeID) => ({ name: '', dataTypeID }))),
      }
      const query = new PreparedQuery(statement, [], new MessageWriter(), (_, result) => found.push(result))
      const emitted: string[] = []
      const connection = {
        attachListeners(stream: { on(event: string, listener: (chunk: Buffer) => void): unknown }): void {
          stream.on('data', (chunk) => others.push(chunk.toString('latin1', 5)))
        },
        emit(event: string): boolean {
          emitted.push(event)
          query.handleReadyForQuery()
          return true
        },
      }
      const reader = new MessageReader(connection, () => query)
      connection.attachListeners({ on: () => undefined })
      const places = [0, ...cuts.toSorted((a, b) => a - b), answer.length]
      for (let i = 1; i < places.length; i++) reader.take(answer.subarray(places[i - 1], places[i]))
      expect(found).toMatchObject([
        {
          rowCount: 3,
          rows: [
            [1, 'é'.repeat(40)],
            [null, ''],
            [-7, 'x'.repeat(300)],
          ],
        },
      ])
      expect(others).toEqual(['a notice'])
      expect(emitted).toEqual(['readyForQuery'])
      expect(reader.isIdle).toBe(false)
    }),
  )
})

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.string({ minLength: 20, maxLength: 40 }),
  fc.constantFrom('', '"', '\\', 'NULL', 'é"é'),
  fc.integer(),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.dictionary(fc.string(), fc.integer()),
)

test('a statement’s values are written as the driver writes them, lists too', () => {
  const execute = (writer: MessageWriter, values: unknown[]): Buffer => {
    writer.execute({ name: 'statement', text: null, values, describes: false })
    return Buffer.from(writer.take())
  }
  const writer = new MessageWriter()
  fc.assert(
    fc.property(fc.array(fc.oneof(value, fc.array(fc.oneof(value, fc.array(value))))), (values) => {
      const written = execute(writer, values)
      expect(parsed(written)).toEqual(
        parsed(serialize.bind({ statement: 'statement', values, valueMapper: prepareValue })),
      )
      expect(written.subarray(1 + written.readInt32BE(1)).toString('latin1')).toBe('E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04')
    }),
  )
})

/** Statement and values of a Bind, each value with whether it is bytes: ways to say that all are text differ. */
function parsed(bytes: Buffer): unknown {
  let at = 6
  const end = bytes.indexOf(0, at)
  const name = bytes.toString('utf8', at, end)
  at = end + 1
  const formats = Array.from({ length: bytes.readInt16BE(at) }, (_, i) => bytes.readInt16BE(at + 2 + 2 * i))
  at += 2 + 2 * formats.length
  const count = bytes.readInt16BE(at)
  at += 2
  const values: unknown[] = []
  for (let i = 0; i < count; i++) {
    const length = bytes.readInt32BE(at)
    at += 4
    values.push([formats[i] ?? 0, length === -1 ? null : bytes.toString('hex', at, at + length)])
    if (length !== -1) at += length
  }
  return { name, values }
}

test('large pieces and small ones follow each other', () => {
  const writer = new MessageWriter()
  const pieces = [10, 100_000, 5, 20_000, 3].map((length) => {
    writer.execute({ name: '', text: 'SELECT $1', values: ['x'.repeat(length)], describes: true })
    return [writer.take(), length] as const
  })
  for (const [bytes, length] of pieces) {
    expect(bytes[0]).toBe('P'.charCodeAt(0))
    expect(parsed(bytes.subarray(1 + bytes.readInt32BE(1)))).toEqual({ name: '', values: [[0, '78'.repeat(length)]] })
  }
})

test('a huge text takes the room of its bytes, once', () => {
  const mega = 1 << 20
  const huge = ['x'.repeat(4 * mega), 'é"'.repeat(mega), ['x'.repeat(4 * mega)], [String.raw`\"`.repeat(mega)]]
  for (const value of huge) {
    const writer = new MessageWriter()
    writer.execute({ name: '', text: 'SELECT $1', values: [value], describes: true })
    const bytes = writer.take()
    expect(bytes.length).toBeGreaterThan(3 * mega)
    expect(bytes.buffer.byteLength).toBeLessThan(1.02 * bytes.length)
  }
})

test('long texts of lists are quoted as short ones are', () => {
  const texts = ['', 'x"', 'é\\', 'x'.repeat(25), '"é'.repeat(20), `${'x'.repeat(5000)}\\"é`]
  const writer = new MessageWriter()
  writer.execute({ name: 's', text: null, values: [texts], describes: false })
  expect(parsed(writer.take())).toEqual(
    parsed(serialize.bind({ statement: 's', values: [texts], valueMapper: prepareValue })),
  )
})
