/** Parts of dates, and the beginnings of the units they fall in, as SQL; what our functions in it do is in `dates.ts`. */
import { kindOf } from '../../sql/kinds.ts'
import type { DatePart, ExtractNode, TruncNode } from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { quoteText } from '../../sql/quoting.ts'
import { known, UNITS } from '../../sql/words.ts'
import { assertTimeZone } from '../time-zones.ts'

/** Parts that are a format of strftime. */
const STRFTIME: Partial<Record<DatePart, string>> = {
  year: '%Y',
  month: '%m',
  day: '%d',
  hour: '%H',
  minute: '%M',
  second: '%S',
  week: '%V',
  isoYear: '%G',
}
/** Every part there is. */
const PARTS: ReadonlySet<string> = new Set<DatePart>([
  ...(Object.keys(STRFTIME) as DatePart[]),
  'weekDay',
  'isoWeekDay',
  'quarter',
  'date',
  'time',
])

type Write = () => void

/** A part of what `value` writes. */
export function writeExtract(node: ExtractNode, out: Output, value: Write): void {
  const { part, from } = node
  const kind = kindOf(from)
  known(PARTS, part)
  assertTimeZone(node.timeZone)
  if (part === 'time' || (node.timeZone !== 'UTC' && kind !== 'date' && kind !== 'time')) {
    out.sql += `nuages_extract('${part}', `
    value()
    out.sql += `, ${quoteText(node.timeZone)})`
    return
  }
  const write = (format: string): void => {
    out.sql += `strftime('${format}', `
    value()
    out.sql += ')'
  }
  if (part === 'date') {
    write('%Y-%m-%d')
    return
  }
  if (part === 'isoWeekDay') {
    out.sql += 'CAST('
    write('%u')
    out.sql += ' AS INTEGER)'
  } else if (part === 'weekDay') {
    out.sql += '(CAST('
    write('%w')
    out.sql += ' AS INTEGER) + 1)'
  } else if (part === 'quarter') {
    out.sql += '((CAST('
    write('%m')
    out.sql += ' AS INTEGER) + 2) / 3)'
  } else {
    out.sql += 'CAST('
    write(STRFTIME[part]!)
    out.sql += ' AS INTEGER)'
  }
}

/** The beginning of a unit in what `value` writes. */
export function writeTrunc(node: TruncNode, out: Output, value: Write): void {
  known(UNITS, node.unit)
  assertTimeZone(node.timeZone)
  out.sql += `nuages_trunc('${node.unit}', `
  value()
  out.sql += `, ${quoteText(kindOf(node.from) === 'dateTime' ? node.timeZone : 'UTC')}, ${quoteText(node.kind)})`
}
