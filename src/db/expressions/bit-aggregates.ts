/** Aggregates of bits and of truths. */
import type { Aggregate, Expr, Mentions } from '../query/types/expressions.ts'
import type { Mistake } from '../query/types/mistakes.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import { type Adding, type AggregateOptions, aggregate, type Given, type Instead } from './aggregates.ts'

/** The bits that all values have; null over no rows, or `default`. */
export const BitAnd: Adding = (path, options) => aggregate('bitAnd', path, options)
/** The bits that any value has; null over no rows, or `default`. */
export const BitOr: Adding = (path, options) => aggregate('bitOr', path, options)
/** The bits that an odd number of values have; null over no rows, or `default`. */
export const BitXor: Adding = (path, options) => aggregate('bitXor', path, options)

/** A path to what is true or false. */
type Truth<T, P extends string> = [ValueAt<T, P>] extends [never]
  ? PathArg<T, P> // what is wrong with it, or a name of what is computed
  : [NonNullable<ValueAt<T, P>>] extends [boolean]
    ? PathArg<T, P>
    : Mistake<[`'${P}' is neither true nor false, but`, NonNullable<ValueAt<T, P>>]>
/** An aggregate of truths. */
type OfTruths = <const P extends string, T = Mentions<P>, D extends Instead<T, boolean> = never>(
  path: Truth<T, P> | Expr<T, boolean | null>,
  options?: AggregateOptions<T, D>,
) => Aggregate<T, Given<boolean | null, D>>

/** Whether all values are true, nulls left out; null over no rows, or `default`. */
export const BoolAnd: OfTruths = (path, options) => aggregate('boolAnd', path, options)
/** Whether any value is true, nulls left out; null over no rows, or `default`. */
export const BoolOr: OfTruths = (path, options) => aggregate('boolOr', path, options)
