/** A look at a deletion that does nothing: what would go, and what stands in its way. */
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { Collector, pointing, TooManyRows } from './collector.ts'
import { ProtectedError, RestrictedError } from './errors.ts'
import { databaseFor, modelOf } from './instance-database.ts'

/** What a deletion would take with it, or what stands in its way. */
export interface DeletionSummary {
  readonly counts: readonly { readonly model: AnyModel; readonly count: number }[]
  /** Rows that `protect` or `restrict` keeps; with any of them nothing would be deleted. */
  readonly blocked: readonly AnyInstance[]
  /** There was more than could be looked at: nothing is known but the models that may be concerned. */
  readonly incomplete: readonly AnyModel[] | null
  /** The rows that were read on the way: those of models whose deletion concerns others. */
  readonly rows?: ReadonlyMap<AnyModel, readonly AnyInstance[]>
}

/** Rows that a look at a deletion reads: a country's cities may be a million. */
const MOST_READ = 20_000

/** Models whose rows could go with rows of a model. */
function reachable(model: AnyModel, found: Set<AnyModel> = new Set()): Set<AnyModel> {
  if (found.has(model)) return found
  found.add(model)
  for (const { field, model: holder } of pointing(model))
    if (field.relation!.onDelete === 'cascade') reachable(holder, found)
  return found
}

/** What is known without looking at rows, or when there were too many. */
export function unknownDeletion(model: AnyModel): DeletionSummary {
  return { counts: [], blocked: [], incomplete: [...reachable(model)] }
}

/** Looks at what delete() of these rows of one model would do, and does nothing. */
export async function collectDeletion(rows: readonly AnyInstance[]): Promise<DeletionSummary> {
  const [first] = rows
  if (first === undefined) return { counts: [], blocked: [], incomplete: null }
  const model = modelOf(first)
  const collector = new Collector(databaseFor(first, undefined), MOST_READ)
  try {
    await collector.collect(model, rows)
    await collector.assertUnrestricted(model)
  } catch (error) {
    if (error instanceof ProtectedError || error instanceof RestrictedError)
      return { counts: [], blocked: error.objects as readonly AnyInstance[], incomplete: null } // what collect() gave it
    if (error instanceof TooManyRows) return unknownDeletion(model)
    throw error
  }
  return { counts: await collector.counts(), blocked: [], incomplete: null, rows: collector.rows() }
}
