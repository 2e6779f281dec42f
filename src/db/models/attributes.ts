/** Fields by name, and what is wrong with a name that is none. */
import { nearest } from '../../std/text.ts'
import { ModelError } from '../errors.ts'
import type { ModelTarget } from '../fields/types.ts'
import type { FieldMeta, ModelMeta } from './meta.ts'
import type { FieldsOf } from './types.ts'

/**
 * What is known of a field, by a name that the compiler checks: `fieldOf(Book, 'title').options.maxLength`. It is
 * `Book.meta.getField('title')`, whose name is any text: a model's `meta` cannot know the model's fields, for the types
 * of relations are made from it.
 * @throws ModelError db.unknown-attribute for a name that is none, with the nearest
 */
export function fieldOf<M extends ModelTarget>(model: M, name: keyof FieldsOf<M['prototype']> & string): FieldMeta {
  return model.meta.getField(name)
}

/** A field by name, by attribute, or the key of one column as `pk`. @throws ModelError db.unknown-attribute */
export function fieldNamed(meta: ModelMeta, name: string): FieldMeta {
  const field = meta.fields.get(name) ?? meta.byAttname.get(name) ?? (name === 'pk' ? soleKey(meta) : undefined)
  if (field !== undefined) return field
  const names = [...new Set([...meta.fields.keys(), ...meta.byAttname.keys()])]
  const meant = nearest(name, names)
  throw new ModelError(`"${name}" is not a field of ${meta.label}.`, {
    code: 'db.unknown-attribute',
    hint: `${meant === null ? '' : `Did you mean "${meant}"? `}Fields: ${names.sort().join(', ')}.`,
  })
}
function soleKey({ pk, label }: ModelMeta): FieldMeta {
  if (pk.length === 1) return pk[0]!
  throw new ModelError(`The key of ${label} has several fields: ${pk.map((field) => field.name).join(', ')}.`, {
    code: 'db.unknown-attribute',
    hint: 'meta.pk has them.',
  })
}

/** A value was given under a name that takes none. */
export function unknownAttribute(meta: ModelMeta, name: string, field: FieldMeta | undefined): ModelError {
  if (field !== undefined) {
    return new ModelError(`${meta.label}.${name} is a set of rows: a new instance cannot be given it.`, {
      code: 'db.unknown-attribute',
      status: 400,
      hint: `Save the instance, then: await instance.${name}.set([…]).`,
    })
  }
  const names = [
    ...new Set([
      ...[...meta.fields.values()].flatMap((each) => (each.parts.length > 0 ? [each.name] : [])),
      ...meta.byAttname.keys(),
    ]),
  ]
  const meant = nearest(name, names)
  return new ModelError(`"${name}" is not a field of ${meta.label}.`, {
    code: 'db.unknown-attribute',
    status: 400,
    hint: `${meant === null ? '' : `Did you mean "${meant}"? `}Fields: ${names.sort().join(', ')}.`,
  })
}
