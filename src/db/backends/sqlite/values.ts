/**
 * Values between JavaScript and SQLite, kind by kind, stored as Django stores them: instants as UTC text, booleans as
 * 0/1, UUIDs as 32 hex digits, durations as microseconds, decimals as text that the column's affinity turns into a
 * number up to 15 digits and keeps as it is beyond.
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

const plain = plainEncoder({
  number: (value) => value,
  bigint: (value) => value,
  text: (value) => value,
  boolean: (value) => (value ? 1 : 0),
  bytes: (value) => value,
  duration,
})

const ENCODERS: Readonly<Record<ScalarKind, (value: unknown) => unknown>> = {
  auto: (value) => integer('auto', value),
  char: (value) => text('char', value),
  text: (value) => text('text', value),
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
  json,
  uuid,
  binary,
}

/** How a value of `kind` is bound; null: any plain value. */
export function sqliteEncoder(kind: Kind | null): Encoder {
  return kind === null ? plain : ENCODERS[scalarKind(kind)]
}

function readBoolean(value: unknown): unknown {
  if (value === 1) return true
  if (value === 0) return false
  if (value === null) return null
  if (value === 1n || value === 0n) return value === 1n
  throw corrupt('boolean', value)
}
/** A float of up to 15 digits back to the decimal it was, as Django reads it; text is exact. */
function readDecimalValue(value: unknown): unknown {
  if (value === null) return null
  if (typeof value === 'number') return new Decimal(Number.isInteger(value) ? value : value.toPrecision(15))
  const read = readDecimal(value)
  if (read === null) throw corrupt('decimal', value)
  return read
}

const DECODERS: Readonly<Record<ScalarKind, Decoder>> = {
  auto: null,
  char: null,
  text: null,
  integer: null,
  smallInteger: null,
  bigInteger: readBigInteger,
  float: null,
  decimal: readDecimalValue,
  boolean: readBoolean,
  date: readDate,
  time: readTime,
  duration: readDuration,
  dateTime: readDateTime,
  json: readJson,
  uuid: readUuid,
  binary: null,
}

const rounded = roundingDecoders(readDecimalValue)

/** How a value of `kind` is read; null where the driver's value is right as it comes. */
export function sqliteDecoder(kind: Kind, type?: ColumnType): Decoder {
  if (kind !== 'decimal' || type?.decimalPlaces === undefined) return DECODERS[scalarKind(kind)]
  return rounded(type.decimalPlaces)
}
