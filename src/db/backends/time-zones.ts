/** Offsets of time zones for databases that know none. */
import { ProgrammingError } from '../errors.ts'
import { daysFromCivil } from './text-dates.ts'

const QUARTER = 900_000
/** Before this (1972) changes of offset did not always fall on a quarter of an hour: not remembered. */
const MODERN = 63_072_000_000
const KEPT = 20_000

interface Zone {
  readonly format: Intl.DateTimeFormat
  /** Offset in milliseconds by quarter of an hour since 1970; no zone changes within one. */
  readonly offsets: Map<number, number>
}
const zones = new Map<string, Zone>()

function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (zone === undefined) {
    try {
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        calendar: 'gregory',
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
      zone = { format, offsets: new Map() }
    } catch (error) {
      throw new ProgrammingError(`${JSON.stringify(name)} is not a time zone.`, {
        code: 'db.unknown-time-zone',
        hint: 'Use an IANA name such as "Europe/Paris".',
        status: 400,
        cause: error,
      })
    }
    zones.set(name, zone)
  }
  return zone
}

/** Whether a name is a time zone. @throws ProgrammingError db.unknown-time-zone */
export function assertTimeZone(name: string): void {
  zoneOf(name)
}

/** Milliseconds to add to UTC for the wall clock of a zone at an instant. */
export function offsetAt(name: string, ms: number): number {
  if (name === 'UTC') return 0
  const zone = zoneOf(name)
  const bucket = Math.floor(ms / QUARTER)
  const known = ms >= MODERN ? zone.offsets.get(bucket) : undefined
  if (known !== undefined) return known
  const parts: Record<string, string> = {}
  for (const { type, value } of zone.format.formatToParts(ms)) parts[type] = value
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year)
  const wall =
    daysFromCivil(year, Number(parts.month), Number(parts.day)) * 86_400_000 +
    (Number(parts.hour) * 3600 + Number(parts.minute) * 60 + Number(parts.second)) * 1000
  const offset = wall - Math.floor(ms / 1000) * 1000
  if (ms >= MODERN) {
    if (zone.offsets.size >= KEPT) zone.offsets.clear()
    zone.offsets.set(bucket, offset)
  }
  return offset
}
