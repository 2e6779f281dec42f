/** Parts of instants, the beginnings of the units they fall in, and what is added to them. */
import { kindOf } from '../../sql/kinds.ts'
import type { ArithmeticNode, DatePart, ExtractNode, SqlExpr, TruncNode, TruncUnit } from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { known, UNITS } from '../../sql/words.ts'
import { assertTimeZone } from '../time-zones.ts'
import { zoneSql } from './zones.ts'

/** `$` is the date, time or wall clock; week 3 is ISO 8601's. */
const PARTS: Readonly<Record<DatePart, string>> = {
  year: 'YEAR($)',
  isoYear: '(YEARWEEK($, 3) DIV 100)',
  month: 'MONTH($)',
  day: 'DAYOFMONTH($)',
  hour: 'HOUR($)',
  minute: 'MINUTE($)',
  second: 'SECOND($)',
  week: 'WEEK($, 3)',
  weekDay: 'DAYOFWEEK($)',
  isoWeekDay: '(WEEKDAY($) + 1)',
  quarter: 'QUARTER($)',
  date: 'DATE($)',
  time: 'CAST($ AS TIME(6))',
}
const PART_NAMES: ReadonlySet<string> = new Set(Object.keys(PARTS))

/** The first day of a unit. Days are taken away one by one: MAKEDATE reads years below 100 as of today. */
const DAYS: Partial<Record<TruncUnit, string>> = {
  year: '(DATE($) - INTERVAL DAYOFYEAR($) - 1 DAY)',
  quarter: '(DATE($) - INTERVAL DAYOFYEAR($) - 1 DAY + INTERVAL QUARTER($) - 1 QUARTER)',
  month: '(DATE($) - INTERVAL DAYOFMONTH($) - 1 DAY)',
  week: '(DATE($) - INTERVAL WEEKDAY($) DAY)',
  day: 'DATE($)',
}
const CLOCKS: Partial<Record<TruncUnit, string>> = { hour: '%H:00:00', minute: '%H:%i:00', second: '%H:%i:%s' }

type Write = () => void

/** Writes a form with what stands for `$`, as often as it stands. */
function fill(form: string, value: Write, out: Output): void {
  form.split('$').forEach((part, i) => {
    if (i > 0) value()
    out.sql += part
  })
}

/** An instant on the wall clock of its zone; dates and times as they are. */
function wall(from: SqlExpr, timeZone: string, value: Write, out: Output): Write {
  if (kindOf(from) !== 'dateTime' || timeZone === 'UTC') return value
  return () => {
    out.sql += '('
    value()
    out.sql += ' + INTERVAL '
    zoneSql(timeZone).fromUtc(value, (text) => {
      out.sql += text
    })
    out.sql += ' SECOND)'
  }
}

/** A part of a date, a time or an instant. @param value   writes the expression */
export function writeExtract({ part, from, timeZone }: ExtractNode, out: Output, value: Write): void {
  known(PART_NAMES, part)
  assertTimeZone(timeZone)
  fill(PARTS[part], wall(from, timeZone, value, out), out)
}

/** The beginning of the unit that a date, a time or an instant falls in. @param value   writes the expression */
export function writeTrunc(node: TruncNode, out: Output, value: Write): void {
  const { unit, from, timeZone, kind } = node
  known(UNITS, unit)
  assertTimeZone(timeZone)
  const clock = CLOCKS[unit]
  const local = wall(from, timeZone, value, out)
  const write = (text: string): void => {
    out.sql += text
  }
  if (kindOf(from) === 'time') fill(`CAST(TIME_FORMAT($, '${clock ?? '00:00:00'}') AS TIME(6))`, local, out)
  else if (kind !== 'dateTime') fill(DAYS[unit] ?? 'DATE($)', local, out)
  else {
    const start = (): void => {
      if (clock !== undefined) fill(`CAST(DATE_FORMAT($, '%Y-%m-%d ${clock}') AS DATETIME(6))`, local, out)
      else fill(`CAST(${DAYS[unit]} AS DATETIME(6))`, local, out)
    }
    if (timeZone === 'UTC') {
      start()
      return
    }
    out.sql += '('
    start()
    out.sql += ' - INTERVAL '
    // An hour that comes twice has two beginnings: the one at or before the instant itself.
    if (clock !== undefined) zoneSql(timeZone).fromUtc(value, write)
    else zoneSql(timeZone).fromWall(start, write)
    out.sql += ' SECOND)'
  }
}

/** Instants, dates and times plus or minus microseconds, and the microseconds between two of them. */
export function writeTemporal(node: ArithmeticNode, out: Output, expr: (side: SqlExpr) => void): void {
  const { op, kind } = node
  const dated = (side: SqlExpr): boolean => ['dateTime', 'date', 'time'].includes(kindOf(side) ?? '')
  /** As an instant: a time of day on some day. */
  const instant = (side: SqlExpr): void => {
    const time = kindOf(side) === 'time'
    out.sql += time ? "TIMESTAMP('2000-01-01', " : 'CAST('
    expr(side)
    out.sql += time ? ')' : ' AS DATETIME(6))'
  }
  if (dated(node.left) && dated(node.right)) {
    out.sql += 'TIMESTAMPDIFF(MICROSECOND, '
    instant(node.right)
    out.sql += ', '
    instant(node.left)
    out.sql += ')'
    return
  }
  const [date, span] = dated(node.left) ? [node.left, node.right] : [node.right, node.left]
  const target = kind === 'date' || kind === 'time' ? kind : null
  out.sql += target === null ? '(' : 'CAST(('
  instant(date)
  out.sql += ` ${op} INTERVAL `
  expr(span)
  out.sql += ' MICROSECOND)'
  if (target !== null) out.sql += target === 'date' ? ' AS DATE)' : ' AS TIME(6))'
}
