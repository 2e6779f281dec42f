/** Queries that end when a signal fires. */
import { contextKey, current, runWith } from '../std/context.ts'
import { aborted } from './backends/lock.ts'
import { started } from './replicas.ts'

const key = contextKey<AbortSignal | null>('db.abort', null)
let used = false

/**
 * Runs `fn`, and cancels its queries when `signal` fires: one that runs is stopped (PostgreSQL, MySQL, SQLite with `worker`), one
 * that waits for a connection, for SQLite's writer or for its turn in a block gives up at once, and later ones are
 * refused. All of them fail with OperationalError `db.aborted`, whose `cause` is the signal's reason. A transaction that
 * was opened inside rolls back; one whose query was stopped can do nothing else. A commit on its way is not stopped.
 * Without `worker`, SQLite runs a statement in one go: the one that has begun ends first. Inside another, either signal counts.
 *
 *     const rows = await abortable(AbortSignal.timeout(2000), () => Book.objects.filter({ title__icontains: words }))
 */
export function abortable<T>(signal: AbortSignal, fn: () => PromiseLike<T>): Promise<T>
export function abortable<R>(signal: AbortSignal, fn: () => R): R
export function abortable(signal: AbortSignal, fn: () => unknown): unknown {
  used = true
  return runWith(key, joined(signal, current(key)) ?? null, () => started(fn))
}

/** The signal of this context; undefined where there is none. */
export function signalOfNow(): AbortSignal | undefined {
  return used ? (current(key) ?? undefined) : undefined
}

/** Either signal. */
export function joined(one: AbortSignal | undefined, other: AbortSignal | null | undefined): AbortSignal | undefined {
  if (one === undefined) return other ?? undefined
  return other === null || other === undefined || other === one ? one : AbortSignal.any([one, other])
}

/** @throws OperationalError db.aborted once the signal has fired */
export function assertRunning(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}
