/** What a database gives as JavaScript's values: the other way of encoders.ts, kind by kind. */
import { Temporal } from '../../std/dates.ts'
import { type Decimal, readDecimal } from '../../std/decimal.ts'
import type { ColumnType, ScalarKind } from '../kinds.ts'
import type { Decoder } from './backend.ts'
import { UUID } from './encoders.ts'
import { corrupt } from './refusals.ts'
import { readInstant } from './text-dates.ts'

const MICROSECONDS_PER_DAY = 86_400_000_000

function readDate(value: unknown): unknown {
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
