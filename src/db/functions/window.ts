/** Windows: values over the rows around one. */

import { NotSupportedError } from '../errors.ts'
import { AggregateExpression, orderNodesOf, toOrdering } from '../expressions/aggregates.ts'
import { argument, Expression, type Ordering, type Scope } from '../expressions/expression.ts'
import { isNumber, nodeKind, sameKind } from '../expressions/kinds.ts'
import { picture, QueryUsageError, QueryValueError } from '../query/errors.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Aggregate, AnyOrder, Expr, Mentions, NumberLike } from '../query/types/expressions.ts'
import type { HasValue } from '../query/types/kinds.ts'
import type { OrderArgs, PathArg, ValueAt } from '../query/types/paths.ts'
import { WINDOW_FUNCTIONS } from '../sql/functions.ts'
import type { OrderNode, SqlExpr, WindowNode } from '../sql/nodes.ts'
import {
  type AnyArg,
  type Args,
  type ArgValue,
  type Constant,
  call,
  FunctionExpression,
  type PathsIn,
} from './function.ts'

/** A function that stands in {@link Window} only. */
export interface WindowFunction<T, V> {
  readonly '~model': T
  readonly '~window': V
}
/** Which rows of the partition count: bounds are rows before (negative) and after; 0 the row itself, null to the end. */
export interface Frame {
  readonly rows?: readonly [start: number | null, end: number | null]
  /** Likewise by distance of the value that orders, which is one number. */
  readonly range?: readonly [start: number | null, end: number | null]
  /**
   * Rows that are left out of it: the row itself, all rows equal to it in order (`group`), or those but itself (`ties`).
   * Not on MySQL (`db.no-frame-exclusion`).
   */
  readonly exclude?: 'currentRow' | 'group' | 'ties'
}
/** Options of {@link Window}. */
export interface WindowOptions<T, B extends readonly (string | HasValue)[], O extends readonly (string | AnyOrder)[]> {
  /** Rows with equal values here are seen together; default all rows. */
  readonly partitionBy?: Args<T, B>
  /** Their order. */
  readonly orderBy?: OrderArgs<T, {}, O>
  readonly frame?: Frame
}

class WindowExpression extends Expression {
  readonly of: Expression
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly Ordering[]
  readonly frame: WindowNode['frame']

  constructor(
    of: Expression,
    partitionBy: readonly Expression[],
    orderBy: readonly Ordering[],
    frame: WindowNode['frame'],
  ) {
    super()
    this.of = of
    this.partitionBy = partitionBy
    this.orderBy = orderBy
    this.frame = frame
  }
  write(shape: Shape): void {
    const { frame } = this
    shape.key += `over${frame === null ? '' : `${frame.type}${frame.start},${frame.end}${frame.exclude ?? ''}`}${MARK.open}`
    for (const part of [this.of, ...this.partitionBy, ...this.orderBy]) {
      part.write(shape)
      shape.key += MARK.op
    }
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    if (this.frame?.exclude !== undefined && !scope.features.frameExclusion) {
      throw new NotSupportedError('This database cannot leave rows out of a frame.', {
        code: 'db.no-frame-exclusion',
        hint: 'Subtract what the row itself adds.',
      })
    }
    const of = this.of.toSql(scope)
    const partitionBy = this.partitionBy.map((part) => part.toSql(scope))
    const orderBy = orderNodesOf(this.orderBy, scope)
    assertRange(this.frame, orderBy)
    const over = (one: SqlExpr): SqlExpr => {
      return { t: 'window', of: one, partitionBy, orderBy, frame: this.frame, kind: nodeKind(one) }
    }
    // The default of an aggregate stands around the window.
    if (of.t !== 'function' || of.name !== 'coalesce') return over(of)
    return { ...of, args: of.args.map((arg, i) => (i === 0 ? over(arg) : arg)) }
  }
}

/** Distances are counted from one number: databases refuse others, or count a day as its text. */
function assertRange(frame: WindowNode['frame'], orderBy: readonly OrderNode[]): void {
  if (frame?.type !== 'range' || !(frame.start || frame.end)) return
  const kinds = orderBy.map(({ by }) => nodeKind(by))
  if (kinds.length === 1 && isNumber(kinds[0]!)) return
  const found = kinds.length === 1 ? `the order is of kind ${kinds[0]}` : `there are ${kinds.length} orders`
  throw new QueryUsageError(`A frame by range counts distances of one number, and ${found}.`, {
    code: 'db.invalid-frame',
    hint: 'Order by one number, or count rows: { rows: [-1, 1] }.',
  })
}

const windowOnly: readonly string[] = WINDOW_FUNCTIONS

/**
 * A value over the rows around one, without grouping them:
 * `annotate({ rank: Window(Rank(), { partitionBy: ['author'], orderBy: ['-pages'] }) })`. A filter by it is applied
 * after it was computed.
 */
export function Window<
  T,
  V,
  const B extends readonly (string | HasValue)[] = [],
  const O extends readonly (string | AnyOrder)[] = [],
>(
  of: Aggregate<T, V> | WindowFunction<T, V>,
  { partitionBy = [] as never, orderBy = [] as never, frame }: WindowOptions<T, B, O> = {},
): Expr<T, V> {
  const expression: unknown = of
  const fits =
    expression instanceof AggregateExpression ||
    (expression instanceof FunctionExpression && windowOnly.includes(expression.name))
  if (!fits) {
    throw new QueryUsageError('Window() takes an aggregate or a window function.', {
      code: 'db.not-a-window-function',
      hint: "For instance: Window(Sum('total'), { orderBy: ['id'] }), Window(RowNumber(), …).",
    })
  }
  if (expression instanceof AggregateExpression && expression.distinct) {
    throw new QueryUsageError('An aggregate of distinct values cannot stand in Window().', {
      code: 'db.bad-options',
      hint: 'No database has that: leave distinct out, or use Subquery().',
    })
  }
  return new WindowExpression(
    expression as Expression,
    (partitionBy as readonly unknown[]).map(argument),
    (orderBy as readonly unknown[]).map(toOrdering),
    frameOf(frame),
  ) as unknown as Expr<T, V> // seen through its types
}

function frameOf(frame: Frame | undefined): WindowNode['frame'] {
  if (frame === undefined) return null
  const { rows, range, exclude, ...others } = frame
  const bounds = rows ?? range
  if (bounds?.length !== 2 || (rows !== undefined && range !== undefined) || Object.keys(others).length > 0) {
    throw new QueryValueError(`A frame has ${Object.keys(frame).join(' and ') || 'nothing'}.`, {
      code: 'db.invalid-frame',
      hint: 'Give rows or range, both ends of it, { rows: [-1, 1] }, and exclude beside it.',
    })
  }
  for (const end of bounds) {
    if (end !== null && !Number.isSafeInteger(end))
      throw new QueryValueError(`${picture(end)} is not the bound of a frame.`, {
        code: 'db.invalid-frame',
        hint: 'Give whole numbers of rows, negative for rows before; null for all of them.',
      })
  }
  const type = rows === undefined ? 'range' : 'rows'
  if (exclude === undefined) return { type, start: bounds[0], end: bounds[1] }
  if (exclude === 'currentRow' || exclude === 'group' || exclude === 'ties')
    return { type, start: bounds[0], end: bounds[1], exclude }
  throw new QueryValueError(`${picture(exclude)} cannot be left out of a frame.`, {
    code: 'db.invalid-frame',
    hint: 'Leave out currentRow, group or ties.',
  })
}

/** A constant that says how many rows, or which. */
function counted(name: string, value: unknown, least: 0 | 1): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return
  throw new QueryValueError(`${name}() was given ${picture(value)}.`, {
    code: 'db.invalid-value',
    hint: `It takes a whole number from ${least} up.`,
  })
}

const ranked = <R>(name: 'rowNumber' | 'rank' | 'denseRank'): R => call(name, [], 'integer')

/** 1, 2, 3 … */
export function RowNumber<T>(): WindowFunction<T, number> {
  return ranked('rowNumber')
}
/** Its place; equal rows share one, and the next is left out: 1, 1, 3. */
export function Rank<T>(): WindowFunction<T, number> {
  return ranked('rank')
}
/** Its place; equal rows share one, and none is left out: 1, 1, 2. */
export function DenseRank<T>(): WindowFunction<T, number> {
  return ranked('denseRank')
}
/** Its rank from 0 to 1. */
export function PercentRank<T>(): WindowFunction<T, number> {
  return call('percentRank', [], 'float')
}
/** The part of rows up to and with it, to 1. */
export function CumeDist<T>(): WindowFunction<T, number> {
  return call('cumeDist', [], 'float')
}
/** The number of its group, from 1, of `groups` equally large ones. */
export function Ntile<T>(groups: number): WindowFunction<T, number> {
  counted('Ntile', groups, 1)
  return call('ntile', [groups], 'integer')
}
/** A value of another row; or what stands in where there is none, null by itself. */
type Neighbour<V, T, O> = [O] extends [never] ? V | null : V | Exclude<ArgValue<T, O>, NumberLike>
/** The value so many rows before; null (or `otherwise`) where there is none. */
export function Lag<const P extends string, const O extends AnyArg = never, T = Mentions<P | PathsIn<O>>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  rows = 1,
  otherwise?: (O extends string ? PathArg<T, O> : O & Constant) | Expr<T, unknown>,
): WindowFunction<T, Neighbour<ValueAt<T, P>, T, NoInfer<O>>> {
  counted('Lag', rows, 0)
  return call('lag', otherwise === undefined ? [of, rows] : [of, rows, otherwise], sameKind)
}
/** The value so many rows after; null (or `otherwise`) where there is none. */
export function Lead<const P extends string, const O extends AnyArg = never, T = Mentions<P | PathsIn<O>>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  rows = 1,
  otherwise?: (O extends string ? PathArg<T, O> : O & Constant) | Expr<T, unknown>,
): WindowFunction<T, Neighbour<ValueAt<T, P>, T, NoInfer<O>>> {
  counted('Lead', rows, 0)
  return call('lead', otherwise === undefined ? [of, rows] : [of, rows, otherwise], sameKind)
}
/** The value of the frame's first row. */
export function FirstValue<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
): WindowFunction<T, ValueAt<T, P> | null> {
  return call('firstValue', [of], sameKind)
}
/** The value of the frame's last row; without a frame that is the row itself. */
export function LastValue<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
): WindowFunction<T, ValueAt<T, P> | null> {
  return call('lastValue', [of], sameKind)
}
/** The value of the frame's n-th row, from 1. */
export function NthValue<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  n: number,
): WindowFunction<T, ValueAt<T, P> | null> {
  counted('NthValue', n, 1)
  return call('nthValue', [of, n], sameKind)
}
