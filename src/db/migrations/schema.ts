/** From two states to statements: which tables a change touches, and what each becomes. */
import type {
  Backend,
  ColumnSpec,
  ForeignKeySpec,
  IndexPart,
  IndexSpec,
  TableSpec,
  UniqueSpec,
} from '../backends/backend.ts'
import { PathExpression } from '../expressions/expression.ts'
import { FunctionExpression } from '../functions/function.ts'
import { type ColumnType, isArrayKind, type Kind } from '../kinds.ts'
import {
  databaseAction,
  type FieldMeta,
  type ModelIndex,
  type ModelMeta,
  type ModelUnique,
  type RelationMeta,
} from '../models/meta.ts'
import { schemaName } from '../models/names.ts'
import { inlineKind } from '../query/inline.ts'
import { conditionText, expressionText } from './conditions.ts'
import { SerializeError } from './errors.ts'
import { isExpression, liveExpression, liveOrdering } from './expressions.ts'
import type { SchemaChange } from './operations/operation.ts'
import { renderState } from './render.ts'
import { isRelation, type ProjectState } from './state.ts'
import { textOf, triggerSpec } from './trigger-spec.ts'
import { markerName, now, sameValue } from './values.ts'

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
  // Triggers name tables and columns that are about to change: those that do so themselves, or might be in the way of
  // a rename, go first and come last.
  const renames = pairs.some(
    ([was, is]) => was.spec.name !== is.spec.name || Object.keys(renamedColumns(was, is, change)).length > 0,
  )
  const again: [TableSpec, TableSpec][] = []
  for (const [i, [was, is]] of pairs.entries()) {
    const wanted = is.spec.triggers ?? []
    const kept = renames ? [] : (was.spec.triggers ?? []).filter((old) => wanted.some((each) => sameValue(old, each)))
    const rest = { ...was.spec, triggers: kept }
    statements.push(...schema.alterTable(was.spec, rest, { renamed: {}, fill: {} }))
    const there = { ...is.spec, triggers: kept }
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
  const { table, column: target } = column.references
  return {
    ...column,
    references: { table: tables.get(table) ?? table, column: columns.get(table)?.[target] ?? target },
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

/** A value as files write it (dates and decimals as text, the moment as a marker), as the field's own. */
function fieldValue(field: FieldMeta, value: unknown): unknown {
  const moment = markerName(value) === 'now' ? new Date() : null
  if (moment === null && Array.isArray(value) && value.length > 0 && isArrayKind(field.kind)) return field.clean(value)
  if (moment === null) return typeof value === 'string' && PARSED.has(field.kind!) ? field.clean(value) : value
  const iso = moment.toISOString()
  if (field.kind === 'dateTime') return moment
  return field.clean(field.kind === 'date' ? iso.slice(0, 10) : iso.slice(11, 19))
}
const PARSED: ReadonlySet<Kind> = new Set<Kind>(['date', 'time', 'dateTime', 'duration', 'decimal', 'bigInteger'])

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

// ---------------------------------------------------------------- a model's table

/** The table of a model. */
export function tableSpec(backend: Backend, meta: ModelMeta): TableSpec {
  const uniques: UniqueSpec[] = []
  const checks: { name: string; sql: string }[] = []
  const indexes: IndexSpec[] = []
  for (const field of meta.columns) {
    if (!field.index || field.unique || field.primaryKey) continue
    indexes.push({ name: schemaName(meta.table, [field.column!]), columns: [{ name: field.column!, desc: false }] })
  }
  const triggers = meta.triggers.flatMap((each) => triggerSpec(backend, meta, each) ?? [])
  for (const field of meta.columns) {
    if (field.options.positive !== true) continue
    const name = schemaName(meta.table, [field.column!], '_check', [field.column!, 'positive'])
    checks.push({ name, sql: `${backend.compiler.quote(field.column!)} >= 0` })
  }
  for (const index of meta.indexes) indexes.push(indexSpec(backend, meta, index))
  const constraints: { name: string; sql: string }[] = []
  for (const constraint of meta.constraints) {
    const { name } = constraint
    if (constraint.type === 'check') {
      checks.push({ name, sql: conditionText(backend, meta, constraint.condition, { name }) })
    } else if (constraint.type === 'custom') {
      const text = textOf(backend, constraint.sql)
      if (text !== undefined)
        constraints.push({ name, sql: expressionText(backend, meta, liveExpression(text), { name }) })
    } else if (constraint.where ?? constraint.expressions ?? constraint.opclasses) {
      indexes.push({ ...indexSpec(backend, meta, constraint), unique: true })
    } else {
      const { deferrable, include, nullsDistinct } = constraint
      uniques.push({
        name,
        columns: constraint.fields.flatMap((path) => columnsOf(meta, path)),
        ...(deferrable === undefined ? {} : { deferrable }),
        ...(include === undefined ? {} : { include: include.flatMap((path) => columnsOf(meta, path)) }),
        ...(nullsDistinct === false ? { nullsDistinct } : {}),
      })
    }
  }
  return {
    name: meta.table,
    columns: meta.columns.map((field) => columnSpec(backend, field)),
    primaryKey: meta.pk.map((field) => field.column!),
    uniques,
    checks,
    indexes,
    ...severalColumns(meta, uniques, indexes),
    ...(constraints.length > 0 ? { constraints } : {}),
    ...(triggers.length > 0 ? { triggers } : {}),
    ...(typeof meta.options.comment === 'string' ? { comment: meta.options.comment } : {}),
  }
}

function indexSpec(backend: Backend, meta: ModelMeta, declared: ModelIndex | ModelUnique): IndexSpec {
  const { name, where, include, opclasses = [] } = declared
  const { method, language, with: settings } = declared as ModelIndex // a unique constraint has none of them
  const nulls = 'nullsDistinct' in declared && declared.nullsDistinct === false
  const parts = (declared.expressions ?? declared.fields).flatMap((part, i) => {
    const opclass = opclasses[i]
    return indexParts(backend, meta, part, name).map((each) => ({
      ...each,
      ...(opclass === undefined ? {} : { opclass }),
    }))
  })
  return {
    name,
    columns: parts,
    ...(method === undefined ? {} : { method }),
    ...(language === undefined ? {} : { language }),
    ...(include === undefined ? {} : { include: include.flatMap((path) => columnsOf(meta, path)) }),
    ...(settings === undefined ? {} : { with: settings }),
    ...(nulls ? { nullsDistinct: false } : {}),
    ...(where === undefined ? {} : { where: conditionText(backend, meta, where, { name }) }),
  }
}

/** What one part of a declaration becomes: a foreign key over several columns gives each of them. */
function indexParts(backend: Backend, meta: ModelMeta, part: unknown, name: string): IndexPart[] {
  const { expression, descending: desc, nulls } = liveOrdering(part)
  const more = nulls === null ? { desc } : { desc, nulls }
  // A plain path is a column, which a rename finds again.
  const bare = expression instanceof PathExpression && !expression.path.includes('__')
  if (bare) return columnsOf(meta, expression.path).map((column) => ({ name: column, ...more }))
  const kind = inlineKind(backend, meta, expression)
  return [{ sql: expressionText(backend, meta, expression, { name }), ...(kind && { type: { kind } }), ...more }]
}

/** What foreign keys over several columns add: a reference, and an index, or for a one-to-one a unique constraint. */
function severalColumns(
  meta: ModelMeta,
  uniques: TableSpec['uniques'][number][],
  indexes: IndexSpec[],
): Pick<TableSpec, 'foreignKeys'> {
  const foreignKeys: ForeignKeySpec[] = []
  const key = meta.pk.map((field) => field.column!)
  for (const field of meta.fields.values()) {
    if (field.parts.length < 2) continue
    const columns = field.parts.map((part) => part.column!) // parts are columns
    // The index of the primary key serves its first columns as well.
    const isKey = columns.every((name, i) => name === key[i])
    if (field.unique && !(isKey && columns.length === key.length))
      uniques.push({ name: schemaName(meta.table, columns, '_uniq'), columns })
    else if (field.index && !field.unique && !isKey)
      indexes.push({ name: schemaName(meta.table, columns), columns: columns.map((name) => ({ name, desc: false })) })
    if (field.options.constraint === false) continue
    const { target, targets, onDelete: action } = field.relation!
    const onDelete = databaseAction(action)
    const to = { table: target.meta.table, targets: targets.map((each) => each.column!) } // targets are columns
    const name = schemaName(meta.table, columns, '_fk')
    foreignKeys.push({ name, columns, ...to, ...(onDelete === undefined ? {} : { onDelete }) })
  }
  return foreignKeys.length === 0 ? {} : { foreignKeys }
}

function columnsOf(meta: ModelMeta, name: string): string[] {
  const field = meta.fields.get(name) ?? meta.byAttname.get(name)
  if (field !== undefined && field.parts.length > 0) return field.parts.map((part) => part.column!) // parts are columns
  throw new SerializeError(`An index or constraint of ${meta.label} names "${name}", which has no column there.`, {
    code: 'migrations.unknown-index-field',
    hint: `Columns: ${meta.columns.map((each) => each.name).join(', ')}.`,
  })
}

function columnSpec(backend: Backend, field: FieldMeta): ColumnSpec {
  const { dbDefault } = field.options
  const { relation } = field
  const isReference = relation !== null && field.options.constraint !== false
  return {
    name: field.column!, // one of meta.columns
    type: columnType(field),
    null: field.null,
    ...(typeof field.options.collation === 'string' ? { collation: field.options.collation } : {}),
    ...(typeof field.options.comment === 'string' ? { comment: field.options.comment } : {}),
    ...(field.unique && !field.primaryKey ? { unique: true } : {}),
    ...(dbDefault === undefined ? {} : { default: databaseDefault(backend, field, dbDefault) }),
    ...(field.computed === null ? {} : { generated: generatedColumn(backend, field, field.computed) }),
    ...(isReference ? { references: reference(relation) } : {}),
  }
}

function reference({ onDelete: action, target, targets }: RelationMeta): NonNullable<ColumnSpec['references']> {
  const onDelete = databaseAction(action)
  const to = { table: target.meta.table, column: targets[0]!.column! } // targets are columns
  return onDelete === undefined ? to : { ...to, onDelete }
}

function databaseDefault(backend: Backend, field: FieldMeta, value: unknown): NonNullable<ColumnSpec['default']> {
  const temporal = ['date', 'time', 'dateTime'].includes(field.kind!)
  if (value === 'now' && temporal) return { function: 'now' }
  if (!isExpression(value) && !['F', 'fn'].includes(markerName(value) ?? '')) return { value: fieldValue(field, value) }
  const expression = liveExpression(value)
  if (temporal && expression instanceof FunctionExpression && expression.name === 'now') return { function: 'now' }
  return { sql: expressionText(backend, field.model.meta, expression, { name: field.name }) }
}

function generatedColumn(backend: Backend, field: FieldMeta, computed: NonNullable<FieldMeta['computed']>) {
  const expression = liveExpression(computed.expression)
  return {
    sql: expressionText(backend, field.model.meta, expression, { name: field.name }),
    stored: computed.stored,
  }
}

/** A foreign key to an identity column is a plain number. */
function columnType(field: FieldMeta): ColumnType {
  const { type } = field
  return (field.relation !== null || field.whole !== null) && type!.kind === 'auto' ? { kind: 'bigInteger' } : type!
}
