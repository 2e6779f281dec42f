/** refresh(): an instance takes what its row is now. */
import { type Database, database } from '../connections.ts'
import { ALIAS, type AnyInstance, CACHE, clearCached, PEERS, ROW } from '../models/instance.ts'
import type { RefreshOptions } from '../models/instance-methods.ts'
import { keyId, keyValue } from '../models/keys.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { aliasFor } from '../routers.ts'
import { QueryUsageError, RowVanishedError } from './errors.ts'
import { fetchRows } from './execute.ts'
import { modelOf } from './instance-database.ts'
import { peersOf, Result } from './result.ts'
import { initialState, type State } from './state.ts'
import { withFilter, withLoading, withOrder } from './state-ops.ts'
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
  assertOptions('refresh()', options, ['using', 'fields', 'from'])
  const { fields } = options
  if (fields !== undefined && options.from === undefined)
    return refreshFields(instance, meta, db, fields, options.using === undefined)
  const from = sourceState(options.from, instance, meta, db)
  const rows = await fetchRows(meta.model, from)
  const fresh = rows[0] as AnyInstance | undefined // rows of a model are its instances
  if (fresh === undefined) throw vanished(instance, db)
  if (fields !== undefined) {
    take(instance, fresh, fieldsOf(meta, fields), meta)
    return
  }
  for (const field of meta.columns) instance[field.attname] = fresh[field.attname]
  instance[ROW] = fresh[ROW]
  instance[ALIAS] = db.alias
  instance[CACHE] = fresh[CACHE]
}

function fieldsOf(meta: ModelMeta, names: readonly string[]): FieldMeta[] {
  return names.map((name) => meta.fields.get(name) ?? meta.byAttname.get(name) ?? columnField(meta, name))
}

/** Gives an instance some columns of its row. */
function take(instance: AnyInstance, fresh: AnyInstance, fields: readonly FieldMeta[], meta: ModelMeta): void {
  const row = instance[ROW]?.slice() ?? []
  for (const field of fields) {
    clearCached(instance, field.name)
    for (const part of field.parts) {
      instance[part.attname] = fresh[part.attname]
      const i = meta.columns.indexOf(part)
      row[i] = fresh[ROW]![i]
    }
  }
  if (instance[ROW] !== null) instance[ROW] = row
}

// ------------------------------------------------------------------ columns that only() and defer() left out

/** Columns that were read with those of a peer, and in which block; null outside of blocks. */
const ahead = new WeakMap<AnyInstance, { readonly names: ReadonlySet<string>; readonly block: unknown }>()
/** What is being read for the rows of a result. */
const pending = new WeakMap<Result, { readonly key: string; readonly block: unknown; readonly done: Promise<void> }>()

/**
 * Reads some columns. Those that were left out are read for all rows of the result that lack them, as relations are
 * (fetchMode 'peers'): the same call for another of these rows, in the same block, then sends nothing.
 */
async function refreshFields(
  instance: AnyInstance,
  meta: ModelMeta,
  db: Database,
  names: readonly string[],
  ofPeers: boolean,
): Promise<void> {
  const fields = fieldsOf(meta, names)
  const columns = fields.flatMap((field) => field.parts.map((part) => part.attname))
  const isUnread = (row: AnyInstance): boolean => columns.every((name) => !Object.hasOwn(row, name))
  const result = instance[PEERS]
  if (!ofPeers || columns.length === 0 || !(result instanceof Result) || result.mode === 'one')
    return readColumns([instance], meta, db, fields)
  const block = db.currentBlock()
  const key = columns.join()
  const other = pending.get(result)
  if (other?.key === key && other.block === block) await other.done
  const known = ahead.get(instance)
  if (known !== undefined && known.block === block && columns.every((name) => known.names.has(name))) {
    ahead.delete(instance)
    return
  }
  if (!isUnread(instance)) return readColumns([instance], meta, db, fields)
  const peers = peersOf(instance).filter((peer) => peer !== instance && isUnread(peer))
  const done = readColumns([instance, ...peers], meta, db, fields)
  const load = { key, block, done }
  pending.set(result, load)
  try {
    await done
  } finally {
    if (pending.get(result) === load) pending.delete(result)
  }
  const read = new Set(columns)
  for (const peer of peers) if (!isUnread(peer)) ahead.set(peer, { names: read, block })
}

/** @throws RowVanishedError db.row-vanished for the first of the rows */
async function readColumns(
  rows: readonly AnyInstance[],
  meta: ModelMeta,
  db: Database,
  fields: readonly FieldMeta[],
): Promise<void> {
  const keys = rows.map((row) => keyValue(row, meta.pk))
  const all = { ...initialState(meta.model), alias: db.alias }
  const some = withFilter(all, rows.length === 1 ? { pk: keys[0] } : { pk__in: keys })
  const columns = fields.map((field) => field.name)
  const found = (await fetchRows(meta.model, withOrder(withLoading(some, columns, true), []))) as AnyInstance[] // a model's
  const byKey = new Map(found.map((row) => [keyId(keyValue(row, meta.pk)), row]))
  for (const [i, row] of rows.entries()) {
    const fresh = byKey.get(keyId(keys[i]))
    if (fresh !== undefined) take(row, fresh, fields, meta)
    else if (i === 0) throw vanished(row, db)
  }
}

function vanished(instance: AnyInstance, db: Database): RowVanishedError {
  return new RowVanishedError(`${String(instance)} is not in the database "${db.alias}".`, { code: 'db.row-vanished' })
}
