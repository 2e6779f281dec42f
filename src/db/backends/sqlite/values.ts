/**
 * Values between JavaScript and SQLite, kind by kind, stored as Django stores them: instants as UTC text, booleans as
 * 0/1, UUIDs as 32 hex digits, durations as microseconds, decimals as text that the column's affinity turns into a
 * number up to 15 digits and keeps as it is beyond.
 */

import { Temporal } from '../../../std/dates.ts'
import { Decimal, readDecimal } from '../../../std/decimal.ts'
import { DataError } from '../../errors.ts'
import type { ColumnType, Kind } from '../../kinds.ts'
import type { Decoder, Encoder } from '../backend.ts'
import { readInstant, writeInstant } from '../text-dates.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
const MICROSECONDS_PER_DAY = 86_400_000_000

/** A short, safe picture of a value for messages. */
function picture(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object' && value !== null) {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `Date ${value.toISOString()}`
    return `${Array.isArray(value) ? 'array' : (value.constructor?.name ?? 'object')}`
  }
  return String(value)
}

/** The error for a value a kind cannot hold. */
export function invalidValue(kind: string, value: unknown, expected: string, cause?: unknown): DataError {
  return new DataError(`${picture(value)} is not a value for a column of kind "${kind}".`, {
    code: 'db.invalid-value',
    hint: `Expected ${expected}.`,
    status: 400,
    cause,
  })
}

function text(kind: Kind | 'plain', value: unknown): string {
  if (typeof value !== 'string') throw invalidValue(kind, value, 'a string')
  // SQLite stores UTF-8, which has no lone surrogates: the driver would write U+FFFD instead, silently.
  if (!value.isWellFormed()) throw invalidValue(kind, value, 'a string without lone surrogates (broken emoji)')
  return value
}
function integer(kind: Kind, value: unknown): number | bigint {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value
    throw invalidValue(kind, value, 'a whole number within ±2^53')
  }
  if (typeof value === 'bigint') return int64(kind, value)
  throw invalidValue(kind, value, 'a whole number')
}
function int64(kind: Kind | 'plain', value: bigint): bigint {
  if (value > INT64_MAX || value < INT64_MIN) throw invalidValue(kind, value, 'an integer of 64 bits')
  return value
}
function bigInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return int64('bigInteger', value)
  // Bound as an integer: a number would be bound as a float.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw invalidValue('bigInteger', value, 'a bigint (or a whole number within ±2^53)')
}
function float(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidValue('float', value, 'a finite number: SQLite would store NaN as NULL')
}
function decimal(value: unknown): string {
  const read = readDecimal(value)
  if (read === null) throw invalidValue('decimal', value, 'a finite Decimal')
  // Without trailing zeros, so that equal decimals kept as text are equal texts: unique and DISTINCT hold.
  return read.toFixed()
}
function boolean(value: unknown): number {
  if (value === true) return 1
  if (value === false) return 0
  throw invalidValue('boolean', value, 'true or false')
}
function tagOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value).slice(8, -1) : ''
}
function date(value: unknown): string {
  if (tagOf(value) !== 'Temporal.PlainDate') throw invalidValue('date', value, 'a Temporal.PlainDate')
  const plain = value as Temporal.PlainDate // told by its tag: native and polyfilled classes differ
  if (plain.year < 1 || plain.year > 9999) throw invalidValue('date', value, 'a year from 1 to 9999')
  return plain.toString({ calendarName: 'never' })
}
function time(value: unknown): string {
  if (tagOf(value) !== 'Temporal.PlainTime') throw invalidValue('time', value, 'a Temporal.PlainTime')
  const plain = value as Temporal.PlainTime // told by its tag
  const whole = plain.millisecond === 0 && plain.microsecond === 0
  return plain.toString({ fractionalSecondDigits: whole ? 0 : 6, roundingMode: 'trunc' })
}
function dateTime(value: unknown): string {
  if (!(value instanceof Date)) throw invalidValue('dateTime', value, 'a Date')
  const year = value.getUTCFullYear()
  if (!(year >= 1 && year <= 9999)) throw invalidValue('dateTime', value, 'a valid Date in the years 1 to 9999')
  return writeInstant(value)
}
function duration(value: unknown): number | bigint {
  if (tagOf(value) !== 'Temporal.Duration') throw invalidValue('duration', value, 'a Temporal.Duration')
  const d = value as Temporal.Duration // told by its tag
  if (d.years !== 0 || d.months !== 0) {
    throw invalidValue('duration', value, 'a duration without years and months, whose length varies')
  }
  const days = BigInt(d.weeks) * 7n + BigInt(d.days)
  const seconds = ((days * 24n + BigInt(d.hours)) * 60n + BigInt(d.minutes)) * 60n + BigInt(d.seconds)
  const micro = (seconds * 1000n + BigInt(d.milliseconds)) * 1000n + BigInt(d.microseconds)
  return int64('duration', micro + BigInt(d.nanoseconds) / 1000n)
}
function json(value: unknown): string {
  let written: string | undefined
  try {
    written = JSON.stringify(value)
  } catch (error) {
    throw invalidValue('json', value, 'plain data: no bigint, no cycles', error)
  }
  if (written === undefined) throw invalidValue('json', value, 'a JSON value (not a function, symbol or undefined)')
  // JSON.stringify writes NaN and infinities as null: data lost without a word.
  if (written.includes('null')) refuseNonFinite(value, 0)
  return written
}
function refuseNonFinite(value: unknown, depth: number): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidValue('json', value, 'finite numbers only')
  if (typeof value !== 'object' || value === null || depth > 1000) return
  for (const item of Array.isArray(value) ? value : Object.values(value)) refuseNonFinite(item, depth + 1)
}
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
function uuid(value: unknown): string {
  if (typeof value !== 'string' || !UUID.test(value)) throw invalidValue('uuid', value, 'a UUID as text')
  return value.replaceAll('-', '').toLowerCase()
}
function binary(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw invalidValue('binary', value, 'a Uint8Array')
}
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

function corrupt(kind: Kind, value: unknown): DataError {
  return new DataError(`The database holds ${picture(value)} in a column of kind "${kind}".`, {
    code: 'db.corrupt-value',
    hint: 'Another program wrote it, or the column is declared with the wrong field.',
  })
}

function readDate(value: unknown): unknown {
  if (value === null) return null
  if (typeof value !== 'string' || value.length < 10) throw corrupt('date', value)
  const [y, m, d] = [Number(value.slice(0, 4)), Number(value.slice(5, 7)), Number(value.slice(8, 10))]
  try {
    return new Temporal.PlainDate(y, m, d)
  } catch {
    throw corrupt('date', value)
  }
}
function readTime(value: unknown): unknown {
  if (value === null) return null
  const match = typeof value === 'string' ? /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/.exec(value) : null
  if (!match) throw corrupt('time', value)
  const micro = Number((match[4] ?? '').padEnd(6, '0').slice(0, 6))
  try {
    return new Temporal.PlainTime(+match[1]!, +match[2]!, +(match[3] ?? 0), Math.floor(micro / 1000), micro % 1000)
  } catch {
    throw corrupt('time', value)
  }
}
function readDateTime(value: unknown): unknown {
  if (value === null) return null
  const ms = typeof value === 'string' ? readInstant(value) : Number.NaN
  if (Number.isNaN(ms)) throw corrupt('dateTime', value)
  return new Date(ms)
}
function readDuration(value: unknown): unknown {
  if (value === null) return null
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
    throw corrupt('duration', value)
  // An average comes as a float, or as its text.
  const fraction = typeof value === 'number' || (typeof value === 'string' && /[.e]/i.test(value))
  const micro = fraction ? Math.round(Number(value)) : value
  const n = Number(micro)
  if (!Number.isFinite(n)) throw corrupt('duration', value)
  if (!Number.isSafeInteger(n)) return readLongDuration(BigInt(micro))
  const days = Math.trunc(n / MICROSECONDS_PER_DAY)
  const rest = n - days * MICROSECONDS_PER_DAY
  const seconds = Math.trunc(rest / 1_000_000)
  const below = rest - seconds * 1_000_000
  return new Temporal.Duration(
    0,
    0,
    0,
    days,
    Math.trunc(seconds / 3600),
    Math.trunc((seconds % 3600) / 60),
    seconds % 60,
    Math.trunc(below / 1000),
    below % 1000,
  )
}
function readLongDuration(micro: bigint): Temporal.Duration {
  const perDay = BigInt(MICROSECONDS_PER_DAY)
  const rest = readDuration(Number(micro % perDay)) as Temporal.Duration // within a day
  return rest.with({ days: Number(micro / perDay) })
}
function readBoolean(value: unknown): unknown {
  if (value === 1) return true
  if (value === 0) return false
  if (value === null) return null
  if (value === 1n || value === 0n) return value === 1n
  throw corrupt('boolean', value)
}
function readBigInteger(value: unknown): unknown {
  if (value === null) return null
  if (typeof value === 'string' || typeof value === 'number') {
    try {
      return BigInt(value)
    } catch {
      throw corrupt('bigInteger', value)
    }
  }
  return value
}
function readJson(value: unknown): unknown {
  if (value === null) return null
  try {
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch {
    throw corrupt('json', value)
  }
}
function readUuid(value: unknown): unknown {
  if (value === null) return null
  if (typeof value !== 'string' || !UUID.test(value)) throw corrupt('uuid', value)
  const hex = value.length === 32 ? value : value.replaceAll('-', '')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`.toLowerCase()
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
