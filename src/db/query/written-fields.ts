/** Fields by the names that a write gives, and values as their columns take them. */
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { QueryUsageError, unknownField } from './errors.ts'
import { fieldNames } from './paths.ts'

/** A column field by field name or attname. @throws FieldNameError db.unknown-field */
export function columnField(meta: ModelMeta, name: string): FieldMeta {
  const field = meta.fields.get(name) ?? meta.byAttname.get(name) ?? (name === 'pk' ? meta.pk[0] : undefined)
  if (field === undefined) throw unknownField(name, meta.label, fieldNames(meta), name)
  if (field.column !== null) return field
  if (field.parts.length > 1) {
    throw new QueryUsageError(`${meta.label}.${name} has several columns.`, {
      code: 'db.several-columns',
      hint: `Name them: ${field.parts.map((part) => part.attname).join(', ')}.`,
    })
  }
  throw new QueryUsageError(`${meta.label}.${name} has no column of its own.`, {
    code: 'db.no-column',
    hint: `Change it through the relation: await instance.${name}.set([…]).`,
  })
}

/** A column field that may be written. @throws QueryUsageError db.computed-field for one that the database computes */
export function writtenField(meta: ModelMeta, name: string): FieldMeta {
  const field = columnField(meta, name)
  if (field.computed !== null) throw computedField(field)
  return field
}

/** A write of a field that the database computes. */
export function computedField(field: FieldMeta): QueryUsageError {
  return new QueryUsageError(
    `${field.model.meta.label}.${field.name} is computed by the database and cannot be written.`,
    {
      code: 'db.computed-field',
      hint: 'Write the fields it is computed from.',
    },
  )
}

/** The columns of a field by its name: of a key over several columns, all. @throws FieldNameError db.unknown-field */
export function columnFields(meta: ModelMeta, name: string): readonly FieldMeta[] {
  if (name === 'pk') return meta.pk
  const field = meta.fields.get(name) ?? meta.byAttname.get(name)
  return field !== undefined && field.parts.length > 1 ? field.parts : [columnField(meta, name)]
}
/** Those that may be written. @throws QueryUsageError db.computed-field */
export function writtenFields(meta: ModelMeta, name: string): readonly FieldMeta[] {
  const fields = columnFields(meta, name)
  for (const field of fields) if (field.computed !== null) throw computedField(field)
  return fields
}

/** A field that update() takes: one column, or a foreign key over several. */
export function changeable(meta: ModelMeta, name: string): FieldMeta {
  const field = meta.fields.get(name) ?? meta.byAttname.get(name)
  if (field !== undefined && (field.parts.length > 1 || (field.column !== null && field.computed === null)))
    return field
  return writtenField(meta, name)
}

/** A value as its slot takes it: a decimal for its text. Instances stay: which database they must be of is known when it is sent. */
export function writable(field: FieldMeta, value: unknown): unknown {
  return value === null || field.relation !== null || field.coerce === null ? value : field.coerce(value)
}
