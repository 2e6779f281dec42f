/**
 * Paths as string arguments: `F('author__name')`, `values('author__name')`, `orderBy('-author__name')`.
 *
 * A path that leads nowhere is `never`, which one comparison tells; what to say about it is worked out then, and only then. Nothing
 * is inferred from that (`NoInfer`), and for `string`, which the compiler tries in place of a path it does not know yet, it is one
 * sentence.
 */

import type { Temporal } from '../../../std/dates.ts'
import type { FieldsOf, KeyOf } from '../../models/types.ts'
import type { Expr, Mentions, Unplaced } from './expressions.ts'
import type {
  AnnFields,
  AnyFieldMap,
  CollectionField,
  FieldsIn,
  HasValue,
  ItemOf,
  JsonField,
  LeadsSomewhere,
  NeverNull,
  TimeField,
} from './kinds.ts'
import type { CustomLookups, LookupPart, LookupsOf } from './lookups.ts'
import type { AtRunTime, Mistake, Near, WrongPath } from './mistakes.ts'
import type { HintAmong, PathHint } from './suggestions.ts'

// ---------------------------------------------------------------- where a path leads

/** The type a path leads to: nullable when any step is; never when it is not a path. */
export type ValueAt<T, P extends string> = PathIn<FieldsIn<T>, P, never>
/** `Null`: null after a step that may lead nowhere. */
type PathIn<F extends AnyFieldMap, P extends string, Null> = P extends `${infer H}__${infer R}`
  ? PathAfter<F[H], R, Null>
  : PathEnd<F[P], Null>
type PathEnd<X, Null> = X extends LeadsSomewhere
  ? KeyOf<X> | (X extends NeverNull ? Null : null)
  : X extends HasValue
    ? X['~value'] | Null
    : never
type PathAfter<X, R extends string, Null> = X extends LeadsSomewhere
  ? PathIn<FieldsIn<X['~target']['prototype']>, R, X extends NeverNull ? Null : null>
  : X extends TimeField
    ? PartAt<LookupsOf<X>, R, Extract<X['~value'], null> | Null>
    : X extends CollectionField
      ? CollectionAt<X, X['~value'], R, Null>
      : X extends JsonField
        ? JsonAt<X['~value'], R, Null>
        : R extends keyof CustomLookups<unknown>
          ? PartAt<LookupsOf<X>, R, null>
          : never
/** A part of an array or range: an element or an end may not be there. */
type CollectionAt<F, V, R extends string, Null> = R extends `${number}_${number}`
  ? V | Null
  : R extends `${number}`
    ? ItemOf<NonNullable<V>> | null
    : PartAt<LookupsOf<F>, R, R extends 'startswith' | 'endswith' ? null : Extract<V, null> | Null>
type PartAt<L, R extends string, Null> = R extends keyof L
  ? L[R] extends LookupPart<infer V>
    ? V | Null
    : never
  : never
// Of JSON that is said to be `any` every part is.
type JsonAt<V, R extends string, Null> = 0 extends 1 & V
  ? any
  : NonNullable<V> extends readonly (infer E)[]
    ? R extends `${number}`
      ? E | null
      : R extends `${number}__${infer R2}`
        ? JsonAt<E, R2, null>
        : never
    : R extends keyof NonNullable<V>
      ? Exclude<NonNullable<V>[R], undefined> | JsonGap<V, R> | Null
      : R extends `${infer H}__${infer R2}`
        ? H extends keyof NonNullable<V>
          ? JsonAt<Exclude<NonNullable<V>[H], undefined>, R2, JsonGap<V, H> | Null>
          : never
        : never
/** A key that may be missing, or a value that may be null, reads as null. */
type JsonGap<V, K extends keyof NonNullable<V>> =
  | Extract<V, null>
  | (undefined extends NonNullable<V>[K] ? null : never)

// ---------------------------------------------------------------- paths inside a JSON value

/** What a path of keys inside a JSON value V holds; an error type when it leads nowhere. */
export type JsonPathValue<V, P extends string> = JsonAt<V, P, never> | Expr<unknown, JsonAt<V, P, never>>
/** An item of the list at a path of keys. */
export type JsonItem<V, P extends string> =
  | Extract<NonNullable<JsonAt<V, P, never>>, readonly unknown[]>[number]
  | Expr<unknown, unknown>
/** Of several paths P each that is one of keys inside V, else the names that could stand there. */
export type JsonPathArg<V, P extends string> = P extends unknown
  ? [JsonAt<V, P, never>] extends [never]
    ? NoInfer<Near<keyof NonNullable<V> & string, P>>
    : P
  : never

// ---------------------------------------------------------------- paths as arguments

/** P itself when it is a path, else the literals that could stand there, for completions, and what is wrong. */
export type PathArg<T, P extends string> = Checked<T, {}, P>
/** {@link PathArg}, or the name of an annotation. */
export type Checked<T, A, P extends string> = P extends string
  ? ValueAt<T, P> extends never
    ? P extends (unknown extends T ? string : [T] extends [Unplaced] ? string : keyof A)
      ? P
      : string extends P
        ? Mistake<AtRunTime>
        : PathIn<AnnFields<A>, P, never> extends never
          ? NoInfer<{ [X in HintAmong<T, A, P>]: X }[HintAmong<T, A, P>]> | Mistake<WrongPath<T, A, P, 'part'>>
          : P
    : P
  : never
/** What dates() and datetimes() look at, as the sentence calls it. */
export interface Day {
  readonly is: Date | Temporal.Instant | Temporal.PlainDate
  readonly word: 'a date'
}
export interface Instant {
  readonly is: Date | Temporal.Instant
  readonly word: 'a date and time'
}
/** {@link PathArg} that leads to a date, or to an instant; else the fields that are one, and what is wrong. */
export type MomentArg<T, P extends string, M extends Day | Instant> =
  ValueAt<T, P> extends M['is'] | null
    ? PathArg<T, P>
    : NoInfer<{ [N in MomentsOf<T, M>]: N }[MomentsOf<T, M>]> | Mistake<[`'${P}' is not ${M['word']} of`, T]>
type MomentsOf<T, M extends Day | Instant> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends { readonly '~value': infer V }
    ? [V] extends [M['is'] | null]
      ? K
      : never
    : never]: 1
} &
  string
/** {@link PathArg} for each of a list of paths, or names of annotations. */
export type PathArgs<T, A, P extends readonly string[]> = { [I in keyof P]: Checked<T, A, P[I]> }
/** The value of a path or annotation. */
export type ValueOrAnn<T, A, P> = P extends keyof A
  ? A[P]
  : P extends string
    ? ValueAt<T, P> extends infer V
      ? [V] extends [never]
        ? PathIn<AnnFields<A>, P, never>
        : V
      : never
    : never

// ---------------------------------------------------------------- orders

/** `-title` → `title` */
export type Bare<P extends string> = P extends `-${infer R}` ? R : P
/** {@link PathArg} with an optional `-`. */
export type OrderArg<T, P extends string> = CheckedOrder<T, {}, P>
type CheckedOrder<T, A, P extends string> = P extends string
  ? ValueAt<T, Bare<P>> extends never
    ? Bare<P> extends (unknown extends T ? string : [T] extends [Unplaced] ? string : keyof A | '?')
      ? P
      : string extends P
        ? Mistake<AtRunTime>
        : PathIn<AnnFields<A>, Bare<P>, never> extends never
          ?
              | NoInfer<P extends `-${infer R}` ? `-${PathHint<FieldsOf<T>, R>}` : PathHint<FieldsOf<T>, P>>
              | (keyof A & string)
              | Mistake<WrongPath<T, A, Bare<P>, 'part'>>
          : P
    : P
  : never
/** {@link OrderArg} for each of a list, or names of annotations `A`; `'?'` is random order. */
export type OrderArgs<T, A, P extends readonly unknown[]> = [P] extends [never]
  ? readonly Expr<T, unknown>[]
  : { [I in keyof P]: OrderItem<T, A, P[I]> | Expr<T, unknown> }
type OrderItem<T, A, X> = X extends string
  ? CheckedOrder<T, A, X>
  : X extends { readonly '~order': infer M } | { readonly '~model': infer M }
    ? Placed<T, A, X, M>
    : never
/** X of a model M where one of T is due: itself when the paths it mentions are T's, else what is wrong with them. */
type Placed<T, A, X, M> = unknown extends M
  ? X
  : [M] extends [never]
    ? X
    : [M] extends [Mentions<infer P extends string>]
      ? [P] extends [Checked<T, A, P>]
        ? X
        : Checked<T, A, P>
      : [M] extends [T]
        ? X
        : Mistake<['an expression over rows of', M, 'not of', T]>
