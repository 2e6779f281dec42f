import { onQuery, type QueryEvent } from '../db/internal.ts'
import { contextKey, current, runWith } from '../std/context.ts'
import { TestingError } from './errors.ts'

/** Options of {@link captureQueries} and {@link assertNumQueries}. */
export interface QueryOptions {
  /** Only those of one database; default: of all. */
  readonly using?: string
}

interface Capture {
  readonly outer: Capture | null
}
const capturing = contextKey<Capture | null>('testing.queries', null)

/** The same statement this often is most likely a loop. */
const LOOP = 3
/** Statements of a message. */
const MOST_SHOWN = 50

async function capture<R>(
  fn: () => R | PromiseLike<R>,
  using: string | undefined,
): Promise<{ result: R; events: QueryEvent[] }> {
  const events: QueryEvent[] = []
  const mine: Capture = { outer: current(capturing) }
  const stop = onQuery((event) => {
    if (using !== undefined && event.alias !== using) return
    // Of what `fn` started only: other captures may run at the same time.
    for (let found = current(capturing); found !== null; found = found.outer) if (found === mine) events.push(event)
  })
  try {
    return { result: await runWith(capturing, mine, async () => await fn()), events }
  } finally {
    stop()
  }
}

/**
 * The statements made by `fn` and what it starts, in order. Transactions and savepoints do not count.
 *
 *     const queries = await captureQueries(() => site.client.get('/'))
 */
export async function captureQueries(fn: () => unknown, options: QueryOptions = {}): Promise<readonly QueryEvent[]> {
  return (await capture(fn, options.using)).events
}

/**
 * Runs `fn`, gives what it gives, and checks how many statements it makes.
 *
 *     const response = await assertNumQueries(3, () => site.client.get('/'))
 *
 * @throws TestingError testing.query-count, with every statement, when the number is another
 */
export async function assertNumQueries<R>(
  expected: number,
  fn: () => R | PromiseLike<R>,
  options: QueryOptions = {},
): Promise<R> {
  const { result, events } = await capture(fn, options.using)
  if (events.length === expected) return result
  const lines = events.slice(0, MOST_SHOWN).map(({ sql }, index) => `  ${index + 1}. ${sql}`)
  if (events.length > MOST_SHOWN) lines.push(`  … and ${events.length - MOST_SHOWN} more`)
  const most = Math.max(
    0,
    ...Map.groupBy(events, ({ sql }) => sql)
      .values()
      .map((same) => same.length),
  )
  throw new TestingError(
    `Expected ${expected} ${expected === 1 ? 'query' : 'queries'}, counted ${events.length}:\n${lines.join('\n') || '  (none)'}`,
    {
      code: 'testing.query-count',
      ...(most < LOOP
        ? {}
        : {
            hint: `One statement was made ${most} times: selectRelated() or prefetchRelated() may save a loop of them.`,
          }),
    },
  )
}
