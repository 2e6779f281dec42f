/** Aggregates of two numbers of each row: correlation and regression. */
import { NotSupportedError } from '../errors.ts'
import { type AggregateName, PAIR_AGGREGATES } from '../sql/functions.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import type { Scope } from './expression.ts'
import { assertTakes, isNothing, nodeKind, publicName } from './kinds.ts'

const OF_PAIRS: ReadonlySet<string> = new Set(PAIR_AGGREGATES)

/** Whether an aggregate is of two numbers of each row. */
export function isOfPairs(name: AggregateName): boolean {
  return OF_PAIRS.has(name)
}

/**
 * @param of     what was given, which errors name
 * @param args   what it is in SQL
 * @throws NotSupportedError db.not-supported; QueryUsageError db.wrong-kind for what is no number
 */
export function assertPairs(
  name: AggregateName,
  { features }: Scope,
  of: readonly unknown[],
  args: readonly SqlExpr[],
): void {
  if (!features.pairAggregates) {
    throw new NotSupportedError(`This database has no aggregate ${publicName(name)}.`, {
      code: 'db.not-supported',
      hint: 'Correlation and regression are for PostgreSQL and PGlite; elsewhere compute them from Sum, Avg and Count.',
    })
  }
  for (const [i, arg] of args.entries()) if (!isNothing(arg)) assertTakes(name, of[i], nodeKind(arg))
}
