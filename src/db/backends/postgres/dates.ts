/** Parts of instants, and the beginnings of the units they fall in. */
import { kindOf } from '../../sql/kinds.ts'
import type { DatePart, ExtractNode, SqlExpr, TruncNode } from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { known, UNITS } from '../../sql/words.ts'
import { assertTimeZone } from '../time-zones.ts'
import { declaredAs } from './declared.ts'
import { quoteText } from './text.ts'

const PARTS: Readonly<Record<Exclude<DatePart, 'date' | 'time'>, string>> = {
  year: 'YEAR',
  isoYear: 'ISOYEAR',
  month: 'MONTH',
  day: 'DAY',
  hour: 'HOUR',
  minute: 'MINUTE',
  second: 'SECOND',
  week: 'WEEK',
  weekDay: 'DOW',
  isoWeekDay: 'ISODOW',
  quarter: 'QUARTER',
}
const PART_NAMES: ReadonlySet<string> = new Set([...Object.keys(PARTS), 'date', 'time'])

/**
 * A zone as PostgreSQL reads it: of an offset the sign is POSIX's there, hours west of Greenwich, the other way round than
 * ISO 8601 and everything else.
 */
function zoneText(timeZone: string): string {
  const swapped = timeZone.replace(/^[+-]/, (sign) => (sign === '+' ? '-' : '+'))
  return quoteText(swapped)
}

type Write = () => void

/** A column without a zone is in UTC. */
function instant(node: SqlExpr, value: Write, out: Output): void {
  value()
  if (/^timestamp(?: *\(\d\))?(?: without time zone)?$/i.test(declaredAs(node) ?? '')) out.sql += " AT TIME ZONE 'UTC'"
}

/** An instant on the wall clock of its zone; dates and times as they are. */
function wall(from: SqlExpr, timeZone: string, value: Write, out: Output): void {
  instant(from, value, out)
  if (kindOf(from) === 'dateTime') out.sql += ` AT TIME ZONE ${zoneText(timeZone)}`
}

/** A part of what `value` writes. */
export function writeExtract(node: ExtractNode, out: Output, value: Write): void {
  const { part, from, timeZone } = node
  known(PART_NAMES, part)
  assertTimeZone(timeZone)
  if (part === 'date' || part === 'time') {
    out.sql += '('
    wall(from, timeZone, value, out)
    out.sql += `)::${part}`
    return
  }
  if (part === 'weekDay') out.sql += '('
  out.sql += part === 'second' ? `FLOOR(EXTRACT(SECOND FROM ` : `EXTRACT(${PARTS[part]} FROM `
  wall(from, timeZone, value, out)
  out.sql += part === 'second' ? '))::integer' : ')::integer'
  if (part === 'weekDay') out.sql += ' + 1)'
}

/** The beginning of a unit in what `value` writes. */
export function writeTrunc(node: TruncNode, out: Output, value: Write): void {
  known(UNITS, node.unit)
  assertTimeZone(node.timeZone)
  const kind = kindOf(node.from)
  out.sql += `DATE_TRUNC('${node.unit}', `
  instant(node.from, value, out)
  // A day as a timestamp without a zone: the server would make an instant of its session's zone of it.
  if (kind === 'date') out.sql += '::timestamp'
  // With the zone as an argument an hour that comes twice stays the one it was.
  out.sql += kind === 'dateTime' ? `, ${zoneText(node.timeZone)})` : `)::${kind === 'time' ? 'time' : 'date'}`
}
