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
