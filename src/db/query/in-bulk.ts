/** inBulk(): rows by a unique field. */
import { KeyMap } from '../models/keys.ts'
import type { AnyModel } from '../models/meta.ts'
import { QueryUsageError } from './errors.ts'
import { fetchRows } from './execute.ts'
import { promised } from './rows.ts'
import type { State } from './state.ts'
import { withFilter } from './state-ops.ts'

/** Rows by a unique field: of these values, or all. @throws QueryUsageError db.not-unique */
export async function bulkRows(
  model: AnyModel,
  state: State,
  keys: readonly unknown[] | undefined,
  by: string,
): Promise<Map<unknown, unknown>> {
  const { meta } = model
  const pk = by === 'pk'
  const field = pk ? undefined : (meta.fields.get(by) ?? meta.byAttname.get(by))
  const whole = (fields: readonly string[]): boolean => fields.length === 1 && fields[0] === field?.name
  const unique =
    pk ||
    (field !== undefined &&
      (field.unique ||
        whole(meta.pk.map((one) => one.name)) ||
        meta.constraints.some((item) => item.type === 'unique' && item.where === undefined && whole(item.fields))))
  if (!unique) {
    throw new QueryUsageError(`inBulk() by "${by}": several rows of ${meta.label} may have the same.`, {
      code: 'db.not-unique',
      hint: 'Name a field that is unique.',
    })
  }
  const asked = keys === undefined ? state : withFilter(state, { [`${by}__in`]: keys })
  const rows = await promised(() => fetchRows(model, asked))
  const name = pk ? 'pk' : field!.attname
  const entries = rows.map((row) => [(row as Record<string, unknown>)[name], row] as const) // rows are instances
  return pk && meta.pk.length > 1 ? new KeyMap(entries) : new Map(entries)
}
