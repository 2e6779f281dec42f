import { runCleanup } from './cleanup.ts'
import { type HttpRequest, takeCleanups } from './request.ts'

/**
 * Runs what was to run when a request ends: temporary files go, listeners leave. Called by servers once the response has
 * been sent or given up; what is asked for later runs at once. Failures are printed: nobody waits for them.
 */
export function finishRequest(request: HttpRequest): void {
  for (const cleanup of takeCleanups(request) ?? []) runCleanup(cleanup)
}
