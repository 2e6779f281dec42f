import { contextKey, current, runWith } from '../std/context.ts'
import type { HttpRequest } from './request.ts'

const key = contextKey<HttpRequest | null>('http.request', null)

/** The request being answered, anywhere below its view; null outside one (commands, tasks). */
export function currentRequest(): HttpRequest | null {
  return current(key)
}

/** Runs `fn` as part of answering `request`. */
export function runInRequest<R>(request: HttpRequest, fn: () => R): R {
  return runWith(key, request, fn)
}
