import type { HttpRequest } from '../http/index.ts'
import { logError } from '../http/internal.ts'

const watched = new WeakMap<HttpRequest, (error: unknown) => void>()

/** Tells `receive` of the errors of one request, instead of standard error; of projects put together for tests. */
export function watchFailures(request: HttpRequest, receive: (error: unknown) => void): void {
  watched.set(request, receive)
}

/** An error that became a page: for whoever watches the request, else printed. */
export function noteFailure(error: unknown, request: HttpRequest): void {
  const receive = watched.get(request) ?? logError
  receive(error, request)
}
