/** What is wrong with the name of an attribute. */
import { nearest } from '../../std/text.ts'
import { ModelError } from '../errors.ts'
import type { FieldMeta, ModelMeta } from './meta.ts'

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
