/** Tells of writes of many rows: before and after, inside their transaction. Without receivers it is one question. */
import type { MaybePromise } from '../backends/backend.ts'
import type { AnyModel } from '../models/meta.ts'
import { type BulkWriteEvent, postBulkWrite, preBulkWrite } from '../signals.ts'
import { atomic } from '../transactions.ts'
import { databaseToWrite } from './rows.ts'
import type { State } from './state.ts'

/** A query set, as far as this needs it. */
interface Set {
  readonly model: AnyModel
  readonly state: State
}

/** Whether anybody listens to writes of many rows. */
export function isHeard(): boolean {
  return preBulkWrite.hasReceivers || postBulkWrite.hasReceivers
}

/** Does the work of a query set's method; told to those who listen. `about`: asked for them; `count`: rows of its result. */
export function told<R>(
  set: Set,
  action: BulkWriteEvent['action'],
  about: () => { readonly rows?: readonly object[]; readonly fields?: readonly string[] },
  work: () => MaybePromise<R>,
  count: (result: R) => number,
): MaybePromise<R> {
  if (!isHeard()) return work()
  const { alias } = databaseToWrite(set.model, set.state)
  const { rows = null, fields = null } = about()
  const event = { action, model: set.model, queryset: rows === null ? set : null, rows, fields, alias }
  return atomic(
    async () => {
      await preBulkWrite.send({ ...event, count: null })
      const result = await work()
      const given: unknown = result
      // New instances, where values were given: with their keys, if the database told them.
      const written = rows !== null && Array.isArray(given) ? given : rows
      await postBulkWrite.send({ ...event, rows: written, count: count(result) })
      return result
    },
    { using: alias },
  )
}
