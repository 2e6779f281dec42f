/**
 * Values as fixtures hold them, kind by kind: what Django's serializers write, and read. Instants and times keep their
 * microseconds (Django's own JSON cuts them to milliseconds), decimals have all the places of their column.
 */
import { timeZone } from '../../i18n/index.ts'
import { Temporal, toInstant } from '../../std/dates.ts'
import { type Decimal, readDecimal } from '../../std/decimal.ts'
import { JSONNull } from '../expressions/json-null.ts'
import { elementKind, isArrayKind, isRangeKind, type Kind } from '../kinds.ts'
import type { FieldMeta } from '../models/meta.ts'
import { isRange, Range, type RangeBounds } from '../range.ts'
import { plainJson, readJson, writeJson } from './json-text.ts'

const MICRO_PER_DAY = 86_400_000_000n

// ---------------------------------------------------------------- writing

const RAW_INSTANT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00(?::?00)?)?$/

/** `2024-01-31T10:15:00.123456Z`; the fraction only where there is one. */
function writeInstant(value: Date | Temporal.Instant, raw: unknown): string {
  if (!(value instanceof Date)) {
    const micro = value.epochNanoseconds / 1000n
    return value.toString({ fractionalSecondDigits: micro % 1_000_000n === 0n ? 0 : micro % 1000n === 0n ? 3 : 6 })
  }
  // The database's own text is finer than a Date.
  const match = typeof raw === 'string' ? RAW_INSTANT.exec(raw) : null
  if (match === null) return value.toISOString().replace(/\.000Z$/, 'Z')
  const micro = (match[3] ?? '').padEnd(6, '0')
  const fraction = micro === '000000' ? '' : `.${micro.endsWith('000') ? micro.slice(0, 3) : micro}`
  return `${match[1]}T${match[2]}${fraction}Z`
}

function microseconds(value: Temporal.Duration): bigint {
  const days = BigInt(value.weeks) * 7n + BigInt(value.days)
  const hours = days * 24n + BigInt(value.hours)
  const seconds = (hours * 60n + BigInt(value.minutes)) * 60n + BigInt(value.seconds)
  return (seconds * 1000n + BigInt(value.milliseconds)) * 1000n + BigInt(value.microseconds)
}

const two = (value: bigint): string => String(value).padStart(2, '0')

/** As Python writes a timedelta: whole days may be negative, the clock never is: `-1 23:59:59.999999`. */
function writeDuration(value: Temporal.Duration): string {
  const total = microseconds(value)
  const rest = ((total % MICRO_PER_DAY) + MICRO_PER_DAY) % MICRO_PER_DAY
  const days = (total - rest) / MICRO_PER_DAY
  const seconds = rest / 1_000_000n
  const micro = rest % 1_000_000n
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
  return `${days === 0n ? '' : `${days} `}${clock}${micro === 0n ? '' : `.${String(micro).padStart(6, '0')}`}`
}

function writeTime(value: Temporal.PlainTime): string {
  const micro = value.millisecond * 1000 + value.microsecond
  return value.toString({ fractionalSecondDigits: micro === 0 ? 0 : micro % 1000 === 0 ? 3 : 6 })
}

type Writer = (value: never, field: FieldMeta, raw: unknown) => unknown
const WRITERS: Partial<Record<Kind, Writer>> = {
  bigInteger: (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value),
  decimal: (value: Decimal, field) => value.toFixed(Math.max(value.decimalPlaces(), field.type?.decimalPlaces ?? 0)),
  date: (value: Temporal.PlainDate) => value.toString({ calendarName: 'never' }),
  time: writeTime,
  dateTime: (value: Date | Temporal.Instant, _field, raw) => writeInstant(value, raw),
  duration: writeDuration,
  binary: (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
}

/** One element of an array, one end of a range. */
function writePart(field: FieldMeta, value: unknown): unknown {
  const write = WRITERS[elementKind(field.kind!)] // asked for fields of these kinds only
  return value === null || write === undefined ? value : write(value as never, field, undefined)
}
/** Django writes both as the text of JSON. */
function writeArray(field: FieldMeta, values: readonly unknown[]): string {
  return writeJson(values.map((value) => writePart(field, value)))
}
function writeRange(field: FieldMeta, { lower, upper, bounds, isEmpty }: Range<unknown>): string {
  if (isEmpty) return writeJson({ empty: true })
  return writeJson({ lower: writePart(field, lower), upper: writePart(field, upper), bounds })
}

/**
 * A field's value for a fixture.
 * @param raw   the same as the database has it, where that is known: it may be finer
 */
export function toFixture(field: FieldMeta, value: unknown, raw?: unknown): unknown {
  if (value === null || value === undefined) {
    // A JSON null is read as null; only formats that can tell both apart write both.
    if (field.kind === 'json' && raw !== null && raw !== undefined) return JSONNull
    return field.type?.conversion?.nothing ?? null
  }
  if (isArrayKind(field.kind)) return writeArray(field, value as readonly unknown[]) // what its columns hold
  if (isRange(value)) return writeRange(field, value)
  const write = WRITERS[field.kind!]
  const stored = field.type?.conversion === undefined ? value : field.type.conversion.toDb(value)
  return write === undefined ? stored : write(stored as never, field, raw) // each writer takes values of its kind
}

// ---------------------------------------------------------------- reading

const INSTANT = /^(\d{4}-\d\d?-\d\d?)(?:[T ](\d\d?:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/
const TIME = /^(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/
const DATE = /^(\d{4})-(\d\d?)-(\d\d?)$/
/** Days may be negative, and the clock goes forward from there: what Python's timedelta and Django's parser do. */
const DURATION =
  /^(?:(-?\d{1,10}) ?(?:days?,?)? )?(-?)(?:(?:(\d{1,10}):)?(\d{1,10}):)?(\d{1,12})(?:[.,](\d{1,6})\d{0,6})?$/

/** What is wrong with a value, for the message: `Expected …`. */
export class BadValue {
  readonly expected: string
  constructor(expected: string) {
    this.expected = expected
  }
}

function readInstantText(text: string): Temporal.Instant | null {
  const match = INSTANT.exec(text)
  if (match === null) return null
  const [, day, clock = '00:00', fraction = '', offset] = match
  const date = readDateText(day!)
  const time = readTimeText(`${clock}${clock.length > 5 ? '' : ':00'}.${fraction.padEnd(6, '0')}`)
  if (date === null || time === null) return null
  const plain = date.toPlainDateTime(time)
  if (offset === undefined) {
    // As Django reads a time without an offset: in the current time zone. Below the millisecond nothing shifts.
    const instant = Temporal.Instant.fromEpochMilliseconds(toInstant(plain, timeZone()).getTime())
    return instant.add({ microseconds: time.microsecond })
  }
  const zone = /z/i.test(offset) ? '+00:00' : `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`
  return Temporal.Instant.from(`${plain.toString()}${zone}`)
}
function readDateText(text: string): Temporal.PlainDate | null {
  const match = DATE.exec(text)
  if (match === null || Number(match[1]) === 0) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' })
}
function readTimeText(text: string): Temporal.PlainTime | null {
  const match = TIME.exec(text)
  if (match === null) return null
  const micro = Number((match[4] ?? '').padEnd(6, '0').slice(0, 6))
  return Temporal.PlainTime.from(
    {
      hour: Number(match[1]),
      minute: Number(match[2]),
      second: Number(match[3] ?? 0),
      millisecond: Math.trunc(micro / 1000),
      microsecond: micro % 1000,
    },
    { overflow: 'reject' },
  )
}
function readDurationText(text: string): Temporal.Duration | null {
  const match = DURATION.exec(text)
  if (match === null) return /^[+-]?P/i.test(text) ? Temporal.Duration.from(text) : null
  const [, days = '0', sign, hours = '0', minutes = '0', seconds, fraction = ''] = match
  const clock = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds!)
  const micro = clock * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  return spanOf(BigInt(days) * MICRO_PER_DAY + (sign === '-' ? -micro : micro))
}
/** A length of time as columns give it: days and a clock, all of one sign. */
function spanOf(micro: bigint): Temporal.Duration {
  const part = (size: bigint, limit: bigint) => Number((micro / size) % limit)
  return new Temporal.Duration(
    0,
    0,
    0,
    Number(micro / MICRO_PER_DAY),
    part(3_600_000_000n, 24n),
    part(60_000_000n, 60n),
    part(1_000_000n, 60n),
    part(1000n, 1000n),
    part(1n, 1000n),
  )
}

/** Runs one of the readers above, for which a 31st of February is a RangeError. */
function fromText<T>(value: unknown, read: (text: string) => T | null, expected: string): T | BadValue {
  if (typeof value !== 'string' || value.length > 64) return new BadValue(expected)
  try {
    return read(value.trim()) ?? new BadValue(expected)
  } catch (error) {
    if (error instanceof RangeError) return new BadValue(expected)
    throw error
  }
}

function readWhole(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^\s*[+-]?\d{1,40}\s*$/.test(value)) return BigInt(value.trim().replace(/^\+/, ''))
  return typeof value === 'boolean' ? BigInt(value) : null
}
function readNumber(value: unknown): unknown {
  const whole = readWhole(value)
  return whole === null || !Number.isSafeInteger(Number(whole)) ? new BadValue('a whole number') : Number(whole)
}
function readText(value: unknown): unknown {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : new BadValue('text')
}
const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  '1': true,
  false: false,
  False: false,
  f: false,
  '0': false,
}

const READERS: Partial<Record<Kind, (value: unknown) => unknown>> = {
  auto: readNumber,
  integer: readNumber,
  smallInteger: readNumber,
  bigInteger: (value) => readWhole(value) ?? new BadValue('a whole number'),
  char: readText,
  text: readText,
  boolean(value) {
    if (typeof value === 'boolean') return value
    // Own words only: every object has a "constructor".
    const word = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    return Object.hasOwn(WORDS, word) ? WORDS[word] : new BadValue('true or false')
  },
  float(value) {
    const isNumber = typeof value === 'number' || typeof value === 'bigint'
    const number = isNumber || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN
    return Number.isFinite(number) ? number : new BadValue('a number')
  },
  decimal: (value) => readDecimal(value) ?? new BadValue('a decimal number'),
  date: (value) => fromText(value, (text) => readDateText(text.slice(0, 10)), 'a date such as 2024-01-31'),
  time: (value) => fromText(value, readTimeText, 'a time such as 10:15:00'),
  dateTime: (value) => fromText(value, readInstantText, 'an instant such as 2024-01-31T10:15:00Z'),
  duration: (value) => fromText(value, readDurationText, 'a duration such as 1 02:03:04.5'),
  uuid(value) {
    const hex = typeof value === 'string' ? value.trim().toLowerCase().replaceAll('-', '') : ''
    if (!/^[0-9a-f]{32}$/.test(hex)) return new BadValue('a UUID')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
  binary(value) {
    const fits = typeof value === 'string' && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)
    return fits ? new Uint8Array(Buffer.from(value, 'base64')) : new BadValue('bytes in base64')
  },
  json(value) {
    if (value === JSONNull) return value
    try {
      return plainJson(value)
    } catch (error) {
      // Nested deeper than the stack.
      if (error instanceof RangeError) return new BadValue('JSON that is not nested so deep')
      throw error
    }
  },
}

/** The value of JSON text; other values as they are, undefined for text that is none. */
function unfolded(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return readJson(value)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
function readPart(kind: Kind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  const read = READERS[elementKind(kind)]!(value) // there is one for each kind
  return read instanceof Temporal.Instant ? new Date(read.epochMilliseconds) : read
}
function readArray(kind: Kind, value: unknown): unknown {
  const list = unfolded(value)
  if (!Array.isArray(list)) return new BadValue('a list, or the text of one in JSON')
  const items = list.map((item) => readPart(kind, item))
  return items.find((item) => item instanceof BadValue) ?? items
}
const BOUNDS = new Set(['[)', '[]', '(]', '()'])
function readRange(kind: Kind, value: unknown): unknown {
  const given = unfolded(value)
  if (typeof given !== 'object' || given === null) return new BadValue('a range such as {"lower": 1, "upper": 5}')
  const { lower, upper, bounds = '[)', empty, isEmpty } = given as Record<string, unknown> // what is missing is undefined
  if (empty === true || isEmpty === true) return Range.empty()
  const [from, to] = [readPart(kind, lower), readPart(kind, upper)]
  for (const end of [from, to]) if (end instanceof BadValue) return end
  if (!BOUNDS.has(String(bounds))) return new BadValue('a range with the bounds [), [], (] or ()')
  return new Range(from, to, bounds as RangeBounds) // one of four
}

/**
 * A value of a fixture as the column's own; {@link BadValue} where it is none. Nothing is trimmed or validated: a
 * fixture holds what was in a database. An instant comes as Temporal.Instant, with its microseconds.
 */
export function fromFixture(field: FieldMeta, value: unknown): unknown {
  const { conversion } = field.type ?? {}
  // An empty column is not what a column that must not be empty had.
  if (value === null && field.kind === 'json' && !field.null && conversion === undefined) return JSONNull
  if (value === null || value === undefined) return null
  if (isArrayKind(field.kind)) return readArray(field.kind, value)
  if (isRangeKind(field.kind)) return readRange(field.kind, value)
  const read = READERS[field.kind!]
  if (conversion === undefined) return read === undefined ? field.clean(value) : read(value)
  const stored = read === undefined ? value : read(value)
  if (stored instanceof BadValue) return stored
  try {
    return conversion.fromDb(stored instanceof Temporal.Instant ? new Date(stored.epochMilliseconds) : stored)
  } catch {
    return new BadValue(`a value of a ${field.builder} field`) // what a project's own field refuses, with whatever error
  }
}
