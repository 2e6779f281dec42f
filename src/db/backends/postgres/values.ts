/**
 * Values between JavaScript and PostgreSQL, kind by kind, stored as Django stores them: timestamp with time zone,
 * interval, jsonb, uuid, bytea, numeric. All travel as text; sessions speak UTC and ISO dates.
 */
import { Temporal } from '../../../std/dates.ts'
import { type ColumnType, elementKind, isArrayKind, isRangeKind, type Kind, type ScalarKind } from '../../kinds.ts'
import type { Decoder } from '../backend.ts'
import { DECODERS, decoderFrom, readDateTime } from '../decoders.ts'
import {
  bigInteger,
  binary,
  boolean,
  dateTime,
  duration,
  type Encode,
  float,
  integer,
  plainEncoder,
  STRICT_ENCODERS,
  withoutNul,
} from '../encoders.ts'
import { corrupt } from '../refusals.ts'
import { arrayDecoder, arrayEncoder, rangeDecoder, rangeEncoder } from './collections.ts'

const DAY = 86_400_000_000n

/**
 * Days and a clock that is never negative, as Django writes them: an interval keeps the two apart. Spelled as the
 * server spells it, for what was written is noted as the row and read from there.
 */
function interval(value: unknown): string {
  const total = BigInt(duration(value))
  const rest = ((total % DAY) + DAY) % DAY
  const two = (unit: bigint, limit: bigint) => String((rest / unit) % limit).padStart(2, '0')
  const fraction = String(rest % 1_000_000n).padStart(6, '0')
  return `${(total - rest) / DAY} days ${two(3_600_000_000n, 24n)}:${two(60_000_000n, 60n)}:${two(1_000_000n, 60n)}.${fraction}`
}
const bytes = (value: unknown): string => `\\x${Buffer.from(binary(value)).toString('hex')}`
const yes = (value: unknown): string => (boolean(value) === 1 ? 't' : 'f')

const scalar = plainEncoder({
  number: String,
  bigint: String,
  text: (value) => withoutNul('plain', value),
  boolean: yes,
  bytes,
  duration: interval,
})
/** Arrays too: the database has columns of them. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => (item === null ? null : plain(item))) : scalar(value)
}

const instant = (value: unknown): string => `${dateTime(value)}+00`

const ENCODERS: Readonly<Record<ScalarKind, Encode>> = {
  ...STRICT_ENCODERS,
  auto: (value) => String(integer('auto', value)),
  integer: (value) => String(integer('integer', value)),
  smallInteger: (value) => String(integer('smallInteger', value)),
  bigInteger: (value) => String(bigInteger(value)),
  float: (value) => String(float(value)),
  boolean: yes,
  duration: interval,
  dateTime: instant,
  binary: bytes,
}

/** How a value of `kind` is bound; null: any plain value. */
export function postgresEncoder(kind: Kind | null): Encode {
  if (kind === null) return plain
  if (isArrayKind(kind)) return arrayEncoder(kind, ENCODERS[elementKind(kind)])
  return isRangeKind(kind) ? rangeEncoder(kind, ENCODERS[elementKind(kind)]) : ENCODERS[kind]
}

const INTERVAL =
  /^(?:(-?\d+) years? ?)?(?:(-?\d+) mons? ?)?(?:(-?\d+) days? ?)?(?:([-+]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/

/** Years and months, which we never write, count 365 and 30 days, as Django reads them. */
function readInterval(value: unknown): unknown {
  if (value === null) return null
  const match = typeof value === 'string' ? INTERVAL.exec(value) : null
  if (match === null) throw corrupt('duration', value)
  const [, years, months, days, sign, hours, minutes, seconds, fraction] = match
  const way = sign === '-' ? -1 : 1
  const micro = Number((fraction ?? '').padEnd(6, '0'))
  const clock = way * ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0))
  const whole = Number(years ?? 0) * 365 + Number(months ?? 0) * 30 + Number(days ?? 0)
  const total = BigInt(whole) * 86_400_000_000n + BigInt(clock) * 1_000_000n + BigInt(way * micro)
  const unit = (size: bigint, limit: bigint) => Number((total / size) % limit)
  return new Temporal.Duration(
    0,
    0,
    0,
    Number(total / 86_400_000_000n),
    unit(3_600_000_000n, 24n),
    unit(60_000_000n, 60n),
    unit(1_000_000n, 60n),
    unit(1000n, 1000n),
    unit(1n, 1000n),
  )
}

function readBytes(value: unknown): unknown {
  if (value === null) return null
  if (typeof value !== 'string' || !value.startsWith('\\x')) throw corrupt('binary', value)
  return new Uint8Array(Buffer.from(value.slice(2), 'hex'))
}
/** Sessions are in UTC, so every instant ends in the same offset. */
function readInstant(value: unknown): unknown {
  return readDateTime(typeof value === 'string' && value.endsWith('+00') ? value.slice(0, -3) : value)
}
/** Sums of integers and rounded decimals come wider than they are. */
function readNumber(value: unknown): unknown {
  return typeof value === 'string' ? Number(value) : typeof value === 'bigint' ? Number(value) : value
}

const scalarDecoder = decoderFrom({
  ...DECODERS,
  float: readNumber,
  duration: readInterval,
  dateTime: readInstant,
  uuid: null,
  binary: readBytes,
})

/** How a value of `kind` is read; null where the driver's value is right as it comes. */
export function postgresDecoder(kind: Kind, type?: ColumnType): Decoder {
  if (isArrayKind(kind) || isRangeKind(kind)) {
    const element = elementKind(kind)
    const one = textDecoder(element, type)
    return isArrayKind(kind) ? arrayDecoder(kind, one) : rangeDecoder(kind, one)
  }
  return scalarDecoder(kind, type)
}

/** Reads an element or an end from its text, which inside of arrays and ranges numbers and booleans are, too. */
function textDecoder(kind: ScalarKind, type?: ColumnType): (text: string) => unknown {
  switch (kind) {
    case 'auto':
    case 'integer':
    case 'smallInteger':
    case 'float':
      return Number
    case 'boolean':
      return (text) => text === 't'
    default:
      return scalarDecoder(kind, type) ?? asIs
  }
}

/** Numbers of types, as columns are described. */
export const INT2 = 21
export const INT4 = 23
export const INT8 = 20
export const OID = 26
export const FLOAT4 = 700
export const FLOAT8 = 701
export const BOOL = 16

/** Text of a column as PostgreSQL sends it, by the type's number: numbers and booleans; the rest stays text. */
export function typeParser(oid: number): (text: string) => unknown {
  switch (oid) {
    case INT2:
    case INT4:
    case OID:
    case FLOAT4:
    case FLOAT8:
      return Number
    case INT8:
      return wholeNumber
    case BOOL:
      return (value) => value === 't'
    default:
      return asIs
  }
}
const asIs = (value: string): unknown => value
/** A number, a bigint where that would not be exact. */
export function wholeNumber(value: string): unknown {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : BigInt(value)
}
