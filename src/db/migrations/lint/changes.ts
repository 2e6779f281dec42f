/** Which of the changes that the linter knows an operation makes. */
import type { Backend } from '../../backends/backend.ts'
import type { ColumnSpec, IndexSpec, TableSpec } from '../../backends/schema.ts'
import { renamedIndexes, renamedTable } from '../../backends/table-parts.ts'
import type { TableComparison, TablePair } from '../table-changes.ts'
import { sameValue } from '../values.ts'
import type { Change, Heavy } from './facts.ts'

/** A change of a table that a migration makes, as it is judged by what it locks. */
export interface Found {
  readonly change: Change
  readonly table: string
  /** What of the table: a column, index or constraint; empty for the table itself. */
  readonly name: string
  /** Other tables that it refers to, or referred to. */
  readonly refers: readonly string[]
  /** The heaviest index that the table has before and after. */
  readonly heavy: Heavy | null
}

/** The changes between two states of tables. `online`: in the form that an operation asks for. */
export function changesOf(
  backend: Backend,
  { created, dropped, pairs }: TableComparison,
  online?: 'whole' | 'unchecked',
): Found[] {
  return [
    ...created.map(({ spec }) => whole('createTable', spec)),
    ...dropped.map(({ spec }) => whole('dropTable', spec)),
    ...pairs.flatMap((pair) => ofPair(backend, pair, pairs, online)),
  ]
}

function whole(change: Change, table: TableSpec): Found {
  const refers = [
    ...table.columns.flatMap(({ references }) => references?.table ?? []),
    ...(table.foreignKeys ?? []).map((key) => key.table),
  ].filter((name) => name !== table.name)
  return { change, table: table.name, name: '', refers: [...new Set(refers)], heavy: null }
}

/** See {@link Heavy}: an index over a computed column, or with an expression or a condition, which become such columns. */
function heavyOf({ columns, indexes, uniques }: TableSpec): Heavy | null {
  const virtual = new Set(columns.flatMap(({ name, generated }) => (generated && !generated.stored ? name : [])))
  const isComputed =
    columns.some(({ name, unique }) => unique && virtual.has(name)) ||
    uniques.some((unique) => unique.columns.some((name) => virtual.has(name))) ||
    indexes.some(
      (index) =>
        (index.unique && index.where !== undefined) ||
        (!isSearch(index) && index.columns.some(({ name }) => name === undefined || virtual.has(name))),
    )
  return isComputed ? 'computed' : indexes.some(isSearch) ? 'search' : null
}

const isSearch = ({ method }: IndexSpec): boolean => method === 'fulltext'

/** The table with its references to others as they are after those are renamed: they follow by themselves. */
function followed(table: TableSpec, pairs: readonly TablePair[]): TableSpec {
  const moved = new Map(pairs.map(({ was, is, renamed }) => [was.spec.name, { name: is.spec.name, renamed }]))
  const nameOf = (target: string) => moved.get(target)?.name ?? target
  const columnOf = (target: string, column: string) => moved.get(target)?.renamed[column] ?? column
  return {
    ...table,
    columns: table.columns.map((column) => {
      const { references: to } = column
      if (to === undefined) return column
      return { ...column, references: { ...to, table: nameOf(to.table), column: columnOf(to.table, to.column) } }
    }),
    ...(table.foreignKeys && {
      foreignKeys: table.foreignKeys.map((key) => ({
        ...key,
        table: nameOf(key.table),
        targets: key.targets.map((column) => columnOf(key.table, column)),
      })),
    }),
  }
}

function ofPair(
  backend: Backend,
  pair: TablePair,
  pairs: readonly TablePair[],
  online?: 'whole' | 'unchecked',
): Found[] {
  const { was, is, renamed, fill } = pair
  const [old, now] = [was.spec, is.spec]
  const found: Found[] = []
  const isPostgres = backend.features.vendor === 'postgres'
  const heavy = heavyOf(old) && heavyOf(now)
  const note = (change: Change, name = '', to?: string) =>
    found.push({ change, table: now.name, name, refers: to === undefined || to === now.name ? [] : [to], heavy })
  if (old.name !== now.name) note('renameTable')
  for (const [from, to] of Object.entries(renamed)) if (from !== to) note('renameColumn', to)
  const moved = followed(
    renamedTable(old, now.name, (name) => renamed[name] ?? name),
    pairs,
  )
  const before = new Map(moved.columns.map((column) => [column.name, column]))
  const fresh = new Set<string>()
  for (const column of now.columns) {
    const known = before.get(column.name)
    if (known === undefined) {
      fresh.add(column.name)
      note(added(column, column.name in fill), column.name)
      if (column.references) {
        const isAlone = isPostgres || isNull(column, fresh, fill)
        note(isAlone ? 'addForeignKeyColumn' : 'addForeignKey', column.name, column.references.table)
      }
      if (column.unique) note('addUnique', column.name)
    } else {
      const changes = new Set(altered(backend, moved, now, known, column))
      if (known.references && namesReference(backend, pair, column)) changes.add('addForeignKey')
      for (const change of changes)
        note(
          change === 'setNotNull' && online === 'whole' ? 'validateConstraint' : change,
          column.name,
          (change === 'dropForeignKey' ? known : column).references?.table,
        )
    }
  }
  const kept = new Set(now.columns.map(({ name }) => name))
  for (const { name, references } of moved.columns) {
    if (kept.has(name)) continue
    note('dropColumn', name)
    if (references) note('dropForeignKey', name, references.table)
  }
  // Renamed in place; SQLite makes them anew, which stops nobody that its one writer does not.
  const names = renamedIndexes(moved.indexes, now.indexes)
  const same = new Set(names.values())
  compare(
    moved.indexes.filter((index) => !same.has(index)),
    now.indexes.filter(({ name }) => !names.has(name)),
    (index) => note(indexed(index, isPostgres, online), index.name),
    (index) => note(isSearch(index) ? 'dropSearchIndex' : 'dropIndex', index.name),
  )
  compare(
    moved.uniques,
    now.uniques,
    ({ name }) => note('addUnique', name),
    ({ name }) => note('dropUnique', name),
  )
  compare(
    moved.checks,
    now.checks,
    ({ name }) => note(online === 'unchecked' ? 'addCheckNotValid' : 'addCheck', name),
    ({ name }) => note('dropConstraint', name),
  )
  compare(
    moved.constraints ?? [],
    now.constraints ?? [],
    ({ name }) => note('addUnique', name),
    ({ name }) => note('dropConstraint', name),
  )
  compare(
    moved.foreignKeys ?? [],
    now.foreignKeys ?? [],
    ({ name, columns, table }) => {
      const isEmpty = now.columns.some((column) => columns.includes(column.name) && isNull(column, fresh, fill))
      note(isEmpty ? 'addForeignKeyColumn' : 'addForeignKey', name, table)
    },
    ({ name, table }) => note('dropForeignKey', name, table),
  )
  compare(
    moved.triggers ?? [],
    now.triggers ?? [],
    ({ name }) => note('changeTrigger', name),
    ({ name }) => (now.triggers ?? []).some((each) => each.name === name) || note('changeTrigger', name),
  )
  return found
}

/**
 * Whether MariaDB makes a reference again to give it another name, from that of its table and column: where it stands on an
 * index of the server's own, which no index of the table's spares.
 */
function namesReference({ features }: Backend, { was, is, renamed }: TablePair, column: ColumnSpec): boolean {
  if (features.vendor !== 'mysql' || column.references === undefined) return false
  const { columns, primaryKey, uniques, indexes } = is.spec
  const leads =
    primaryKey[0] === column.name ||
    columns.some(({ name, unique }) => unique && name === column.name) ||
    uniques.some((unique) => unique.columns[0] === column.name) ||
    indexes.some((index) => !isSearch(index) && index.columns[0]!.name === column.name)
  return !leads && (was.spec.name !== is.spec.name || Object.values(renamed).includes(column.name))
}

/** PostgreSQL makes a unique index as any other; as a constraint it takes a stronger lock. */
function indexed(index: IndexSpec, isPostgres: boolean, online?: 'whole' | 'unchecked'): Change {
  if (online === 'whole') return 'addIndexConcurrently'
  return isSearch(index) ? 'addSearchIndex' : index.unique && !isPostgres ? 'addUnique' : 'addIndex'
}

/** Of a new column: whether every row holds null. */
function isNull(
  { name, null: nullable, default: value }: ColumnSpec,
  fresh: ReadonlySet<string>,
  fill: object,
): boolean {
  return fresh.has(name) && nullable && value === undefined && !(name in fill)
}

function added(column: ColumnSpec, filled: boolean): Change {
  if (column.generated?.stored) return 'addColumnComputed'
  if (column.default !== undefined && 'sql' in column.default) return 'addColumnVolatile'
  return column.null || (column.default !== undefined && !filled) || column.generated ? 'addColumn' : 'addColumnNotNull'
}

function altered(backend: Backend, before: TableSpec, after: TableSpec, old: ColumnSpec, now: ColumnSpec): Change[] {
  const found: Change[] = []
  const text = (table: TableSpec, column: ColumnSpec) => backend.schema.columnText?.(table, column)
  const [was, is] = [text(before, old), text(after, now)]
  if (was?.type !== is?.type || old.collation !== now.collation)
    found.push(widens(backend, old, now) ? 'widenText' : 'alterType')
  else if (!sameValue(old.generated, now.generated))
    found.push(now.generated && !now.generated.stored ? 'addColumn' : 'addColumnComputed')
  if (old.null && !now.null) found.push('setNotNull')
  if (!old.null && now.null) found.push('dropNotNull')
  if (was?.default !== is?.default) found.push('alterDefault')
  if (!old.unique && now.unique) found.push('addUnique')
  if (old.unique && !now.unique) found.push('dropUnique')
  if (!sameValue(old.references, now.references)) {
    if (old.references !== undefined) found.push('dropForeignKey')
    if (now.references !== undefined) found.push('addForeignKey')
  }
  return found
}

/**
 * More room, which no row notices. MariaDB keeps a text's length in one byte, or in two where there may be more than 255
 * bytes: up to 127 look the same in both, so that it is 31 letters or less, or both on the same side of 63.
 */
function widens({ features }: Backend, old: ColumnSpec, now: ColumnSpec): boolean {
  if (old.type.declared !== undefined || now.type.declared !== undefined) return false
  const { vendor } = features
  if (vendor === 'postgres' && old.type.kind === 'decimal' && now.type.kind === 'decimal')
    return old.type.decimalPlaces === now.type.decimalPlaces && old.type.maxDigits! <= now.type.maxDigits! // always given
  if (old.type.kind !== 'char' || old.type.maxLength === undefined || old.collation !== now.collation) return false
  if (vendor === 'postgres' && now.type.kind === 'text') return true
  const room = now.type.kind === 'char' ? now.type.maxLength : undefined
  if (room === undefined || room < old.type.maxLength) return false
  return vendor !== 'mysql' || old.type.maxLength <= 31 || old.type.maxLength > 63 || room <= 63
}

function compare<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
  come: (item: T) => void,
  go: (item: T) => void,
): void {
  for (const item of before) if (!after.some((each) => sameValue(each, item))) go(item)
  for (const item of after) if (!before.some((each) => sameValue(each, item))) come(item)
}
