/**
 * Values between JavaScript and MariaDB or MySQL, kind by kind, stored as Django stores them: instants as datetime(6) in
 * UTC, durations as microseconds, booleans as 0 and 1, UUIDs as 32 hex digits or in the type of their own.
 */
import { Decimal, readDecimal } from '../../../std/decimal.ts'
import type { ColumnType, Kind, ScalarKind } from '../../kinds.ts'
import type { Decoder, Encoder } from '../backend.ts'
import {
  bigInteger,
  binary,
  boolean,
  corrupt,
  date,
  dateTime,
  decimal,
  duration,
  float,
  integer,
  invalidValue,
  json,
  plainEncoder,
  readBigInteger,
  readDate,
  readDateTime,
  readDuration,
  readJson,
  readTime,
  readUuid,
  roundingDecoders,
  scalarKind,
  text,
  time,
  uuid,
} from '../values.ts'

/** NUL is kept by some collations and lost by functions: refused, as PostgreSQL does. */
function withoutNul(kind: Kind | 'plain', value: string): string {
  if (!value.includes('\0')) return value
  throw invalidValue(kind, value, 'a string without NUL characters')
}
const string = (kind: Kind | 'plain', value: unknown): string => withoutNul(kind, text(kind, value))

/** The server's JSON knows no lone surrogates; JSON.stringify writes them as escapes. */
function jsonText(value: unknown): string {
  const written = json(value)
  if (/\\u(?:0000|[dD][89a-fA-F])/.test(written.replaceAll('\\\\', ''))) {
    throw invalidValue('json', value, 'text without NUL characters and lone surrogates')
  }
  return written
}

const plain = plainEncoder({
  number: (value) => value,
  bigint: (value) => value,
  text: (value) => withoutNul('plain', value),
  boolean: (value) => (value ? 1 : 0),
  bytes: (value) => value,
  duration,
})

const ENCODERS: Readonly<Record<ScalarKind, (value: unknown) => unknown>> = {
  auto: (value) => integer('auto', value),
  char: (value) => string('char', value),
  text: (value) => string('text', value),
  integer: (value) => integer('integer', value),
  smallInteger: (value) => integer('smallInteger', value),
  bigInteger,
  float,
  decimal,
  boolean,
  date,
  time,
  duration,
  dateTime,
  json: jsonText,
  uuid,
  binary,
}

/** How a value of `kind` is bound; null: any plain value. */
export function mysqlEncoder(kind: Kind | null): Encoder {
  return kind === null ? plain : ENCODERS[scalarKind(kind)]
}

/** Sums and quotients of integers come as decimals, which are text. */
function readNumber(value: unknown): unknown {
  return typeof value === 'string' ? Number(value) : value
}
function readBoolean(value: unknown): unknown {
  if (value === null) return null
  const number = Number(value)
  if (number === 1 || number === 0) return number === 1
  throw corrupt('boolean', value)
}
function readDecimalValue(value: unknown): unknown {
  if (value === null) return null
  if (typeof value === 'number') return new Decimal(value)
  const read = readDecimal(value)
  if (read === null) throw corrupt('decimal', value)
  return read
}
/** Whole bigints may come as decimals: `5.0000`. */
function readBig(value: unknown): unknown {
  return readBigInteger(typeof value === 'string' && value.includes('.') ? value.replace(/\.0*$/, '') : value)
}
function readBytes(value: unknown): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw corrupt('binary', value)
}

const DECODERS: Readonly<Record<ScalarKind, Decoder>> = {
  auto: null,
  char: null,
  text: null,
  integer: readNumber,
  smallInteger: readNumber,
  bigInteger: readBig,
  float: readNumber,
  decimal: readDecimalValue,
  boolean: readBoolean,
  date: readDate,
  time: readTime,
  duration: readDuration,
  dateTime: readDateTime,
  json: readJson,
  uuid: readUuid,
  binary: readBytes,
}

const rounded = roundingDecoders(readDecimalValue)

/** How a value of `kind` is read; null where the driver's value is right as it comes. */
export function mysqlDecoder(kind: Kind, type?: ColumnType): Decoder {
  if (kind !== 'decimal' || type?.decimalPlaces === undefined) return DECODERS[scalarKind(kind)]
  return rounded(type.decimalPlaces)
}
