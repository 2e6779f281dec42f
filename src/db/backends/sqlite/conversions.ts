/** What a column's values become where its type changes. SQLite keeps any value in any column: it has to be said. */
import type { ColumnType, Kind } from '../../kinds.ts'

const WHOLE: ReadonlySet<Kind> = new Set(['auto', 'integer', 'smallInteger', 'bigInteger'])
const NUMBERS: ReadonlySet<Kind> = new Set([...WHOLE, 'float', 'decimal'])
const TEXTS: ReadonlySet<Kind> = new Set(['char', 'text'])

/**
 * A column as another type, as SQL. What is not said here changes by the new column's affinity, or stays as it is: a text
 * that is no number.
 */
export function converted(column: string, { kind: from, declared }: ColumnType, to: ColumnType): string {
  if (from === to.kind || declared !== undefined || to.declared !== undefined) return column
  if (NUMBERS.has(from)) {
    if (to.kind === 'boolean') return `(CAST(${column} AS REAL) <> 0)`
    return WHOLE.has(to.kind) && !WHOLE.has(from) ? `nuages_round(${column}, 0)` : column
  }
  if (from === 'date' && to.kind === 'dateTime') return `(${column} || ' 00:00:00')`
  if (from === 'dateTime' && to.kind === 'date') return `SUBSTR(${column}, 1, 10)`
  if (from === 'uuid' && TEXTS.has(to.kind)) return dashed(column)
  if (!TEXTS.has(from)) return column
  if (to.kind === 'uuid') return `LOWER(REPLACE(${column}, '-', ''))`
  if (to.kind === 'dateTime') return moment(column)
  if (to.kind === 'boolean') return `(CASE LOWER(${column}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE ${column} END)`
  return column
}

function dashed(column: string): string {
  const parts = [
    [1, 8],
    [9, 4],
    [13, 4],
    [17, 4],
    [21, 12],
  ]
  return `(${parts.map(([at, length]) => `SUBSTR(${column}, ${at}, ${length})`).join(" || '-' || ")})`
}

/** As moments are written: in UTC, with six digits of a second or none. What is written so keeps its microseconds. */
function moment(column: string): string {
  const [whole, fraction] = [`strftime('%Y-%m-%d %H:%M:%S', ${column})`, `SUBSTR(strftime('%f', ${column}), 3)`]
  const written = `${column} GLOB '????-??-?? ??:??:??' OR ${column} GLOB '????-??-?? ??:??:??.??????'`
  return `(CASE WHEN ${written} OR ${whole} IS NULL THEN ${column} WHEN ${fraction} = '.000' THEN ${whole} ELSE ${whole} || ${fraction} || '000' END)`
}
