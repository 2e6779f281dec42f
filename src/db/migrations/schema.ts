/** From two states to statements: what each table becomes. */
import type { Backend } from '../backends/backend.ts'
import type { ColumnSpec, ForeignKeySpec, SchemaEditor, TableSpec } from '../backends/schema.ts'
import { assertConvertible, type HoldsValues } from './conversions.ts'
import type { ProjectState } from './state.ts'
import { compareTables, type TableChange, type TableComparison, type TablePair } from './table-changes.ts'
import { withUnknown } from './unknown-columns.ts'
import { sameValue } from './values.ts'

/** Statements from one state of tables to another, and what they make. */
export interface TableChanges {
  readonly statements: readonly string[]
  /** Tables that are new. */
  readonly created: readonly string[]
  /** New columns of other tables. */
  readonly added: readonly AddedColumn[]
}

/** A column that a table gets. */
export interface AddedColumn {
  readonly table: string
  readonly column: string
}

/** What is asked of the database whose tables change; nothing where statements are only written down. */
export interface LiveTables {
  /** A table as the database has it: where one is made anew, columns that neither state knows come along. */
  readonly read?: ((table: string) => Promise<TableSpec | null>) | undefined
  readonly holds?: HoldsValues | undefined
}

/**
 * The statements that make the tables of one state those of another.
 * @throws MigrationError migrations.no-conversion
 */
export async function changeTables(
  backend: Backend,
  from: ProjectState,
  to: ProjectState,
  change: TableChange,
  { read, holds }: LiveTables = {},
): Promise<TableChanges> {
  const comparison = compareTables(backend, from, to, change)
  if (holds !== undefined) await assertConvertible(comparison.pairs, holds)
  const created = comparison.created.map((table) => table.spec.name)
  const added = comparison.pairs.flatMap(addedColumns)
  const statements = statementsOf(backend, comparison)
  const rebuilt = new Set(statements.map((_, i) => backend.schema.rebuiltAt?.(statements, i) ?? null))
  if (read === undefined || [...rebuilt].every((table) => table === null)) return { statements, created, added }
  const quote = (name: string) => backend.compiler.quote(name)
  const tables = new Map(comparison.pairs.map(({ was, is }) => [was.spec.name, is.spec.name]))
  const columns = new Map(comparison.pairs.map(({ was, renamed }) => [was.spec.name, renamed]))
  const pairs: TablePair[] = []
  for (const pair of comparison.pairs) {
    const there = rebuilt.has(pair.is.spec.name) ? await read(pair.was.spec.name) : null
    pairs.push(there === null ? pair : withUnknown(pair, there, followedTable(there, tables, columns), quote))
  }
  return { statements: statementsOf(backend, { ...comparison, pairs }), created, added }
}

function addedColumns({ was, is, renamed }: TablePair): AddedColumn[] {
  const kept = new Set(was.spec.columns.map(({ name }) => renamed[name] ?? name))
  const added = is.spec.columns.filter(({ name }) => !kept.has(name))
  return added.map(({ name }) => ({ table: is.spec.name, column: name }))
}

function statementsOf({ schema }: Backend, { created, dropped, pairs }: TableComparison): string[] {
  const statements: string[] = []
  // What stands in the way goes first and comes last: references to a column whose type changes, where the database wants
  // it so, and triggers that change themselves, or name what is renamed.
  const retyped = retypedColumns(schema, pairs)
  const renames = pairs.some(
    ({ was, is, renamed }) => was.spec.name !== is.spec.name || Object.keys(renamed).length > 0,
  )
  const again: [TableSpec, TableSpec][] = []
  const altered: { was: TableSpec; is: TableSpec; pair: (typeof pairs)[number] }[] = []
  for (const pair of pairs) {
    const { was, is } = pair
    const wanted = is.spec.triggers ?? []
    const kept = renames ? [] : (was.spec.triggers ?? []).filter((old) => wanted.some((each) => sameValue(old, each)))
    const rest = { ...without(was.spec, retyped.before), triggers: kept }
    const there = { ...without(is.spec, retyped.after), triggers: kept }
    const stays = retyped === NONE && (was.spec.triggers ?? []).length === kept.length
    if (!stays) statements.push(...schema.alterTable(was.spec, rest, { renamed: {}, fill: {} }))
    if (retyped !== NONE || wanted.length !== kept.length) again.push([there, is.spec])
    altered.push({ was: rest, is: there, pair })
  }
  for (const table of dropped) statements.push(...schema.dropTable(table.spec))
  const tableNames = new Map(altered.map(({ was, is }) => [was.name, is.name]))
  const columnNames = new Map(altered.map(({ was, pair }) => [was.name, pair.renamed]))
  for (const { was, is, pair } of altered) {
    // Databases follow renames of what a foreign key points at: those are no change of this table.
    let now = followedTable(was, tableNames, columnNames)
    if (was.name !== is.name) {
      const moved = { ...now, name: is.name }
      statements.push(...schema.renameTable(now, moved))
      now = moved
    }
    if (sameValue(now, is)) continue
    statements.push(...schema.alterTable(now, is, { renamed: pair.renamed, fill: pair.fill }))
  }
  for (const table of created) statements.push(...schema.createTable(table.spec))
  for (const [there, wanted] of again) statements.push(...schema.alterTable(there, wanted, { renamed: {}, fill: {} }))
  return statements
}

interface Retyped {
  /** `table.column` by their old names, and by their new ones. */
  readonly before: ReadonlySet<string>
  readonly after: ReadonlySet<string>
}
const NONE: Retyped = { before: new Set(), after: new Set() }

/** Columns whose type changes to one that references do not let it have. */
function retypedColumns(schema: SchemaEditor, pairs: readonly TablePair[]): Retyped {
  if (schema.retypesUnreferred === undefined) return NONE
  const before = new Set<string>()
  const after = new Set<string>()
  for (const { was, is, renamed } of pairs) {
    for (const old of was.spec.columns) {
      const now = is.spec.columns.find(({ name }) => name === (renamed[old.name] ?? old.name))
      if (now === undefined || sameValue(old.type, now.type)) continue
      if (!schema.retypesUnreferred(old.type, now.type)) continue
      before.add(`${was.spec.name}.${old.name}`)
      after.add(`${is.spec.name}.${now.name}`)
    }
  }
  return before.size === 0 ? NONE : { before, after }
}

/** A table without its references to some columns. */
function without(table: TableSpec, targets: ReadonlySet<string>): TableSpec {
  if (targets.size === 0) return table
  const columns = table.columns.map(({ references, ...column }) =>
    references === undefined || targets.has(`${references.table}.${references.column}`)
      ? column
      : { ...column, references },
  )
  const { foreignKeys, ...rest } = table
  const kept = foreignKeys?.filter((key) => !key.targets.some((target) => targets.has(`${key.table}.${target}`)))
  return { ...rest, columns, ...(kept === undefined ? {} : { foreignKeys: kept }) }
}

/** A table whose references follow renames of what they point at. */
function followedTable(
  table: TableSpec,
  tables: ReadonlyMap<string, string>,
  columns: ReadonlyMap<string, Readonly<Record<string, string>>>,
): TableSpec {
  return {
    ...table,
    columns: table.columns.map((column) => followed(column, tables, columns)),
    ...(table.foreignKeys && { foreignKeys: table.foreignKeys.map((key) => followedKey(key, tables, columns)) }),
  }
}

function followed(
  column: ColumnSpec,
  tables: ReadonlyMap<string, string>,
  columns: ReadonlyMap<string, Readonly<Record<string, string>>>,
): ColumnSpec {
  if (column.references === undefined) return column
  const { table, column: target, ...rest } = column.references
  return {
    ...column,
    references: { table: tables.get(table) ?? table, column: columns.get(table)?.[target] ?? target, ...rest },
  }
}

/** The same for a reference over several columns. */
function followedKey(
  key: ForeignKeySpec,
  tables: ReadonlyMap<string, string>,
  columns: ReadonlyMap<string, Readonly<Record<string, string>>>,
): ForeignKeySpec {
  const renamed = columns.get(key.table)
  return {
    ...key,
    table: tables.get(key.table) ?? key.table,
    targets: key.targets.map((name) => renamed?.[name] ?? name),
  }
}
