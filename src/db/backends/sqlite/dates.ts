/** Parts of instants, and the beginnings of the units they fall in, on the wall clock of a zone. */
import { daysFromCivil, readInstant, writeInstant } from '../text-dates.ts'
import { offsetAt } from '../time-zones.ts'

const DAY = 86_400_000
const dayOf = (wall: Date): number => Math.floor(wall.getTime() / DAY)

/** Year and week of ISO 8601 of a day given as days since 1970. */
function isoWeek(days: number): { year: number; week: number } {
  const weekday = (((days + 3) % 7) + 7) % 7 // Monday 0
  const thursday = days - weekday + 3
  const year = new Date(thursday * DAY).getUTCFullYear()
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 }
}

/** A part of an instant's text, read on the wall clock of a zone; null where the text is no instant. */
export function extractPart(part: unknown, value: unknown, timeZone: unknown): number | string | null {
  const ms = typeof value === 'string' ? readInstant(value) : Number.NaN
  if (Number.isNaN(ms)) return null
  const wall = new Date(ms + offsetAt(String(timeZone), ms))
  switch (part) {
    case 'year':
      return wall.getUTCFullYear()
    case 'month':
      return wall.getUTCMonth() + 1
    case 'day':
      return wall.getUTCDate()
    case 'hour':
      return wall.getUTCHours()
    case 'minute':
      return wall.getUTCMinutes()
    case 'second':
      return wall.getUTCSeconds()
    case 'quarter':
      return Math.floor(wall.getUTCMonth() / 3) + 1
    case 'weekDay':
      return wall.getUTCDay() + 1
    case 'isoWeekDay':
      return wall.getUTCDay() === 0 ? 7 : wall.getUTCDay()
    case 'week':
      return isoWeek(dayOf(wall)).week
    case 'isoYear':
      return isoWeek(dayOf(wall)).year
    case 'date':
      return writeInstant(wall).slice(0, 10)
    case 'time':
      // Microseconds are the text's own: no zone shifts them.
      return writeInstant(wall).slice(11, 19) + (/\.\d+/.exec(String(value))?.[0] ?? '')
    default:
      return null
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: DAY }

/** Milliseconds of the unit's beginning, of a wall clock given as if it were UTC. */
function floor(unit: string, ms: number): number {
  const size = UNIT_MS[unit]
  if (size !== undefined) return Math.floor(ms / size) * size
  const date = new Date(ms)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth() + 1
  if (unit === 'week') {
    const day = dayOf(date)
    return (day - ((((day + 3) % 7) + 7) % 7)) * DAY
  }
  if (unit === 'month') return daysFromCivil(year, month, 1) * DAY
  if (unit === 'quarter') return daysFromCivil(year, month - ((month - 1) % 3), 1) * DAY
  return daysFromCivil(year, 1, 1) * DAY
}

/** The instant at which a zone's wall clock shows a time; in a gap, the first instant after it. */
function instantOf(wall: number, zone: string): number {
  const early = wall - offsetAt(zone, wall - DAY)
  const late = wall - offsetAt(zone, wall + DAY)
  if (early + offsetAt(zone, early) === wall) return early
  if (late + offsetAt(zone, late) === wall) return late
  return Math.max(early, late)
}

/** The beginning of the unit that a date, a time or an instant falls in; null where the text is neither. */
export function truncate(unit: unknown, value: unknown, timeZone: unknown, kind: unknown): string | null {
  if (typeof value !== 'string') return null
  const zone = String(timeZone)
  const isTime = /^\d\d:\d\d:\d\d/.test(value)
  const ms = readInstant(isTime ? `1970-01-01 ${value.slice(0, 8)}` : value)
  if (Number.isNaN(ms)) return null
  const start = floor(String(unit), ms + offsetAt(zone, ms))
  if (kind === 'dateTime') {
    // An hour that comes twice has two beginnings: the one at or before the instant itself.
    const small = (UNIT_MS[String(unit)] ?? DAY) < DAY
    return writeInstant(new Date(small ? start - offsetAt(zone, ms) : instantOf(start, zone)))
  }
  const text = writeInstant(new Date(start))
  return kind === 'time' ? text.slice(11) : text.slice(0, 10)
}
