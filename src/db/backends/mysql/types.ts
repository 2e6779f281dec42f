/** Kinds as types of MariaDB and MySQL, as Django declares them. */
import type { ColumnType, Kind, ScalarKind } from '../../kinds.ts'
import { scalarKind } from '../refusals.ts'

const TYPES: Readonly<Record<ScalarKind, string>> = {
  auto: 'bigint',
  char: 'longtext',
  text: 'longtext',
  integer: 'integer',
  smallInteger: 'smallint',
  bigInteger: 'bigint',
  float: 'double precision',
  decimal: 'decimal(65, 30)',
  boolean: 'bool',
  date: 'date',
  time: 'time(6)',
  duration: 'bigint',
  dateTime: 'datetime(6)',
  json: 'json',
  // MariaDB has the type since 10.7, and Django uses it since 5.0.
  uuid: '/*M! uuid *//*!80000 char(32) */',
  binary: 'longblob',
}
/** Characters a varchar may have beside other columns: a row has 65,535 bytes. */
const LONGEST = 16_383

/** The type of a column: `varchar(200)`, `decimal(10, 2)`. */
export function columnType({ kind, maxLength, maxDigits, decimalPlaces, declared }: ColumnType): string {
  if (declared?.mysql !== undefined) return declared.mysql
  if (kind === 'char' && maxLength !== undefined && maxLength <= LONGEST) return `varchar(${maxLength})`
  if (kind === 'decimal' && maxDigits !== undefined) return `decimal(${maxDigits}, ${decimalPlaces ?? 0})`
  return TYPES[scalarKind(kind)]
}

/** Types of JSON_TABLE's columns, which lists of values are read with. */
const LISTED: Readonly<Record<ScalarKind, string>> = {
  ...TYPES,
  char: 'longtext',
  integer: 'bigint',
  smallInteger: 'bigint',
  boolean: 'tinyint',
  float: 'double',
  json: 'longtext',
  uuid: 'char(32)',
  binary: 'longtext',
}

/** The type that members of a list are read as. Texts no longer than their column are short enough for memory. */
export function listedType(kind: Kind, maxLength?: number): string {
  return kind === 'char' && maxLength !== undefined && maxLength <= LONGEST
    ? `varchar(${maxLength})`
    : LISTED[scalarKind(kind)]
}

/** What CAST takes. */
const CASTS: Readonly<Record<ScalarKind, string>> = {
  auto: 'SIGNED',
  char: 'CHAR',
  text: 'CHAR',
  integer: 'SIGNED',
  smallInteger: 'SIGNED',
  bigInteger: 'SIGNED',
  float: 'DOUBLE',
  decimal: 'DECIMAL(65, 30)',
  boolean: 'SIGNED',
  date: 'DATE',
  time: 'TIME(6)',
  duration: 'SIGNED',
  dateTime: 'DATETIME(6)',
  json: 'CHAR',
  uuid: 'CHAR',
  binary: 'BINARY',
}

/** The type a cast goes to. */
export function castType({ kind, maxLength, maxDigits, decimalPlaces }: ColumnType): string {
  if (kind === 'char' && maxLength !== undefined) return `CHAR(${maxLength})`
  if (kind === 'decimal' && maxDigits !== undefined) return `DECIMAL(${maxDigits}, ${decimalPlaces ?? 0})`
  return CASTS[scalarKind(kind)]
}

/** Columns whose text or bytes are kept beside the row: an index takes their beginning, a default stands in parentheses. */
export function isLong(type: ColumnType): boolean {
  return /^(?:tiny|medium|long)?(?:text|blob)|^json/.test(columnType(type))
}
