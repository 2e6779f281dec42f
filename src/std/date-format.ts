/** Django's date format letters. Rooms import this through `dates.ts`. */
import { Temporal } from 'temporal-polyfill'
import { NuagesError } from './errors.ts'

/** What can be formatted. A Date or Instant is shown in `timeZone`; a PlainDateTime is a wall clock without zone. */
export type DateValue =
  | Date
  | Temporal.Instant
  | Temporal.ZonedDateTime
  | Temporal.PlainDateTime
  | Temporal.PlainDate
  | Temporal.PlainTime

export interface FormatOptions {
  /** IANA name or offset (`+02:00`) in which instants are shown; default `UTC`. */
  readonly timeZone?: string
  /** Names of months and days; default `en`. */
  readonly language?: string
}

/** A format that the value cannot fill: `std.bad-date-format`, `std.bad-date`. */
export class DateFormatError extends NuagesError {}

/** A value taken apart: what it has not is null. */
interface Parts {
  readonly date: Temporal.PlainDate | null
  readonly time: Temporal.PlainTime | null
  /** Null for what has no zone. */
  readonly zoned: Temporal.ZonedDateTime | null
  readonly timeZone: string
  readonly language: string
}

/**
 * A date or time as text, by Django's letters: `formatDate(new Date(0), 'N j, Y, P')` → `Jan. 1, 1970, midnight`.
 * A backslash keeps the next letter as it is. Letters: a A b c d D e E f F g G h H i I j l L m M n N o O P r s S t T u
 * U w W y Y z Z, as in Django's documentation.
 *
 * @throws DateFormatError std.bad-date-format when a letter asks for what the value has not (the hour of a date)
 * @throws DateFormatError std.bad-date for an invalid Date
 */
export function formatDate(value: DateValue, format: string, options: FormatOptions = {}): string {
  const parts = partsOf(value, options)
  let out = ''
  for (let i = 0; i < format.length; i++) {
    const letter = format[i]!
    if (letter === '\\') out += i + 1 < format.length ? format[++i]! : letter
    else out += letter in LETTERS ? LETTERS[letter as Letter](parts) : letter
  }
  return out
}

function partsOf(value: DateValue, options: FormatOptions): Parts {
  const timeZone = options.timeZone ?? 'UTC'
  const language = options.language ?? 'en'
  if (value instanceof Temporal.PlainDate) return { date: value, time: null, zoned: null, timeZone, language }
  if (value instanceof Temporal.PlainTime) return { date: null, time: value, zoned: null, timeZone, language }
  if (value instanceof Temporal.PlainDateTime) {
    return { date: value.toPlainDate(), time: value.toPlainTime(), zoned: null, timeZone, language }
  }
  const zoned = toZoned(value, timeZone)
  return { date: zoned.toPlainDate(), time: zoned.toPlainTime(), zoned, timeZone: zoned.timeZoneId, language }
}

function toZoned(value: Date | Temporal.Instant | Temporal.ZonedDateTime, timeZone: string): Temporal.ZonedDateTime {
  if (value instanceof Temporal.ZonedDateTime) return value
  if (value instanceof Temporal.Instant) return value.toZonedDateTimeISO(timeZone)
  const ms = value instanceof Date ? value.getTime() : Number.NaN
  if (Number.isNaN(ms)) throw new DateFormatError(`${String(value)} is not a date or time.`, { code: 'std.bad-date' })
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)
}

function dateOf(parts: Parts): Temporal.PlainDate {
  if (parts.date !== null) return parts.date
  throw new DateFormatError('The format asks for a date, and the value is a time of day.', {
    code: 'std.bad-date-format',
    hint: 'Use only letters for times: a A f g G h H i P s u.',
  })
}

function timeOf(parts: Parts): Temporal.PlainTime {
  if (parts.time !== null) return parts.time
  throw new DateFormatError('The format asks for a time of day, and the value is a date.', {
    code: 'std.bad-date-format',
    hint: 'Use only letters for dates, such as d j m n N F M D l Y y.',
  })
}

/** With a zone: its own, or the one asked for where the value has none (as Django reads naive times). */
function zonedOf(parts: Parts): Temporal.ZonedDateTime {
  return parts.zoned ?? dateOf(parts).toZonedDateTime({ timeZone: parts.timeZone, plainTime: parts.time ?? undefined })
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n))
const hour12 = (time: Temporal.PlainTime): number => time.hour % 12 || 12
const english = (language: string): boolean => language === 'en' || language.startsWith('en-')

type Letter = keyof typeof LETTERS
const LETTERS = {
  // time of day
  a: (p: Parts) => (timeOf(p).hour < 12 ? 'a.m.' : 'p.m.'),
  A: (p: Parts) => (timeOf(p).hour < 12 ? 'AM' : 'PM'),
  f: (p: Parts) => {
    const time = timeOf(p)
    return time.minute === 0 ? String(hour12(time)) : `${hour12(time)}:${two(time.minute)}`
  },
  g: (p: Parts) => String(hour12(timeOf(p))),
  G: (p: Parts) => String(timeOf(p).hour),
  h: (p: Parts) => two(hour12(timeOf(p))),
  H: (p: Parts) => two(timeOf(p).hour),
  i: (p: Parts) => two(timeOf(p).minute),
  P: (p: Parts): string => {
    const time = timeOf(p)
    if (time.minute === 0 && time.hour === 0) return 'midnight'
    if (time.minute === 0 && time.hour === 12) return 'noon'
    return `${LETTERS.f(p)} ${LETTERS.a(p)}`
  },
  s: (p: Parts) => two(timeOf(p).second),
  u: (p: Parts) => micros(timeOf(p)),
  // calendar
  b: (p: Parts) => name(p, 'month', 'short').toLowerCase(),
  d: (p: Parts) => two(dateOf(p).day),
  D: (p: Parts) => name(p, 'weekday', 'short'),
  E: (p: Parts) => name(p, 'month', 'long'),
  F: (p: Parts) => name(p, 'month', 'long'),
  j: (p: Parts) => String(dateOf(p).day),
  l: (p: Parts) => name(p, 'weekday', 'long'),
  L: (p: Parts) => (dateOf(p).inLeapYear ? 'True' : 'False'),
  m: (p: Parts) => two(dateOf(p).month),
  M: (p: Parts) => name(p, 'month', 'short'),
  n: (p: Parts) => String(dateOf(p).month),
  N: (p: Parts) => (english(p.language) ? AP_MONTHS[dateOf(p).month - 1]! : name(p, 'month', 'short')),
  o: (p: Parts) => String(dateOf(p).yearOfWeek),
  S: (p: Parts) => ordinal(dateOf(p).day),
  t: (p: Parts) => String(dateOf(p).daysInMonth),
  w: (p: Parts) => String(dateOf(p).dayOfWeek % 7),
  W: (p: Parts) => String(dateOf(p).weekOfYear),
  y: (p: Parts) => two(dateOf(p).year % 100),
  Y: (p: Parts) => year(dateOf(p)),
  z: (p: Parts) => String(dateOf(p).dayOfYear),
  // zone
  e: (p: Parts) => (p.zoned === null ? '' : abbreviation(p.zoned)),
  I: (p: Parts) => (p.time === null || p.date === null ? '' : isSummerTime(zonedOf(p)) ? '1' : '0'),
  O: (p: Parts) => (p.time === null || p.date === null ? '' : offset(zonedOf(p), '')),
  T: (p: Parts) => (p.time === null || p.date === null ? '' : abbreviation(zonedOf(p))),
  Z: (p: Parts) => (p.time === null || p.date === null ? '' : String(zonedOf(p).offsetNanoseconds / 1e9)),
  // whole
  c: (p: Parts) => isoFormat(p),
  r: (p: Parts) => rfc2822(p),
  U: (p: Parts) => String(Math.floor(zonedOf(p).epochMilliseconds / 1000)),
} as const

const AP_MONTHS = ['Jan.', 'Feb.', 'March', 'April', 'May', 'June', 'July', 'Aug.', 'Sept.', 'Oct.', 'Nov.', 'Dec.']

const nameFormats = new Map<string, Intl.DateTimeFormat>()

/** Name of a month or a day of the week, as it stands alone. */
function name(parts: Parts, what: 'month' | 'weekday', width: 'long' | 'short'): string {
  const date = dateOf(parts)
  const locale = english(parts.language) ? 'en-US' : parts.language
  const key = `${locale} ${what} ${width}`
  let format = nameFormats.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { [what]: width, timeZone: 'UTC' })
    if (nameFormats.size >= 200) nameFormats.clear()
    nameFormats.set(key, format)
  }
  return format.format(Date.UTC(2000, date.month - 1, 1) + (what === 'weekday' ? toWeekday(date) : 0))
}

/** Milliseconds from the first of that month in 2000 to some day of the same weekday. */
function toWeekday(date: Temporal.PlainDate): number {
  const first = new Date(Date.UTC(2000, date.month - 1, 1)).getUTCDay()
  return ((date.dayOfWeek - first + 7) % 7) * 86_400_000
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'
}

function year(date: Temporal.PlainDate): string {
  return String(date.year).padStart(4, '0')
}

function micros(time: Temporal.PlainTime): string {
  return String(time.millisecond * 1000 + time.microsecond).padStart(6, '0')
}

function offset(zoned: Temporal.ZonedDateTime, separator: '' | ':'): string {
  const minutes = Math.trunc(zoned.offsetNanoseconds / 60e9)
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`
}

function isSummerTime(zoned: Temporal.ZonedDateTime): boolean {
  const winter = zoned.with({ month: 1, day: 1 }).offsetNanoseconds
  const summer = zoned.with({ month: 7, day: 1 }).offsetNanoseconds
  return winter !== summer && zoned.offsetNanoseconds === Math.max(winter, summer)
}

// English spellings know different zones: CET is written so in Britain, EST in America, AEST in Australia.
const ABBREVIATING = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ']

function abbreviation(zoned: Temporal.ZonedDateTime): string {
  const zone = zoned.timeZoneId
  if (zone === 'UTC' || zone === '+00:00') return 'UTC'
  if (zone.startsWith('+') || zone.startsWith('-')) return `UTC${offset(zoned, ':')}`
  for (const locale of ABBREVIATING) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' })
    const text = format.formatToParts(zoned.epochMilliseconds).find((part) => part.type === 'timeZoneName')?.value
    if (text !== undefined && (!text.startsWith('GMT') || text === 'GMT')) return text
  }
  return offset(zoned, '')
}

function isoFormat(parts: Parts): string {
  const date = parts.date === null ? '' : `${year(parts.date)}-${two(parts.date.month)}-${two(parts.date.day)}`
  if (parts.time === null) return date
  const { hour, minute, second } = parts.time
  const fraction = micros(parts.time)
  const time = `${two(hour)}:${two(minute)}:${two(second)}${fraction === '000000' ? '' : `.${fraction}`}`
  const zone = parts.zoned === null ? '' : offset(parts.zoned, ':')
  return date === '' ? time : `${date}T${time}${zone}`
}

/** As in mail headers; always English. A date is its midnight. */
function rfc2822(parts: Parts): string {
  return formatDate(zonedOf(parts), 'D, d M Y H:i:s O', { language: 'en' })
}
