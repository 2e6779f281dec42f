/**
 * What the compiler says of a path that leads nowhere: a sentence, with names like the one that was written.
 *
 * Errors are interfaces with literal arguments or inline mapped types, since diagnostics print the names of aliases.
 */

import type { FieldsOf, Target } from '../../models/types.ts'
import type { AnnFields, JsonField, Related } from './kinds.ts'
import type { AfterTransform, LookupPart, LookupsOf, TransformsOf } from './lookups.ts'

/** A sentence for a diagnostic, in parts, for a type may be one: `['titel' is not a field of, Book, did you mean 'title'?]` */
export interface Mistake<Sentence> {
  readonly '~mistake': Sentence
}
/** What is wrong with a path that is a variable. */
export type AtRunTime = 'text known only at run time goes to dynamicOrderBy(), dynamicValues(), dynamic() and the like'
/** One letter more, less or other, or two the other way round. */
type Close<A extends string, B extends string> = A extends `${infer X}${infer R}`
  ? B extends `${X}${infer S}`
    ? Close<R, S>
    : B extends `${infer Y}${infer S}`
      ? R extends S | B
        ? true
        : A extends S | `${Y}${X}${string}`
          ? A extends S
            ? true
            : B extends `${Y}${X}${infer E}`
              ? A extends `${X}${Y}${E}`
                ? true
                : false
              : false
          : false
      : R extends ''
        ? true
        : false
  : B extends `${string}${infer E}`
    ? E extends ''
      ? true
      : false
    : true
type Closest<C, S extends string> = C extends string ? (Close<S, C> extends true ? C : never) : never
/** Choices like S: but for a letter, else with the same two first letters, else the same first; never if there is none. */
export type Like<C, S extends string> = [Closest<C, S>] extends [never]
  ? S extends `${infer A}${infer B}${string}`
    ? [Extract<C, `${A}${B}${string}`>] extends [never]
      ? Extract<C, `${A}${string}`>
      : Extract<C, `${A}${B}${string}`>
    : S extends ''
      ? never
      : Extract<C, `${S}${string}`>
  : Closest<C, S>
/** {@link Like}, else all. */
export type Near<C, S extends string> = [Like<C, S>] extends [never] ? C : Like<C, S>
/** The end of a sentence about a name that is none of C: those like it, else all. */
export type DidYouMean<C, S extends string> = [Like<C, S>] extends [never]
  ? C
  : `did you mean '${Like<C, S> & string}'?`
/** What is wrong with a path that is neither one of T nor one of the annotations A. */
export type WrongPath<T, A, P extends string, Word extends 'lookup' | 'part'> = P extends `${infer H}__${infer R}`
  ? H extends keyof A
    ? ExplainPart<AnnFields<A>[H], H, R, Word>
    : ExplainName<T, A, P, H, Word>
  : ExplainName<T, A, P, P, Word>
type ExplainName<T, A, P extends string, H extends string, Word extends 'lookup' | 'part'> = [
  Like<keyof A, H>,
] extends [never]
  ? Explain<T, P, Word>
  : [`'${H}' is neither a field nor an annotation of`, T, DidYouMean<keyof A, H>]
/** What is wrong with R after the field X, which is named H. */
export type ExplainPart<X, H extends string, R extends string, Word extends 'lookup' | 'part'> = X extends JsonField
  ? ExplainJson<NonNullable<X['~value']>, H, R>
  : Word extends 'lookup'
    ? ExplainEnd<LookupsOf<X>, keyof LookupsOf<X> & string, H, R, Word>
    : ExplainEnd<LookupsOf<X>, TransformsOf<LookupsOf<X>>, H, R, Word>
/** What is wrong with a path of T: `Word` is what it may end with, `lookup` or `part`. */
export type Explain<T, P extends string, Word extends 'lookup' | 'part'> = unknown extends T
  ? [`the model of '${P}' is not known here`, 'write Model.Q({…})', 'or Own({…}) in the header of a model']
  : ExplainOf<T, P, Word>
type ExplainOf<T, P extends string, Word extends 'lookup' | 'part'> = P extends `${infer H}__${infer R}`
  ? H extends keyof FieldsOf<T>
    ? FieldsOf<T>[H] extends Related
      ? ExplainOf<Target<FieldsOf<T>[H]>, R, Word>
      : FieldsOf<T>[H] extends { readonly '~kind': 'json'; readonly '~value': infer V }
        ? ExplainJson<NonNullable<V>, H, R>
        : Word extends 'lookup'
          ? ExplainEnd<LookupsOf<FieldsOf<T>[H]>, keyof LookupsOf<FieldsOf<T>[H]> & string, H, R, Word>
          : ExplainEnd<LookupsOf<FieldsOf<T>[H]>, TransformsOf<LookupsOf<FieldsOf<T>[H]>>, H, R, Word>
    : NotAField<T, H>
  : NotAField<T, P>
/** A condition, which holds always: compilers tell what one gives, but of a plain alias its name. */
type NotAField<T, H extends string> = H extends string
  ? [`'${H}' is not a field of`, T, DidYouMean<keyof FieldsOf<T> & string, H>]
  : never
// `L`: the lookups of what H is; `C`: their names that may follow. After a part of a value come the lookups of that part.
type ExplainEnd<
  L,
  C extends string,
  H extends string,
  R extends string,
  Word extends string,
> = R extends `${infer X}__${infer R2}`
  ? X extends C & keyof L
    ? L[X] extends LookupPart<infer V>
      ? ExplainEnd<AfterTransform<V>, keyof AfterTransform<V> & string, X, R2, 'lookup'>
      : [`'${R2}' is not a lookup of`, X, '']
    : [`'${R}' is not a ${Word} of`, H, DidYouMean<C, R>]
  : [`'${R}' is not a ${Word} of`, H, DidYouMean<C, R>]
type ExplainJson<V, H extends string, R extends string> = R extends `${infer H2}__${infer R2}`
  ? H2 extends keyof V
    ? ExplainJson<NonNullable<V[H2]>, H2, R2>
    : V extends readonly (infer E)[]
      ? ExplainJson<NonNullable<E>, H2, R2>
      : [`'${H2}' is not a key of`, H, DidYouMean<keyof V & string, H2>]
  : V extends readonly unknown[] | string | number | boolean
    ? [`'${R}' is neither a place nor a lookup of`, H, '']
    : [`'${R}' is not a key of`, H, DidYouMean<keyof V & string, R>]
