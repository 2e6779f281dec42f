/** prefetchRelatedObjects(): relations of instances that are there already. */
import type { AnyInstance } from '../models/instance.ts'
import { ALIAS, isInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { picture, QueryUsageError } from './errors.ts'
import { type PrefetchInput, prefetch, prefetchSpecs } from './prefetch.ts'
import type { AnyPrefetch, PrefetchArgs, ReadAhead } from './types/relations.ts'

/**
 * Reads relations of instances that were read before, as {@link QuerySet.prefetchRelated} does with them: one query for
 * each relation, none for what every instance has already. Instances may come from several queries.
 *
 *     const books = await prefetchRelatedObjects([first, ...others], 'author__company', 'tags')
 *
 * A `Prefetch` with a query set of its own reads again: its rows are others.
 * @returns the instances given, with what they have now
 * @throws QueryUsageError db.bad-prefetch for instances of several models, and for what is none
 */
export async function prefetchRelatedObjects<T extends object, const X extends readonly (string | AnyPrefetch)[]>(
  instances: readonly T[],
  ...paths: PrefetchArgs<T, X>
): Promise<(T & ReadAhead<T, X[number]>)[]> {
  const rows = instances as readonly unknown[]
  const specs = prefetchSpecs(paths as unknown as readonly PrefetchInput[]) // as PrefetchArgs says
  const ofDatabases = new Map<string | null, AnyInstance[]>()
  let model: AnyModel | null = null
  for (const row of rows) {
    if (!isInstance(row)) throw refused(`${picture(row)} is no instance of a model`)
    const own = row.constructor as unknown as AnyModel // every instance's class is a model
    if (model !== null && own.meta.concrete !== model.meta.concrete)
      throw refused(`A ${own.meta.label} was given with a ${model.meta.label}`)
    model ??= own
    const others = ofDatabases.get(row[ALIAS])
    if (others === undefined) ofDatabases.set(row[ALIAS], [row])
    else others.push(row)
  }
  // Of each database its own: a relation is read where its holder is.
  if (model !== null) for (const some of ofDatabases.values()) await prefetch(model.meta, [...new Set(some)], specs)
  return [...instances] as (T & ReadAhead<T, X[number]>)[] // what they have now
}

function refused(what: string): QueryUsageError {
  return new QueryUsageError(`prefetchRelatedObjects(): ${what}.`, {
    code: 'db.bad-prefetch',
    hint: 'Give instances of one model; call it once for each model.',
  })
}
