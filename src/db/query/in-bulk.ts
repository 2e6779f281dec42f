/** inBulk(): rows by a unique field. */
import { KeyMap } from '../models/keys.ts'
import type { AnyModel } from '../models/meta.ts'
import { QueryUsageError, unknownField } from './errors.ts'
import { fetchRows } from './execute.ts'
import { fieldNames } from './paths.ts'
import { promised } from './rows.ts'
import { MARK } from './shape.ts'
import type { State } from './state.ts'
import { withFilter } from './state-ops.ts'

/** Rows by a unique field: of these values, or all. @throws QueryUsageError db.not-unique, FieldNameError db.unknown-field */
export async function bulkRows(
  model: AnyModel,
  state: State,
  keys: readonly unknown[] | undefined,
  by: string,
): Promise<Map<unknown, unknown>> {
  const { meta } = model
  const pk = by === 'pk'
  const field = pk ? undefined : (meta.fields.get(by) ?? meta.byAttname.get(by))
  if (field === undefined && !pk) throw unknownField(by, meta.label, fieldNames(meta), by)
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
  const found = keys === undefined ? state : withFilter(state, { [`${by}__in`]: keys })
  const names = (pk ? meta.pk : [field!]).map(({ attname }) => attname)
  const entries = await (state.mode === 'instances'
    ? instances(model, found, pk ? 'pk' : names[0]!)
    : plain(model, found, names))
  return pk && meta.pk.length > 1 ? new KeyMap(entries) : new Map(entries)
}

type Entries = readonly (readonly [key: unknown, row: unknown])[]

async function instances(model: AnyModel, state: State, name: string): Promise<Entries> {
  const rows = (await promised(() => fetchRows(model, state))) as Record<string, unknown>[] // instances
  return rows.map((row) => [row[name], row] as const)
}

/** Rows of values(), read with the columns of the key before theirs. */
async function plain(model: AnyModel, given: State, names: readonly string[]): Promise<Entries> {
  const { mode } = given
  const at = given.ops.findLastIndex((op) => op.t === 'values')
  const op = given.ops[at]
  if (op?.t !== 'values' || given.ops.some((other, i) => i > at && other.t === 'annotate')) {
    throw new QueryUsageError(`inBulk() was called on groups of ${model.meta.label}, which have no key.`, {
      code: 'db.not-instances',
      hint: 'annotate() before values(), or make the Map of the rows yourself.',
    })
  }
  const added = op.columns.length === 0 ? [] : names.filter((name) => mode !== 'values' || !op.columns.includes(name))
  const ops = given.ops.map((other) => (other === op ? { ...op, columns: [...added, ...op.columns] } : other))
  const key = `${given.key}${MARK.op}${added.join(MARK.part)}${MARK.key}`
  const state: State = { ...given, ops, key, mode: mode === 'flat' ? 'lists' : mode }
  const rows = await promised(() => fetchRows(model, state))
  if (mode !== 'values') {
    // Without names it is all columns, the key's among them.
    const shown = model.meta.columns.filter((field) => !field.secret).map(({ attname }) => attname)
    const places = names.map((name) => shown.indexOf(name))
    return (rows as unknown[][]).map((row) => {
      if (added.length === 0) return [names.length === 1 ? row[places[0]!] : places.map((i) => row[i]), row] as const
      const own = row.slice(names.length)
      return [names.length === 1 ? row[0] : row.slice(0, names.length), mode === 'flat' ? own[0] : own] as const
    })
  }
  return (rows as Record<string, unknown>[]).map((row) => {
    const parts = names.map((name) => row[name])
    for (const name of added) delete row[name]
    return [names.length === 1 ? parts[0] : parts, row] as const
  })
}
