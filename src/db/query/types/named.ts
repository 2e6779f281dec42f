/** The names that a model's header writes, before the model is there to look at them: they are carried to where it is. */

import type { RawFragment } from '../raw.ts'
import type { AnyOrder, Expr, Mentions, Q } from './expressions.ts'

/** A condition of Own(), with the names N that were written in it; of `any`, because the model is not declared yet where it stands. */
export interface OwnQ<N extends string> extends Q<any> {
  readonly '~names': N
  or<const W extends OwnCondition>(where: W): OwnQ<N | FieldsNamed<W>>
  and<const W extends OwnCondition>(where: W): OwnQ<N | FieldsNamed<W>>
  xor<const W extends OwnCondition>(where: W): OwnQ<N | FieldsNamed<W>>
  not(): OwnQ<N>
}
/**
 * Of the condition W. A conditional type, because TypeScript looks at calls of generic functions that give functions, as a Q is one
 * to it, only after it has inferred what is around: in a list of orders `Own('floor')` would leave nothing to infer from.
 */
export type OwnQOf<W> = W extends unknown ? OwnQ<FieldsNamed<W>> : never

/**
 * A value computed from own fields: `Lower('email')`, `F('pages').desc({ nulls: 'last' })`, or text of the database's
 * own: sql`(data->>'size')`. A model's header cannot name the model: it looks at the names that were written.
 */
export type OwnExpression = AnyOrder | RawFragment
/**
 * A condition on own fields: lookups as in filter(), `Q()` objects, or an expression that is true or false; or text of the
 * database's own, sql`"from" < "until"`, which names columns. `any`, because a header cannot name its model.
 */
export type OwnCondition = Readonly<Record<string, unknown>> | Q<any> | Expr<any, boolean | null> | RawFragment

/** `author__name` → `author`; of text known only at run time nothing. */
type FieldOf<P> = P extends `${infer Name}__${string}`
  ? Name
  : P extends string
    ? string extends P
      ? never
      : P
    : never
/** The field that a part of an index names, or those that an expression mentions. */
export type PartsNamed<P> = P extends string
  ? FieldOf<P extends `-${infer Name}` ? Name : P>
  : P extends { readonly '~order': Mentions<infer M> } | { readonly '~model': Mentions<infer M> }
    ? FieldOf<M>
    : never
/** The lookups of a record, and the fields that its values mention; of what is not a record none are known. */
export type FieldsNamed<W> = [W] extends [never]
  ? never
  : W extends { readonly '~names': infer N extends string }
    ? N
    : W extends { readonly '~q': unknown } | RawFragment
      ? never
      : W extends { readonly '~value': unknown }
        ? PartsNamed<W>
        : LookupsNamed<keyof W> | ValuesNamed<W[keyof W]>
/** `title__gt` as it is: the header knows its fields, and what may follow their names. */
type LookupsNamed<P> = P extends string ? (string extends P ? never : P) : never
/** The fields that the options of an index or of a unique constraint mention. */
export type OptionsNamed<O> = {} extends O
  ? never
  :
      | (O extends { readonly where: infer W } ? FieldsNamed<W> : never)
      | (O extends { readonly include: readonly (infer I extends string)[] } ? PartsNamed<I> : never)
/** Values that are texts are constants. */
type ValuesNamed<V> = V extends { readonly '~model': unknown } ? PartsNamed<V> : never
