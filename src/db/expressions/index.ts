/** What queries are written with: F, Q and aggregates. */
import type { Expr, ExprAt, Mentions, Q as TypedQ } from '../query/types/expressions.ts'
import type { PathArg } from '../query/types/paths.ts'
import type { WhereArg } from '../query/types/where.ts'
import { toCondition, type WhereInput } from './condition.ts'
import { ExcludedExpression, PathExpression } from './expression.ts'

export {
  AggregateExpression,
  type AggregateOptions,
  AnyValue,
  Avg,
  Count,
  Max,
  Min,
  type SpreadOptions,
  StdDev,
  StringAgg,
  type StringAggOptions,
  Sum,
  Variance,
} from './aggregates.ts'
export { BitAnd, BitOr, BitXor, BoolAnd, BoolOr } from './bit-aggregates.ts'
export { Condition, toCondition, type WhereInput } from './condition.ts'
export { Expression, Ordering, type OrderingOptions } from './expression.ts'
export { type InJson, JSONArrayAgg, JSONObjectAgg } from './json-aggregates.ts'
export { JSONNull } from './json-null.ts'
export { JSONPatch, type JsonChanges } from './json-patch.ts'
export { Exists, OuterRef, Subquery } from './subqueries.ts'

/**
 * The value at a path, where a value may stand: `filter({ pages__gt: F('author__age') })`. The model is known from the
 * place of use; to calculate with it, say which: `update({ n: Book.F('n').plus(1) })`.
 */
export function F<const P extends string, T = Mentions<P>>(path: PathArg<T, P>): Expr<T, ExprAt<T, P>> {
  // An Expr is an expression seen through its types.
  return new PathExpression(path as string) as unknown as Expr<T, ExprAt<T, P>>
}

/**
 * In an upsert, the value of the row that was to be inserted:
 * `update: { n: Stamp.F('n').plus(Excluded('n')) }`. F() is the row that is there.
 */
export function Excluded<const P extends string, T = Mentions<P>>(path: PathArg<T, P>): Expr<T, ExprAt<T, P>> {
  return new ExcludedExpression(path as string) as unknown as Expr<T, ExprAt<T, P>> // as F()
}

/** A condition that can be combined: `Q({ title: 'x' }).or({ author__name: 'y' })`. `Book.Q(…)` checks the paths. */
export function Q<T, const K extends string>(where: WhereArg<T, K>): TypedQ<T> {
  // A Q is a condition seen through its types.
  return toCondition(where as WhereInput) as unknown as TypedQ<T>
}
