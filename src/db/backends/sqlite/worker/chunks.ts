/** A result read from a worker, a chunk at a time. */
import type { Compiled, SqlRow } from '../../backend.ts'
import { sent } from './messages.ts'
import type { Stop, Worker } from './worker.ts'

/** Chunks of up to `chunk` rows; `stop` counts for each of them. */
export async function* chunksOf(
  worker: Worker,
  statement: Compiled,
  params: readonly unknown[],
  chunk: number,
  stop: Stop,
  /** Says whether the cursor may be used still. */
  assertUsable: () => void = () => undefined,
): AsyncGenerator<SqlRow[]> {
  const cursor = await worker.ask<number>({ op: 'iterate', statement: sent(statement), params }, stop)
  try {
    for (;;) {
      assertUsable()
      const rows = await worker.ask<SqlRow[] | null>({ op: 'next', cursor, size: chunk }, stop)
      if (rows === null) return
      yield rows
    }
  } finally {
    if (!worker.lost) await worker.ask({ op: 'end', cursor })
  }
}
