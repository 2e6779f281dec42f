/** date, time, timesince, timeuntil. */

import { t, timeZone, tn } from '../../i18n/index.ts'
import { DateFormatError, type DateValue, Temporal } from '../../std/dates.ts'
import { defineFilter } from '../library.ts'
import type { Filter, FilterInfo } from '../nodes.ts'
import type { Formats } from '../runtime/locale.ts'
import { dateAs, dateKind, formatsOf, toPlainText } from '../runtime/text.ts'

const NAMED = new Set([
  'DATE_FORMAT',
  'DATETIME_FORMAT',
  'TIME_FORMAT',
  'YEAR_MONTH_FORMAT',
  'MONTH_DAY_FORMAT',
  'SHORT_DATE_FORMAT',
  'SHORT_DATETIME_FORMAT',
])

/** A format, or the language's where it is the name of one: `SHORT_DATE_FORMAT`. */
export function formatNamed(format: string, formats: Formats): string {
  return NAMED.has(format) ? String(formats[format as keyof Formats]) : format
}

/** A date or time in a format; nothing for what is none, or has not what the format asks for. */
function formatted(
  value: unknown,
  argument: unknown,
  otherwise: 'DATE_FORMAT' | 'TIME_FORMAT',
  info: FilterInfo,
): string {
  if (dateKind(value) === null) return ''
  const format = argument === undefined || argument === null ? otherwise : toPlainText(argument)
  try {
    return dateAs(value as DateValue, formatNamed(format, formatsOf(info.state))) // dateKind knows it
  } catch (error) {
    if (error instanceof DateFormatError) return ''
    throw error
  }
}

/** A value on the wall clock, and whether it is an instant: the two kinds are not compared. */
interface Wall {
  readonly at: Temporal.PlainDateTime
  readonly isInstant: boolean
}

function toWall(value: unknown, zone: string): Wall | null {
  if (value instanceof Temporal.PlainDate) return { at: value.toPlainDateTime(), isInstant: false }
  if (value instanceof Temporal.PlainDateTime) return { at: value, isInstant: false }
  const instant =
    value instanceof Date
      ? Number.isNaN(value.getTime())
        ? null
        : Temporal.Instant.fromEpochMilliseconds(value.getTime())
      : value instanceof Temporal.ZonedDateTime
        ? value.toInstant()
        : value instanceof Temporal.Instant
          ? value
          : null
  return instant === null ? null : { at: instant.toZonedDateTimeISO(zone).toPlainDateTime(), isInstant: true }
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const CHUNKS = [7 * 86_400, 86_400, 3600, 60]

/** Writes one part: `3 weeks`. */
export type UnitText = (unit: number, n: number) => string

const unitText: UnitText = (unit, n) => {
  switch (unit) {
    case 0:
      return tn('{n} year', '{n} years', n)
    case 1:
      return tn('{n} month', '{n} months', n)
    case 2:
      return tn('{n} week', '{n} weeks', n)
    case 3:
      return tn('{n} day', '{n} days', n)
    case 4:
      return tn('{n} hour', '{n} hours', n)
    default:
      return tn('{n} minute', '{n} minutes', n)
  }
}

/**
 * The time between two moments, in its two largest adjacent units: `2 weeks, 3 days`; `0 minutes` when `to` is not
 * after `from`. Months and years are the calendar's. After `django.utils.timesince` of Django 5.
 *
 * @param depth   how many units; default 2
 */
export function timeBetween(
  from: Temporal.PlainDateTime,
  to: Temporal.PlainDateTime,
  depth = 2,
  text: UnitText = unitText,
): string {
  const wrap = (part: string): string => part.replaceAll(' ', '\u00a0')
  const seconds = Math.floor(from.until(to, { largestUnit: 'seconds' }).total({ unit: 'seconds' }))
  if (seconds <= 0) return wrap(text(5, 0))
  let months = (to.year - from.year) * 12 + (to.month - from.month)
  if (
    from.day > to.day ||
    (from.day === to.day && Temporal.PlainTime.compare(from.toPlainTime(), to.toPlainTime()) > 0)
  )
    months--
  const [years, rest] = [Math.floor(months / 12), ((months % 12) + 12) % 12]
  let pivot = from
  if (years !== 0 || rest !== 0) {
    const month = ((from.month - 1 + rest) % 12) + 1
    const year = from.year + years + (from.month + rest > 12 ? 1 : 0)
    const day = Math.min(MONTH_DAYS[month - 1]!, from.day)
    pivot = from.with({ year, month, day, millisecond: 0, microsecond: 0, nanosecond: 0 })
  }
  let remaining = pivot.until(to, { largestUnit: 'seconds' }).total({ unit: 'seconds' })
  const parts = [years, rest]
  for (const chunk of CHUNKS) {
    const count = Math.floor(remaining / chunk)
    parts.push(count)
    remaining -= chunk * count
  }
  const first = parts.findIndex((count) => count !== 0)
  if (first === -1) return wrap(text(5, 0))
  const shown: string[] = []
  for (let i = first; i < parts.length && shown.length < depth && parts[i] !== 0; i++)
    shown.push(wrap(text(i, parts[i]!)))
  return shown.join(t(', '))
}

/** The time from `value` to `other` (default: now); null where the two cannot be compared. */
export function since(
  value: unknown,
  other: unknown,
  reversed: boolean,
  depth?: number,
  text?: UnitText,
): string | null {
  const zone = value instanceof Temporal.ZonedDateTime ? value.timeZoneId : timeZone()
  const a = toWall(value, zone)
  const b =
    other === undefined || other === null || other === ''
      ? { at: nowIn(zone), isInstant: a?.isInstant ?? false }
      : toWall(other, zone)
  if (a === null || b === null || a.isInstant !== b.isInstant) return null
  return reversed ? timeBetween(b.at, a.at, depth, text) : timeBetween(a.at, b.at, depth, text)
}

function nowIn(zone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Date.now()).toZonedDateTimeISO(zone).toPlainDateTime()
}

export const DATE_FILTERS: Readonly<Record<string, Filter>> = {
  date: defineFilter((value, format, info) => formatted(value, format, 'DATE_FORMAT', info), { argument: 'optional' }),
  time: defineFilter((value, format, info) => formatted(value, format, 'TIME_FORMAT', info), { argument: 'optional' }),
  timesince: defineFilter((value, other) => since(value, other, false) ?? '', { argument: 'optional' }),
  timeuntil: defineFilter((value, other) => since(value, other, true) ?? '', { argument: 'optional' }),
}
