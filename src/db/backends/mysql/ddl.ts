/** Tables and indexes as Django writes them on MariaDB and MySQL. */

import { charactersOf } from '../../kinds.ts'
import { type ConstraintNamer, constraintNames } from '../constraint-names.ts'
import type { ColumnSpec, IndexSpec, TableSpec, UniqueSpec } from '../schema.ts'
import { onDeleteSql, indexSql as sharedIndexSql, shorterKey, uniqueSql, unsupported } from '../table-parts.ts'
import { mysqlCompiler } from './compiler.ts'
import { mysqlFeatures } from './features.ts'
import { columnType, isLong } from './types.ts'

/** The server refuses longer ones. */
export const constraintName: ConstraintNamer = constraintNames(64)

export const quote = (name: string): string => mysqlCompiler.quote(name)
const names = (columns: readonly string[]): string => columns.map(quote).join(', ')

/** Characters of a long text that an index takes. */
const PREFIX = 255

/** Whether the server numbers the column's rows. */
export function isIdentity(table: TableSpec, column: ColumnSpec): boolean {
  return column.type.kind === 'auto' && table.primaryKey.length === 1 && table.primaryKey[0] === column.name
}

/** A value as a default. Texts kept beside the row take an expression only. */
export function literalDefault(value: unknown, { type }: ColumnSpec): string {
  const text = mysqlCompiler.literal(value, type.kind)
  return isLong(type) || text.startsWith('CONVERT') ? `(${text})` : text
}

/** The default kept by the database, as SQL; null where there is none. */
export function defaultSql(column: ColumnSpec): string | null {
  if (column.default === undefined) return null
  if ('value' in column.default) return literalDefault(column.default.value, column)
  if ('sql' in column.default) return `(${column.default.sql})`
  return `(${mysqlCompiler.inline({ t: 'function', name: 'now', args: [], kind: column.type.kind }, [])})`
}

/** The type with its collation. */
export function typeSql({ type, collation }: ColumnSpec): string {
  return columnType(type) + (collation === undefined ? '' : ` COLLATE ${quote(collation)}`)
}

/** A comment takes no text in hexadecimal; a backslash is a letter in our sessions (session.ts). */
export function commentText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** `"title" varchar(200) NOT NULL`; keys and references are constraints with names of their own. */
export function columnSql(table: TableSpec, column: ColumnSpec, value: string | null = defaultSql(column)): string {
  const parts = [quote(column.name), typeSql(column)]
  // What a column is computed from says whether it may be null; MariaDB takes no word about it.
  if (column.generated !== undefined) {
    parts.push(`AS (${column.generated.sql}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`)
    if (column.generated.hidden) parts.push('INVISIBLE')
  } else {
    parts.push(column.null ? 'NULL' : 'NOT NULL')
    if (isIdentity(table, column)) parts.push('AUTO_INCREMENT')
    if (value !== null) parts.push(`DEFAULT ${value}`)
  }
  if (column.comment !== undefined) parts.push(`COMMENT ${commentText(column.comment)}`)
  return parts.join(' ')
}

/** A constraint of a table: its name, what it says, and how it is dropped. */
export interface ConstraintSql {
  readonly name: string
  readonly kind: 'primaryKey' | 'unique' | 'foreignKey' | 'check'
  readonly columns: readonly string[]
  readonly sql: string
}

/** Every constraint of a table but NOT NULL. */
export function constraintsOf(table: TableSpec): ConstraintSql[] {
  const found: ConstraintSql[] = []
  const { primaryKey } = table
  if (primaryKey.length > 0) {
    found.push({ name: 'PRIMARY', kind: 'primaryKey', columns: primaryKey, sql: `PRIMARY KEY (${names(primaryKey)})` })
  }
  const unique = (spec: UniqueSpec): void => {
    const { name, columns } = spec
    found.push({ name, kind: 'unique', columns, sql: uniqueSql(spec, mysqlFeatures, quote) })
  }
  for (const column of table.columns) {
    const isKey = primaryKey.length === 1 && primaryKey[0] === column.name
    if (column.unique && !isKey) {
      unique({ name: constraintName(table.name, [column.name], 'uniq'), columns: [column.name] })
    }
  }
  for (const spec of table.uniques) unique(spec)
  for (const column of table.columns) {
    if (!column.references) continue
    const { table: target, column: key, onDelete } = column.references
    const points = `FOREIGN KEY (${quote(column.name)}) REFERENCES ${quote(target)} (${quote(key)})`
    // InnoDB has the words, and refuses the row all the same.
    if (onDelete === 'setDefault') {
      throw unsupported(`${table.name}.${column.name} takes its default when the row it refers to goes`, 'Use setNull.')
    }
    const sql = points + onDeleteSql(onDelete)
    found.push({ name: referenceName(table, column), kind: 'foreignKey', columns: [column.name], sql })
  }
  for (const { name, columns, table: target, targets, onDelete } of table.foreignKeys ?? []) {
    const sql = `FOREIGN KEY (${names(columns)}) REFERENCES ${quote(target)} (${names(targets)})${onDeleteSql(onDelete)}`
    found.push({ name, kind: 'foreignKey', columns, sql })
  }
  for (const { name, sql } of table.checks) found.push({ name, kind: 'check', columns: [], sql: `CHECK (${sql})` })
  return found
}

/** The name of a reference, and of the index that the server makes for it. A table that is renamed keeps them. */
function referenceName(table: TableSpec, column: ColumnSpec): string {
  return column.references?.name ?? constraintName(table.name, [column.name], 'fk')
}

export function constraintSql({ name, kind, sql }: ConstraintSql): string {
  return kind === 'primaryKey' ? sql : `CONSTRAINT ${quote(name)} ${sql}`
}

/** @throws NotSupportedError db.unsupported-constraint for a key that no index holds: the server takes no beginnings of keys */
function refuseLongKey({ name, columns, primaryKey }: TableSpec): void {
  const keys = columns.filter((column) => primaryKey.includes(column.name))
  const length = keys.reduce((sum, { type }) => sum + charactersOf(type, 'mysql'), 0)
  if (length <= mysqlFeatures.longestKey) return
  throw unsupported(
    `The key of the table ${name} (${primaryKey.join(', ')}) may have more than ${mysqlFeatures.longestKey} characters`,
    shorterKey(mysqlFeatures),
  )
}

/** `CREATE TABLE`, its indexes with it: one statement, which is done as a whole or not at all. */
export function createTableSql(table: TableSpec): string {
  refuseLongKey(table)
  const parts = table.columns.map((column) => columnSql(table, column))
  for (const constraint of constraintsOf(table)) parts.push(constraintSql(constraint))
  for (const index of table.indexes) parts.push(...indexParts(table, index))
  const comment = table.comment === undefined ? '' : ` COMMENT = ${commentText(table.comment)}`
  return `CREATE TABLE ${quote(table.name)} (${parts.join(', ')})${comment}`
}

/**
 * `INDEX "name" ("title", "number" DESC)`, for CREATE TABLE and ALTER TABLE.
 *
 * One for searching is over a column of its name, which holds the text of its columns and shows to nobody: the columns
 * themselves compare by case, and so would the search.
 * @throws NotSupportedError db.unsupported-constraint for what would give other rows
 */
export function indexParts(table: TableSpec, index: IndexSpec): string[] {
  if (index.method !== 'fulltext') return [indexSql(table, index)]
  sharedIndexSql(table.name, index, mysqlFeatures, quote) // refuses what cannot be
  const name = quote(index.name)
  const texts = index.columns.map((part) => quote(part.name!)).join(', ') // no expressions: see above
  return [
    `${name} longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (CONCAT_WS(' ', ${texts})) STORED INVISIBLE`,
    `FULLTEXT INDEX ${name} (${name})`,
  ]
}

/** What ALTER TABLE drops of an index. */
export function dropIndexParts(index: IndexSpec): string[] {
  const name = quote(index.name)
  return index.method === 'fulltext' ? [`DROP INDEX ${name}`, `DROP COLUMN ${name}`] : [`DROP INDEX ${name}`]
}

function indexSql(table: TableSpec, index: IndexSpec): string {
  sharedIndexSql(table.name, index, mysqlFeatures, quote) // refuses what cannot be
  const columns = index.columns.map(({ name, desc }) => {
    const type = table.columns.find((column) => column.name === name)?.type
    const long = type !== undefined && (isLong(type) || (type.maxLength ?? 0) > mysqlFeatures.longestKey)
    return `${quote(name!)}${long && !index.unique ? `(${PREFIX})` : ''}${desc ? ' DESC' : ''}`
  })
  return `${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} (${columns.join(', ')})`
}
