/** Changes of foreign keys over several columns: an update sets each column. */
import type { FieldMeta } from '../models/meta.ts'
import type { Change } from './build-changes.ts'
import { keyConverter } from './converters.ts'
import { picture, QueryUsageError, QueryValueError } from './errors.ts'

/**
 * The same changes, one of each column.
 * @param values   of the changes without expression, in order
 * @param alias   the database that is changed
 * @throws ModelError db.cross-database
 */
export function byColumn(
  changes: readonly Change[],
  values: readonly unknown[],
  alias: string,
): { readonly changes: readonly Change[]; readonly values: readonly unknown[] } {
  if (changes.every(([field]) => field.parts.length === 1)) return { changes, values }
  const columns: Change[] = []
  const parts: unknown[] = []
  let next = 0
  for (const [field, expression] of changes) {
    if (expression !== null) {
      if (field.parts.length > 1)
        throw new QueryUsageError(`${field.name} has several columns, which one expression cannot fill.`, {
          code: 'db.invalid-value',
          hint: `Pass an instance, its key, or null; or expressions for ${field.parts.map((part) => part.attname).join(' and ')}.`,
        })
      columns.push([field, expression])
      continue
    }
    const given = values[next++]
    const value = field.parts.length > 1 ? keyConverter(field)(given, alias) : given
    if (field.parts.length > 1) assertTuple(field, value)
    for (const [i, part] of field.parts.entries()) {
      columns.push([part, null])
      parts.push(field.parts.length === 1 ? value : ((value as readonly unknown[] | null)?.[i] ?? null)) // as told above
    }
  }
  return { changes: columns, values: parts }
}
function assertTuple(field: FieldMeta, value: unknown): void {
  if (value === null || (Array.isArray(value) && value.length === field.parts.length)) return
  throw new QueryValueError(`${picture(value)} is no key for ${field.model.meta.label}.${field.name}.`, {
    code: 'db.invalid-value',
    status: 400,
    hint: `Pass an instance, null, or a list: [${field.parts.map((part) => part.attname).join(', ')}].`,
  })
}
