/**
 * Indexes on expressions, and unique indexes over some rows. Neither is in MariaDB: their expressions become columns
 * that nobody sees (`INVISIBLE`, `VIRTUAL`: nothing is kept but in the index), and the index stands on those.
 */
import type { ColumnSpec, IndexPart, IndexSpec, TableSpec } from '../schema.ts'
import { constraintName } from './ddl.ts'

/** The name of the column behind one part of an index. */
export function hiddenName(index: string, part: number): string {
  return constraintName(index, [String(part)], 'key')
}

/** What an expression gives, as a column. Of long texts MariaDB keeps a hash in a unique index; MySQL needs a length. */
function hiddenType(part: IndexPart, unique: boolean, columns: readonly ColumnSpec[]): Partial<ColumnSpec> {
  const column = part.name === undefined ? undefined : columns.find(({ name }) => name === part.name)
  const type = (part.name === undefined ? part.type : column?.type) ?? { kind: 'text' }
  const collation = part.collation ?? column?.collation
  const more = collation === undefined ? {} : { collation }
  if (type.kind === 'auto') return { type: { kind: 'bigInteger' } }
  const long = (type.kind === 'char' && type.maxLength === undefined) || type.kind === 'text' || type.kind === 'json'
  if (!long) return { type, ...more }
  const mysql = unique ? '/*M! longtext *//*!80000 varchar(768) */' : 'longtext'
  return { type: { kind: 'text', declared: { mysql } }, ...more }
}

function needsNone({ columns, unique, where }: IndexSpec): boolean {
  return columns.every((part) => part.name !== undefined) && (unique !== true || where === undefined)
}

/**
 * A table as it is made: with the columns behind its indexes. Of a unique index with a condition the first part is
 * null where the condition does not hold, and nulls are all distinct.
 */
export function withHiddenColumns(table: TableSpec): TableSpec {
  if (table.indexes.every(needsNone)) return table
  const hidden: ColumnSpec[] = []
  const indexes = table.indexes.map((index): IndexSpec => {
    if (needsNone(index)) return index
    const { where, ...rest } = index
    const unique = index.unique === true
    const condition = unique ? where : undefined
    const columns = index.columns.map((part, i): IndexPart => {
      if (part.name !== undefined && (i > 0 || condition === undefined)) return part
      const value = part.name === undefined ? `(${part.sql})` : `"${part.name.replaceAll('"', '""')}"`
      const name = hiddenName(index.name, i)
      hidden.push({
        name,
        type: { kind: 'text' },
        ...hiddenType(part, unique, table.columns),
        null: true,
        generated: {
          sql: condition === undefined ? value : `CASE WHEN ${condition} THEN ${value} END`,
          stored: false,
          hidden: true,
        },
      })
      return { name, desc: part.desc }
    })
    return { ...rest, columns }
  })
  return { ...table, columns: [...table.columns, ...hidden], indexes }
}
