/**
 * Statistics of two numbers of each row, `y` and then `x`, the one that y is said to depend on. Rows in which one of them
 * is null count for none.
 */
import {
  type Added,
  type AddedUp,
  type AggregateOptions,
  aggregate,
  type Given,
  type Instead,
} from '../expressions/aggregates.ts'
import { argument } from '../expressions/expression.ts'
import type { Aggregate, Expr, Mentions } from '../query/types/expressions.ts'
import type { AggregateName } from '../sql/functions.ts'

/** Options of statistics: `filter` and `default`, as those of other aggregates. */
export type StatisticsOptions<T, D = never> = Omit<AggregateOptions<T, D>, 'distinct'>
/** Options of {@link CovarPop}. */
export type CovarianceOptions<T, D = never> = StatisticsOptions<T, D> & OfSample
interface OfSample {
  /** The rows are a sample of more (n - 1); default false: they are all there is (n). */
  readonly sample?: boolean
}
/** A path to a number, or a number. */
type Measure<T, P extends string, V> = Added<T, P> | (Expr<T, V> & NoInfer<AddedUp<V>>)
/** An aggregate of two numbers. */
type OfPairs<More = unknown> = <
  const Y extends string,
  const X extends string,
  T = Mentions<X | Y>,
  V = unknown,
  W = unknown,
  D extends Instead<T, number> = never,
>(
  y: Measure<T, Y, V>,
  x: Measure<T, X, W>,
  options?: StatisticsOptions<T, D> & More,
) => Aggregate<T, Given<number | null, D>>

function ofPairs(name: AggregateName): OfPairs {
  return (y, x, options) => aggregate(name, argument(y), options, [argument(x)])
}

/** The correlation of two numbers, -1 to 1; null over no rows, or `default`. PostgreSQL and PGlite. */
export const Corr: OfPairs = ofPairs('corr')
/** The average of x, over rows that have both; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrAvgX: OfPairs = ofPairs('regrAvgX')
/** The average of y, over rows that have both; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrAvgY: OfPairs = ofPairs('regrAvgY')
/** Where the line that fits best meets x = 0; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrIntercept: OfPairs = ofPairs('regrIntercept')
/** How well the line that fits best does: the square of the correlation, 0 to 1; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrR2: OfPairs = ofPairs('regrR2')
/** The slope of the line that fits best (least squares); null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrSlope: OfPairs = ofPairs('regrSlope')
/** The sum of the squares of the differences of x from its average; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrSXX: OfPairs = ofPairs('regrSXX')
/** The sum of the products of the differences of x and y from their averages; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrSXY: OfPairs = ofPairs('regrSXY')
/** The sum of the squares of the differences of y from its average; null over no rows, or `default`. PostgreSQL and PGlite. */
export const RegrSYY: OfPairs = ofPairs('regrSYY')
/** The covariance; with `sample`, of a sample. Null over no rows, or `default`. PostgreSQL and PGlite. */
export const CovarPop: OfPairs<OfSample> = (y, x, { sample = false, ...options } = {}) =>
  aggregate(sample ? 'covarSample' : 'covarPop', argument(y), options, [argument(x)])
/** How many rows have both numbers; 0 over no rows, so that it takes no `default`. PostgreSQL and PGlite. */
export function RegrCount<
  const Y extends string,
  const X extends string,
  T = Mentions<X | Y>,
  V = unknown,
  W = unknown,
>(y: Measure<T, Y, V>, x: Measure<T, X, W>, options: Omit<StatisticsOptions<T>, 'default'> = {}): Aggregate<T, number> {
  return aggregate('regrCount', argument(y), options, [argument(x)])
}
