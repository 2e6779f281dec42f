/** Whether rows of the neutral form come out as Django recorded them. */
import { atomic, IntegrityError, ProtectedError } from 'nuages/db'
import { onQuery } from '../../../src/db/internal.ts'
import { NuagesError } from '../../../src/std/errors.ts'
import { same, sameBag } from './compare.ts'

// The neutral form is JSON without a schema.
type Any = any

/** Rows of a `queries.jsonl`. */
export function readRows(text: string): Any[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line))
}

/** null when a row is as Django's; else what is not. What a row of steps writes is undone. */
export async function check(run: (query: Any) => Promise<Any>, row: Any): Promise<string | null> {
  if (row.query !== undefined) return differs(await outcome(run, row.query), row.expect, row)
  let wrong: string | null = null
  try {
    await atomic(async () => {
      for (const [i, step] of row.steps.entries()) {
        // A block for each step: what fails leaves the data as before it.
        const got = await outcome((query) => atomic(() => run(query)), step)
        wrong ??= differs(got, row.expect.steps[i], row)
      }
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  return wrong
}
class Undo extends Error {}

interface Outcome {
  readonly result?: unknown
  readonly error?: unknown
  /** Statements sent. */
  readonly queries: number
}

async function outcome(run: (query: Any) => Promise<Any>, query: Any): Promise<Outcome> {
  let queries = 0
  const stop = onQuery(() => queries++)
  try {
    return { result: await run(query), queries }
  } catch (error) {
    return { error, queries }
  } finally {
    stop()
  }
}

function differs(got: Outcome, expected: Any, row: Any): string | null {
  if (expected.error !== undefined) {
    if (got.error === undefined) return `gave ${JSON.stringify(got.result)}, not ${expected.error}`
    return namesOf(got.error).includes(expected.error) ? null : `failed: ${got.error}, not ${expected.error}`
  }
  if (got.error !== undefined) return `failed: ${got.error}`
  const fits = row.ordered ? same(got.result, expected.result) : sameBag(got.result, expected.result)
  if (!fits) return `gave ${JSON.stringify(got.result)}, not ${JSON.stringify(expected.result)}`
  return row.max_queries !== undefined && got.queries > row.max_queries
    ? `took ${got.queries} statements, ${row.max_queries} at most`
    : null
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  FieldNameError: ['FieldError'],
  LookupNameError: ['FieldError'],
  NotSupportedError: ['NotSupportedError'],
  DoesNotExist: ['DoesNotExist'],
  MultipleObjectsReturned: ['MultipleObjectsReturned'],
}

/** The neutral names of an error; what is none of ours has none. */
function namesOf(error: unknown): readonly string[] {
  if (error instanceof IntegrityError) return ['IntegrityError']
  if (error instanceof ProtectedError) return ['ProtectedError']
  if (!(error instanceof NuagesError)) return []
  // One error of ours where Django has two, by kind of field.
  if (error.code === 'db.invalid-value') return ['UsageError', 'ValidationError']
  return NAMES[error.name] ?? ['UsageError']
}
