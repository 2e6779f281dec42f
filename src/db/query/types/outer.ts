/**
 * Columns of the query around: a query set remembers which names its `OuterRef('…')` have, and Exists() and Subquery() look
 * them up where they stand, for only there the model around is known.
 */

import type { Explain, Mistake } from './mistakes.ts'
import type { ValueAt } from './paths.ts'
import type { RESULT } from './rows.ts'

/** Compiler-only key of a query set; unique symbols do not show in completions. */
declare const OUTER: unique symbol

export type { OUTER }

/** An expression that is a column P of the query around, or none. */
export interface Outward<P> {
  /** Compiler-only. */
  readonly '~outer'?: P
}
/**
 * What the values of a record name of the query around, O, is inferred from this beside the record's own type, which comes after it:
 * TypeScript 5.9 explains a mistake by the type of a union that it made last. Nothing is one.
 */
export type Seen<O> = { readonly [name: string]: Outward<O> } & Nothing
interface Nothing {
  readonly [OUTER]: never
}
/**
 * A query set that names columns of the query around. A variable may hold one that names others, or none: all is optional, and
 * what all have (RESULT, OUTER) makes them fit one another.
 */
interface Reaches<N> {
  readonly [RESULT]: unknown
  readonly [OUTER]?: N
}
/** S where it names nothing, else S which remembers the names O besides those that it has. */
export type Reaching<S, O> = [O] extends [never]
  ? S
  : S & Reaches<{ readonly [K in (O & string) | typeof OUTER]?: true }>
/** What S names, for what is made of it. */
export type ReachOf<S> = S extends Reaches<infer N> ? (unknown extends N ? unknown : Reaches<N>) : unknown
/** A query set Q whose names N are paths of rows of T, the model around it; of a model that nothing tells, any are. */
export type Inside<T, N, Q> = unknown extends T
  ? Q & Reaches<N>
  : [Strays<T, keyof N & string>] extends [never]
    ? Q & Reaches<N>
    : Strays<T, keyof N & string>
type Strays<T, P extends string> = P extends string
  ? string extends P
    ? never
    : ValueAt<T, P> extends never
      ? Mistake<[`OuterRef('${P}'):`, ...Explain<T, P, 'part'>, `an annotation is rows.OuterRef('${P}')`]>
      : never
  : never
