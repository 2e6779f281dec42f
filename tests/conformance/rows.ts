/** Reads the conformance vectors: one row a line, its values in JSON with tags. See README.md beside this file. */
import { readFileSync } from 'node:fs'

/** One check: an input and the outcome expected of it. */
export interface Row<I = any, E = any> {
  readonly id: string
  readonly kind: string
  readonly input: I
  readonly expect: E
  /** Where the two versions of Django differ: either outcome is right. */
  readonly expect_newer?: E
  readonly flags?: readonly string[]
}

/** The rows of a file, of all kinds or of one. */
export function rows<I = any, E = any>(file: string, kind?: string): Row<I, E>[] {
  const all = readFileSync(new URL(`${file}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row<I, E>)
  return kind === undefined ? all : all.filter((row) => row.kind === kind)
}

/**
 * Rows whose outcome is neither expected one, written so that a failing test shows them all.
 * An outcome `{ error: … }` fits an expected `{ error }` of the same name, or `true` or `'any'`.
 */
export function mismatches<I>(list: readonly Row<I>[], outcome: (row: Row<I>) => unknown): string[] {
  const wrong: string[] = []
  for (const row of list) {
    const got = outcome(row)
    const fits = fitsOne(got, row.expect) || (row.expect_newer !== undefined && fitsOne(got, row.expect_newer))
    if (!fits) wrong.push(`${row.id} ${JSON.stringify(row.input)}: got ${JSON.stringify(got)}, expected ${JSON.stringify(row.expect)}`)
  }
  return wrong
}

function fitsOne(got: unknown, expected: unknown): boolean {
  const error = errorOf(expected)
  if (error !== undefined) return error === true || error === 'any' ? errorOf(got) !== undefined : errorOf(got) === error
  return JSON.stringify(sorted(got)) === JSON.stringify(sorted(expected))
}

function errorOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
}
