/**
 * Expressions over the columns of a model, conditions of them ({@link Q}), and places in an order.
 */

import type { Temporal } from '../../../std/dates.ts'
import type { Decimal } from '../../../std/decimal.ts'
import type { OrderingOptions } from '../../expressions/expression.ts'
import type { HasOrder, HasValue } from './kinds.ts'
import type { Mistake } from './mistakes.ts'
import type { ValueAt } from './paths.ts'
import type { Where } from './where.ts'

/** An expression over the columns of T, worth a V. */
export interface Expr<T, V> {
  readonly '~model': T
  readonly '~value': V
  /** The sum. A duration is added to dates, times, instants and durations. */
  plus(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  plus(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  plus(other: number | Expr<T, number>): Expr<T, V>
  plus(other: bigint | Expr<T, bigint>): Expr<T, WithBig<V>>
  plus(other: Expr<T, bigint | null>): Expr<T, WithBig<V> | null>
  plus(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  plus(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  plus(
    this: Expr<T, Moment | Temporal.Duration | null>,
    other: Temporal.Duration | Expr<T, Temporal.Duration>,
  ): Expr<T, V>
  plus(this: Expr<T, Moment | Temporal.Duration | null>, other: Expr<T, Temporal.Duration | null>): Expr<T, V | null>
  plus(other: Mistake<NoOperand>): never
  /** The difference: of two dates or instants a duration. */
  minus(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  minus(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  minus(other: number | Expr<T, number>): Expr<T, V>
  minus(other: bigint | Expr<T, bigint>): Expr<T, WithBig<V>>
  minus(other: Expr<T, bigint | null>): Expr<T, WithBig<V> | null>
  minus(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  minus(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  minus(
    this: Expr<T, Moment | Temporal.Duration | null>,
    other: Temporal.Duration | Expr<T, Temporal.Duration>,
  ): Expr<T, V>
  minus(this: Expr<T, Moment | Temporal.Duration | null>, other: Expr<T, Temporal.Duration | null>): Expr<T, V | null>
  minus(this: Expr<T, Moment | null>, other: Moment | Expr<T, Moment>): Expr<T, Temporal.Duration | NullOf<V>>
  minus(this: Expr<T, Moment | null>, other: Expr<T, Moment | null>): Expr<T, Temporal.Duration | null>
  minus(other: Mistake<NoOperand>): never
  /** The product, of a duration as well. */
  times(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  times(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  times(other: number | Expr<T, number>): Expr<T, V>
  times(other: bigint | Expr<T, bigint>): Expr<T, WithBig<V>>
  times(other: Expr<T, bigint | null>): Expr<T, WithBig<V> | null>
  times(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  times(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  times(other: Mistake<NoOperand>): never
  /** The quotient; of two integers a whole number. */
  dividedBy(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  dividedBy(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  dividedBy(other: number | Expr<T, number>): Expr<T, V>
  dividedBy(other: bigint | Expr<T, bigint>): Expr<T, WithBig<V>>
  dividedBy(other: Expr<T, bigint | null>): Expr<T, WithBig<V> | null>
  dividedBy(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  dividedBy(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  dividedBy(other: Mistake<NoOperand>): never
  /** The rest of a division. */
  modulo(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  modulo(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  modulo(other: number | Expr<T, number>): Expr<T, V>
  modulo(other: bigint | Expr<T, bigint>): Expr<T, WithBig<V>>
  modulo(other: Expr<T, bigint | null>): Expr<T, WithBig<V> | null>
  modulo(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  modulo(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  /** A Decimal where one of both is, else a number, of a `bigint` too. */
  power(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  power(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  power(other: NumberLike | Expr<T, NumberLike>): Expr<T, Raised<V>>
  power(other: Expr<T, NumberLike | null>): Expr<T, Raised<V> | null>
  bitAnd(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  bitAnd(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  bitOr(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  bitOr(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  bitXor(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  bitXor(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  bitLeftShift(places: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  bitLeftShift(places: Expr<T, NumberLike | null>): Expr<T, V | null>
  bitRightShift(places: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  bitRightShift(places: Expr<T, NumberLike | null>): Expr<T, V | null>
  /** A part of a text or of an array: from a character or element (0 is the first) up to, not including, another. */
  slice(from: number, to?: number): Expr<T, SliceOf<V>>
  /** For orderBy(): smallest first. */
  asc(options?: OrderingOptions): Order<T>
  /** For orderBy(): largest first. */
  desc(options?: OrderingOptions): Order<T>
}
/** The last way to take an operand, of which the compiler speaks where none fits. */
type NoOperand = "a value to calculate with, or an expression: a field is F('…'), and Concat() joins texts"
/** A place in an order: an expression with its direction. */
export interface Order<T> {
  readonly '~order': T
}
/** Anything but a path that orders rows. */
export type AnyOrder = HasOrder | HasValue
/** What arithmetic takes. */
export type NumberLike = number | bigint | Decimal
/** What a V and a bigint make: of a `number`, which may be whole or a fraction, either. */
type WithBig<V> = V extends number ? V | bigint : V
/** What a V to some power is. */
type Raised<V> = V extends bigint ? number : V
/** What one of several is, none of which is converted but numbers: beside a Decimal they are Decimals. */
export type CommonOf<V> = [Extract<V, Decimal>] extends [never] ? V : Exclude<V, number | bigint>
/** null where a value may be. */
export type NullOf<V> = null extends V ? null : never
/** A part of a text or of an array. */
export type SliceOf<V> = unknown extends V
  ? unknown
  : NonNullable<V> extends readonly unknown[]
    ? V
    : string | NullOf<V>
/** A day, a time of day or an instant. */
export type Moment = Date | Temporal.Instant | Temporal.PlainDate | Temporal.PlainTime
/** A value computed over many rows. */
export interface Aggregate<T, V> extends Expr<T, V> {
  readonly '~aggregate': V
}
/** What annotate() and aggregate() take. */
export type AnyExpr<T> = Expr<T, unknown>
/**
 * What stands for the model of an expression where nothing tells it: the paths that were written, to be looked at where it is
 * used. `orderBy(Lower('title').desc())`, `index([Lower('email')])`: a call on a call hides the place of use, and a model's
 * header has none.
 */
// biome-ignore lint/correctness/noUnusedVariables: read by `infer`; not a member, so that any two fit one another
export interface Mentions<P> {
  readonly '~mentions': true
}
/** An expression's model where nothing tells it, whatever it mentions. */
export type Unplaced = Mentions<unknown>
/** Shown where `F('a').plus(1)` cannot tell its model: only the place of use tells it, and a call hides that. */
export interface NeedsModel<Hint extends string> {
  readonly '~model unknown': Hint
}
/** The value of `F(path)`; of a model that is `any`, `any`. */
export type ExprAt<T, P extends string> = unknown extends T
  ? 0 extends 1 & T
    ? any
    : NeedsModel<`write Model.F('${P}')`>
  : [T] extends [Unplaced]
    ? NeedsModel<`write Model.F('${P}')`>
    : ValueAt<T, P>
/** The value of an expression or aggregate. */
export type ExprValue<A> = A extends { readonly '~value': infer V } ? V : never
/** A sum: of the kind of what is summed; null over no rows. */
export type SumOf<V> = NonNullable<V> | null
/** An average: a Decimal over decimals, a duration over durations, else a number; null over no rows. */
export type AvgOf<V> =
  | (NonNullable<V> extends Decimal ? Decimal : NonNullable<V> extends Temporal.Duration ? Temporal.Duration : number)
  | null
/** A condition that can be combined. `A`: the annotations it speaks of, which a query set must have to take it. */
export interface Q<T, A = {}> {
  or<const K extends string>(where: Where<T, A, K> | Q<T, A> | Expr<T, boolean | null>): Q<T, A>
  and<const K extends string>(where: Where<T, A, K> | Q<T, A> | Expr<T, boolean | null>): Q<T, A>
  xor<const K extends string>(where: Where<T, A, K> | Q<T, A> | Expr<T, boolean | null>): Q<T, A>
  not(): Q<T, A>
  readonly '~annotations': (had: A) => void
  readonly '~q': T
  /** Compiler-only: a call signature keeps Q's own members out of the completions of filter({ … }). */
  (never: never): never
}
