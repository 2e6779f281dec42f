/** Rows written as they are: no save() of a model, no autoNow; signals say `raw: true`. */
import { type Database, database } from '../connections.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { bulkCreate } from '../query/bulk.ts'
import { writtenConversion } from '../query/column-values.ts'
import { fetchExists, runDelete } from '../query/execute.ts'
import { bulkOf, type InsertLayout, insertLayout } from '../query/insert-layout.ts'
import { columnNode } from '../query/joins.ts'
import { codecOf, takeGenerated, written } from '../query/record.ts'
import { ownState } from '../query/refresh.ts'
import { readRows } from '../query/rows.ts'
import { initialState } from '../query/state.ts'
import { withFilter, withValues } from '../query/state-ops.ts'
import { updateRows } from '../query/update.ts'
import { m2mChanged, postSave, preSave } from '../signals.ts'
import type { InsertNode } from '../sql/nodes.ts'
import type { DeserializedRow } from './deserialize.ts'

/** Rows of one model: each replaces the row of its key, or is inserted. No key may come twice. */
export async function saveRaw(rows: readonly DeserializedRow[], alias: string): Promise<void> {
  const db = database(alias)
  const { model } = rows[0]!
  const { meta } = model
  const listened = preSave.hasReceivers || postSave.hasReceivers
  // Rows that write the same columns go together.
  const groups = new Map<string, DeserializedRow[]>()
  for (const row of rows) {
    const instance = row.instance as AnyInstance
    const key = listened
      ? String(groups.size)
      : `${insertLayout(instance, meta).key}|${[...keptSecrets(row)].map((field) => field.name)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  for (const group of groups.values()) {
    if (!listened) await writeRows(db, meta, group)
    else await announced(db, model, group[0]!)
  }
}

/** Secrets that the text leaves out: a row that is there keeps its own. */
function keptSecrets({ absent }: DeserializedRow): FieldMeta[] {
  return [...absent].filter((field) => field.secret)
}

async function announced(db: Database, model: AnyModel, row: DeserializedRow): Promise<void> {
  const instance = row.instance as AnyInstance
  const { meta } = model
  const hasKey = meta.pk.every((field) => instance[field.attname] !== null)
  const created = !hasKey || !(await fetchExists(model, ownState(instance, meta, db)))
  const event = { model, instance, created, fields: null, alias: db.alias, raw: true }
  await preSave.send(event)
  await writeRows(db, meta, [row])
  await postSave.send(event)
}

async function writeRows(db: Database, meta: ModelMeta, rows: readonly DeserializedRow[]): Promise<void> {
  const layout = insertLayout(rows[0]!.instance as AnyInstance, meta)
  const keyless = layout.filled.some((i) => meta.pk.includes(meta.columns[i]!))
  if (!keyless && !db.features.conflictTarget) return replaceOrInsert(db, meta, rows, layout)
  // Without RETURNING the database tells the number of one row only.
  if (keyless && !db.features.returning) for (const row of rows) await writeGroup(db, meta, [row], layout, true)
  else await writeGroup(db, meta, rows, layout, keyless)
}

/** Where an upsert cannot say which key it is about, it would overwrite a row that has another value in common. */
async function replaceOrInsert(
  db: Database,
  meta: ModelMeta,
  rows: readonly DeserializedRow[],
  layout: InsertLayout,
): Promise<void> {
  const fresh: DeserializedRow[] = []
  const known = await knownKeys(db, meta, rows)
  for (const row of rows) {
    const instance = row.instance as AnyInstance
    const isKnown =
      known === null ? await fetchExists(meta.model, ownState(instance, meta, db)) : known.has(String(instance.pk))
    if (!isKnown) {
      fresh.push(row)
      continue
    }
    const kept = new Set(keptSecrets(row))
    const fields = meta.columns.filter(
      (field) => !meta.pk.includes(field) && !kept.has(field) && field.computed === null,
    )
    const values = fields.map(
      ({ attname }) => [attname, row.precise.get(attname) ?? instance[attname] ?? null] as const,
    )
    await updateRows(meta.model, ownState(instance, meta, db), Object.fromEntries(values))
    written(instance, meta, codecOf(meta, db), db)
  }
  if (fresh.length > 0) await writeGroup(db, meta, fresh, layout, true)
}

/** Keys of the rows that are there; null where a key has several fields. */
async function knownKeys(
  db: Database,
  meta: ModelMeta,
  rows: readonly DeserializedRow[],
): Promise<ReadonlySet<string> | null> {
  const [key, ...more] = meta.pk
  if (key === undefined || more.length > 0) return null
  const keys = rows.map((row) => (row.instance as AnyInstance)[key.attname])
  const state = withFilter({ ...initialState(meta.model), alias: db.alias }, { [`${key.attname}__in`]: keys })
  return new Set((await readRows(meta.model, withValues(state, [key.attname], 'flat'))).map(String))
}

async function writeGroup(
  db: Database,
  meta: ModelMeta,
  rows: readonly DeserializedRow[],
  { indexes, filled }: InsertLayout,
  isNew: boolean,
): Promise<void> {
  const fields = indexes.map((i) => meta.columns[i]!)
  const kept = new Set(keptSecrets(rows[0]!))
  const replaced = fields.filter((field) => !meta.pk.includes(field) && !kept.has(field))
  const columns = (list: readonly FieldMeta[]) => list.map((field) => field.column!) // of meta.columns
  const conflict: Pick<InsertNode, 'onConflict'> = isNew
    ? {}
    : { onConflict: replaced.length === 0 ? 'ignore' : { columns: columns(meta.pk), update: columns(replaced) } }
  const keyless = filled.some((i) => meta.pk.includes(meta.columns[i]!))
  const returning = keyless && db.features.returning
  const compiled = db.backend.compiler.compile({
    t: 'insert',
    table: meta.table,
    columns: columns(fields),
    rows: [],
    bulk: bulkOf(fields, rows.length),
    ...conflict,
    returning: returning ? filled.map((i) => columnNode(null, meta.columns[i]!)) : [],
  })
  const values: unknown[] = []
  const conversions = fields.map(writtenConversion)
  for (const { instance, precise } of rows) {
    const row = instance as AnyInstance
    for (const [at, { attname, type }] of fields.entries()) {
      const value = precise.get(attname) ?? row[attname] ?? null
      const convert = conversions[at]!
      const nothing = type?.conversion?.nothing ?? null
      values.push(convert === null ? value : value === null ? nothing : convert(value))
    }
  }
  const codec = codecOf(meta, db)
  if (returning) {
    const given = await db.rows(compiled, values)
    for (const [i, row] of rows.entries()) takeGenerated(row.instance as AnyInstance, meta, codec, filled, given[i]!)
  } else {
    const { lastId } = await db.run(compiled, values)
    const key = meta.pk[0]!
    if (keyless && lastId !== null) (rows[0]!.instance as AnyInstance)[key.attname] = Number(lastId)
  }
  for (const { instance } of rows) written(instance as AnyInstance, meta, codec, db)
}

/** Many-to-many relations of saved rows become what their text says; relations it does not name stay. */
export async function saveRelations(rows: readonly DeserializedRow[], alias: string): Promise<void> {
  const fields = new Set(rows.flatMap((row) => [...row.relations.keys()]))
  for (const field of fields) {
    const some = rows.filter((row) => row.relations.has(field))
    if (m2mChanged.hasReceivers) for (const row of some) await link(field, [row], alias)
    else await link(field, some, alias)
  }
}

async function link(field: FieldMeta, rows: readonly DeserializedRow[], alias: string): Promise<void> {
  const { symmetrical, through } = field.relation!
  const { model, from, to } = through! // a many-to-many has a table between
  const state = { ...initialState(model), alias }
  const owners = rows.map((row) => (row.instance as AnyInstance).pk)
  const pairs = new Map<string, Record<string, unknown>>()
  const add = (a: unknown, b: unknown) =>
    pairs.set(`${String(a)}\0${String(b)}`, { [from.attname]: a, [to.attname]: b })
  for (const [i, row] of rows.entries()) {
    for (const key of row.relations.get(field)!) {
      add(owners[i], key)
      if (symmetrical) add(key, owners[i])
    }
  }
  const tell = async (action: 'preClear' | 'postClear' | 'preAdd' | 'postAdd', keys: readonly unknown[]) => {
    if (!m2mChanged.hasReceivers) return
    await m2mChanged.send({ action, instance: rows[0]!.instance, field, keys, alias, raw: true })
  }
  const keys = rows[0]!.relations.get(field)!
  await tell('preClear', [])
  await runDelete(model, withFilter(state, { [`${from.attname}__in`]: owners }))
  if (symmetrical) await runDelete(model, withFilter(state, { [`${to.attname}__in`]: owners }))
  await tell('postClear', [])
  if (pairs.size === 0) return
  await tell('preAdd', keys)
  await bulkCreate(model, state, [...pairs.values()], {})
  await tell('postAdd', keys)
}
