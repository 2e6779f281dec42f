/**
 * Where reads of a database with replicas go. Inside a scope (a request, or {@link withReplicas}) they go to one of
 * them, the same for the whole scope, until something is written there: from then on the scope reads what it wrote.
 */
import { contextKey, current, runWith } from '../std/context.ts'

interface Scope {
  /** Aliases of databases written to. */
  readonly written: Set<string>
  /** Chooses the replica: one moment of the past for all reads of the scope, not a mixture of several. */
  readonly turn: number
}

const scopeKey = contextKey<Scope | null>('db.replicas', null)
const primaryKey = contextKey<boolean>('db.primary', false)
let turns = 0

/**
 * Runs `fn` as requests are run: where a database has `replicas`, reads in it go to one of them until `fn`, or what it
 * started, writes to that database. For commands and tasks that only read; outside of any scope everything goes to the
 * primary. Inside another scope it is that one.
 *
 *     await withReplicas(async () => report(await Order.objects.count()))
 */
export function withReplicas<T>(fn: () => PromiseLike<T>): Promise<T>
export function withReplicas<R>(fn: () => R): R
export function withReplicas(fn: () => unknown): unknown {
  if (current(scopeKey) !== null) return started(fn)
  return runWith(scopeKey, { written: new Set(), turn: turns++ }, () => started(fn))
}

/** Runs `fn` with all of its reads on primaries. */
export function onPrimary<R>(fn: () => R): R {
  return runWith(primaryKey, true, fn)
}

/** A query that `fn` gives is run here, not where it is awaited. */
export function started(fn: () => unknown): unknown {
  const result = fn()
  return isThenable(result) ? (async () => await result)() : result
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** From here on the scope reads this database's primary. */
export function noteWrite(alias: string): void {
  current(scopeKey)?.written.add(alias)
}

/** Which of `count` replicas a read of this moment goes to; null for the primary. */
export function replicaOfNow(alias: string, count: number): number | null {
  const scope = current(scopeKey)
  if (scope === null || scope.written.has(alias) || current(primaryKey)) return null
  return scope.turn % count
}
