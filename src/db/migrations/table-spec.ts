/** The table of a model, as a backend's schema editor makes it. */
import type { Backend } from '../backends/backend.ts'
import type { ColumnSpec, ForeignKeySpec, IndexPart, IndexSpec, TableSpec, UniqueSpec } from '../backends/schema.ts'
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
import { textOf, triggerSpecs } from './trigger-spec.ts'
import { markerName } from './values.ts'

/** The table of a model. */
export function tableSpec(backend: Backend, meta: ModelMeta): TableSpec {
  const uniques: UniqueSpec[] = []
  const checks: { name: string; sql: string }[] = []
  const indexes: IndexSpec[] = []
  for (const field of meta.columns) {
    if (!field.index || field.unique || field.primaryKey) continue
    indexes.push({ name: schemaName(meta.table, [field.column!]), columns: [{ name: field.column!, desc: false }] })
  }
  const triggers = triggerSpecs(backend, meta)
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

/** A foreign key to an identity column is a plain number, of the type that the column has in this database. */
function columnType(field: FieldMeta): ColumnType {
  const type = field.type! // of a column
  if ((field.relation === null && field.whole === null) || type.kind !== 'auto') return type
  return type.declared === undefined ? { kind: 'bigInteger' } : { kind: 'bigInteger', declared: type.declared }
}

/** A value as files write it (dates and decimals as text, the moment as a marker), as the field's own. */
export function fieldValue(field: FieldMeta, value: unknown): unknown {
  const moment = markerName(value) === 'now' ? new Date() : null
  if (moment === null && Array.isArray(value) && value.length > 0 && isArrayKind(field.kind)) return field.clean(value)
  if (moment === null) return typeof value === 'string' && PARSED.has(field.kind!) ? field.clean(value) : value
  const iso = moment.toISOString()
  if (field.kind === 'dateTime') return moment
  return field.clean(field.kind === 'date' ? iso.slice(0, 10) : iso.slice(11, 19))
}
const PARSED: ReadonlySet<Kind> = new Set<Kind>(['date', 'time', 'dateTime', 'duration', 'decimal', 'bigInteger'])
