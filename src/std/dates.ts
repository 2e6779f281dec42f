/** Calendar dates, times of day and instants in time zones. The only door to Temporal. */
import { Temporal } from 'temporal-polyfill'

export { Temporal } from 'temporal-polyfill'
export { DateFormatError, type DateValue, type FormatOptions, formatDate } from './date-format.ts'

// What `console.log` and the shell show of them: `Temporal.PlainDate 2026-01-02`. By themselves they print as `{}`.
const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } =
  Temporal
for (const { name, prototype } of [
  ...[Duration, Instant, PlainDate, PlainDateTime],
  ...[PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime],
]) {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: object) {
      return `Temporal.${name} ${String(this)}`
    },
    configurable: true,
  })
}

/** The calendar date of an instant in a time zone. */
export function toPlainDate(instant: Date, timeZone: string): Temporal.PlainDate {
  return zoned(instant, timeZone).toPlainDate()
}

/** Date and time of an instant, as a clock on a wall in the time zone shows them. */
export function toPlainDateTime(instant: Date, timeZone: string): Temporal.PlainDateTime {
  return zoned(instant, timeZone).toPlainDateTime()
}

/**
 * The instant at which the wall clock of a time zone shows `plain`. A time skipped by a change of the clocks is read
 * as the later one, a time that comes twice as the first.
 */
export function toInstant(plain: Temporal.PlainDateTime, timeZone: string): Date {
  return new Date(plain.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds)
}

/** Today in a time zone. */
export function today(timeZone: string, now: Date = new Date()): Temporal.PlainDate {
  return toPlainDate(now, timeZone)
}

/** The first instant of the day that `value` lies in (or is), in the time zone; not always midnight. */
export function startOfDay(value: Date | Temporal.PlainDate, timeZone: string): Date {
  return new Date(dayOf(value, timeZone).toZonedDateTime(timeZone).epochMilliseconds)
}

/** The first instant of the day after: filter with `gte: startOfDay, lt: endOfDay`. */
export function endOfDay(value: Date | Temporal.PlainDate, timeZone: string): Date {
  return startOfDay(dayOf(value, timeZone).add({ days: 1 }), timeZone)
}

/** The first instant of the month that `value` lies in. */
export function startOfMonth(value: Date | Temporal.PlainDate, timeZone: string): Date {
  return startOfDay(dayOf(value, timeZone).with({ day: 1 }), timeZone)
}

/** The first instant of the year that `value` lies in. */
export function startOfYear(value: Date | Temporal.PlainDate, timeZone: string): Date {
  return startOfDay(dayOf(value, timeZone).with({ month: 1, day: 1 }), timeZone)
}

function dayOf(value: Date | Temporal.PlainDate, timeZone: string): Temporal.PlainDate {
  return value instanceof Date ? toPlainDate(value, timeZone) : value
}

function zoned(instant: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone)
}
