/**
 * Rows as plain objects, lists and single values: what values() and valuesList() give.
 */

import type { AnyModel } from '../../models/meta.ts'
import type { OPTIONS } from '../../models/types.ts'
import type { ExplainOptions, SqlText } from '../explain.ts'
import type { KeysetPage, PageOptions } from '../keyset.ts'
import type { AnyExpr, AnyOrder, Expr, ExprValue, Q } from './expressions.ts'
import type { Reaching, ReachOf, Seen } from './outer.ts'
import type { Checked, OrderArgs, ValueAt, ValueOrAnn } from './paths.ts'
import type { ColumnsOf, RESULT } from './rows.ts'
import type { Where } from './where.ts'

/** What ends the arguments of valuesList(): single values instead of lists of one. */
export interface FlatOption {
  readonly flat: true
}
/** The arguments of valuesList(): {@link PathArgs}, and at the end an optional {@link FlatOption} after one path. */
export type ListArgs<T, A, P extends readonly (string | FlatOption)[]> = {
  [I in keyof P]: P[I] extends string
    ? Checked<T, A, P[I]>
    : P extends readonly [string, FlatOption]
      ? FlatOption
      : string
}
/** The row of valuesList(). */
export type ListRow<T, A, P extends readonly (string | FlatOption)[]> = P extends readonly [
  infer One extends string,
  FlatOption,
]
  ? ValueOrAnn<T, A, One>
  : { -readonly [I in keyof P]: ValueOrAnn<T, A, P[I]> }
/** Options of union(). */
export interface UnionOptions {
  /** Rows that come several times do so here; default false. */
  readonly all?: boolean
}
/** Compiler-only key of {@link Values}. */
declare const COLUMNS: unique symbol

export type { COLUMNS }

/**
 * Rows as plain objects or lists instead of instances; from values() and valuesList(). `T` is the model asked, `C` the columns
 * by name: none of lists and of single values, which may be objects themselves (a Decimal, a value of JSON).
 * annotate() after values() groups by the columns named before it.
 */
export interface Values<R, T = unknown, C = ObjectOf<R>> extends PromiseLike<R[]>, AsyncIterable<R> {
  readonly model: AnyModel
  readonly [RESULT]: R
  readonly [COLUMNS]: C
  filter<const K extends string, O = never>(
    where: Where<T, C, K> | Q<T, C> | Expr<T, boolean | null> | Seen<O>,
  ): Reaching<this, O>
  exclude<const K extends string, O = never>(
    where: Where<T, C, K> | Q<T, C> | Expr<T, boolean | null> | Seen<O>,
  ): Reaching<this, O>
  annotate<A extends Record<string, AnyExpr<T>>>(
    expressions: A,
  ): Values<{ [K in keyof (R & A)]: K extends keyof A ? ExprValue<A[K]> : K extends keyof R ? R[K] : never }, T>
  /** A column of these rows as an expression, for what is computed of them. */
  F<const K extends keyof C & string>(name: K): Expr<T, C[K]>
  /** Some of these columns. What rows are grouped by stays: so `Subquery()` has a count of each group. */
  values<const P extends readonly (keyof C & string)[]>(...columns: P): Values<Pick<C, P[number]>, T> & ReachOf<this>
  /** Some of these columns as lists; with `{ flat: true }` after one, its values alone. */
  valuesList<const K extends keyof C & string>(column: K, options: FlatOption): Values<C[K], T, {}> & ReachOf<this>
  valuesList<const P extends readonly (keyof C & string)[]>(
    ...columns: P
  ): Values<{ -readonly [I in keyof P]: C[P[I]] }, T, {}> & ReachOf<this>
  /** Aggregates over these rows: `perAuthor.aggregate({ most: Max(perAuthor.F('n')) })`. */
  aggregate<A extends Record<string, AnyExpr<T>>>(expressions: A): Promise<{ [K in keyof A]: ExprValue<A[K]> }>
  orderBy<const P extends readonly (string | AnyOrder)[]>(...paths: OrderArgs<T, R, P>): this
  /** Rows of several, each once; of one model or of several, as long as the columns are of the same types. */
  union(others: Values<R> | readonly Values<R>[], options?: UnionOptions): this
  intersection(...others: readonly Values<R>[]): this
  difference(...others: readonly Values<R>[]): this
  /** As {@link AnyQuerySet.asTable}. */
  asTable(): this
  distinct(): this
  slice(from: number, to?: number): this
  all(): this
  none(): this
  reverse(): this
  list(): Promise<R[]>
  first(): Promise<R | null>
  last(): Promise<R | null>
  get(): Promise<R>
  getOrNull(): Promise<R | null>
  /** Rows by key, which need not be among their columns: all, or those of these keys; or by another unique field. */
  inBulk(keys?: readonly PkIn<T>[]): Promise<Map<PkIn<T>, R>>
  inBulk<const P extends { [N in ColumnsIn<T>]: N }[ColumnsIn<T>]>(
    values: readonly NonNullable<ValueAt<T, P>>[] | undefined,
    options: { readonly by: P },
  ): Promise<Map<ValueAt<T, P>, R>>
  count(): Promise<number>
  exists(): Promise<boolean>
  page(options: PageOptions): Promise<KeysetPage<R>>
  toSQL(): SqlText
  explain(options?: ExplainOptions): Promise<string>
  readonly totallyOrdered: boolean
  using(alias: string): this
  iterator(options?: { readonly chunk?: number }): AsyncIterable<R>
}
/**
 * The key of a model that is known; else anything. Not `unknown extends T ? …`: by that TypeScript 5.9 finds Values invariant in T,
 * and `Values<R, Book>` no `Values<R>`, which union(), join(), Subquery() and CommonTable ask for.
 */
type PkIn<T> = T extends { readonly [OPTIONS]: { readonly '~key': infer K } } ? K : unknown
/** The columns of a model that is known; else anything. */
type ColumnsIn<T> = unknown extends T ? string : ColumnsOf<T>
/** R where it is an object of columns; nothing for lists and single values. */
type ObjectOf<R> = R extends readonly unknown[] ? {} : R extends object ? R : {}
