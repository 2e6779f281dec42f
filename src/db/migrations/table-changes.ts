/** Which tables differ between two states, and how: what statements, the linter and a restore begin with. */
import type { Backend } from '../backends/backend.ts'
import type { TableSpec } from '../backends/schema.ts'
import { isArrayKind, isRangeKind } from '../kinds.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { Range } from '../range.ts'
import type { SchemaChange } from './operations/operation.ts'
import { renderState } from './render.ts'
import { fieldOptions, isRelation, type ModelState, type ProjectState } from './state.ts'
import { fieldValue, tableSpec } from './table-spec.ts'
import { now, sameValue } from './values.ts'

/** A table and the model it is of: the model itself, or the one between two sides of a many-to-many. */
export interface Table {
  /** `library.Book`, or `library.Book.tags` for the table of a many-to-many field. */
  readonly identity: string
  readonly meta: ModelMeta
  readonly spec: TableSpec
}

/** A table that is in both states. */
export interface TablePair {
  readonly was: Table
  readonly is: Table
  /** Old column → new column. */
  readonly renamed: Readonly<Record<string, string>>
  /** Values for rows that have none, by column. */
  readonly fill: Readonly<Record<string, unknown>>
}

/** What a change does to tables. */
export interface TableComparison {
  readonly created: readonly Table[]
  /** In the order in which they can go. */
  readonly dropped: readonly Table[]
  /** Tables of models that changed, or that lead to such; some of them are as they were. */
  readonly pairs: readonly TablePair[]
}

/** {@link SchemaChange}, and which models belong in a database. */
export type TableChange = SchemaChange & {
  /** Whether a model's table belongs in this database; default all. */
  readonly allows?: (app: string, label: string) => boolean
}

/** Compares the tables of two states. */
export function compareTables(
  backend: Backend,
  from: ProjectState,
  to: ProjectState,
  change: TableChange,
): TableComparison {
  const old = new Map(Object.entries(change.renamedModels ?? {}).map(([before, after]) => [after, before]))
  const scope = affected(from, to, old)
  if (change.allows !== undefined) {
    const elsewhere = (label: string) => !change.allows!(label.split('.')[0]!, label)
    for (const labels of [scope.from, scope.to])
      for (const label of [...labels]) if (elsewhere(label)) labels.delete(label)
  }
  const before = new Map(tables(backend, from, scope.from).map((table) => [table.identity, table]))
  const identityBefore = (identity: string) => oldIdentity(identity, old, change.renamedFields ?? {})
  const created: Table[] = []
  const pairs: TablePair[] = []
  for (const is of tables(backend, to, scope.to)) {
    const was = before.get(identityBefore(is.identity))
    if (was === undefined) {
      // A table that begins or ends to be ours is there already.
      if (is.meta.managed && !isKnown(from, identityBefore(is.identity))) created.push(is)
      continue
    }
    before.delete(was.identity)
    if (!was.meta.managed || !is.meta.managed) continue
    const renamed = renamedColumns(was, is, change)
    pairs.push({ was, is, renamed, fill: fills(was, is, renamed, change) })
  }
  return { created, pairs, dropped: [...before.values()].filter((table) => table.meta.managed).reverse() }
}

/** Every table that a state asks of a database. */
export function tablesOf(
  backend: Backend,
  state: ProjectState,
  allows: (app: string, label: string) => boolean = () => true,
): Table[] {
  const labels = [...state.models.keys()].filter((label) => allows(label.split('.')[0]!, label))
  return tables(backend, state, new Set(labels)).filter((table) => table.meta.managed)
}

/** Models whose tables may differ: those that changed, and those whose columns or triggers follow from a changed one. */
function affected(from: ProjectState, to: ProjectState, old: ReadonlyMap<string, string>) {
  const before = (label: string) => from.find(old.get(label) ?? label)
  const changed = [...to.models].filter(([label, model]) => before(label) !== model).map(([label]) => label)
  // Nothing pointed at a new model.
  const known = changed.filter((label) => before(label) !== null)
  const after = new Set([
    ...changed,
    ...holders(
      to,
      known.filter((label) => movesKey(before(label)!, to, label)),
    ),
  ])
  const hasTriggers = (label: string) => (to.get(label).options.triggers ?? []).length > 0
  if ([...to.models.keys()].some(hasTriggers))
    for (const each of holders(to, known)) if (hasTriggers(each)) after.add(each)
  const kept = new Set([...to.models.keys()].map((label) => old.get(label) ?? label))
  const gone = [...from.models.keys()].filter((label) => !kept.has(label))
  const stayed = [...after].filter((label) => before(label) !== null).map((label) => old.get(label) ?? label)
  return { from: new Set([...gone, ...stayed]), to: after }
}

/** Models with relations that lead to these, directly or over others. */
function holders(state: ProjectState, labels: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const seen = new Set(labels)
  for (const label of seen) {
    for (const [holder] of state.incoming(label)) {
      found.add(holder)
      seen.add(holder)
    }
  }
  return found
}

/**
 * Whether anything of a changed model is other that tables take which refer to it: its name, its key, a field that
 * `toField` names, or what makes that unique. A column more is no matter of theirs, and of a hundred tables that lead to
 * one another none has to be looked at.
 */
function movesKey(was: ModelState, to: ProjectState, label: string): boolean {
  const is = to.get(label)
  if (!sameValue(referable(was), referable(is))) return true
  const names = new Set([...Object.keys(was.fields), ...Object.keys(is.fields)])
  const moved = new Set([...names].filter((name) => !sameValue(was.fields[name], is.fields[name])))
  if ([was, is].some((model) => [...moved].some((name) => isKey(model, name)))) return true
  return to.incoming(label).some(([holder, name]) => {
    const field = to.field(holder, name)
    const { toField } = fieldOptions(field)
    return field.builder === 'manyToMany' || (typeof toField === 'string' && moved.has(toField))
  })
}

function referable({ app, name, options }: ModelState): unknown {
  const { dbTable, managed, primaryKey, orderWithRespectTo, constraints } = options
  return { app, name, dbTable, managed, primaryKey, orderWithRespectTo, constraints }
}

function isKey({ fields, options }: ModelState, name: string): boolean {
  const field = fields[name]
  return (
    name === 'id' || options.primaryKey?.includes(name) || (field && fieldOptions(field).primaryKey === true) || false
  )
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
    const there = before.get(column)
    // What was computed is a column made anew.
    const known = there?.generated === undefined ? there : undefined
    if (known !== undefined && (field.null || !known.null)) continue
    // The database numbers the rows.
    if (known === undefined && field.kind === 'auto' && is.spec.primaryKey.join() === column) continue
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
    case 'duration':
      return field.clean('PT0S')
    case 'uuid':
      return '00000000-0000-0000-0000-000000000000'
    case 'binary':
      return new Uint8Array()
    default:
      if (isRangeKind(field.kind)) return Range.empty()
      return isArrayKind(field.kind) ? [] : undefined
  }
}
