/** Aggregates: values over many rows. Typed at the place of use, as F() is: `T` comes from what annotate() takes. */

import type { Temporal } from '../../std/dates.ts'
import { NotSupportedError } from '../errors.ts'
import { elementKind, isArrayKind, isRangeKind, type Kind } from '../kinds.ts'
import { picture, QueryUsageError, QueryValueError } from '../query/errors.ts'
import { sameNode } from '../query/nodes.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Aggregate, AnyOrder, AvgOf, Expr, Mentions, SumOf, Q as TypedQ } from '../query/types/expressions.ts'
import type { Mistake } from '../query/types/mistakes.ts'
import type { OrderArgs, PathArg, ValueAt } from '../query/types/paths.ts'
import type { AggregateName } from '../sql/functions.ts'
import type { FunctionNode, OrderNode, RowNode, SqlExpr } from '../sql/nodes.ts'
import { type Condition, toCondition, type WhereInput } from './condition.ts'
import { Expression, Ordering, operand, PathExpression, type Scope, ValueExpression } from './expression.ts'
import { assertTakes, commonKind, isNothing, isNumber, nodeKind } from './kinds.ts'
import { assertPairs, isOfPairs } from './pairs.ts'

/** Options of aggregates. */
export interface AggregateOptions<T, D = never> {
  /** Each value once. */
  readonly distinct?: boolean
  /** Only rows for which it holds. */
  readonly filter?: TypedQ<T>
  /** What it is over no rows, or none but nulls, in the place of null: a value or an expression. */
  readonly default?: D | Expr<T, never> // the second: what stands inside an expression learns the model
}
/** {@link AggregateOptions} of Count. */
export interface CountOptions<T> extends Omit<AggregateOptions<T>, 'default'> {
  readonly default?: Mistake<'a count over no rows is 0: it takes no default'>
}
/** What may stand for an aggregate's V over no rows. */
export type Instead<T, V> = NonNullable<V> | Expr<T, V>
/** The value of an aggregate with the default D. */
export type Given<V, D> = [D] extends [never]
  ? V
  : NonNullable<V> | (D extends { readonly '~value': infer X } ? Extract<X, null> : never)

/** Aggregates that depend on the order in which they take their rows. */
const ORDERED: ReadonlySet<AggregateName> = new Set(['stringAgg', 'jsonArrayAgg', 'jsonObjectAgg', 'arrayAgg'] as const)

/** An aggregate as an expression. */
export class AggregateExpression extends Expression {
  readonly name: AggregateName
  /** null: rows are counted. */
  readonly argument: Expression | null
  readonly distinct: boolean
  readonly filter: Condition | null
  /** Its further arguments. */
  readonly more: readonly Expression[]
  /** The order in which it takes its rows. */
  readonly orderBy: readonly Ordering[]
  /** What it is where it would be null. */
  readonly default: Expression | null

  constructor(
    name: AggregateName,
    argument: unknown,
    {
      distinct = false,
      filter,
      orderBy = [],
      default: instead,
    }: { distinct?: boolean; filter?: unknown; orderBy?: readonly unknown[]; default?: unknown } = {},
    more: readonly Expression[] = [],
  ) {
    super()
    if (orderBy.length > 0 && !ORDERED.has(name)) {
      throw new QueryUsageError(
        `The aggregate ${name} takes no orderBy: in any order of the rows its value is the same.`,
        {
          code: 'db.bad-options',
          hint: 'StringAgg, JSONArrayAgg, JSONObjectAgg and ArrayAgg take one.',
        },
      )
    }
    if (instead !== undefined && (name === 'count' || name === 'regrCount')) {
      const which = name === 'count' ? 'Count' : 'RegrCount'
      throw new QueryUsageError(`${which} was given the default ${picture(instead)}: over no rows it is 0.`, {
        code: 'db.bad-options',
        hint: 'Leave out default; Sum, Avg, Min, Max and others, which are null over no rows, take one.',
      })
    }
    this.name = name
    this.more = more
    this.orderBy = orderBy.map(toOrdering)
    this.argument =
      argument === '*' ? null : argument instanceof Expression ? argument : new PathExpression(argument as string)
    this.distinct = distinct
    this.filter = filter === undefined ? null : toCondition(filter as WhereInput) // refuses what is none
    this.default = instead === undefined ? null : operand(instead)
  }

  write(shape: Shape): void {
    shape.key += `${this.name}${this.distinct ? '!' : ''}${MARK.open}`
    this.argument?.write(shape)
    for (const part of [...this.more, ...this.orderBy]) part.write(shape)
    shape.key += MARK.close
    this.filter?.write(shape)
    if (this.default === null) return
    shape.key += MARK.expression
    this.default.write(shape)
  }

  toSql(scope: Scope): SqlExpr {
    const node = this.overRows(scope)
    if (this.default === null) return node
    const instead = defaultNode(this.default, node.kind, scope)
    return { t: 'function', name: 'coalesce', args: [node, instead], kind: commonKind([node.kind, nodeKind(instead)]) }
  }

  private overRows(scope: Scope): FunctionNode {
    const parts = [...(this.argument === null ? [] : [this.argument]), ...this.more].map((part) => part.toSql(scope))
    const args = parts.map((part) => (part.t === 'row' ? keyArgument(this.name, part, this.distinct) : part))
    if (args[0] !== undefined && !isNothing(args[0])) assertTakes(this.name, this.argument, nodeKind(args[0]))
    if (isOfPairs(this.name)) assertPairs(this.name, scope, [this.argument, ...this.more], args)
    if (this.name === 'arrayAgg') assertArrays(scope, args[0])
    if (this.name === 'rangeIntersectAgg') assertRange(scope, args[0])
    const plain: FunctionNode = { t: 'function', name: this.name, args, kind: resultKind(this.name, args[0]) }
    const node = this.orderBy.length === 0 ? plain : { ...plain, orderBy: orderNodesOf(this.orderBy, scope) }
    if (this.distinct) assertOrderOfDistinct(node)
    // After the order: slots are taken as write() gives their values.
    const given = this.filter === null ? null : scope.condition(this.filter)
    const filter = this.name === 'jsonObjectAgg' ? keyThere(args, given) : given
    const distinct = this.distinct ? { ...node, distinct: true } : node
    return filter === null ? distinct : { ...distinct, filter }
  }
}

/** Constants are sent as what the aggregate gives: JSON as JSON, a day as a day. */
function defaultNode(instead: Expression, kind: Kind, scope: Scope): SqlExpr {
  if (!(instead instanceof ValueExpression) || instead.value === null) return instead.toSql(scope)
  const own = instead.kind
  return scope.param(own !== null && isNumber(own) && isNumber(kind) ? commonKind([kind, own]) : kind)
}

/** @throws NotSupportedError db.unsupported-kind; QueryUsageError db.bad-array for arrays of arrays */
function assertArrays({ features }: Scope, argument: SqlExpr | undefined): void {
  if (!features.arrays) {
    throw new NotSupportedError('This database has no arrays for ArrayAgg.', {
      code: 'db.unsupported-kind',
      hint: 'Arrays are for PostgreSQL and PGlite; StringAgg joins texts everywhere.',
    })
  }
  const kind = argument === undefined ? 'text' : nodeKind(argument)
  if (!isArrayKind(kind) && !isRangeKind(kind)) return
  throw new QueryUsageError('ArrayAgg gives no arrays of arrays or ranges.', {
    code: 'db.bad-array',
    hint: 'Read the rows, or one element of each.',
  })
}

/** @throws NotSupportedError db.unsupported-kind; QueryUsageError db.not-a-range */
function assertRange({ features }: Scope, argument: SqlExpr | undefined): void {
  if (!features.arrays) {
    throw new NotSupportedError('This database has no ranges for RangeIntersectsAgg.', {
      code: 'db.unsupported-kind',
      hint: 'Ranges are for PostgreSQL and PGlite.',
    })
  }
  const kind = argument === undefined ? 'text' : nodeKind(argument)
  if (isRangeKind(kind)) return
  throw new QueryUsageError(`RangeIntersectsAgg was given a value of kind ${kind}.`, {
    code: 'db.not-a-range',
    hint: 'Name a field of ranges: integerRange(), dateRange().',
  })
}

/** An object's keys are texts; rows without one are left out. The key among the arguments is exchanged. */
function keyThere(args: SqlExpr[], filter: SqlExpr | null): SqlExpr {
  const key = args[0]!
  const kind = nodeKind(key)
  if (kind !== 'char' && kind !== 'text') args[0] = { t: 'cast', of: key, type: { kind: 'text' } }
  const there: SqlExpr = { t: 'isNull', of: key, not: true }
  return filter === null ? there : { t: 'and', items: [there, filter] }
}

/** @throws QueryUsageError db.bad-options: where values come once, another column has no one value for them */
function assertOrderOfDistinct({ name, args, orderBy = [] }: FunctionNode): void {
  if (orderBy.every((item) => sameNode(item.by, args[0]!))) return
  throw new QueryUsageError(`The aggregate ${name} of distinct values is ordered by something else than the value.`, {
    code: 'db.bad-options',
    hint: 'Order by the value itself, or leave out distinct.',
  })
}

/** A key of several columns: it is there where its parts are, and told apart by all of them. */
function keyArgument(name: AggregateName, key: RowNode, distinct: boolean): SqlExpr {
  if (name !== 'count') {
    throw new QueryUsageError(`${name} of a key of several columns means nothing.`, {
      code: 'db.composite-key',
      hint: 'Name one of its columns.',
    })
  }
  if (!distinct) return key.items[0]!
  // Each part with its length before it: no two keys give one text.
  const args = key.items.flatMap((item): SqlExpr[] => {
    const text: SqlExpr = { t: 'cast', of: item, type: { kind: 'text' } }
    const length: SqlExpr = { t: 'function', name: 'length', args: [text], kind: 'integer' }
    return [{ t: 'cast', of: length, type: { kind: 'text' } }, { t: 'literal', value: ':' }, text]
  })
  const there: SqlExpr = { t: 'and', items: key.items.map((of) => ({ t: 'isNull', of, not: true })) }
  const then: SqlExpr = { t: 'function', name: 'concat', args, kind: 'text' }
  return { t: 'case', when: [{ condition: there, then }], otherwise: null, kind: 'text' }
}

function resultKind(name: AggregateName, argument: SqlExpr | undefined): Kind {
  if (name === 'count' || name === 'regrCount' || argument === undefined) return 'integer'
  const kind = nodeKind(argument)
  if (name === 'min' || name === 'max' || name === 'anyValue' || name === 'rangeIntersectAgg')
    return kind === 'auto' ? 'integer' : kind
  if (name === 'stringAgg') return 'text'
  if (name === 'boolAnd' || name === 'boolOr') return 'boolean'
  if (name === 'jsonArrayAgg' || name === 'jsonObjectAgg') return 'json'
  if (name === 'arrayAgg') return `${kind === 'auto' ? 'integer' : elementKind(kind)}[]`
  if (name === 'bitAnd' || name === 'bitOr' || name === 'bitXor') return kind === 'bigInteger' ? kind : 'integer'
  if (name !== 'sum' && name !== 'avg') return 'float'
  if (kind === 'decimal' || kind === 'duration') return kind
  if (name === 'avg') return 'float'
  return kind === 'float' || kind === 'bigInteger' ? kind : 'integer'
}

/** A path with an optional `-`, an expression or a direction, as an order. @throws QueryValueError db.invalid-order */
export function toOrdering(item: unknown): Ordering {
  if (item instanceof Ordering) return item
  if (item instanceof Expression) return item.asc()
  if (typeof item !== 'string')
    throw new QueryValueError(`${picture(item)} is not an order.`, { code: 'db.invalid-order' })
  return item.startsWith('-') ? new PathExpression(item.slice(1)).desc() : new PathExpression(item).asc()
}

/** Orders as nodes. */
export function orderNodesOf(items: readonly Ordering[], scope: Scope): OrderNode[] {
  return items.map(({ expression, descending, nulls }) => {
    const by = expression.toSql(scope)
    return nulls === null ? { by, desc: descending } : { by, desc: descending, nulls }
  })
}

/** Makes an aggregate; its types are those of where it stands, at run time it only notes its path. */
export function aggregate<R>(name: AggregateName, of: unknown, options?: object, more?: readonly Expression[]): R {
  return new AggregateExpression(name, of, options, more) as unknown as R // an Expr is an expression seen through its types
}

/** What an aggregate takes: the value of an expression, for which no path is inferred, or at a path. */
export type Taken<T, P extends string, V> = string extends P ? V : ValueAt<T, P>

/** What cannot be added up. */
type NotAdded =
  | string
  | boolean
  | Date
  | Temporal.Instant
  | Temporal.PlainDate
  | Temporal.PlainTime
  | readonly unknown[]
/** A path to what can be added up. */
export type Added<T, P extends string> = [ValueAt<T, P>] extends [never]
  ? PathArg<T, P> // what is wrong with it, or a name of what is computed
  : [NonNullable<ValueAt<T, P>>] extends [NotAdded]
    ? Mistake<[`'${P}' is of a type that cannot be added up:`, NonNullable<ValueAt<T, P>>]>
    : PathArg<T, P>

/** Of an expression worth a V: nothing, or why it cannot be added up. */
export type AddedUp<V> = unknown extends V
  ? unknown
  : [V] extends [never]
    ? unknown
    : [NonNullable<V>] extends [NotAdded]
      ? Mistake<['a value of this type cannot be added up:', NonNullable<V>]>
      : unknown

/** An aggregate whose value is of the kind of what it adds up. */
export type Adding = <
  const P extends string,
  T = Mentions<P>,
  V = unknown,
  D extends Instead<T, SumOf<Taken<T, P, V>>> = never,
>(
  path: Added<T, P> | (Expr<T, V> & NoInfer<AddedUp<V>>),
  options?: AggregateOptions<T, D>,
) => Aggregate<T, Given<SumOf<Taken<T, P, V>>, D>>
/** An aggregate whose value is one of those it is over, or like one. */
type Choosing = <const P extends string, T = Mentions<P>, V = unknown, D extends Instead<T, Taken<T, P, V>> = never>(
  path: PathArg<T, P> | Expr<T, V>,
  options?: AggregateOptions<T, D>,
) => Aggregate<T, Given<Taken<T, P, V> | null, D>>

/** How many rows have a value at the path, or of an expression; `'*'` counts rows. */
export function Count<const P extends string, T = Mentions<P>>(
  path: '*' | PathArg<T, P> | Expr<T, unknown>,
  options?: CountOptions<T>,
): Aggregate<T, number> {
  return aggregate('count', path, options)
}
/** The sum; null over no rows, or `default`. */
export const Sum: Adding = (path, options) => aggregate('sum', path, options)
/** The average; null over no rows, or `default`. */
export function Avg<
  const P extends string,
  T = Mentions<P>,
  V = unknown,
  D extends Instead<T, AvgOf<Taken<T, P, V>>> = never,
>(
  path: Added<T, P> | (Expr<T, V> & NoInfer<AddedUp<V>>),
  options?: AggregateOptions<T, D>,
): Aggregate<T, Given<AvgOf<Taken<T, P, V>>, D>> {
  return aggregate('avg', path, options)
}
/** The smallest; null over no rows, or `default`. */
export const Min: Choosing = (path, options) => aggregate('min', path, options)
/** The largest; null over no rows, or `default`. */
export const Max: Choosing = (path, options) => aggregate('max', path, options)
/** A value of any one of the rows; null over no rows, or `default`. */
export const AnyValue: Choosing = (path, options) => aggregate('anyValue', path, options)
/** Options of {@link StdDev} and {@link Variance}. */
export interface SpreadOptions<T, D = never> extends AggregateOptions<T, D> {
  /** The rows are a sample of more (n - 1); default false: they are all there is (n). */
  readonly sample?: boolean
}
/** The standard deviation; null over no rows, or `default`. */
export function StdDev<const P extends string, T = Mentions<P>, D extends Instead<T, number> = never>(
  path: Added<T, P> | Expr<T, unknown>,
  { sample = false, ...options }: SpreadOptions<T, D> = {},
): Aggregate<T, Given<number | null, D>> {
  return aggregate(sample ? 'stdDevSample' : 'stdDev', path, options)
}
/** The variance; null over no rows, or `default`. */
export function Variance<const P extends string, T = Mentions<P>, D extends Instead<T, number> = never>(
  path: Added<T, P> | Expr<T, unknown>,
  { sample = false, ...options }: SpreadOptions<T, D> = {},
): Aggregate<T, Given<number | null, D>> {
  return aggregate(sample ? 'varianceSample' : 'variance', path, options)
}
/** Options of {@link StringAgg}. */
export interface StringAggOptions<T, O extends readonly (string | AnyOrder)[], D = never>
  extends AggregateOptions<T, D> {
  /** The order in which texts are joined; with `distinct`, by the text itself only. Default: as they come. */
  readonly orderBy?: OrderArgs<T, {}, O>
}
/**
 * The texts joined, nulls left out: `StringAgg('tags__name', ', ', { orderBy: ['tags__name'] })`; null over no rows. The
 * delimiter is a text, or an expression.
 */
export function StringAgg<
  const P extends string,
  T = Mentions<P>,
  const O extends readonly (string | AnyOrder)[] = [],
  D extends Instead<T, string> = never,
>(
  path: PathArg<T, P> | Expr<T, unknown>,
  delimiter: string | Expr<T, string | null>,
  options: StringAggOptions<T, O, D> = {},
): Aggregate<T, Given<string | null, D>> {
  // Never text of ours: a delimiter was Django's CVE-2020-7471.
  const between = operand(delimiter)
  return aggregate('stringAgg', path, options, [between])
}

/**
 * The values as an array, nulls included: `ArrayAgg('tags__name', { orderBy: ['tags__name'] })`; null over no rows.
 * PostgreSQL and PGlite.
 */
export function ArrayAgg<
  const P extends string,
  T = Mentions<P>,
  const O extends readonly (string | AnyOrder)[] = [],
  V = unknown,
  D extends Instead<T, Taken<T, P, V>[]> = never,
>(
  path: PathArg<T, P> | Expr<T, V>,
  options: StringAggOptions<T, O, D> = {},
): Aggregate<T, Given<Taken<T, P, V>[] | null, D>> {
  return aggregate('arrayAgg', path, options)
}

/** What all ranges have in common, empty where that is nothing; null over no rows. PostgreSQL and PGlite. */
export const RangeIntersectsAgg: Choosing = (path, options) => aggregate('rangeIntersectAgg', path, options)
