/** Which of the changes that the linter knows an operation makes. */
import type { Backend } from '../../backends/backend.ts'
import type { ColumnSpec, TableSpec } from '../../backends/schema.ts'
import { renamedIndexes, renamedTable } from '../../backends/table-parts.ts'
import type { TableComparison, TablePair } from '../table-changes.ts'
import { sameValue } from '../values.ts'
import type { Change } from './facts.ts'

/** A change of a table that a migration makes, as it is judged by what it locks. */
export interface Found {
  readonly change: Change
  readonly table: string
  /** What of the table: a column, index or constraint; empty for the table itself. */
  readonly name: string
}

/** The changes between two states of tables. `online`: in the form that an operation asks for. */
export function changesOf(
  backend: Backend,
  { created, dropped, pairs }: TableComparison,
  online?: 'whole' | 'unchecked',
): Found[] {
  return [
    ...created.map(({ spec }): Found => ({ change: 'createTable', table: spec.name, name: '' })),
    ...dropped.map(({ spec }): Found => ({ change: 'dropTable', table: spec.name, name: '' })),
    ...pairs.flatMap((pair) => ofPair(backend, pair, pairs, online)),
  ]
}

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
  const note = (change: Change, name = '') => found.push({ change, table: now.name, name })
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
      if (column.unique) note('addUnique', column.name)
    } else {
      const changes = new Set(altered(backend, moved, now, known, column))
      if (known.references && namesReference(backend, pair, column)) changes.add('addForeignKey')
      for (const change of changes)
        note(change === 'setNotNull' && online === 'whole' ? 'validateConstraint' : change, column.name)
    }
  }
  const kept = new Set(now.columns.map(({ name }) => name))
  for (const { name } of moved.columns) if (!kept.has(name)) note('dropColumn', name)
  // Renamed in place; SQLite makes them anew, which stops nobody that its one writer does not.
  const names = renamedIndexes(moved.indexes, now.indexes)
  const same = new Set(names.values())
  compare(
    moved.indexes.filter((index) => !same.has(index)),
    now.indexes.filter(({ name }) => !names.has(name)),
    (index) => note(online === 'whole' ? 'addIndexConcurrently' : index.unique ? 'addUnique' : 'addIndex', index.name),
    ({ name }) => note('dropIndex', name),
  )
  compare(
    moved.uniques,
    now.uniques,
    ({ name }) => note('addUnique', name),
    ({ name }) => note('dropConstraint', name),
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
    (key) => key.columns.every((name) => fresh.has(name)) || note('addForeignKey', key.name),
    ({ name }) => note('dropConstraint', name),
  )
  compare(
    moved.triggers ?? [],
    now.triggers ?? [],
    ({ name }) => note('changeTrigger', name),
    ({ name }) => (now.triggers ?? []).some((each) => each.name === name) || note('changeTrigger', name),
  )
  return found
}

/** Whether a reference gets another name: from that of its table and column, and MariaDB makes it again. */
function namesReference({ features }: Backend, { was, is, renamed }: TablePair, column: ColumnSpec): boolean {
  if (features.vendor !== 'mysql' || column.references === undefined) return false
  return was.spec.name !== is.spec.name || Object.values(renamed).includes(column.name)
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
  else if (!sameValue(old.generated, now.generated)) found.push('addColumnComputed')
  if (old.null && !now.null) found.push('setNotNull')
  if (!old.null && now.null) found.push('dropNotNull')
  if (was?.default !== is?.default) found.push('alterDefault')
  if (!old.unique && now.unique) found.push('addUnique')
  if (old.unique && !now.unique) found.push('dropConstraint')
  if (now.references !== undefined && !sameValue(old.references, now.references)) found.push('addForeignKey')
  if (old.references !== undefined && now.references === undefined) found.push('dropConstraint')
  return found
}

/** More room for text, which no row notices: MariaDB keeps the length in one byte up to 255 of them, 63 letters. */
function widens({ features }: Backend, old: ColumnSpec, now: ColumnSpec): boolean {
  if (old.type.kind !== 'char' || old.type.maxLength === undefined || old.collation !== now.collation) return false
  if (old.type.declared !== undefined || now.type.declared !== undefined) return false
  if (features.vendor === 'postgres' && now.type.kind === 'text') return true
  const room = now.type.kind === 'char' ? now.type.maxLength : undefined
  if (room === undefined || room < old.type.maxLength) return false
  return features.vendor !== 'mysql' || old.type.maxLength > 63 || room <= 63
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
