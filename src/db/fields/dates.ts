/** date, time, dateTime, duration. */
import { t, timeZone } from '../../i18n/index.ts'
import { Temporal, today, toInstant, toPlainDate, toPlainDateTime } from '../../std/dates.ts'
import { ValidationError } from '../../validators.ts'
import type { FieldOptions as AnyOptions, FieldMeta } from '../models/meta.ts'
import { declare, type FieldType } from './descriptor.ts'
import type { AutoNowOptions, Field, FieldOptions, IsKey, IsOptional, Nullable, WideField } from './types.ts'

const DATE = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/
const TIME = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?$/
const DATE_TIME = /^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:[T ] ?([0-9:.,]{4,20}) ?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$/
const CLOCK_SPAN =
  /^(-)?(?:([0-9]{1,9})(?: days?,?)? )?(?:([0-9]{1,7}):)?([0-9]{1,7}):([0-9]{1,7})(?:[.,]([0-9]{1,6}))?$/
/** Nothing that is a date, time or duration is longer; patterns see no more. */
const MAX_TEXT = 64

function textOf(input: unknown): string {
  return typeof input === 'string' && input.length <= MAX_TEXT ? input.trim() : ''
}
/** Runs a reader of Temporal's, which throws RangeError for a 31st of February. */
function attempt<T>(read: () => T | null, message: string): T {
  let value: T | null
  try {
    value = read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    value = null
  }
  if (value === null) throw new ValidationError(message)
  return value
}
function readPlainDate(text: string): Temporal.PlainDate | null {
  const match = DATE.exec(text)
  if (match === null) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  return year === 0 ? null : Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' })
}
function readPlainTime(text: string): Temporal.PlainTime | null {
  const match = TIME.exec(text)
  if (match === null) return null
  const micro = Number((match[4] ?? '').padEnd(6, '0').slice(0, 6)) // columns keep microseconds
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
/** With an offset that instant; without one, that time in the current time zone. */
function readInstant(text: string): Date | null {
  return readMoment(text)?.at ?? null
}
/** The same, and the microseconds that a Date does not have. */
function readMoment(text: string): { readonly at: Date; readonly microsecond: number } | null {
  const match = DATE_TIME.exec(text)
  if (match === null) return null
  const [, day, clock = '00:00', offset] = match
  const [date, time] = [readPlainDate(day!), readPlainTime(clock)]
  if (date === null || time === null) return null
  const { microsecond } = time
  const plain = date.toPlainDateTime(time)
  if (offset === undefined) return { at: toInstant(plain, timeZone()), microsecond }
  const minutes = /z/i.test(offset) ? 0 : offsetMinutes(offset)
  if (minutes === null) return null
  return { at: new Date(toInstant(plain, 'UTC').getTime() - minutes * 60_000), microsecond }
}
function offsetMinutes(offset: string): number | null {
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(':', '') || 0)]
  if (hours > 23 || minutes > 59) return null
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
/** ISO 8601 (`P1DT2H`), or a clock as Django prints it: `3 04:05:06.5`, `90:00`. */
function readDuration(text: string): Temporal.Duration | null {
  const match = CLOCK_SPAN.exec(text)
  if (match === null) return /^[+-]?P/i.test(text) ? Temporal.Duration.from(text) : null
  const [, sign, days, hours, minutes, seconds, fraction = ''] = match
  const micro = Number(fraction.padEnd(6, '0'))
  const span = Temporal.Duration.from({
    days: Number(days ?? 0),
    hours: Number(hours ?? 0),
    minutes: Number(minutes),
    seconds: Number(seconds),
    milliseconds: Math.trunc(micro / 1000),
    microseconds: micro % 1000,
  })
  return sign === undefined ? span : span.negated()
}

function autoNow(now: () => unknown): (options: AnyOptions) => FieldMeta['preSave'] {
  return (options) => {
    if (options.autoNow === true) return () => now()
    if (options.autoNowAdd === true)
      return (value, adding) => (adding && (value === null || value === undefined) ? now() : value)
    return null
  }
}
const notEditable = (options: AnyOptions) => options.autoNow === true || options.autoNowAdd === true

/** True for a date or instant that fills itself, and that forms leave out. */
export function fillsItself(options: AnyOptions): boolean {
  return notEditable(options)
}

const dateType: FieldType = {
  builder: 'date',
  kind: 'date',
  parse(input) {
    if (input instanceof Temporal.PlainDate) return input
    if (input instanceof Date && !Number.isNaN(input.getTime())) return toPlainDate(input, timeZone())
    return attempt(() => readPlainDate(textOf(input)), t('Enter a valid date.'))
  },
  preSave: autoNow(() => today(timeZone())),
}
const timeType: FieldType = {
  builder: 'time',
  kind: 'time',
  parse(input) {
    if (input instanceof Temporal.PlainTime) return input
    if (input instanceof Date && !Number.isNaN(input.getTime())) return toPlainDateTime(input, timeZone()).toPlainTime()
    return attempt(() => readPlainTime(textOf(input)), t('Enter a valid time.'))
  },
}
const dateTimeType: FieldType = {
  builder: 'dateTime',
  kind: 'dateTime',
  parse(input) {
    const value =
      input instanceof Date
        ? input
        : input instanceof Temporal.Instant
          ? new Date(input.epochMilliseconds)
          : attempt(() => readInstant(textOf(input)), t('Enter a valid date and time.'))
    const year = value.getUTCFullYear()
    if (!(year >= 1 && year <= 9999)) throw new ValidationError(t('Enter a valid date and time.')) // NaN too
    return value
  },
  preSave: autoNow(() => new Date()),
}
/** An instant of a Date, which is what code that knows no other kind of instant gives. */
function instantOf(value: unknown): unknown {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return value
  return Temporal.Instant.fromEpochMilliseconds(value.getTime())
}
const dateOf = (value: unknown): unknown =>
  value instanceof Temporal.Instant ? new Date(value.epochMilliseconds) : value
/** In migrations it is a dateTime: the column is the same, and historical models read it as theirs. */
function storedOptions(options: AnyOptions): AnyOptions {
  const { default: value, dbDefault } = options
  return {
    ...options,
    ...(value === undefined ? {} : { default: dateOf(value) }),
    ...(dbDefault === undefined ? {} : { dbDefault: dateOf(dbDefault) }),
  }
}
const instantType: FieldType = {
  builder: 'instant',
  kind: 'dateTime',
  column: () => ({ kind: 'dateTime', precise: true }),
  parse(input) {
    const text = textOf(input)
    const moment = text === '' ? null : attempt(() => readMoment(text), t('Enter a valid date and time.'))
    const value =
      moment === null
        ? instantOf(input)
        : Temporal.Instant.fromEpochMilliseconds(moment.at.getTime()).add({ microseconds: moment.microsecond })
    const isInstant = value instanceof Temporal.Instant
    const year = isInstant ? new Date(value.epochMilliseconds).getUTCFullYear() : Number.NaN
    if (!(year >= 1 && year <= 9999)) throw new ValidationError(t('Enter a valid date and time.'))
    return value
  },
  coerce: instantOf,
  preSave: autoNow(() => Temporal.Instant.fromEpochMilliseconds(Date.now())),
  storage: { builder: 'dateTime', options: storedOptions },
}
const durationType: FieldType = {
  builder: 'duration',
  kind: 'duration',
  parse(input) {
    if (input instanceof Temporal.Duration) return input
    return attempt(() => readDuration(textOf(input)), t('Enter a valid duration.'))
  },
}

/** A calendar date (Temporal.PlainDate). */
export function date<const O extends AutoNowOptions<Temporal.PlainDate>>(
  options?: O,
): Field<Nullable<O, Temporal.PlainDate>, IsOptional<O>, 'date', IsKey<O>> {
  return declare(dateType, options)
}
/** A time of day (Temporal.PlainTime), to the microsecond. */
export function time<const O extends FieldOptions<Temporal.PlainTime>>(
  options?: O,
): Field<Nullable<O, Temporal.PlainTime>, IsOptional<O>, 'time', IsKey<O>> {
  return declare(timeType, options)
}
/** An instant (Date, UTC, milliseconds). Input without an offset is read in the current time zone. */
export function dateTime<const O extends AutoNowOptions<Date>>(
  options?: O,
): Field<Nullable<O, Date>, IsOptional<O>, 'dateTime', IsKey<O>> {
  return declare(dateTimeType, options)
}
/**
 * An instant (Temporal.Instant, microseconds), for times that other programs write and that must come back exactly. The
 * column is that of {@link dateTime}; a Date is accepted. Nanoseconds are cut. `autoNow` has the milliseconds of JavaScript's
 * clock; `dbDefault: 'now'` those of the database's.
 */
export function instant<const O extends AutoNowOptions<Temporal.Instant | Date>>(
  options?: O,
): WideField<Nullable<O, Temporal.Instant>, Date, IsOptional<O>, 'dateTime', IsKey<O>> {
  return declare(instantType, options)
}
/** A length of time (Temporal.Duration), to the microsecond. */
export function duration<const O extends FieldOptions<Temporal.Duration>>(
  options?: O,
): Field<Nullable<O, Temporal.Duration>, IsOptional<O>, 'duration', IsKey<O>> {
  return declare(durationType, options)
}
