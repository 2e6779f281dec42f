/** The key that `onDelete: set(…)` writes into rows whose relation is about to lead nowhere. */
import type { AnyInstance } from '../models/instance.ts'
import { keyValue, sameKey } from '../models/keys.ts'
import type { FieldMeta } from '../models/meta.ts'
import { keyConverter } from './converters.ts'
import { picture, QueryUsageError } from './errors.ts'

/**
 * Asks what `set()` was given.
 * @param gone   rows of the relation's target that the deletion takes
 */
export async function keyToSet(field: FieldMeta, gone: readonly AnyInstance[]): Promise<unknown> {
  const { setTo, targets } = field.relation!
  const where = `${field.model.meta.label}.${field.name}`
  if (setTo === null) {
    throw refused(
      `${where} is changed by set() of the model, which migrations do not know.`,
      'Change those rows first.',
    )
  }
  const given: unknown = typeof setTo.value === 'function' ? await setTo.value() : setTo.value
  const key = keyConverter(field)(given)
  if (key === undefined || (key === null && !field.null)) {
    throw refused(
      `set() of ${where} gave ${picture(given)}, and the column cannot be null.`,
      'Give a row, or its key; or add null: true.',
    )
  }
  if (key !== null && gone.some((row) => sameKey(keyValue(row, targets), key))) {
    throw refused(
      `set() of ${where} gave a row that is deleted as well (${picture(key)}).`,
      'Keep that row: exclude it from what is deleted.',
    )
  }
  return key
}

function refused(message: string, hint: string): QueryUsageError {
  return new QueryUsageError(message, { code: 'db.bad-set-value', hint })
}
