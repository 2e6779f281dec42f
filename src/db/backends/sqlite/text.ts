/** Pieces of SQL text for SQLite. */
import { ProgrammingError } from '../../errors.ts'
import type { ColumnType, Kind } from '../../kinds.ts'
import { FLOAT_DIGITS } from '../../sql/kinds.ts'
import type { DatePart } from '../../sql/nodes.ts'

/** Parts that are a format of strftime. */
export const STRFTIME: Partial<Record<DatePart, string>> = {
  year: '%Y',
  month: '%m',
  day: '%d',
  hour: '%H',
  minute: '%M',
  second: '%S',
  week: '%V',
}
/** Every part there is. */
export const PARTS: ReadonlySet<string> = new Set<DatePart>([
  ...(Object.keys(STRFTIME) as DatePart[]),
  'weekDay',
  'quarter',
  'date',
])
const CASTS: Readonly<Record<Kind, string>> = {
  auto: 'INTEGER',
  char: 'TEXT',
  text: 'TEXT',
  integer: 'INTEGER',
  smallInteger: 'INTEGER',
  bigInteger: 'INTEGER',
  float: 'REAL',
  decimal: 'NUMERIC',
  boolean: 'INTEGER',
  date: '%Y-%m-%d',
  time: '%H:%M:%f',
  duration: 'INTEGER',
  dateTime: '%Y-%m-%d %H:%M:%f',
  json: 'TEXT',
  uuid: 'TEXT',
  binary: 'BLOB',
}

/** Text between single quotes. @throws ProgrammingError db.invalid-sql for a NUL, which would end the statement. */
export function quoteText(value: string): string {
  if (value.includes('\0')) {
    throw new ProgrammingError('A constant in SQL has a NUL character.', { code: 'db.invalid-sql' })
  }
  return `'${value.replaceAll("'", "''")}'`
}

/** `$."key"[0]` as a quoted literal. Keys are written as JSON strings, so quotes in them stay inside (CVE-2019-14234). */
export function jsonPathLiteral(path: readonly (string | number)[]): string {
  let text = '$'
  for (const step of path) {
    text +=
      typeof step === 'number'
        ? step < 0
          ? `[#${Math.trunc(step)}]`
          : `[${Math.trunc(step)}]`
        : `.${JSON.stringify(step)}`
  }
  return quoteText(text)
}

/** The type a cast goes to, or the format of a date that it goes through. */
export function castForm(type: ColumnType): string {
  return type.kind === 'decimal' && (type.maxDigits ?? 0) > FLOAT_DIGITS ? 'TEXT' : CASTS[type.kind]
}
