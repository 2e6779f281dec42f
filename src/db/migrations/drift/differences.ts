/** What tells two tables apart, part by part: one as migrations have it, one as the database has it. */
import type { Backend } from '../../backends/backend.ts'
import type { Beyond, ColumnSpec, ForeignKeySpec, IndexSpec, TableSpec } from '../../backends/schema.ts'
import { foreignKeySql, indexSql, uniqueSql } from '../../backends/table-parts.ts'

/** Part of a table. */
export type DriftPart =
  | 'table'
  | 'column'
  | 'type'
  | 'nullability'
  | 'default'
  | 'generation'
  | 'behaviour'
  | 'collation'
  | 'comment'
  | 'reference'
  | 'primary key'
  | 'unique constraint'
  | 'index'
  | 'check'
  | 'constraint'
  | 'trigger'

/** One difference. */
export interface Drift {
  readonly table: string
  readonly part: DriftPart
  /** Of the column, index, constraint or trigger; empty where it is the table's own. */
  readonly name: string
  /** By the migrations; null: there should be none. */
  readonly expected: string | null
  /** In the database; null: there is none. */
  readonly found: string | null
}

/** Compares a table of the migrations, in the database's own spelling, with the one that is there. */
export function differences(backend: Backend, expected: TableSpec, found: TableSpec): Drift[] {
  const table = expected.name
  const list: Drift[] = []
  const note = (part: DriftPart, name: string, one: string | null, other: string | null) => {
    if (one !== other) list.push({ table, part, name, expected: one, found: other })
  }
  const { quote } = backend.compiler
  const names = (columns: readonly string[]) => columns.join(', ')
  for (const [name, column, there] of pairs(expected.columns, found.columns)) {
    if (column === null || there === null) {
      const text = (of: TableSpec, each: ColumnSpec | null) => (each === null ? null : columnWords(backend, of, each))
      note('column', name, text(expected, column), text(found, there))
      continue
    }
    const [words, their] = [columnText(backend, expected, column), columnText(backend, found, there)]
    note('type', name, words.type, their.type)
    // A computed column has no say in it on some databases.
    if (column.generated === undefined)
      note('nullability', name, column.null ? 'null' : 'not null', there.null ? 'null' : 'not null')
    if (column.generated === undefined && there.generated === undefined)
      note('default', name, words.default, their.default)
    note('generation', name, generation(column), generation(there))
    note('behaviour', name, column.beyond ?? null, there.beyond ?? null)
    note('collation', name, column.collation ?? null, there.collation ?? null)
    if (backend.features.comments) note('comment', name, column.comment ?? null, there.comment ?? null)
    note('reference', name, reference(column), reference(there))
    note('unique constraint', name, column.unique ? name : null, there.unique ? name : null)
  }
  note('behaviour', '', expected.beyond ?? null, found.beyond ?? null)
  note('primary key', '', names(expected.primaryKey), names(found.primaryKey))
  // Where a unique index is a constraint, or read as one, both are looked at as constraints.
  const [mine, theirs] = [split(backend, expected), split(backend, found)]
  for (const [name, one, other] of pairs(mine.uniques, theirs.uniques)) {
    const text = (each: TableSpec['uniques'][number] | null) =>
      each && quietly(() => uniqueSql(each, backend.features, (id) => id), names(each.columns))
    note('unique constraint', name, text(one), text(other))
  }
  for (const [name, one, other] of pairs(mine.indexes, theirs.indexes)) {
    const text = (each: IndexSpec) =>
      each.method === 'fulltext'
        ? `fulltext (${each.columns.map((part) => part.name ?? part.sql).join(', ')})`
        : quietly(() => indexSql(table, each, backend.features, quote), JSON.stringify(each))
    note('index', name, one && text(one) + beyond(one), other && text(other) + beyond(other))
  }
  for (const [name, one, other] of pairs(expected.checks, found.checks))
    note('check', name, one?.sql ?? null, other?.sql ?? null)
  for (const [name, one, other] of pairs(expected.constraints ?? [], found.constraints ?? []))
    note('constraint', name, one?.sql ?? null, other?.sql ?? null)
  for (const [name, one, other] of pairs(expected.foreignKeys ?? [], found.foreignKeys ?? []))
    note('reference', name, one && keyText(one), other && keyText(other))
  if (backend.features.comments) note('comment', '', expected.comment ?? null, found.comment ?? null)
  return list
}

/** Parts of both sides by name; null where one has none. */
function pairs<T extends { readonly name: string }>(
  one: readonly T[],
  other: readonly T[],
): [string, T | null, T | null][] {
  const theirs = new Map(other.map((each) => [each.name, each]))
  const own = new Set(one.map(({ name }) => name))
  return [
    ...one.map((each): [string, T, T | null] => [each.name, each, theirs.get(each.name) ?? null]),
    ...other.filter(({ name }) => !own.has(name)).map((each): [string, null, T] => [each.name, null, each]),
  ]
}

function split({ features }: Backend, spec: TableSpec): Pick<TableSpec, 'uniques' | 'indexes'> {
  // SQLite keeps a constraint as an index; Django makes the index itself.
  const isPlain = features.vendor === 'sqlite'
  if (features.uniqueIndexes && !isPlain) return spec
  const alike = spec.indexes.filter(
    ({ unique, columns, where }) =>
      unique && columns.every(({ name, desc }) => name !== undefined && !(isPlain && desc)) && !(isPlain && where),
  )
  return {
    uniques: [
      ...spec.uniques,
      ...alike.map(({ name, columns }) => ({ name, columns: columns.map((part) => part.name!) })), // plain ones only
    ],
    indexes: spec.indexes.filter((index) => !alike.includes(index)),
  }
}

function columnText({ schema }: Backend, table: TableSpec, column: ColumnSpec) {
  return (
    schema.columnText?.(table, column) ?? {
      type: JSON.stringify(column.type),
      default: column.default === undefined ? null : JSON.stringify(column.default),
    }
  )
}

function columnWords(backend: Backend, table: TableSpec, column: ColumnSpec): string {
  const { type, default: value } = columnText(backend, table, column)
  return `${type}${column.null ? '' : ' not null'}${value === null ? '' : ` default ${value}`}`
}

function generation({ generated }: ColumnSpec): string | null {
  return generated === undefined ? null : `${generated.sql}${generated.stored ? ' stored' : ''}`
}

function reference({ references }: ColumnSpec): string | null {
  if (references === undefined) return null
  const { table, column, onDelete } = references
  return `${table}.${column}${onDelete === undefined ? '' : ` on delete ${onDelete}`}${beyond(references)}`
}

const keyText = (key: ForeignKeySpec): string => foreignKeySql(key, (id) => id) + beyond(key)
const beyond = (part: { readonly beyond?: Beyond }): string => (part.beyond === undefined ? '' : ` ${part.beyond}`)

/** Text of what the database could not make is what it is called. */
function quietly(text: () => string, otherwise: string): string {
  try {
    return text()
  } catch {
    return otherwise
  }
}
