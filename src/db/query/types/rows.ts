/**
 * What a queryset carries for the compiler alone, its row and its annotations, and how its methods change them.
 */

import type { ColumnOf, RefreshOptions } from '../../models/instance-methods.ts'
import type { FieldsOf, OPTIONS, Target } from '../../models/types.ts'
import type { Related } from './kinds.ts'
import type { Explain, Mistake } from './mistakes.ts'
import type { ValueAt } from './paths.ts'

/** Compiler-only keys of a queryset; unique symbols do not show in completions. */
declare const RESULT: unique symbol
declare const ANNOTATIONS: unique symbol
declare const UNREAD: unique symbol

export type { ANNOTATIONS, RESULT, UNREAD }

/** The row of `this`. */
export type RowOf<S> = S extends { readonly [RESULT]: infer R }
  ? S extends { readonly [UNREAD]: infer U }
    ? Unread<R, keyof U>
    : R
  : never
/** The annotations of `this`. */
export type AnnOf<S> = S extends { readonly [ANNOTATIONS]: infer A extends object } ? A : {}
/** Added by annotate(). */
export interface Annotated<A> {
  readonly [ANNOTATIONS]: A
  readonly [RESULT]: A
}
/** Added by alias(): names for filters and orders, not for rows. */
export interface Aliased<A> {
  readonly [ANNOTATIONS]: A
}
/** Added by selectRelated() and prefetchRelated(). */
export interface With<L> {
  readonly [RESULT]: L
}

// ---------------------------------------------------------------- only() and defer()

/** Added by only() and defer(): columns that cannot be read. */
export interface Without<K extends string> {
  readonly [UNREAD]: { readonly [P in K]: true }
}
/** A row of which some columns were not read: as R, but that they are no values, and that refresh() gives those it reads. */
type Unread<R, K> = {
  [P in keyof R]: P extends K
    ? Mistake<
        [
          `'${P & string}' was not read:`,
          'name it in only(), leave it out of defer(), or use what await row.refresh() gives',
        ]
      >
    : P extends 'refresh'
      ? RefreshUnread<R, K>
      : R[P]
}
// Of two signatures, the compiler compares what they take less closely: what is told of such a row are its columns.
interface RefreshUnread<R, K> {
  /** Reads the row again, or some fields; gives it with what was read. */
  (): Promise<R>
  <const F extends readonly string[] = never>(
    options?: Omit<RefreshOptions, 'fields'> & {
      readonly fields?: { readonly [I in keyof F]: ColumnOf<R, unknown, F[I]> }
    },
  ): Promise<[F] extends [never] ? R : [Exclude<K, F[number]>] extends [never] ? R : Unread<R, Exclude<K, F[number]>>>
}
/** Names of a model's columns, keys of relations (`authorId`) included. Mapped where it is used, as {@link Written}. */
export type ColumnsOf<T> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends Related ? never : K]: 1
} &
  string
/** Columns that a write of many rows may name, by field or by key. Where it is used it is mapped: of an alias, the name is printed. */
export type Written<T> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends Unwritten ? never : K]: 1
} &
  string
type Unwritten = { readonly '~kind': 'reverse' | 'reverseOne' | 'm2m' } | { readonly '~computed': true }
/** The columns that only() leaves out where it does not name them: all but the key's, which is read whatever is asked. */
export type OtherColumns<T> = Exclude<
  ColumnsOf<T>,
  | 'pk'
  | KeyColumns<FieldsOf<T>>
  | (T extends { readonly [OPTIONS]: { readonly primaryKey: readonly (infer K)[] } } ? K : never)
>
type KeyColumns<F> = keyof { [K in keyof F as F[K] extends { readonly '~pk': true } ? K : never]: 1 }

// ---------------------------------------------------------------- joined tables

/** The paths that a join compares: fields of T, or annotations. */
export type JoinOn<T, A, P extends string> = {
  readonly [K in P]: K extends keyof A
    ? unknown
    : [ValueAt<T, K>] extends [never]
      ? Mistake<Explain<T, K, 'part'>>
      : unknown
}
/** P itself when it is a relation of T to T, else those that are. */
export type SelfRelation<T, P extends string> = P extends keyof SelfRelations<T>
  ? P
  : [keyof SelfRelations<T>] extends [never]
    ? Mistake<['walk() follows a relation of a model to itself, which there is none of', T]>
    : keyof SelfRelations<T> & string
type SelfRelations<T> = {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends Related ? (Target<FieldsOf<T>[K]> extends T ? K : never) : never]: 1
}
/** What a join adds: the columns that are not compared; with `left` they may be null. */
export type JoinedColumns<R, Equal, L> = {
  [K in Exclude<keyof R, Equal>]: L extends true ? R[K] | null : R[K]
}
/** How it adds them: to rows, or, where they are hidden, for filters, orders and aggregates. */
export type Joined<C, H> = H extends true ? Aliased<C> : Annotated<C>
