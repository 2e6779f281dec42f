import { onQuery, type QueryEvent } from '../db/internal.ts'
import { TestingError } from './errors.ts'

/** The queries made while `fn` runs, in order. */
export async function captureQueries(fn: () => unknown): Promise<readonly QueryEvent[]> {
  const events: QueryEvent[] = []
  const stop = onQuery((event) => events.push(event))
  try {
    await fn()
  } finally {
    stop()
  }
  return events
}

/**
 * Runs `fn` and checks how many queries it makes.
 *
 *     await assertNumQueries(1, async () => { await Book.objects.selectRelated('author') })
 *
 * @throws TestingError testing.query-count, with every query, when the number is another
 */
export async function assertNumQueries(expected: number, fn: () => unknown): Promise<void> {
  const events = await captureQueries(fn)
  if (events.length === expected) return
  const list = events.map((event, index) => `  ${index + 1}. ${event.sql}`).join('\n')
  throw new TestingError(`Expected ${expected} queries, counted ${events.length}:\n${list || '  (none)'}`, {
    code: 'testing.query-count',
  })
}
