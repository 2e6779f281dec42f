/** What runs, for debug pages, query counts in tests and slow-query logs. Costs one comparison when nobody listens. */
import type { MaybePromise } from './backends/backend.ts'

/** One statement that ran. */
export interface QueryEvent {
  readonly alias: string
  readonly sql: string
  /** As sent to the driver. May hold secrets: do not print them outside development. */
  readonly params: readonly unknown[]
  readonly milliseconds: number
  /** Rows given, or changed. */
  readonly rows: number
  /** What it failed with. */
  readonly error?: unknown
}

type Listener = (event: QueryEvent) => void
const listeners = new Set<Listener>()

/** Calls `listener` after every statement of every database; begin, commit and savepoints are not statements here. */
export function onQuery(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether anybody listens. */
export function isLogged(): boolean {
  return listeners.size > 0
}

/** Tells the listeners about one statement that began at `start` (`performance.now()`). */
export function report({ start, ...query }: Omit<QueryEvent, 'milliseconds'> & { readonly start: number }): void {
  const event: QueryEvent = { ...query, milliseconds: performance.now() - start }
  for (const listener of listeners) listener(event)
}

/** Runs `work` and reports it. */
export function logged<T>(
  alias: string,
  sql: string,
  params: readonly unknown[],
  work: () => MaybePromise<T>,
): MaybePromise<T> {
  const start = performance.now()
  const done = (value: T): T => {
    report({ alias, sql, params, start, rows: countOf(value) })
    return value
  }
  const failed = (error: unknown): never => {
    report({ alias, sql, params, start, rows: 0, error })
    throw error
  }
  let result: MaybePromise<T>
  try {
    result = work()
  } catch (error) {
    return failed(error)
  }
  return result instanceof Promise ? result.then(done, failed) : done(result)
}

function countOf(value: unknown): number {
  if (Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null && 'changes' in value ? Number(value.changes) : 0
}
