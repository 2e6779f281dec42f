import { type HttpRequest, takeCleanups } from './request.ts'

/**
 * Runs what was to run when a request ends: temporary files go, listeners leave. Called by servers once the response has
 * been sent or given up. Failures are printed: nobody waits for them.
 */
export function finishRequest(request: HttpRequest): void {
  const cleanups = takeCleanups(request)
  if (cleanups === undefined) return
  for (const cleanup of cleanups) {
    Promise.resolve()
      .then(cleanup)
      .catch((error: unknown) => console.error('Cleaning up after a request failed:', error))
  }
}
