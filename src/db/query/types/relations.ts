/**
 * Paths over relations alone: the arguments of selectRelated() and prefetchRelated(), and what they add to rows.
 */

import type { RelationFamily } from '../../fields/types.ts'
import type { FieldsOf, LoadedPart, Target } from '../../models/types.ts'
import type { AtRunTime, DidYouMean, Mistake, Near } from './mistakes.ts'

/** Relations that selectRelated() can join: at most one row at the other end. */
export type ToOne = 'fk' | 'o2o' | 'reverseOne'
type RelPath<F, P extends string, Kinds> = P extends keyof F
  ? F[P] extends { readonly '~kind': Kinds }
    ? true
    : false
  : P extends `${infer H}__${infer R}`
    ? H extends keyof F
      ? F[H] extends { readonly '~kind': Kinds }
        ? RelPath<FieldsOf<Target<F[H]>>, R, Kinds>
        : false
      : false
    : false
type RelKeysOf<F, Kinds> = keyof { [K in keyof F as F[K] extends { readonly '~kind': Kinds } ? K : never]: 1 } & string
type RelHint<F, P extends string, Kinds> = P extends `${infer H}__${infer R}`
  ? H extends RelKeysOf<F, Kinds>
    ? `${H}__${RelHint<FieldsOf<Target<F[H]>>, R, Kinds>}`
    : Near<RelKeysOf<F, Kinds>, H>
  : Near<RelKeysOf<F, Kinds>, P>
/** P itself when every step is a relation of `Kinds`, else what could stand there, and what is wrong. */
export type RelArg<T, P extends string, Kinds> = P extends string
  ? RelPath<FieldsOf<T>, P, Kinds> extends true
    ? P
    : string extends P
      ? Mistake<AtRunTime>
      :
          | NoInfer<{ [X in RelHint<FieldsOf<T>, P, Kinds>]: X }[RelHint<FieldsOf<T>, P, Kinds>]>
          | Mistake<ExplainRel<T, P, Kinds, RelationFamily extends Kinds ? 'a relation' : 'a relation to one row'>>
  : never
type ExplainRel<T, P extends string, Kinds, Word extends string> = P extends `${infer H}__${infer R}`
  ? H extends RelKeysOf<FieldsOf<T>, Kinds>
    ? ExplainRel<Target<FieldsOf<T>[H & keyof FieldsOf<T>]>, R, Kinds, Word>
    : NoRelation<T, H, Kinds, Word>
  : NoRelation<T, P, Kinds, Word>
type NoRelation<T, P extends string, Kinds, Word extends string> =
  P extends RelKeysOf<FieldsOf<T>, RelationFamily>
    ? [
        `'${P}' leads to several rows of`,
        Target<FieldsOf<T>[P & keyof FieldsOf<T>]>,
        `prefetchRelated('${P}') reads them`,
      ]
    : [`'${P}' is not ${Word} of`, T, DidYouMean<RelKeysOf<FieldsOf<T>, Kinds>, P>]
type UnionToIntersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never
/** What reading these relation paths ahead adds to a row of T. */
export type LoadedUnion<T, P extends string> = UnionToIntersection<P extends string ? LoadedPart<T, P> : never>
/** A Prefetch, as types read it. */
export interface AnyPrefetch {
  readonly path: string
  readonly toAttr: string | null
  readonly '~rows': unknown
}
/** The arguments of prefetchRelated(), each path checked. */
export type PrefetchArgs<T, X extends readonly (string | AnyPrefetch)[]> = {
  [I in keyof X]: X[I] extends string
    ? RelArg<T, X[I], RelationFamily>
    : X[I] extends { readonly path: infer P extends string; readonly '~rows': infer R }
      ? string extends P
        ? X[I]
        : [P] extends [RelArg<T, P, RelationFamily>]
          ? X[I] & RightRows<R, EndOfPath<T, P>, P>
          : RelArg<T, P, RelationFamily>
      : never
}
/** The model at the end of a path of relations; never where it leads nowhere. */
type EndOfPath<T, P extends string> = P extends `${infer H}__${infer R}`
  ? H extends keyof FieldsOf<T>
    ? EndOfPath<Target<FieldsOf<T>[H]>, R>
    : never
  : P extends keyof FieldsOf<T>
    ? Target<FieldsOf<T>[P]>
    : never
// Without a query set its rows are unknown.
type RightRows<R, X, P extends string> = unknown extends R
  ? unknown
  : [X] extends [never]
    ? unknown
    : [FieldsOf<R>] extends [FieldsOf<X>] // rows of which columns are left out have the fields all the same
      ? unknown
      : Mistake<[`'${P}' leads to rows of`, X, 'not of', R]>
/** What prefetchRelated() adds to a row of T: relations of paths, attributes of `toAttr`. */
export type ReadAhead<T, X> = UnionToIntersection<
  X extends string ? LoadedPart<T, X> : X extends AnyPrefetch ? IntoAttr<T, X> : never
>
// Without `toAttr` its name is any string.
type IntoAttr<T, X extends AnyPrefetch> = string extends X['path']
  ? unknown
  : string extends NonNullable<X['toAttr']>
    ? LoadedPart<T, X['path']>
    : X['path'] extends keyof FieldsOf<T>
      ? {
          readonly [K in NonNullable<X['toAttr']>]: FieldsOf<T>[X['path']] extends { readonly '~kind': ToOne }
            ? X['~rows'] | null
            : X['~rows'][]
        }
      : unknown
