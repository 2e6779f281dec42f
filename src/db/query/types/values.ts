/**
 * Rows as plain objects, lists and single values: what values() and valuesList() give.
 */

import type { AnyModel } from '../../models/meta.ts'
import type { PkOf } from '../../models/types.ts'
import type { ExplainOptions, SqlText } from '../explain.ts'
import type { KeysetPage, PageOptions } from '../keyset.ts'
import type { AnyExpr, AnyOrder, Expr, ExprValue, Q } from './expressions.ts'
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
/**
 * Rows as plain objects or lists instead of instances; from values() and valuesList(). `T` is the model asked.
 * annotate() after values() groups by the columns named before it.
 */
export interface Values<R, T = unknown> extends PromiseLike<R[]>, AsyncIterable<R> {
  readonly model: AnyModel
  readonly [RESULT]: R
  filter<const K extends string>(where: Where<T, ObjectOf<R>, K> | Q<T, ObjectOf<R>> | Expr<T, boolean | null>): this
  exclude<const K extends string>(where: Where<T, ObjectOf<R>, K> | Q<T, ObjectOf<R>> | Expr<T, boolean | null>): this
  annotate<A extends Record<string, AnyExpr<T>>>(
    expressions: A,
  ): Values<{ [K in keyof (R & A)]: K extends keyof A ? ExprValue<A[K]> : K extends keyof R ? R[K] : never }, T>
  /** A column of these rows as an expression, for what is computed of them. */
  F<const K extends keyof ObjectOf<R> & string>(name: K): Expr<T, ObjectOf<R>[K]>
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
  inBulk<const P extends ColumnsIn<T>>(
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
/** The key and the columns of a model that is known; else anything. */
type PkIn<T> = unknown extends T ? unknown : PkOf<T>
type ColumnsIn<T> = unknown extends T ? string : ColumnsOf<T>
/** R where it is an object of columns; nothing for lists and single values. */
type ObjectOf<R> = R extends readonly unknown[] ? {} : R extends object ? R : {}
