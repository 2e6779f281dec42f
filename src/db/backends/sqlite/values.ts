/**
 * Values between JavaScript and SQLite, kind by kind, stored as Django stores them: instants as UTC text, booleans as
 * 0/1, UUIDs as 32 hex digits, durations as microseconds, decimals as text that the column's affinity turns into a
 * number up to 15 digits and keeps as it is beyond.
 */

import { Decimal, readDecimal } from '../../../std/decimal.ts'
import type { ColumnType, Kind } from '../../kinds.ts'
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
  int64,
  integer,
  invalidValue,
  json,
  readBigInteger,
  readDate,
  readDateTime,
  readDuration,
  readJson,
  readTime,
  readUuid,
  tagOf,
  text,
  time,
  uuid,
} from '../values.ts'

/** A param without a kind, from `sql` templates: whatever SQLite can hold. */
function plain(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return text('plain', value)
    case 'number':
      if (Number.isFinite(value)) return value
      throw invalidValue('plain', value, 'a finite number')
    case 'bigint':
      return int64('plain', value)
    case 'boolean':
      return value ? 1 : 0
    case 'object': {
      if (value instanceof Date) return dateTime(value)
      if (value instanceof Uint8Array) return value
      if (Decimal.isDecimal(value)) return decimal(value)
      const tag = tagOf(value)
      if (tag === 'Temporal.PlainDate') return date(value)
      if (tag === 'Temporal.PlainTime') return time(value)
      if (tag === 'Temporal.Duration') return duration(value)
    }
  }
  throw invalidValue('plain', value, 'a string, number, bigint, boolean, Date, date, time, duration, decimal or bytes')
}

const ENCODERS: Readonly<Record<Kind, (value: unknown) => unknown>> = {
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
  return kind === null ? plain : ENCODERS[kind]
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

const DECODERS: Readonly<Record<Kind, Decoder>> = {
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

const rounders = new Map<number, (value: unknown) => unknown>()

/** How a value of `kind` is read; null where the driver's value is right as it comes. */
export function sqliteDecoder(kind: Kind, type?: ColumnType): Decoder {
  if (kind !== 'decimal' || type?.decimalPlaces === undefined) return DECODERS[kind]
  const places = type.decimalPlaces
  let rounder = rounders.get(places)
  if (rounder === undefined) {
    rounder = (value) => {
      const read = readDecimalValue(value)
      return read === null ? null : (read as Decimal).toDecimalPlaces(places)
    }
    rounders.set(places, rounder)
  }
  return rounder
}
