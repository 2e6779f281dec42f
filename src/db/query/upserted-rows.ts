/** What the instances of an upsert are after it: whose row is which, and what it holds. */
import type { SqlRow } from '../backends/backend.ts'
import { toCondition } from '../expressions/condition.ts'
import { ALIAS, type AnyInstance, ROW } from '../models/instance.ts'
import { batches } from './batches.ts'
import { inSentOrder } from './given-order.ts'
import type { InsertLayout } from './insert-layout.ts'
import { codecOf } from './record.ts'
import { readRows } from './rows.ts'
import { initialState } from './state.ts'
import { withFilter } from './state-ops.ts'
import type { Work } from './upsert.ts'

/**
 * Gives instances what their rows are now. What is unique tells which row is whose: no database promises an order, and
 * rows may have been left alone. Those without (a part of it is null) were all inserted, and their keys tell it, as of
 * bulkCreate(). Those whose values the database spells in its own way (`1.50` for 1.504) are taken in the order that they
 * came in, where all rows came.
 */
export function take(
  { db, meta, keys }: Work,
  { filled }: InsertLayout,
  rows: readonly AnyInstance[],
  given: readonly SqlRow[],
  created: Set<AnyInstance> | null,
): void {
  const codec = codecOf(meta, db)
  const { decoders } = codec
  const fill = (instance: AnyInstance, raw: SqlRow): void => {
    for (let i = 0; i < meta.columns.length; i++) {
      const decode = decoders[i] ?? null
      instance[meta.columns[i]!.attname] = raw[i] === null || decode === null ? raw[i] : decode(raw[i])
    }
    instance[ROW] = raw.slice(0, meta.columns.length)
    instance[ALIAS] = db.alias
    if (created !== null && raw[meta.columns.length] === true) created.add(instance)
  }
  const byKey = new Map<string | null, SqlRow>(given.map((raw) => [keys.ofRow(raw), raw]))
  byKey.delete(null)
  const all = given.length === rows.length
  const others: AnyInstance[] = []
  const inserted: AnyInstance[] = []
  const found = new Set<SqlRow>()
  for (const row of rows) {
    const key = keys.of(row)
    const raw = byKey.get(key)
    if (raw !== undefined) {
      found.add(raw)
      fill(row, raw)
    } else if (key === null) inserted.push(row)
    else if (all) others.push(row)
  }
  const pair = (some: readonly AnyInstance[], raws: readonly SqlRow[]): void => {
    for (const [i, row] of some.entries()) fill(row, raws[i]!)
  }
  if (inserted.length > 0) {
    const columns = meta.columns.map((_, i) => i)
    const raws = given.filter((raw) => keys.ofRow(raw) === null)
    pair(inserted, inSentOrder(raws, inserted, meta, codec, filled, columns))
  }
  if (others.length === 0) return
  const left = given.filter((raw) => !found.has(raw) && keys.ofRow(raw) !== null)
  pair(others, left)
}

/** Where an insert gives no rows: reads them again, by what is unique. */
export async function readBack({ db, meta, target, keys }: Work, rows: readonly AnyInstance[]): Promise<void> {
  for (const part of batches(rows, 100)) {
    const conditions = part
      .filter((row) => target.every((field) => (row[field.attname] ?? null) !== null))
      .map((row) => toCondition(Object.fromEntries(target.map((field) => [field.attname, row[field.attname]]))))
    if (conditions.length === 0) continue
    const all = conditions.reduce((before, next) => before.or(next))
    const found = (await readRows(
      meta.model,
      withFilter({ ...initialState(meta.model), alias: db.alias }, all),
    )) as AnyInstance[] // a model's rows
    const byKey = new Map(found.map((row) => [keys.of(row), row] as const))
    for (const row of part) {
      const fresh = byKey.get(keys.of(row))
      if (fresh === undefined) continue
      for (const field of meta.columns) row[field.attname] = fresh[field.attname]
      row[ROW] = fresh[ROW]
      row[ALIAS] = db.alias
    }
  }
}
