/**
 * The argument of filter(), exclude() and get(), checked key by key from what was written.
 *
 * Two rules hold it together, and each was paid for. A path is resolved against the model first and against annotations second,
 * since inside a QuerySet subclass annotations come from polymorphic `this`. Filter objects are inferred as optional keys, or
 * spreads of conditions are refused.
 */

import type { KeyOf, Target } from '../../models/types.ts'
import type { Expr } from './expressions.ts'
import type {
  AnnFields,
  AnyFieldMap,
  ArrayField,
  FieldsIn,
  HasInput,
  ItemOf,
  JsonField,
  JsonNullOf,
  LeadsSomewhere,
  MayBeNull,
  Related,
} from './kinds.ts'
import type {
  AfterTransform,
  ArrayLookups,
  Base,
  JsonLookups,
  LookupPart,
  LookupsOf,
  Ordered,
  RelationLookups,
  TextLookups,
} from './lookups.ts'
import type { Mistake, WrongPath } from './mistakes.ts'
import type { Half } from './suggestions.ts'

/** The argument of filter(): one optional property per key that was written. `A`: annotations, by `AnnOf<this>`. */
export type Where<T, A, K extends string> = { [P in K]?: FilterValue<T, A, P> } & {
  [P in Half<T, A, K>]?: unknown
}
/** {@link Where} without annotations. */
export type WhereArg<T, K extends string> = Where<T, {}, K>
// The model first: with a concrete T this never has to look at A (see the header).
// `infer`, as it ends inference: without it the compiler looks for K in all that a lookup may be (a third more types).
// NoInfer would end it, too, but hides the choices of `{ status: '|' }` from completion.
type FilterValue<T, A, K extends string> =
  LookupValue<T, K> extends infer V ? ([V] extends [never] ? AnnValue<T, A, K> : V | Expr<T, V | null>) : never
type AnnValue<T, A, K extends string> = K extends keyof A
  ? A[K] | Expr<T, A[K] | null>
  : WhereIn<AnnFields<A>, K> extends infer V
    ? [V] extends [never]
      ? Mistake<WrongPath<T, A, K, 'lookup'>>
      : V | Expr<T, V | null>
    : never
/** The value accepted at a key of filter(); never when the key is not a valid path. */
export type LookupValue<T, K extends string> = WhereIn<FieldsIn<T>, K>
type WhereIn<F extends AnyFieldMap, K extends string> = K extends `${infer H}__${infer R}`
  ? LookupAt<F[H], R>
  : Exact<F[K]>
/** The value accepted at R after a field X: `gt`, `year__lt`, keys of JSON; never where it leads nowhere. */
export type LookupAt<X, R extends string> = X extends LeadsSomewhere
  ? R extends keyof RelationLookups<unknown>
    ? RelationLookups<X['~target']['prototype'] | KeyOf<X>>[R]
    : WhereIn<FieldsIn<X['~target']['prototype']>, R>
  : X extends JsonField
    ? JsonIn<NonNullable<X['~value']>, R>
    : X extends ArrayField
      ? ArrayIn<NonNullable<X['~input']>, R>
      : LookupIn<LookupsOf<X>, R>
type LookupIn<L, R extends string> = R extends keyof L
  ? L[R] extends LookupPart<unknown>
    ? L[R]['~transform']
    : L[R]
  : R extends `${infer H}__${infer R2}`
    ? H extends keyof L
      ? L[H] extends LookupPart<unknown>
        ? LookupIn<AfterTransform<L[H]['~transform']>, R2>
        : never
      : never
    : never
/** `tags__0`, `tags__0__startswith`, `tags__0_2`: an element by its place, elements from one place up to another. */
type ArrayIn<V, R extends string> = R extends `${number}_${number}`
  ? V
  : R extends `${number}`
    ? ItemOf<V>
    : R extends `${number}__${infer R2}`
      ? LookupIn<AfterTransform<NonNullable<ItemOf<V>>>, R2>
      : LookupIn<ArrayLookups<V>, R>
/** `settings__theme`, `settings__theme__icontains`, `langs__0`: keys of a JSON value, then a lookup; of `any`, any. */
type JsonIn<V, R extends string> = 0 extends 1 & V
  ? any
  : R extends keyof JsonLookups<V>
    ? JsonLookups<V>[R]
    : R extends keyof V
      ? V[R]
      : V extends readonly (infer E)[]
        ? R extends `${number}`
          ? E
          : R extends `${number}__${infer R2}`
            ? JsonIn<NonNullable<E>, R2>
            : never
        : V extends string
          ? LookupIn<TextLookups<V>, R>
          : V extends number
            ? LookupIn<Ordered<V>, R>
            : V extends object
              ? R extends `${infer H}__${infer R2}`
                ? H extends keyof V
                  ? JsonIn<NonNullable<V[H]>, R2>
                  : never
                : never
              : LookupIn<Base<V>, R>
type Exact<R> = R extends HasInput
  ? R['~input'] | JsonNullOf<R>
  : R extends Related
    ? Target<R> | KeyOf<R> | (R extends MayBeNull ? null : never)
    : never
