/** What create(), update() and the like take, read from the fields of a model. */

import type { ForeignKey } from '../fields/types.ts'
import type { Expr } from '../query/types/expressions.ts'
import type { JsonNullOf } from '../query/types/kinds.ts'
import type { KeyOf, OPTIONS, Target } from './types.ts'

type DeclaredOf<T> = T extends { readonly [OPTIONS]: { readonly '~declared': infer F } } ? F : never
/** Names of the fields of F that a row is given values for; `boolean`: of all of them. */
export type InputKeys<F, Optional> = keyof {
  [K in keyof F as F[K] extends { readonly '~kind': 'reverse' | 'reverseOne' | 'm2m' } | { readonly '~computed': true }
    ? never
    : F[K] extends { readonly '~optional': Optional }
      ? K
      : never]: 1
}
// Relations of `any` are those of whatever model, as in ValueOf of types.ts.
/** What a field of a row is given. */
export type InputValue<R> =
  R extends ForeignKey<any, infer Null, any>
    ? Target<R> | KeyOf<R> | (Null extends true ? null : never)
    : R extends { readonly '~input': infer V }
      ? V | JsonNullOf<R>
      : never
/** Values of a new row: fields without a default are required; a relation takes an instance or its key. */
export type CreateInput<T> = {
  [K in InputKeys<DeclaredOf<T>, false> & keyof DeclaredOf<T>]: InputValue<DeclaredOf<T>[K]>
} & { [K in InputKeys<DeclaredOf<T>, true> & keyof DeclaredOf<T>]?: InputValue<DeclaredOf<T>[K]> }
/** {@link CreateInput}, in which values may be expressions: of no columns, for the row has none yet. */
export type NewInput<T> = { [K in keyof CreateInput<T>]: CreateInput<T>[K] | Expr<T, CreateInput<T>[K] | null> }
/** Values to change; each may be an expression over the row's own columns. */
export type UpdateInput<T> = {
  [K in InputKeys<DeclaredOf<T>, boolean> & keyof DeclaredOf<T>]?:
    | InputValue<DeclaredOf<T>[K]>
    | Expr<T, InputValue<DeclaredOf<T>[K]>>
}
/** {@link NewInput} where `Key` is filled in by the relation. */
export type RelatedInput<T, Key extends string> = Omit<NewInput<T>, Key> & {
  [K in Key & keyof NewInput<T>]?: NewInput<T>[K]
}
