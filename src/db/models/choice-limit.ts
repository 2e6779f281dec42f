/** `limitChoicesTo` of relations: which rows may be chosen now. */
import type { ChoiceLimit } from '../fields/types.ts'
import type { AnyModel, FieldMeta } from './meta.ts'

/** The condition on rows of the target; null where every row may be chosen. A function is asked each time. */
export function choiceLimit({ options }: FieldMeta): object | null {
  const limit = options.limitChoicesTo as ChoiceLimit | undefined // by the builders
  return limit === undefined ? null : typeof limit === 'function' && !('~q' in limit) ? limit() : limit
}

/**
 * The rows of a set that may be chosen. Found by their keys: a condition across a relation to many rows would give a
 * row once for each of them.
 */
export function choosable(field: FieldMeta, rows: AnyModel['objects']): AnyModel['objects'] {
  const limit = choiceLimit(field)
  return limit === null ? rows : rows.filter({ pk__in: field.relation!.target.objects.filter(limit) })
}
