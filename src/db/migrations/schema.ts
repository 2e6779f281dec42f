/** From two states to statements: which tables a change touches, and what each becomes. */
import type { Backend } from '../backends/backend.ts'
import type { ColumnSpec, ForeignKeySpec, TableSpec } from '../backends/schema.ts'
import { isArrayKind } from '../kinds.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { SchemaChange } from './operations/operation.ts'
import { renderState } from './render.ts'
import { isRelation, type ProjectState } from './state.ts'
import { fieldValue, tableSpec } from './table-spec.ts'
import { now, sameValue } from './values.ts'

export interface TableChanges {
  readonly statements: readonly string[]
  /** Tables that are new. */
  readonly created: readonly string[]
}

/** A table and the model it is of: the model itself, or the one between two sides of a many-to-many. */
interface Table {
  /** `library.Book`, or `library.Book.tags` for the table of a many-to-many field. */
  readonly identity: string
  readonly meta: ModelMeta
  readonly spec: TableSpec
}

/** The statements that make the tables of one state those of another. */
export function changeTables(
  backend: Backend,
  from: ProjectState,
  to: ProjectState,
  change: SchemaChange & {
    /** Whether a model's table belongs in this database; default all. */
    readonly allows?: (app: string, label: string) => boolean
  },
): TableChanges {
  const old = new Map(Object.entries(change.renamedModels ?? {}).map(([before, after]) => [after, before]))
  const scope = affected(from, to, old)
  if (change.allows !== undefined) {
    const elsewhere = (label: string) => !change.allows!(label.split('.')[0]!, label)
    for (const labels of [scope.from, scope.to])
      for (const label of [...labels]) if (elsewhere(label)) labels.delete(label)
  }
  const before = new Map(tables(backend, from, scope.from).map((table) => [table.identity, table]))
  const after = tables(backend, to, scope.to)
  const identityBefore = (identity: string) => oldIdentity(identity, old, change.renamedFields ?? {})

  const created: Table[] = []
  const pairs: [Table, Table][] = []
  for (const table of after) {
    const was = before.get(identityBefore(table.identity))
    if (was === undefined) {
      // A table that begins or ends to be ours is there already.
      if (table.meta.managed && !isKnown(from, identityBefore(table.identity))) created.push(table)
      continue
    }
    before.delete(was.identity)
    if (was.meta.managed && table.meta.managed) pairs.push([was, table])
  }
  const dropped = [...before.values()].filter((table) => table.meta.managed).reverse()

  const { schema } = backend
  const statements: string[] = []
  // What stands in the way goes first and comes last: references to a column whose type changes, where the database wants
  // it so, and triggers that change themselves, or name what is renamed.
  const retyped = schema.retypesUnreferred ? retypedColumns(pairs, change) : NONE
  const renames = pairs.some(
    ([was, is]) => was.spec.name !== is.spec.name || Object.keys(renamedColumns(was, is, change)).length > 0,
  )
  const again: [TableSpec, TableSpec][] = []
  for (const [i, [was, is]] of pairs.entries()) {
    const wanted = is.spec.triggers ?? []
    const kept = renames ? [] : (was.spec.triggers ?? []).filter((old) => wanted.some((each) => sameValue(old, each)))
    const rest = { ...without(was.spec, retyped.before), triggers: kept }
    statements.push(...schema.alterTable(was.spec, rest, { renamed: {}, fill: {} }))
    const there = { ...without(is.spec, retyped.after), triggers: kept }
    again.push([there, is.spec])
    pairs[i] = [
      { ...was, spec: rest },
      { ...is, spec: there },
    ]
  }
  for (const table of dropped) statements.push(...schema.dropTable(table.spec))
  const tableNames = new Map<string, string>()
  const columnNames = new Map<string, Readonly<Record<string, string>>>()
  for (const [was, is] of pairs) {
    tableNames.set(was.spec.name, is.spec.name)
    columnNames.set(was.spec.name, renamedColumns(was, is, change))
  }
  for (const [was, is] of pairs) {
    const renamed = columnNames.get(was.spec.name)!
    // Databases follow renames of what a foreign key points at: those are no change of this table.
    let now: TableSpec = {
      ...was.spec,
      columns: was.spec.columns.map((column) => followed(column, tableNames, columnNames)),
      ...(was.spec.foreignKeys && {
        foreignKeys: was.spec.foreignKeys.map((key) => followedKey(key, tableNames, columnNames)),
      }),
    }
    if (was.spec.name !== is.spec.name) {
      const moved = { ...now, name: is.spec.name }
      statements.push(...schema.renameTable(now, moved))
      now = moved
    }
    if (sameValue(now, is.spec)) continue
    const fill = fills(was, is, renamed, change)
    statements.push(...schema.alterTable(now, is.spec, { renamed, fill }))
  }
  for (const table of created) statements.push(...schema.createTable(table.spec))
  for (const [there, wanted] of again) statements.push(...schema.alterTable(there, wanted, { renamed: {}, fill: {} }))
  return { statements, created: created.map((table) => table.spec.name) }
}

interface Retyped {
  /** `table.column` by their old names, and by their new ones. */
  readonly before: ReadonlySet<string>
  readonly after: ReadonlySet<string>
}
const NONE: Retyped = { before: new Set(), after: new Set() }

function retypedColumns(pairs: readonly (readonly [Table, Table])[], change: SchemaChange): Retyped {
  const before = new Set<string>()
  const after = new Set<string>()
  for (const [was, is] of pairs) {
    const renamed = renamedColumns(was, is, change)
    for (const old of was.spec.columns) {
      const now = is.spec.columns.find(({ name }) => name === (renamed[old.name] ?? old.name))
      if (now === undefined || sameValue(old.type, now.type)) continue
      before.add(`${was.spec.name}.${old.name}`)
      after.add(`${is.spec.name}.${now.name}`)
    }
  }
  return { before, after }
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

/** Models whose tables may differ: those that changed, and those whose columns follow from a changed one. */
function affected(from: ProjectState, to: ProjectState, old: ReadonlyMap<string, string>) {
  const after = new Set<string>()
  for (const [label, model] of to.models) if (from.models.get(old.get(label) ?? label) !== model) after.add(label)
  for (const label of after) {
    const changed = from.find(old.get(label) ?? label)
    if (changed === null && to.find(label) !== null) continue // new: nothing pointed at it
    for (const [holder] of to.incoming(label)) after.add(holder)
  }
  const kept = new Set([...to.models.keys()].map((label) => old.get(label) ?? label))
  const before = new Set([...from.models.keys()].filter((label) => !kept.has(label)))
  for (const label of after) {
    const was = old.get(label) ?? label
    if (from.find(was) !== null) before.add(was)
  }
  return { from: before, to: after }
}

function isKnown(state: ProjectState, identity: string): boolean {
  const [app, name, field] = identity.split('.')
  const model = state.find(`${app}.${name}`)
  return (
    model !== null && (field === undefined || (model.fields[field] !== undefined && isRelation(model.fields[field])))
  )
}

function oldIdentity(
  identity: string,
  old: ReadonlyMap<string, string>,
  fields: NonNullable<SchemaChange['renamedFields']>,
): string {
  const [app, name, field] = identity.split('.')
  const label = `${app}.${name}`
  const was = old.get(label) ?? label
  if (field === undefined) return was
  const renamed = Object.entries(fields[label] ?? {}).find(([, to]) => to === field)
  return `${was}.${renamed?.[0] ?? field}`
}

/** The tables of some models, each followed by those of its many-to-many fields. */
function tables(backend: Backend, state: ProjectState, labels: ReadonlySet<string>): Table[] {
  const rendered = renderState(state)
  return [...state.models.keys()]
    .filter((label) => labels.has(label))
    .flatMap((label) => {
      const { meta } = rendered.get(label)
      const between = meta.manyToMany
        .filter((field) => field.relation!.through!.auto) // every manyToMany has a relation and a table between
        .map((field) => ({ identity: `${label}.${field.name}`, meta: field.relation!.through!.model.meta }))
      return [{ identity: label, meta }, ...between].map((table) => ({
        ...table,
        spec: tableSpec(backend, table.meta),
      }))
    })
}

/** Old column → new column. */
function renamedColumns(was: Table, is: Table, change: SchemaChange): Readonly<Record<string, string>> {
  const renamed: Record<string, string> = {}
  const note = (before: string | null | undefined, after: string | null | undefined) => {
    if (before && after && before !== after) renamed[before] = after
  }
  if (is.meta.autoCreated) {
    // id, from, to: names follow the models'.
    for (const [i, column] of was.spec.columns.entries()) note(column.name, is.spec.columns[i]?.name)
    return renamed
  }
  const names = change.renamedFields?.[is.identity] ?? {}
  for (const field of was.meta.fields.values()) {
    const now = is.meta.fields.get(names[field.name] ?? field.name)
    if (now?.parts.length !== field.parts.length) continue // another kind of field: other columns
    for (const [i, part] of field.parts.entries()) note(part.column, now.parts[i]!.column)
  }
  return renamed
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

/** Values for rows that have none: in columns that are new, and in place of nulls that are no longer allowed. */
function fills(
  was: Table,
  is: Table,
  renamed: Readonly<Record<string, string>>,
  change: SchemaChange,
): Readonly<Record<string, unknown>> {
  const before = new Map(was.spec.columns.map((column) => [renamed[column.name] ?? column.name, column]))
  const told = change.fill?.[is.identity] ?? {}
  const values: Record<string, unknown> = {}
  for (const field of is.meta.columns) {
    if (field.computed !== null) continue
    const column = field.column! // one of meta.columns
    const known = before.get(column)
    if (known !== undefined && (field.null || !known.null)) continue
    if (known === undefined && field.null && !((field.whole ?? field).name in told) && !field.hasDefault) continue
    const value = fillFor(field, told, change.restoring === true && !field.null)
    if (value !== undefined) values[column] = value
    // Right for a table without rows; where there are some, the database refuses.
    else if (known === undefined && field.options.dbDefault === undefined) values[column] = null
  }
  return values
}

function fillFor(field: FieldMeta, told: Readonly<Record<string, unknown>>, restoring: boolean): unknown {
  const { whole } = field
  if (whole !== null && whole.name in told) {
    const key = told[whole.name]
    return Array.isArray(key) ? fieldValue(field, key[whole.parts.indexOf(field)]) : null
  }
  if (field.name in told) return fieldValue(field, told[field.name])
  const { dbDefault, autoNow, autoNowAdd } = field.options
  if (dbDefault !== undefined) return undefined // the database fills it
  if (field.hasDefault) return fieldValue(field, field.getDefault())
  if (autoNow === true || autoNowAdd === true) return fieldValue(field, now)
  if (field.blank && (field.kind === 'char' || field.kind === 'text')) return ''
  return restoring && field.relation === null && whole === null ? empty(field) : undefined
}

/** What a column that comes back holds: what it held is gone. */
function empty(field: FieldMeta): unknown {
  switch (field.kind) {
    case 'char':
    case 'text':
      return ''
    case 'integer':
    case 'smallInteger':
    case 'float':
      return 0
    case 'boolean':
      return false
    case 'dateTime':
      return new Date(0)
    case 'date':
      return field.clean('1970-01-01')
    case 'time':
      return field.clean('00:00:00')
    case 'bigInteger':
      return 0n
    case 'decimal':
      return field.clean('0')
    case 'json':
      return {}
    default:
      return isArrayKind(field.kind) ? [] : undefined
  }
}
