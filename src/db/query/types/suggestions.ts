/**
 * Names that could stand where a path leads nowhere (yet): what an editor offers after each `__`. Nothing is checked against them,
 * and a query that is right never pays for them.
 */

import type { FieldsOf, Target } from '../../models/types.ts'
import type { AnnFields, Related } from './kinds.ts'
import type { LookupsOf, Ordered, TransformsOf } from './lookups.ts'
import type { Like, Near } from './mistakes.ts'
import type { LookupValue } from './where.ts'

type LookupKeys<F, K extends keyof F & string> = K extends string
  ? F[K] extends Related
    ? K | `${K}__isnull`
    : K | `${K}__${keyof LookupsOf<F[K]> & string}`
  : never
type RelKeys<F> = keyof { [K in keyof F as F[K] extends Related ? K : never]: 1 } & string
/** Own keys with lookups, and one hop of plain fields. */
type Suggest<F> = LookupKeys<F, keyof F & string> | Hop<F, RelKeys<F>>
type Hop<F, K extends string> = K extends keyof F ? `${K}__${keyof FieldsOf<Target<F[K]>> & string}` : never
/** The ways on from a half-typed key: `author__company__` → every key under it, `title__` → its lookups. */
type Continue<F, K extends string> = K extends `${infer H}__${infer R}`
  ? H extends keyof F
    ? F[H] extends Related
      ? `${H}__${Continue<FieldsOf<Target<F[H]>>, R>}`
      :
          | `${H}__${keyof LookupsOf<F[H]> & string}`
          | (F[H] extends { readonly '~kind': 'json'; readonly '~value': infer V }
              ? `${H}__${JsonHint<NonNullable<V>, R>}`
              : never)
          | (R extends `${infer X}__${string}` ? `${H}__${X}__${keyof Ordered<number> & string}` : never)
    : never
  : Suggest<F>
/** Evaluated only for keys that are not valid (yet): a finished query never pays for it. */
export type Half<T, A, K extends string> = HalfOf<T, A, [K] extends [never] ? '' : K>
type HalfOf<T, A, K extends string> = K extends string
  ? string extends K
    ? 0 extends 1 & K
      ? never
      : '' // what the compiler tries before it knows K: with `never` it would try all of the below
    : LookupValue<T, K> extends never
      ? K extends keyof A
        ? never
        : Continue<FieldsOf<T>, K> | Suggest<AnnFields<A>>
      : never
  : never

// ---------------------------------------------------------------- plain paths

/** What could follow: the names at the failing segment that are like it, all of them after a bare `__`. */
export type PathHint<F, P extends string> = P extends `${infer H}__${infer R}`
  ? H extends keyof F
    ? F[H] extends Related
      ? `${H}__${PathHint<FieldsOf<Target<F[H]>>, R>}`
      : F[H] extends { readonly '~kind': 'date' | 'time' | 'dateTime' }
        ? `${H}__${Near<TransformsOf<LookupsOf<F[H]>>, R> & string}`
        : F[H] extends { readonly '~kind': 'json'; readonly '~value': infer V }
          ? `${H}__${JsonHint<NonNullable<V>, R>}`
          : H
    : Near<keyof F & string, H>
  : P extends ''
    ? (keyof F & string) | Hop<F, RelKeys<F>>
    : Near<keyof F & string, P>
type JsonHint<V, R extends string> = R extends `${infer H}__${infer R2}`
  ? H extends keyof V
    ? `${H}__${JsonHint<NonNullable<V[H]>, R2>}`
    : Near<keyof V & string, H>
  : V extends readonly unknown[]
    ? '0'
    : Near<keyof V & string, R>
/** {@link PathHint} of a path that may begin with an annotation. */
export type HintAmong<T, A, P extends string> = P extends ''
  ? PathHint<FieldsOf<T>, P> | (keyof A & string)
  : HeadOf<P> extends keyof A
    ? PathHint<AnnFields<A>, P>
    : [Like<keyof A, HeadOf<P>>] extends [never]
      ? PathHint<FieldsOf<T>, P>
      : Like<keyof A, HeadOf<P>> & string
type HeadOf<P extends string> = P extends `${infer H}__${string}` ? H : P
