/** Aggregates: values over many rows. Typed at the place of use, as F() is: `T` comes from what annotate() takes. */

import type { Kind } from '../kinds.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Aggregate, AvgOf, Expr, PathArg, SumOf, Q as TypedQ, ValueAt } from '../query/types.ts'
import type { AggregateName } from '../sql/functions.ts'
import type { FunctionNode, SqlExpr } from '../sql/nodes.ts'
import { type Condition, toCondition, type WhereInput } from './condition.ts'
import { Expression, nodeKind, PathExpression, type Scope } from './expression.ts'

/** Options of aggregates. */
export interface AggregateOptions<T> {
  /** Each value once. */
  readonly distinct?: boolean
  /** Only rows for which it holds. */
  readonly filter?: TypedQ<T>
}

/** An aggregate as an expression. */
export class AggregateExpression extends Expression {
  readonly name: AggregateName
  /** null: rows are counted. */
  readonly argument: Expression | null
  readonly distinct: boolean
  readonly filter: Condition | null

  constructor(
    name: AggregateName,
    argument: unknown,
    { distinct = false, filter }: { distinct?: boolean; filter?: unknown } = {},
  ) {
    super()
    this.name = name
    this.argument =
      argument === '*' ? null : argument instanceof Expression ? argument : new PathExpression(argument as string)
    this.distinct = distinct
    this.filter = filter === undefined ? null : toCondition(filter as WhereInput) // refuses what is none
  }

  write(shape: Shape): void {
    shape.key += `${this.name}${this.distinct ? '!' : ''}${MARK.open}`
    this.argument?.write(shape)
    shape.key += MARK.close
    this.filter?.write(shape)
  }

  toSql(scope: Scope): SqlExpr {
    const args = this.argument === null ? [] : [this.argument.toSql(scope)]
    const node: FunctionNode = { t: 'function', name: this.name, args, kind: resultKind(this.name, args[0]) }
    const distinct = this.distinct ? { ...node, distinct: true } : node
    return this.filter === null ? distinct : { ...distinct, filter: scope.condition(this.filter) }
  }
}

function resultKind(name: AggregateName, argument: SqlExpr | undefined): Kind {
  if (name === 'count' || argument === undefined) return 'integer'
  const kind = nodeKind(argument)
  if (name === 'min' || name === 'max' || name === 'anyValue') return kind === 'auto' ? 'integer' : kind
  if (name === 'stringAgg') return 'text'
  if (name !== 'sum' && name !== 'avg') return 'float'
  if (kind === 'decimal' || kind === 'duration') return kind
  if (name === 'avg') return 'float'
  return kind === 'float' || kind === 'bigInteger' ? kind : 'integer'
}

// The functions below are typed by where they stand; at run time they only note their path. Hence the casts.

/** How many rows have a value at the path; `'*'` counts rows. */
export function Count<T, const P extends string>(
  path: '*' | PathArg<T, P>,
  options?: AggregateOptions<T>,
): Aggregate<T, number> {
  return new AggregateExpression('count', path, options as object) as unknown as Aggregate<T, number>
}
/** The sum; null over no rows. */
export function Sum<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  options?: AggregateOptions<T>,
): Aggregate<T, SumOf<ValueAt<T, P>>> {
  return new AggregateExpression('sum', path, options as object) as unknown as Aggregate<T, SumOf<ValueAt<T, P>>>
}
/** The average; null over no rows. */
export function Avg<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  options?: AggregateOptions<T>,
): Aggregate<T, AvgOf<ValueAt<T, P>>> {
  return new AggregateExpression('avg', path, options as object) as unknown as Aggregate<T, AvgOf<ValueAt<T, P>>>
}
/** The smallest; null over no rows. */
export function Min<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  options?: AggregateOptions<T>,
): Aggregate<T, ValueAt<T, P> | null> {
  return new AggregateExpression('min', path, options as object) as unknown as Aggregate<T, ValueAt<T, P> | null>
}
/** The largest; null over no rows. */
export function Max<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  options?: AggregateOptions<T>,
): Aggregate<T, ValueAt<T, P> | null> {
  return new AggregateExpression('max', path, options as object) as unknown as Aggregate<T, ValueAt<T, P> | null>
}
/** A value of any one of the rows; null over no rows. */
export function AnyValue<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  options?: AggregateOptions<T>,
): Aggregate<T, ValueAt<T, P> | null> {
  return new AggregateExpression('anyValue', path, options as object) as unknown as Aggregate<T, ValueAt<T, P> | null>
}
/** Options of {@link StdDev} and {@link Variance}. */
export interface SpreadOptions<T> extends AggregateOptions<T> {
  /** The rows are a sample of more (n - 1); default false: they are all there is (n). */
  readonly sample?: boolean
}
/** The standard deviation; null over no rows. */
export function StdDev<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  { sample = false, ...options }: SpreadOptions<T> = {},
): Aggregate<T, number | null> {
  return new AggregateExpression(sample ? 'stdDevSample' : 'stdDev', path, options) as unknown as Aggregate<
    T,
    number | null
  >
}
/** The variance; null over no rows. */
export function Variance<T, const P extends string>(
  path: PathArg<T, P> | Expr<T, unknown>,
  { sample = false, ...options }: SpreadOptions<T> = {},
): Aggregate<T, number | null> {
  return new AggregateExpression(sample ? 'varianceSample' : 'variance', path, options) as unknown as Aggregate<
    T,
    number | null
  >
}
