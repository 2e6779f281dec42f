/** Deleting rows: of a query set, and of one instance. What goes with them is in `collector.ts`. */
import type { Database } from '../connections.ts'
import { type AnyInstance, ROW } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { atomic } from '../transactions.ts'
import type { DeleteResult } from './any-queryset.ts'
import { Collector, isFast } from './collector.ts'
import { noCompound, QueryUsageError, QueryValueError } from './errors.ts'
import { assertWhole, runDelete, runDeleteReturning } from './execute.ts'
import { databaseFor, modelOf } from './instance-database.ts'
import { databaseToWrite, readRows } from './rows.ts'
import type { State } from './state.ts'
import { withOrder } from './state-ops.ts'

function assertDeletable(state: State): void {
  assertWhole(state, 'delete()')
  if (state.compound !== null) throw noCompound('delete')
  if (state.mode !== 'instances' || state.ops.some((op) => op.t === 'distinct' && op.on)) {
    throw new QueryUsageError(`delete() was called after ${state.mode === 'instances' ? 'distinct()' : 'values()'}.`, {
      code: 'db.not-instances',
      hint: 'Filter and delete; those methods choose columns, not rows.',
    })
  }
}

/** delete() of a query set. */
export async function deleteRows(model: AnyModel, state: State): Promise<DeleteResult> {
  assertDeletable(state)
  if (state.empty) return { total: 0, perModel: {} }
  const db = databaseToWrite(model, state)
  if (isFast(model, null)) {
    const rows = await runDelete(model, state)
    return { total: rows, perModel: rows === 0 ? {} : { [model.meta.label]: rows } }
  }
  return atomic(
    async () => {
      const rows = (await readRows(model, withOrder({ ...state, alias: db.alias, known: null }, []))) as AnyInstance[] // mode 'instances'
      return await deleteInstances(db, model, rows) // awaited here, so that stacks tell who asked
    },
    { using: db.alias },
  )
}

/** delete() that gives the rows. */
export async function deleteRowsReturning(model: AnyModel, state: State): Promise<AnyInstance[]> {
  assertDeletable(state)
  if (state.empty) return []
  const db = databaseToWrite(model, state)
  if (isFast(model, null)) {
    const gone = (await runDeleteReturning(model, state)) as AnyInstance[] // whole rows of the model
    for (const row of gone) row[ROW] = null
    return gone
  }
  return atomic(
    async () => {
      const rows = (await readRows(model, withOrder({ ...state, alias: db.alias, known: null }, []))) as AnyInstance[] // mode 'instances'
      const keys = rows.map((row) => model.meta.pk.map((field) => row[field.attname]))
      await deleteInstances(db, model, rows)
      for (const [i, row] of rows.entries())
        for (const [at, field] of model.meta.pk.entries()) row[field.attname] = keys[i]![at]
      return rows
    },
    { using: db.alias },
  )
}

async function deleteInstances(db: Database, model: AnyModel, rows: readonly AnyInstance[]): Promise<DeleteResult> {
  const collector = new Collector(db)
  await collector.collect(model, rows)
  await collector.assertUnrestricted(model)
  return await collector.delete()
}

/** delete() of an instance. @returns rows deleted, in all */
export async function deleteInstance(
  instance: AnyInstance,
  options: { readonly using?: string } = {},
): Promise<number> {
  const model = modelOf(instance)
  if (instance[ROW] === null || model.meta.pk.some((field) => (instance[field.attname] ?? null) === null)) {
    throw new QueryValueError(`${String(instance)} has no row to delete: it was never saved, or was deleted before.`, {
      code: 'db.unsaved-instance',
    })
  }
  const db = databaseFor(instance, options.using)
  const result = await atomic(() => deleteInstances(db, model, [instance]), { using: db.alias })
  return result.total
}
