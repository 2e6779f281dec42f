/** refresh(): an instance takes what its row is now. */
import { type Database, database } from '../connections.ts'
import { ALIAS, type AnyInstance, CACHE, clearCached, ROW } from '../models/instance.ts'
import type { ModelMeta } from '../models/meta.ts'
import type { RefreshOptions } from '../models/types.ts'
import { aliasFor } from '../routers.ts'
import { QueryUsageError, RowVanishedError } from './errors.ts'
import { fetchRows } from './execute.ts'
import { modelOf } from './instance-database.ts'
import { initialState, type State } from './state.ts'
import { withFilter } from './state-ops.ts'
import { columnField } from './written-fields.ts'

/** The state that is one row. */
export function ownState(instance: AnyInstance, meta: ModelMeta, db: Database): State {
  const where = Object.fromEntries(meta.pk.map((field) => [field.attname, instance[field.attname]]))
  return withFilter({ ...initialState(meta.model), alias: db.alias }, where)
}

/** The rows that refresh() reads from. */
function sourceState(from: RefreshOptions['from'], instance: AnyInstance, meta: ModelMeta, db: Database): State {
  const own = ownState(instance, meta, db)
  if (from === undefined) return own
  const { state } = from as { readonly state?: State } // every query set has one
  if (from.model !== meta.model || state === undefined || state.mode !== 'instances') {
    throw new QueryUsageError(`refresh({ from }) takes a query set of ${meta.label}.`, { code: 'db.not-a-query' })
  }
  const where = Object.fromEntries(meta.pk.map((field) => [field.name, instance[field.attname]]))
  return withFilter({ ...state, alias: db.alias }, where)
}

/** Reads the row again into the instance. @throws RowVanishedError db.row-vanished */
export async function refreshInstance(instance: AnyInstance, options: RefreshOptions = {}): Promise<void> {
  const { meta } = modelOf(instance)
  const db = database(options.using ?? aliasFor('dbForRead', meta.model, instance))
  const from = sourceState(options.from, instance, meta, db)
  const rows = await fetchRows(meta.model, from)
  const fresh = rows[0] as AnyInstance | undefined // rows of a model are its instances
  if (fresh === undefined) {
    throw new RowVanishedError(`${String(instance)} is not in the database "${db.alias}".`, { code: 'db.row-vanished' })
  }
  if (options.fields === undefined) {
    for (const field of meta.columns) instance[field.attname] = fresh[field.attname]
    instance[ROW] = fresh[ROW]
    instance[ALIAS] = db.alias
    instance[CACHE] = fresh[CACHE]
    return
  }
  const row = instance[ROW]?.slice() ?? []
  for (const name of options.fields) {
    const field = meta.fields.get(name) ?? meta.byAttname.get(name) ?? columnField(meta, name)
    clearCached(instance, field.name)
    for (const part of field.parts) {
      instance[part.attname] = fresh[part.attname]
      const i = meta.columns.indexOf(part)
      row[i] = fresh[ROW]![i]
    }
  }
  if (instance[ROW] !== null) instance[ROW] = row
}
