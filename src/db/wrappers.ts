/** Functions around every statement, for instrumentation and blocking. Cost nothing until the first one is used. */
import { contextKey, current, runWith } from '../std/context.ts'
import type { MaybePromise } from './backends/backend.ts'
import { isLogged, logged } from './query-log.ts'
import { started } from './replicas.ts'

/** One statement about to be sent. */
export interface QueryCall {
  /** The database it goes to: that of the replica, where a replica answers. */
  readonly alias: string
  readonly sql: string
  /** As sent to the driver. May hold secrets: do not print them outside development. */
  readonly params: readonly unknown[]
  /** Values of many rows for one statement. */
  readonly many: boolean
}

/** Calls `execute` to send the statement and gives what it gives, or throws instead. */
export type QueryWrapper = <T>(query: QueryCall, execute: () => T | Promise<T>) => T | Promise<T>

const NONE: readonly QueryWrapper[] = Object.freeze([])
const key = contextKey<readonly QueryWrapper[]>('db.wrappers', NONE)
let used = false
let outermost: QueryWrapper | null = null

/** Puts `wrapper` around every statement of the process, outside of all others; null takes it off. */
export function wrapAll(wrapper: QueryWrapper | null): void {
  if (wrapper !== null) used = true
  outermost = wrapper
}

/**
 * Runs `fn` with `wrapper` around every statement of it, on any database: queries, DDL, and the first rows of
 * iterators; not begin, commit and savepoints. Wrappers nest, the outermost is called first. Statements that a wrapper
 * sends itself go through those outside of it only.
 *
 *     const noQueries: QueryWrapper = ({ sql }) => { throw new Error(`A query in a template: ${sql}`) }
 *     await wrapQueries(noQueries, () => render(request, 'page.html', context))
 */
export function wrapQueries<T>(wrapper: QueryWrapper, fn: () => PromiseLike<T>): Promise<T>
export function wrapQueries<R>(wrapper: QueryWrapper, fn: () => R): R
export function wrapQueries(wrapper: QueryWrapper, fn: () => unknown): unknown {
  used = true
  return runWith(key, [...current(key), wrapper], () => started(fn))
}

/** Whether anybody wants to see the statements of this context. */
export function isWatched(): boolean {
  return isLogged() || (used && (outermost !== null || current(key).length > 0))
}

/** Sends a statement under the eyes of wrappers and of the query log. */
export function watched<T>(query: QueryCall, work: () => MaybePromise<T>): MaybePromise<T> {
  return wrapped(query, isLogged() ? () => logged(query.alias, query.sql, query.params, work) : work)
}

/** Sends a statement through the wrappers of this context alone. */
export function wrapped<T>(query: QueryCall, work: () => MaybePromise<T>): MaybePromise<T> {
  const wrappers = used ? current(key) : NONE
  if (outermost === null) return through(wrappers, 0, query, work)
  return outermost(query, () => through(wrappers, 0, query, work))
}

function through<T>(
  wrappers: readonly QueryWrapper[],
  at: number,
  query: QueryCall,
  work: () => MaybePromise<T>,
): MaybePromise<T> {
  const wrapper = wrappers[at]
  if (wrapper === undefined) return work()
  return runWith(key, wrappers.slice(0, at), () => wrapper(query, () => through(wrappers, at + 1, query, work)))
}
