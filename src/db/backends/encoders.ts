/**
 * JavaScript's values as a database takes them: what each kind accepts, checked, and a table of it, kind by kind. A backend
 * spreads the table and says what its database has another form for.
 */
import type { Temporal } from '../../std/dates.ts'
import { Decimal, readDecimal } from '../../std/decimal.ts'
import type { Kind, ScalarKind } from '../kinds.ts'
import type { Encoder } from './backend.ts'
import { invalidValue } from './refusals.ts'
import { writeInstant } from './text-dates.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

function text(kind: Kind | 'plain', value: unknown): string {
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
function int64(kind: Kind | 'plain', value: bigint): bigint {
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
function decimal(value: unknown): string {
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
/** With its dashes or without. */
export const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
function uuid(value: unknown): string {
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
