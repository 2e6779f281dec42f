/** The words that may stand in SQL as a node has them. */
import { ProgrammingError } from '../errors.ts'
import type { ArithmeticNode, CompareNode, SqlExpr, TruncUnit } from './nodes.ts'

// Trees are typed, but a tree may be made from input all the same: whatever is written into the text as it is must be
// one of these (CVE-2022-34265 was a unit of Trunc() taken from a form).
export const COMPARISONS: ReadonlySet<string> = new Set<CompareNode['op']>(['=', '<>', '<', '<=', '>', '>='])
export const OPERATORS: ReadonlySet<string> = new Set<ArithmeticNode['op']>([
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '&',
  '|',
  '#',
  '<<',
  '>>',
])

/** Units that dates can be cut to. */
export const UNITS: ReadonlySet<string> = new Set<TruncUnit>([
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
])

/** Expressions that need no parentheses beside an operator. */
export const SIMPLE: ReadonlySet<SqlExpr['t']> = new Set<SqlExpr['t']>([
  'column',
  'param',
  'function',
  'subquery',
  'exists',
  'window',
])

/** Gives `word` if it is one of `known`. @throws ProgrammingError db.invalid-node */
export function known<T extends string>(words: ReadonlySet<string>, word: T): T {
  if (words.has(word)) return word
  throw new ProgrammingError(`${JSON.stringify(word)} is no word of SQL nodes.`, {
    code: 'db.invalid-node',
    hint: `Known here: ${[...words].join(', ')}.`,
  })
}
