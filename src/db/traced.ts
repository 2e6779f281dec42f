/**
 * `await` of an object with `then()` calls it from an empty stack: who awaits is not to be seen. One turn later the
 * engine knows. The turn is taken only while somebody wants to know.
 */
import type { FieldMeta } from './models/meta.ts'

let traced = false
let asked: FieldMeta | null = null

/** Whether places of queries are wanted, from now on. */
export function traceAwaits(on: boolean): void {
  traced = on
}

/** Runs what an `await` asks for. */
export function awaited<T>(work: () => Promise<T>): Promise<T> {
  return traced ? Promise.resolve().then(work) : work()
}

/** Frames of a stack that are looked at: deep enough to come out of ours. */
const DEEP = 50

/**
 * The error of a query, with who asked for it where its stack ends before: ten frames of ours say nothing to others.
 * Called on the way out, or where the promise that somebody awaits fails, of whom the engine knows then. Costs nothing
 * where nothing fails.
 */
export function withCaller(error: unknown): unknown {
  // That there is no row is often no fault, and its stack is short.
  if (!(error instanceof Error) || (error as { code?: unknown }).code === 'db.does-not-exist') return error
  const known = error.stack ?? ''
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = DEEP
  const here: { stack?: string } = {}
  Error.captureStackTrace(here, withCaller)
  Error.stackTraceLimit = stackTraceLimit
  const frames = (here.stack ?? '').split('\n').slice(1)
  const further = frames.filter((line) => !known.includes(line.trim()) && !line.includes('node:internal'))
  // Those of an error that was made elsewhere go on from where it was made.
  if (further.length > 0) error.stack = [known, ...further.slice(0, stackTraceLimit)].join('\n')
  return error
}

/** Runs `work`, whose first statement reads a relation that was awaited. */
export function reading<T>(field: FieldMeta, work: () => T): T {
  asked = field
  try {
    return work()
  } finally {
    asked = null
  }
}

/** The relation that the statement of this moment reads because it was awaited; null for any other statement. */
export function relationAsked(): FieldMeta | null {
  return asked
}
