/**
 * What backends share between JavaScript's values and a database's text: checks on the way in, readers on the way out,
 * and a table of either, kind by kind. A backend spreads a table and says what its database has another form for.
 */
import { Temporal } from '../../std/dates.ts'
import { Decimal, readDecimal } from '../../std/decimal.ts'
import { DataError, NotSupportedError } from '../errors.ts'
import { type ColumnType, isArrayKind, isRangeKind, type Kind, type ScalarKind } from '../kinds.ts'
import type { Decoder, Encoder } from './backend.ts'
import { readInstant, writeInstant } from './text-dates.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
/** Whole numbers beyond it are not shown: one of a million digits would fill the log. */
const LONG = 10n ** 40n
const MICROSECONDS_PER_DAY = 86_400_000_000

/** A short, safe picture of a value for messages. */
function picture(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'bigint') return value > LONG || value < -LONG ? 'a whole number of many digits' : `${value}n`
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

/**
 * The kind, where a database has neither arrays nor ranges.
 * @throws NotSupportedError db.unsupported-kind
 */
export function scalarKind(kind: Kind): ScalarKind {
  if (!isArrayKind(kind) && !isRangeKind(kind)) return kind
  throw new NotSupportedError(`This database has no columns of kind "${kind}".`, {
    code: 'db.unsupported-kind',
    hint: 'Arrays and ranges are for PostgreSQL and PGlite: elsewhere use json(), a related model or two columns.',
  })
}

export function text(kind: Kind | 'plain', value: unknown): string {
  if (typeof value !== 'string') throw invalidValue(kind, value, 'a string')
  // SQLite stores UTF-8, which has no lone surrogates: the driver would write U+FFFD instead, silently.
  if (!value.isWellFormed()) throw invalidValue(kind, value, 'a string without lone surrogates (broken emoji)')
  return value
}
export function integer(kind: Kind, value: unknown): number | bigint {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value
    throw invalidValue(kind, value, 'a whole number within ±2^53')
  }
  if (typeof value === 'bigint') return int64(kind, value)
  throw invalidValue(kind, value, 'a whole number')
}
export function int64(kind: Kind | 'plain', value: bigint): bigint {
  if (value > INT64_MAX || value < INT64_MIN) throw invalidValue(kind, value, 'an integer of 64 bits')
  return value
}
export function bigInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return int64('bigInteger', value)
  // Bound as an integer: a number would be bound as a float.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw invalidValue('bigInteger', value, 'a bigint (or a whole number within ±2^53)')
}
export function float(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidValue('float', value, 'a finite number: SQLite would store NaN as NULL')
}
export function decimal(value: unknown): string {
  const read = readDecimal(value)
  if (read === null) throw invalidValue('decimal', value, 'a finite Decimal')
  // Without trailing zeros, so that equal decimals kept as text are equal texts: unique and DISTINCT hold.
  return read.toFixed()
}
export function boolean(value: unknown): number {
  if (value === true) return 1
  if (value === false) return 0
  throw invalidValue('boolean', value, 'true or false')
}
function tagOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value).slice(8, -1) : ''
}
export function date(value: unknown): string {
  if (tagOf(value) !== 'Temporal.PlainDate') throw invalidValue('date', value, 'a Temporal.PlainDate')
  const plain = value as Temporal.PlainDate // told by its tag: native and polyfilled classes differ
  if (plain.year < 1 || plain.year > 9999) throw invalidValue('date', value, 'a year from 1 to 9999')
  return plain.toString({ calendarName: 'never' })
}
export function time(value: unknown): string {
  if (tagOf(value) !== 'Temporal.PlainTime') throw invalidValue('time', value, 'a Temporal.PlainTime')
  const plain = value as Temporal.PlainTime // told by its tag
  const whole = plain.millisecond === 0 && plain.microsecond === 0
  return plain.toString({ fractionalSecondDigits: whole ? 0 : 6, roundingMode: 'trunc' })
}
export function dateTime(value: unknown): string {
  if (tagOf(value) === 'Temporal.Instant') return preciseInstant(value as Temporal.Instant) // told by its tag
  if (!(value instanceof Date)) throw invalidValue('dateTime', value, 'a Date')
  const year = value.getUTCFullYear()
  if (!(year >= 1 && year <= 9999)) throw invalidValue('dateTime', value, 'a valid Date in the years 1 to 9999')
  return writeInstant(value)
}
/** An instant with its microseconds, which a Date does not have: rows of fixtures. */
function preciseInstant(value: Temporal.Instant): string {
  const text = dateTime(new Date(value.epochMilliseconds))
  const nano = value.epochNanoseconds % 1_000_000_000n
  const micro = Number((nano < 0n ? nano + 1_000_000_000n : nano) / 1000n)
  return micro === 0 ? text : `${text.slice(0, 19)}.${String(micro).padStart(6, '0')}`
}
export function duration(value: unknown): number | bigint {
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
export function json(value: unknown): string {
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
export function uuid(value: unknown): string {
  if (typeof value !== 'string' || !UUID.test(value)) throw invalidValue('uuid', value, 'a UUID as text')
  return value.replaceAll('-', '').toLowerCase()
}
export function binary(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw invalidValue('binary', value, 'a Uint8Array')
}

/** How a value is written: what {@link Encoder} is where none is missing. */
export type Encode = NonNullable<Encoder>

/** Values as Django stores them in a database of numbers, text and bytes. */
export const ENCODERS: Readonly<Record<ScalarKind, Encode>> = {
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

/** Text for a database that keeps no NUL. */
export function withoutNul(kind: Kind | 'plain', value: string): string {
  if (!value.includes('\0')) return value
  throw invalidValue(kind, value, 'a string without NUL characters, which this database cannot keep')
}
/** Its JSON, which keeps no lone surrogates either; JSON.stringify writes both as escapes. */
function strictJson(value: unknown): string {
  const written = json(value)
  if (/\\u(?:0000|[dD][89a-fA-F])/.test(written.replaceAll('\\\\', ''))) {
    throw invalidValue(
      'json',
      value,
      'text without NUL characters and lone surrogates, which this database cannot keep',
    )
  }
  return written
}
/** For a database that would refuse, cut or change such text. */
export const STRICT_ENCODERS: Readonly<Record<ScalarKind, Encode>> = {
  ...ENCODERS,
  char: (value) => withoutNul('char', text('char', value)),
  text: (value) => withoutNul('text', text('text', value)),
  json: strictJson,
}

/** How a backend writes the values that a param without a kind may have. */
interface PlainForms {
  number(value: number): unknown
  bigint(value: bigint): unknown
  text(value: string): unknown
  boolean(value: boolean): unknown
  bytes(value: Uint8Array): unknown
  duration(value: unknown): unknown
}

const same = (value: unknown): unknown => value
const PLAIN_FORMS: PlainForms = { number: same, bigint: same, text: same, boolean, bytes: same, duration }

/** The encoder of params without a kind, from `sql` templates: whatever the database can hold. */
export function plainEncoder(own: Partial<PlainForms> = {}): Encode {
  const forms: PlainForms = { ...PLAIN_FORMS, ...own }
  return (value) => {
    switch (typeof value) {
      case 'string':
        return forms.text(text('plain', value))
      case 'number':
        if (Number.isFinite(value)) return forms.number(value)
        throw invalidValue('plain', value, 'a finite number')
      case 'bigint':
        return forms.bigint(int64('plain', value))
      case 'boolean':
        return forms.boolean(value)
      case 'object': {
        if (value instanceof Date) return dateTime(value)
        if (value instanceof Uint8Array) return forms.bytes(value)
        if (Decimal.isDecimal(value)) return decimal(value)
        const tag = tagOf(value)
        if (tag === 'Temporal.Instant') return dateTime(value)
        if (tag === 'Temporal.PlainDate') return date(value)
        if (tag === 'Temporal.PlainTime') return time(value)
        if (tag === 'Temporal.Duration') return forms.duration(value)
      }
    }
    throw invalidValue(
      'plain',
      value,
      'a string, number, bigint, boolean, Date, instant, date, time, duration, decimal or bytes',
    )
  }
}

// ---------------------------------------------------------------- reading

export function corrupt(kind: Kind, value: unknown): DataError {
  return new DataError(`The database holds ${picture(value)} in a column of kind "${kind}".`, {
    code: 'db.corrupt-value',
    hint: 'Another program wrote it, or the column is declared with the wrong field.',
  })
}

export function readDate(value: unknown): unknown {
  if (value === null) return null
  // A time may follow, but no other year: `0044-03-15 BC`.
  if (typeof value !== 'string' || (value.length !== 10 && !/^.{10}[ T]\d/.test(value)) || value.endsWith('BC'))
    throw corrupt('date', value)
  const [y, m, d] = [Number(value.slice(0, 4)), Number(value.slice(5, 7)), Number(value.slice(8, 10))]
  try {
    return new Temporal.PlainDate(y, m, d)
  } catch {
    throw corrupt('date', value)
  }
}
export function readTime(value: unknown): unknown {
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
export function readDateTime(value: unknown): unknown {
  if (value === null) return null
  const ms = typeof value === 'string' ? readInstant(value) : Number.NaN
  if (Number.isNaN(ms)) throw corrupt('dateTime', value)
  return new Date(ms)
}
/** With its microseconds, as Temporal.Instant; PostgreSQL's text ends in the offset of its sessions, which are in UTC. */
function readPreciseDateTime(value: unknown): unknown {
  if (value === null) return null
  const text = typeof value === 'string' ? value.replace(/\+00$/, '') : ''
  const ms = readInstant(text)
  if (Number.isNaN(ms)) throw corrupt('dateTime', value)
  const micro = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? ''
  return new Temporal.Instant(BigInt(ms) * 1_000_000n + BigInt(micro.padEnd(3, '0')) * 1000n)
}
export function readDuration(value: unknown): unknown {
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
export function readDecimalText(value: unknown): unknown {
  if (value === null) return null
  const read = readDecimal(value)
  if (read === null) throw corrupt('decimal', value)
  return read
}
export function readBigInteger(value: unknown): unknown {
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
export function readJson(value: unknown): unknown {
  if (value === null) return null
  try {
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch {
    throw corrupt('json', value)
  }
}
export function readUuid(value: unknown): unknown {
  if (value === null) return null
  if (typeof value !== 'string' || !UUID.test(value)) throw corrupt('uuid', value)
  const hex = value.length === 32 ? value : value.replaceAll('-', '')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`.toLowerCase()
}

/** What {@link ENCODERS} wrote; null where the driver's value is right as it comes. */
export const DECODERS: Readonly<Record<ScalarKind, Decoder>> = {
  auto: null,
  char: null,
  text: null,
  integer: null,
  smallInteger: null,
  bigInteger: readBigInteger,
  float: null,
  decimal: readDecimalText,
  boolean: null,
  date: readDate,
  time: readTime,
  duration: readDuration,
  dateTime: readDateTime,
  json: readJson,
  uuid: readUuid,
  binary: null,
}

/**
 * The decoders of a table; decimals that come with their column's number of places are rounded to it, precise instants
 * read with all their digits.
 */
export function decoderFrom(table: Readonly<Record<ScalarKind, Decoder>>) {
  const decimal = table.decimal!
  const rounded = new Map<number, Decoder>()
  return (kind: ScalarKind, type?: ColumnType): Decoder => {
    if (kind === 'dateTime' && type?.precise === true) return readPreciseDateTime
    const places = kind === 'decimal' ? type?.decimalPlaces : undefined
    if (places === undefined) return table[kind]
    let decoder = rounded.get(places)
    if (decoder === undefined) {
      decoder = (value) => (decimal(value) as Decimal | null)?.toDecimalPlaces(places) ?? null // it reads decimals
      rounded.set(places, decoder)
    }
    return decoder
  }
}
