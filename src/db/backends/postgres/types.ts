/** Kinds as types of PostgreSQL. */
import type { ColumnType, Kind } from '../../kinds.ts'

const TYPES: Readonly<Record<Kind, string>> = {
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
}

/** The type of a column: `varchar(200)`, `numeric(10, 2)`. */
export function columnType({ kind, maxLength, maxDigits, decimalPlaces, declared }: ColumnType): string {
  if (declared?.postgres !== undefined) return declared.postgres
  if (kind === 'char' && maxLength !== undefined) return `varchar(${maxLength})`
  if (kind === 'decimal' && maxDigits !== undefined) return `numeric(${maxDigits}, ${decimalPlaces ?? 0})`
  return TYPES[kind]
}

/** The type that a value of a kind is sent as. Whole numbers go as the widest: a comparison is not the place to overflow. */
export function paramType(kind: Kind): string {
  if (kind === 'char') return 'text'
  return kind === 'integer' || kind === 'smallInteger' ? 'bigint' : TYPES[kind]
}
