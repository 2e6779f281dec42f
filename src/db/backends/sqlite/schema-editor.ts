/**
 * Changes of tables. SQLite alters little in place: other changes rebuild the table as its documentation says
 * (sqlite.org/lang_altertable.html#otheralter): new table, copy, drop, rename, indexes. Run the statements in
 * `atomic(…, { schemaChange: true })`, which keeps references from being enforced on the way and checks them at the end.
 */
import type { ColumnSpec, IndexSpec, SchemaEditor, TableSpec } from '../schema.ts'
import {
  hasText,
  indexSql,
  missingFill,
  type Rename,
  renamedForeignKey,
  renamedIndex,
  renamedText,
  renamedUnique,
  triggerChanges,
} from '../table-parts.ts'
import { sqliteCompiler } from './compiler.ts'
import { converted } from './conversions.ts'
import { columnSql, columnType, createIndexSql, createTableSql, defaultSql, dropIndexSql, isIdentity } from './ddl.ts'
import { sqliteFeatures } from './features.ts'
import { dropFulltextSql, isFulltext } from './fulltext.ts'
import { createTriggerSql, dropTriggerSql } from './triggers.ts'

const quote = (name: string): string => sqliteCompiler.quote(name)
const text = (name: string): string => `'${name.replaceAll("'", "''")}'`

type AlterOptions = Parameters<SchemaEditor['alterTable']>[2]

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** A column as SQL says it, for comparing; the name aside. */
function shape(table: TableSpec, column: ColumnSpec): string {
  return columnSql(table, column).slice(quote(column.name).length).replaceAll(quote(column.name), '""')
}

/** Everything of a table besides columns and indexes, with columns renamed. */
function rules(table: TableSpec, rename: Rename): unknown {
  return {
    primaryKey: table.primaryKey.map(rename),
    uniques: table.uniques.map((unique) => renamedUnique(unique, rename)),
    checks: table.checks.map(({ name, sql }) => [name, sql]),
    foreignKeys: (table.foreignKeys ?? []).map((key) => renamedForeignKey(key, rename)),
    constraints: table.constraints ?? [],
  }
}

/** What an index is, whatever its table is called. */
function indexText(index: IndexSpec): string {
  return isFulltext(index) ? JSON.stringify(index) : indexSql('t', index, sqliteFeatures, quote)
}

/** Indexes to drop and to make. */
function changeIndexes(table: TableSpec, before: readonly IndexSpec[]): string[] {
  const old = new Set(before.map(indexText))
  const wanted = new Set(table.indexes.map(indexText))
  return [
    ...before.filter((index) => !wanted.has(indexText(index))).flatMap(dropIndexSql),
    ...table.indexes.filter((index) => !old.has(indexText(index))).flatMap((index) => createIndexSql(table, index)),
  ]
}

/** A column that `ALTER TABLE … ADD COLUMN` takes: rows get null, or a constant default that the table keeps. */
function addable(column: ColumnSpec): boolean {
  if (column.unique) return false
  if (column.generated !== undefined) return !column.generated.stored && column.null
  if (column.default === undefined) return column.null
  return 'value' in column.default && column.references === undefined && (column.null || column.default.value !== null)
}

/**
 * The statements for a change that SQLite can make in place; null where the table must be rebuilt.
 * Renamed columns change their names in indexes, constraints and other tables' references by themselves.
 */
function inPlace(before: TableSpec, after: TableSpec, { renamed, fill }: AlterOptions): string[] | null {
  const rename = (name: string): string => renamed[name] ?? name
  const keepsChecks = Object.keys(renamed).length === 0 || before.checks.length === 0
  if (
    !keepsChecks ||
    !same(
      rules(before, rename),
      rules(after, (name) => name),
    )
  )
    return null
  const kept = new Map(before.columns.map((column) => [rename(column.name), column]))
  for (const [name, old] of kept) {
    const now = after.columns.find((column) => column.name === name)
    if (now === undefined) return null
    if (renamedText(shape(before, old), renamed, quote) !== shape(after, now)) return null
  }
  const added = after.columns.filter((column) => !kept.has(column.name))
  if (!added.every((column) => addable(column) && !(column.name in fill))) return null
  const indexes = before.indexes.map((index) => renamedIndex(index, rename))
  // An index's conditions and expressions are text: after a rename it may differ without being changed. Make such indexes again.
  // One for searching has columns of its own, whose names no rename reaches.
  const safe =
    Object.keys(renamed).length === 0 ? indexes : indexes.filter((index) => !hasText(index) && !isFulltext(index))
  const unsafe = indexes.filter((index) => !safe.includes(index))
  const table = quote(after.name)
  return [
    ...unsafe.flatMap(dropIndexSql),
    ...renameColumns(after.name, renamed),
    ...added.map((column) => `ALTER TABLE ${table} ADD COLUMN ${columnSql(after, column)}`),
    ...changeIndexes(after, safe),
  ]
}

/** One by one; two that swap names go over a third. */
function renameColumns(table: string, renamed: Readonly<Record<string, string>>): string[] {
  const pairs = Object.entries(renamed)
  const swap = pairs.some(([, to]) => to in renamed)
  const alter = (from: string, to: string): string =>
    `ALTER TABLE ${quote(table)} RENAME COLUMN ${quote(from)} TO ${quote(to)}`
  if (!swap) return pairs.map(([from, to]) => alter(from, to))
  return [...pairs.map(([from, to]) => alter(from, `new__${to}`)), ...pairs.map(([, to]) => alter(`new__${to}`, to))]
}

/** What a column of the new table is copied from. */
function source(before: TableSpec, column: ColumnSpec, from: string, fill: AlterOptions['fill']): string {
  // What was computed is a column made anew, as on the other databases.
  const old = before.columns.find(({ name, generated }) => name === from && generated === undefined)
  const filled = column.name in fill ? sqliteCompiler.literal(fill[column.name], column.type.kind) : defaultSql(column)
  if (old === undefined) return filled ?? 'NULL'
  const value = converted(quote(from), old.type, column.type)
  return old.null && !column.null && filled !== null ? `COALESCE(${value}, ${filled})` : value
}

/** New names that no column has that goes or keeps its own. */
const areFree = (table: TableSpec, renamed: Readonly<Record<string, string>>): boolean =>
  Object.values(renamed).every((to) => to in renamed || !table.columns.some(({ name }) => name === to))

/** A table whose columns have other names. */
function withRenamed(table: TableSpec, renamed: Readonly<Record<string, string>>): TableSpec {
  return {
    ...table,
    columns: table.columns.map((column) => ({ ...column, name: renamed[column.name] ?? column.name })),
  }
}

function rebuild(before: TableSpec, after: TableSpec, { renamed, fill }: AlterOptions): string[] {
  if (Object.keys(renamed).length > 0 && areFree(before, renamed)) {
    // In place first: references of other tables follow that, and no table made anew.
    const fulltext = before.indexes.filter(isFulltext)
    const rest = { ...before, indexes: before.indexes.filter((index) => !isFulltext(index)) }
    return [
      ...fulltext.flatMap(dropFulltextSql),
      ...renameColumns(after.name, renamed),
      ...rebuild(withRenamed(rest, renamed), after, { renamed: {}, fill }),
    ]
  }
  const { name } = after
  const temporary = `new__${name}`
  const origin = new Map(Object.entries(renamed).map(([from, to]) => [to, from]))
  const taken = new Set(origin.values())
  const from = (column: ColumnSpec): string => origin.get(column.name) ?? (taken.has(column.name) ? '' : column.name)
  for (const column of after.columns) {
    if (before.columns.some((old) => old.name === from(column)) || column.null || column.name in fill) continue
    if (column.generated !== undefined) continue
    if (column.default === undefined && !isIdentity(after, column)) throw missingFill(name, column.name)
  }
  const copied = after.columns.filter(
    (column) =>
      column.generated === undefined &&
      !(isIdentity(after, column) && !before.columns.some((c) => c.name === from(column))),
  )
  const identity = (table: TableSpec): boolean => table.columns.some((column) => isIdentity(table, column))
  const statements = [
    createTableSql(after, temporary),
    `INSERT INTO ${quote(temporary)} (${copied.map((column) => quote(column.name)).join(', ')}) ` +
      `SELECT ${copied.map((column) => source(before, column, from(column), fill)).join(', ')} FROM ${quote(name)}`,
  ]
  if (identity(before) && identity(after)) {
    // Else numbers of deleted rows would be given a second time.
    statements.push(
      `DELETE FROM sqlite_sequence WHERE name = ${text(temporary)}`,
      `INSERT INTO sqlite_sequence (name, seq) SELECT ${text(temporary)}, seq FROM sqlite_sequence WHERE name = ${text(name)}`,
    )
  }
  statements.push(...before.indexes.filter(isFulltext).flatMap(dropFulltextSql))
  // Views and triggers of other tables name the table that is not there for a moment: SQLite would refuse the rename.
  statements.push(
    `DROP TABLE ${quote(name)}`,
    'PRAGMA legacy_alter_table = ON',
    `ALTER TABLE ${quote(temporary)} RENAME TO ${quote(name)}`,
    'PRAGMA legacy_alter_table = OFF',
  )
  return [...statements, ...after.indexes.flatMap((index) => createIndexSql(after, index))]
}

/** Indexes for searching go, the others stay. */
function withoutFulltext({ indexes }: TableSpec): { drop: string[]; kept: IndexSpec[] } {
  return {
    drop: indexes.filter(isFulltext).flatMap(dropFulltextSql),
    kept: indexes.filter((index) => !isFulltext(index)),
  }
}

/** The schema editor of SQLite. */
export const sqliteSchemaEditor: SchemaEditor = {
  flush: (tables) => [
    ...tables.map((table) => `DELETE FROM ${quote(table.name)}`),
    // There where a table counts its numbers (AUTOINCREMENT).
    ...tables
      .filter((table) => table.columns.some((column) => column.type.kind === 'auto'))
      .map((table) => `DELETE FROM sqlite_sequence WHERE name = ${sqliteCompiler.literal(table.name, 'text')}`),
  ],
  resetIdentity: () => [], // SQLite counts the numbers that are given to it
  createTable: (table) => [
    createTableSql(table),
    ...table.indexes.flatMap((index) => createIndexSql(table, index)),
    ...(table.triggers ?? []).flatMap((trigger) => createTriggerSql(table.name, trigger)),
  ],

  dropTable: (table) => [
    ...table.indexes.filter(isFulltext).flatMap(dropFulltextSql),
    `DROP TABLE ${quote(table.name)}`,
  ],

  renameTable: (from, to) => {
    if (from.name === to.name) return changeIndexes(to, from.indexes)
    const { drop, kept } = withoutFulltext(from)
    return [...drop, `ALTER TABLE ${quote(from.name)} RENAME TO ${quote(to.name)}`, ...changeIndexes(to, kept)]
  },

  alterTable(before, after, options) {
    const rename =
      before.name === after.name ? [] : [`ALTER TABLE ${quote(before.name)} RENAME TO ${quote(after.name)}`]
    // One for searching knows its table by name.
    const moved = rename.length === 0 ? { drop: [], kept: before.indexes } : withoutFulltext(before)
    const here = { ...before, name: after.name, indexes: moved.kept }
    const changes = inPlace(here, after, options)
    // Columns a trigger names may be renamed, and a table made anew has no triggers.
    const all = changes === null || rename.length > 0 || Object.keys(options.renamed).length > 0
    const { drop, make } = triggerChanges(before, after, all)
    return [
      ...drop.flatMap(dropTriggerSql),
      ...moved.drop,
      ...rename,
      ...(changes ?? rebuild(here, after, options)),
      ...make.flatMap((trigger) => createTriggerSql(after.name, trigger)),
    ]
  },

  columnText: (table, column) => ({
    type: columnType(table, column) + (isIdentity(table, column) ? ' autoincrement' : ''),
    default: defaultSql(column),
  }),

  rebuiltAt(statements, i) {
    const [, dropped] = /^DROP TABLE "((?:[^"]|"")+)"$/.exec(statements[i]!) ?? []
    if (dropped === undefined) return null
    return statements[i + 2] === `ALTER TABLE "new__${dropped}" RENAME TO "${dropped}"` ? dropped : null
  },
}
