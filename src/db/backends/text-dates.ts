/**
 * Dates as text of fixed width, read and written by hand: `new Date(text)` and format parsers cost ten times as much
 * per row. The form is Django's on SQLite: `2024-01-31 10:15:00` or `2024-01-31 10:15:00.123000`, UTC.
 */

const PADS = Array.from({ length: 100 }, (_, n) => (n < 10 ? `0${n}` : String(n)))

/** Four digits of a year 1–9999. */
function pad4(year: number): string {
  return PADS[Math.floor(year / 100)]! + PADS[year % 100]!
}

/** The text of an instant in UTC, with six digits of fraction only where there are milliseconds. Year 1–9999. */
export function writeInstant(value: Date): string {
  const ms = value.getUTCMilliseconds()
  const text =
    `${pad4(value.getUTCFullYear())}-${PADS[value.getUTCMonth() + 1]}-${PADS[value.getUTCDate()]} ` +
    `${PADS[value.getUTCHours()]}:${PADS[value.getUTCMinutes()]}:${PADS[value.getUTCSeconds()]}`
  return ms === 0
    ? text
    : `${text}.${ms < 100 ? '0' : ''}${PADS[ms < 100 ? ms : Math.floor(ms / 10)]}${ms < 100 ? '' : ms % 10}000`
}

/** Days from 1970-01-01 to a day of the proleptic Gregorian calendar (Hinnant, days_from_civil). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

const ZERO = 48
const digit = (text: string, at: number): number => text.charCodeAt(at) - ZERO
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

/** Milliseconds of `HH:MM:SS[.f…]` that starts at `from`, digits beyond milliseconds cut; NaN where it is not so. */
function timeMilliseconds(text: string, from: number): number {
  const end = from + 8
  if (text.charCodeAt(from + 2) !== 58 || text.charCodeAt(from + 5) !== 58) return Number.NaN
  const ms = (two(text, from) * 3600 + two(text, from + 3) * 60 + two(text, from + 6)) * 1000
  if (text.length === end) return ms
  if (text.charCodeAt(end) !== 46) return Number.NaN
  const digits = text.length - end - 1
  return (
    ms +
    digit(text, end + 1) * 100 +
    (digits > 1 ? digit(text, end + 2) * 10 : 0) +
    (digits > 2 ? digit(text, end + 3) : 0)
  )
}

/**
 * Milliseconds since 1970 of an instant's text; NaN where the text is of another form. Everything Django writes is
 * read: with and without fraction, and with an offset (`+00:00`, `Z`) or a `T`, which other programs may have left.
 */
export function readInstant(text: string): number {
  const length = text.length
  if ((length === 19 || (length > 20 && length <= 29)) && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45) {
    const month = two(text, 5)
    const day = two(text, 8)
    const days = daysFromCivil(two(text, 0) * 100 + two(text, 2), month, day)
    const last = text.charCodeAt(length - 1)
    if (
      month > 0 &&
      month < 13 &&
      day > 0 &&
      day < 32 &&
      last >= ZERO &&
      last <= 57 &&
      (length === 19 || text.indexOf('+', 19) < 0) &&
      text.indexOf('-', 19) < 0
    ) {
      const ms = timeMilliseconds(text, 11)
      if (!Number.isNaN(ms)) return days * 86_400_000 + ms
    }
  }
  return readLoosely(text)
}

/** Forms beyond the fixed one; rare, so slow is fine. */
function readLoosely(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?\s*(Z|[+-]\d\d:?\d\d)?)?$/.exec(text)
  if (!match) return Number.NaN
  const offset = match[5] ?? 'Z'
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset
  return Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? ':00'}${(match[4] ?? '').slice(0, 4)}${zone}`)
}
