/** The answers of Django itself, row by row, as far as this milestone's words go. */
import { defineApp } from 'nuages'
import { atomic } from 'nuages/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { same, sameBag } from './compare.ts'
import { models } from './models.ts'
import { counted, errorName, load, rows, run, Unsupported } from './run.ts'

defineApp({ name: 'shop', root: import.meta.url, models })
/** Rows that are another database's own doing: what SQLite answers and Django recorded, PostgreSQL answers otherwise. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  PostgreSQL: [
    'queries-8bb08bfce1', // LIKE tells capitals apart
    'queries-536e45c6a5', // JSON text and numbers are ordered by type, not as text
    'queries-9020278538',
    'queries-94a2d48882', // nulls come last
    'queries-4920089fed',
    'queries-99d1f4a87d', // a cast to integer rounds
  ],
}
class Undo extends Error {}

/** What a query gives, or the neutral name of its error. */
async function outcome(
  query: unknown,
  own = false,
): Promise<{ result?: unknown; error?: string; message?: string; queries: number }> {
  try {
    // A step of its own block: what fails leaves the data as before it.
    return await counted(() => (own ? atomic(() => run(query)) : run(query)))
  } catch (error) {
    if (error instanceof Unsupported) throw error
    return { error: errorName(error), message: String(error), queries: 0 }
  }
}

function differs(got: any, expected: any, row: any): string | null {
  if (expected.error !== undefined)
    return got.error?.split(' ').includes(expected.error) ? null : `gave ${JSON.stringify(got)}, not ${expected.error}`
  if (got.error !== undefined) return `failed: ${got.message}`
  const fits = row.ordered ? same(got.result, expected.result) : sameBag(got.result, expected.result)
  if (!fits) return `gave ${JSON.stringify(got.result)}, not ${JSON.stringify(expected.result)}`
  return row.max_queries !== undefined && got.queries > row.max_queries ? `took ${got.queries} queries` : null
}

/** null when the row is as Django's; else what is not. */
async function check(row: any): Promise<string | null> {
  if (row.query !== undefined) return differs(await outcome(row.query), row.expect, row)
  let wrong: string | null = null
  try {
    await atomic(async () => {
      for (const [i, step] of row.steps.entries()) {
        const got = await outcome(step, true)
        wrong ??= differs(got, row.expect.steps[i], row)
      }
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  return wrong
}

const config = await engine.fresh(1)
describe(`the ORM answers as Django does on ${engine.name}`, () => {
  beforeAll(async () => {
    await closeDatabases()
    configureDatabases({ default: config() })
    await load()
  })
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })

  const kinds = [...new Set(rows.map((row) => row.kind))]
  const missing: Record<string, number> = {}
  test.each(kinds)('%s', async (kind) => {
    const wrong: string[] = []
    for (const row of rows.filter((each) => each.kind === kind && !OTHERWISE[engine.name]?.includes(each.id))) {
      try {
        const problem = await check(row)
        if (problem !== null)
          wrong.push(`${row.id} ${JSON.stringify(row.query ?? row.steps).slice(0, 600)}: ${problem.slice(0, 400)}`)
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error
        missing[error.message] = (missing[error.message] ?? 0) + 1
      }
    }
    expect(wrong).toEqual([])
  })

  test('what has no word yet is known', () => {
    expect(missing).toEqual({})
  })
})
