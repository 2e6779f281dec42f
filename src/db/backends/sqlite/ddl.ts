/** Tables and indexes as Django writes them on SQLite. */
import type { ScalarKind } from '../../kinds.ts'
import { FLOAT_DIGITS } from '../../sql/kinds.ts'
import { scalarKind } from '../refusals.ts'
import type { ColumnSpec, IndexSpec, TableSpec } from '../schema.ts'
import { foreignKeySql, indexSql, onDeleteSql, uniqueSql, unsupported } from '../table-parts.ts'
import { sqliteCompiler } from './compiler.ts'
import { sqliteFeatures } from './features.ts'
import { createFulltextSql, dropFulltextSql, isFulltext } from './fulltext.ts'

const quote = (name: string): string => sqliteCompiler.quote(name)
const names = (columns: readonly string[]): string => columns.map(quote).join(', ')

const TYPES: Readonly<Record<Exclude<ScalarKind, 'char' | 'decimal' | 'auto'>, string>> = {
  text: 'text',
  integer: 'integer',
  smallInteger: 'smallint',
  bigInteger: 'bigint',
  float: 'real',
  boolean: 'bool',
  date: 'date',
  time: 'time',
  duration: 'bigint',
  dateTime: 'datetime',
  json: 'text',
  uuid: 'char(32)',
  binary: 'BLOB',
}

/** The identity column of a table: SQLite's rowid, never given twice. */
export function isIdentity(table: TableSpec, column: ColumnSpec): boolean {
  return column.type.kind === 'auto' && table.primaryKey.length === 1 && table.primaryKey[0] === column.name
}

/** The declared type of a column. Decimals beyond 15 digits need text affinity: a number would be rounded. */
export function columnType(table: TableSpec, column: ColumnSpec): string {
  const { maxLength, maxDigits = 0, decimalPlaces = 0, declared } = column.type
  if (declared?.sqlite !== undefined) return declared.sqlite
  const kind = scalarKind(column.type.kind)
  if (kind === 'auto') return isIdentity(table, column) ? 'integer' : 'bigint'
  if (kind === 'char') return maxLength === undefined ? 'varchar' : `varchar(${maxLength})`
  if (kind === 'decimal') return maxDigits > FLOAT_DIGITS ? `decimal_text(${maxDigits}, ${decimalPlaces})` : 'decimal'
  return TYPES[kind]
}

/** The default kept by the database, as SQL; null where there is none. */
export function defaultSql(column: ColumnSpec): string | null {
  if (column.default === undefined) return null
  if ('function' in column.default) {
    return `(${sqliteCompiler.inline({ t: 'function', name: 'now', args: [], kind: column.type.kind }, [])})`
  }
  if ('sql' in column.default) return `(${column.default.sql})`
  return sqliteCompiler.literal(column.default.value, column.type.kind)
}

/** `"title" varchar(200) NOT NULL` */
export function columnSql(table: TableSpec, column: ColumnSpec): string {
  const parts = [quote(column.name), columnType(table, column)]
  if (column.collation !== undefined) parts.push(`COLLATE ${quote(column.collation)}`)
  parts.push(column.null ? 'NULL' : 'NOT NULL')
  if (column.generated !== undefined) {
    parts.push(`GENERATED ALWAYS AS (${column.generated.sql}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`)
  }
  const value = defaultSql(column)
  if (value !== null) parts.push(`DEFAULT ${value}`)
  if (table.primaryKey.length === 1 && table.primaryKey[0] === column.name) {
    parts.push(isIdentity(table, column) ? 'PRIMARY KEY AUTOINCREMENT' : 'PRIMARY KEY')
  } else if (column.unique) parts.push('UNIQUE')
  if (column.type.kind === 'json')
    parts.push(`CHECK ((JSON_VALID(${quote(column.name)}) OR ${quote(column.name)} IS NULL))`)
  if (column.references) {
    const { table: target, column: key, onDelete } = column.references
    parts.push(`REFERENCES ${quote(target)} (${quote(key)})${onDeleteSql(onDelete)} DEFERRABLE INITIALLY DEFERRED`)
  }
  return parts.join(' ')
}

/** `CREATE TABLE`, with another name where a table is rebuilt. */
export function createTableSql(table: TableSpec, name: string = table.name): string {
  const parts = table.columns.map((column) => columnSql(table, column))
  if (table.primaryKey.length > 1) parts.push(`PRIMARY KEY (${names(table.primaryKey)})`)
  for (const unique of table.uniques) {
    parts.push(`CONSTRAINT ${quote(unique.name)} ${uniqueSql(unique, sqliteFeatures, quote)}`)
  }
  for (const key of table.foreignKeys ?? []) {
    parts.push(`CONSTRAINT ${quote(key.name)} ${foreignKeySql(key, quote)} DEFERRABLE INITIALLY DEFERRED`)
  }
  for (const check of table.checks) parts.push(`CONSTRAINT ${quote(check.name)} CHECK (${check.sql})`)
  for (const other of table.constraints ?? []) {
    throw unsupported(`The constraint ${other.name} of ${table.name} is of a kind`, 'Leave it out on SQLite.')
  }
  return `CREATE TABLE ${quote(name)} (${parts.join(', ')})`
}

/** `CREATE INDEX`, or what one for searching is kept by. `name`: of the table as it is now. */
export function createIndexSql(table: TableSpec, index: IndexSpec, name: string = table.name): string[] {
  return isFulltext(index) ? createFulltextSql(table, index, name) : [indexSql(name, index, sqliteFeatures, quote)]
}
/** `DROP INDEX` */
export function dropIndexSql(index: IndexSpec): string[] {
  return isFulltext(index) ? dropFulltextSql(index) : [`DROP INDEX ${quote(index.name)}`]
}
