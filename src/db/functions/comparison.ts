/** Constants, casts, choices between values, and JSON made of values. */

import type { Taken } from '../expressions/aggregates.ts'
import { type Condition, toCondition, type WhereInput } from '../expressions/condition.ts'
import { argument, Expression, type ExpressionParts, type Scope, ValueExpression } from '../expressions/expression.ts'
import type { InJson } from '../expressions/json-aggregates.ts'
import { commonKind, nodeKind, sameKind } from '../expressions/kinds.ts'
import type { Descriptor } from '../fields/descriptor.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { CommonOf, Expr, Mentions, Q } from '../query/types/expressions.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import type { WhereArg } from '../query/types/where.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import {
  type AnyArg,
  type Args,
  type ArgValue,
  atLeast,
  type Constant,
  call,
  type HomeOf,
  type Over,
  type PathsIn,
} from './function.ts'

/** A field declaration, as what says a type: `integer()`, `decimal({ maxDigits: 12, decimalPlaces: 2 })`. */
export interface OutputField<V = unknown> {
  readonly '~value': V
}

export function outputType(field: OutputField): ColumnType {
  const { type, options } = field as unknown as Descriptor // declarations are descriptors seen through their types
  return type!.column?.(options) ?? { kind: type!.kind }
}

/** The kind of an output field. */
export function outputKind(field: OutputField): Kind {
  return outputType(field).kind
}

/** A constant: `Concat('firstName', Value(' '), 'lastName')`. With `as`, sent as that field would store it. */
export function Value<const V, T = never>(value: V, as?: OutputField): Expr<T, V> {
  const kind = as === undefined ? undefined : outputType(as).kind
  return new ValueExpression(value, kind) as unknown as Expr<T, V> // an Expr is an expression seen through its types
}

/** What a node of other text keeps of its output's type: that it is read with all digits. @internal */
export function preciseType(type: ColumnType): { readonly type?: ColumnType } {
  return type.precise === true ? { type } : {}
}

/** See {@link Cast} and {@link ExpressionWrapper}. @internal */
export class CastExpression extends Expression {
  readonly of: Expression
  readonly type: ColumnType
  /** Only says the type, without converting. */
  readonly declared: boolean

  constructor(of: Expression, type: ColumnType, declared: boolean) {
    super()
    this.of = of
    this.type = type
    this.declared = declared
  }
  write(shape: Shape): void {
    const { kind, maxDigits, decimalPlaces, maxLength, precise } = this.type
    shape.key += `${this.declared ? 'T' : 'C'}${kind}${precise ? '!' : ''}.${maxDigits ?? ''}.${decimalPlaces ?? ''}.${maxLength ?? ''}${MARK.open}`
    this.of.write(shape)
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    const of = this.of.toSql(scope)
    if (!this.declared) return { t: 'cast', of, type: this.type }
    return { t: 'raw', parts: ['(', ')'], nodes: [of], kind: this.type.kind, ...preciseType(this.type) }
  }
  override deconstruct(): ExpressionParts {
    return { name: this.declared ? 'typed' : 'cast', args: [this.of, this.type] }
  }
}

/** Converted to another type, as the database does: `Cast('code', integer())`. */
export function Cast<const P extends string, V, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  as: OutputField<V>,
): Expr<T, Over<T, P, V>> {
  return new CastExpression(argument(of), outputType(as), false) as unknown as Expr<T, Over<T, P, V>> // seen through its types
}
/** Says which type an expression has, where its parts do not tell: `ExpressionWrapper(…, duration())`. */
export function ExpressionWrapper<T, V>(of: Expr<T, unknown>, as: OutputField<V>): Expr<T, V | null> {
  return new CastExpression(argument(of), outputType(as), true) as unknown as Expr<T, V | null> // seen through its types
}

/** The first that is not null. */
export function Coalesce<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  ...values: Args<T, A>
): Expr<
  HomeOf<T, A[number]>,
  CommonOf<null extends ArgValue<T, Last<A>> ? ArgValue<T, A[number]> : NonNullable<ArgValue<T, A[number]>>>
> {
  atLeast(1, 'Coalesce', values)
  return call('coalesce', values, commonKind)
}
type Last<A extends readonly unknown[]> = A extends readonly [...unknown[], infer L] ? L : unknown
/** Null where both are equal, else the first. */
export function NullIf<const P extends string, const O extends AnyArg, T = Mentions<P | PathsIn<O>>, V = unknown>(
  of: PathArg<T, P> | Expr<T, V>,
  other: (O extends string ? PathArg<T, O> : O & Constant) | Expr<T, unknown>,
): Expr<T, Taken<T, P, V> | null> {
  return call('nullif', [of, other], sameKind)
}
/** The largest of several; null where one is null on SQLite and MySQL, PostgreSQL leaves nulls out. */
export function Greatest<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  ...values: Args<T, A>
): Expr<HomeOf<T, A[number]>, CommonOf<ArgValue<T, A[number]>>> {
  atLeast(2, 'Greatest', values)
  return call('greatest', values, commonKind)
}
/** The smallest of several; nulls as in {@link Greatest}. */
export function Least<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  ...values: Args<T, A>
): Expr<HomeOf<T, A[number]>, CommonOf<ArgValue<T, A[number]>>> {
  atLeast(2, 'Least', values)
  return call('least', values, commonKind)
}

/** A JSON object: names to paths and expressions. */
export function JSONObject<const A extends Readonly<Record<string, AnyArg>>, T = Mentions<PathsIn<A[keyof A]>>>(
  values: {
    readonly [K in keyof A]: (A[K] extends string ? PathArg<T, A[K]> : A[K] & Constant) | Expr<T, unknown>
  },
): Expr<HomeOf<T, A[keyof A]>, { [K in keyof A]: InJson<ArgValue<T, A[K]>> }> {
  const args = Object.entries(values).flatMap(([name, value]) => [new ValueExpression(name), value])
  return call('jsonObject', args, 'json')
}
/** A JSON list of paths and expressions. */
export function JSONArray<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  ...values: Args<T, A>
): Expr<HomeOf<T, A[number]>, { -readonly [I in keyof A]: InJson<ArgValue<T, A[I]>> }> {
  return call('jsonArray', values, 'json')
}

// ---------------------------------------------------------------- Case

/** One branch of {@link Case}. */
export interface When<T, V> {
  readonly '~when': T
  readonly '~value': V
}
/** See {@link When}. @internal */
export class Branch {
  readonly condition: Condition
  readonly then: Expression

  constructor(condition: Condition, then: Expression) {
    this.condition = condition
    this.then = then
  }
}

/** Where the condition holds, a value or an expression; a text constant is Value('…'), text alone a path. */
export function When<T, const K extends string, const V extends AnyArg | null>(
  condition: WhereArg<T, K> | Q<T>,
  then: (V extends string ? PathArg<T, V> : V & (Constant | null)) | Expr<T, unknown>,
): When<T, ArgValue<T, V>> {
  return new Branch(toCondition(condition as WhereInput), argument(then)) as unknown as When<T, ArgValue<T, V>> // seen through its types
}

/** See {@link Case}. @internal */
export class CaseExpression extends Expression {
  readonly branches: readonly Branch[]
  readonly otherwise: Expression | null

  constructor(branches: readonly Branch[], otherwise: Expression | null) {
    super()
    this.branches = branches
    this.otherwise = otherwise
  }
  write(shape: Shape): void {
    shape.key += `case${MARK.open}`
    for (const { condition, then } of this.branches) {
      condition.write(shape)
      then.write(shape)
      shape.key += MARK.op
    }
    this.otherwise?.write(shape)
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    const when = this.branches.map(({ condition, then }) => ({
      condition: scope.condition(condition),
      then: then.toSql(scope),
    }))
    const otherwise = this.otherwise?.toSql(scope) ?? null
    if (when.length === 0) return otherwise ?? { t: 'literal', value: null }
    const values = [...when.map((branch) => branch.then), ...(otherwise === null ? [] : [otherwise])]
    const kinds = values.filter((node) => node.t !== 'literal' || node.value !== null).map(nodeKind)
    return { t: 'case', when, otherwise, kind: commonKind(kinds) }
  }
  override deconstruct(): ExpressionParts {
    const branches = this.branches.map(({ condition, then }) => [condition, then])
    return { name: 'case', args: this.otherwise === null ? [branches] : [branches, this.otherwise] }
  }
}

/** The value of the first branch whose condition holds; else `otherwise`; else null. */
export function Case<T, const V>(branches: readonly When<T, V>[]): Expr<T, CommonOf<V | null>>
export function Case<T, const V, const D extends AnyArg | null>(
  branches: readonly When<T, V>[],
  otherwise: (D extends string ? PathArg<T, D> : D & (Constant | null)) | Expr<T, unknown>,
): Expr<T, CommonOf<V | ArgValue<T, D>>>
export function Case(branches: readonly unknown[], otherwise: unknown = null): unknown {
  return new CaseExpression(branches as Branch[], argument(otherwise))
}

/** A condition as a value. @internal */
export class ConditionExpression extends Expression {
  readonly condition: Condition

  constructor(condition: Condition) {
    super()
    this.condition = condition
  }
  write(shape: Shape): void {
    shape.key += 'Q'
    this.condition.write(shape)
  }
  toSql(scope: Scope): SqlExpr {
    return scope.condition(this.condition)
  }
  override deconstruct(): ExpressionParts {
    return { name: 'is', args: [this.condition] }
  }
}
/**
 * Whether a condition holds, as a value: `annotate({ isLong: Is({ pages__gt: 500 }) })`. Null where the database cannot tell,
 * since a column is null: for a boolean in any case, `Case([When({ … }, true)], false)`.
 */
export function Is<T, const K extends string>(condition: WhereArg<T, K>): Expr<T, boolean | UnknownAt<T, K>>
export function Is<T>(condition: Q<T>): Expr<T, boolean | null>
export function Is(condition: unknown): unknown {
  return new ConditionExpression(toCondition(condition as WhereInput))
}
/** null where one of these keys of a condition leads to what may be null; whether it is, is always known. */
type UnknownAt<T, K extends string> = K extends `${string}__isnull` ? never : NullUpTo<T, '', K>
/** null where the longest path that begins K may be; `P`: how far it was looked at. */
type NullUpTo<T, P extends string, K extends string> = K extends `${infer H}__${infer R}`
  ? NullUpTo<T, `${P}${H}__`, R> | NullHere<T, `${P}${H}`>
  : NullHere<T, `${P}${K}`>
type NullHere<T, P extends string> = Extract<ValueAt<T, P>, null>
