/** Views that stand outside of `atomicRequests`. */
import type { HttpRequest } from '../http/index.ts'
import { guardParts } from '../urls/internal.ts'

const NON_ATOMIC = Symbol.for('nuages.non-atomic')

/**
 * A guard that keeps a view out of the transaction that `atomicRequests` puts around views, for those that wait for other
 * servers or commit in steps: `urls.imported.view(nonAtomicRequests, async (request) => …)`. Beside another:
 * `guards(nonAtomicRequests, loginRequired)`.
 */
export function nonAtomicRequests<R extends HttpRequest>(request: R): R {
  return request
}
nonAtomicRequests[NON_ATOMIC] = true

/** Whether a guard is {@link nonAtomicRequests}, or one of several is. */
export function isNonAtomic(guard: unknown): boolean {
  return guardParts(guard).some(
    (part) => typeof part === 'function' && (part as { [NON_ATOMIC]?: unknown })[NON_ATOMIC] === true,
  )
}
