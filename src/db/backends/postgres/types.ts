/** Kinds as types of PostgreSQL. */
import { type ColumnType, elementKind, isArrayKind, type Kind, type RangeKind, type ScalarKind } from '../../kinds.ts'

const TYPES: Readonly<Record<ScalarKind | RangeKind, string>> = {
  auto: 'bigint',
  char: 'varchar',
  text: 'text',
  integer: 'integer',
  smallInteger: 'smallint',
  bigInteger: 'bigint',
  float: 'double precision',
  decimal: 'numeric',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  duration: 'interval',
  dateTime: 'timestamp with time zone',
  json: 'jsonb',
  uuid: 'uuid',
  binary: 'bytea',
  integerRange: 'int4range',
  bigIntegerRange: 'int8range',
  decimalRange: 'numrange',
  dateRange: 'daterange',
  dateTimeRange: 'tstzrange',
}

/** The type of a column: `varchar(200)`, `numeric(10, 2)`. */
export function columnType(type: ColumnType): string {
  const { kind, maxLength, maxDigits, decimalPlaces, declared } = type
  if (declared?.postgres !== undefined) return declared.postgres
  if (isArrayKind(kind)) return `${columnType({ ...type, kind: elementKind(kind) })}[]`
  if (kind === 'char' && maxLength !== undefined) return `varchar(${maxLength})`
  if (kind === 'decimal' && maxDigits !== undefined) return `numeric(${maxDigits}, ${decimalPlaces ?? 0})`
  return TYPES[kind]
}

/**
 * A declared type as values are cast to it before they are written: without the length that a cast would cut them to. The
 * column refuses what is too long.
 */
export function writtenType(declared: string): string {
  return declared
    .replace(/^bit(?: varying)?(?: *\(\d+\))?(?=$|\[)/i, 'bit varying')
    .replace(/^(?:character|char|bpchar)(?: *\(\d+\))?(?=$|\[)/i, 'bpchar')
}

/** The type that a value of a kind is sent as. Whole numbers go as the widest: a comparison is not the place to overflow. */
export function paramType(kind: Kind): string {
  // An array is compared with one of its own type only.
  if (isArrayKind(kind)) return `${TYPES[elementKind(kind)]}[]`
  if (kind === 'char') return 'text'
  return kind === 'integer' || kind === 'smallInteger' ? 'bigint' : TYPES[kind]
}
