/**
 * What a model's header takes: its options, and the check of the names in them. A header may look at the model's own columns alone:
 * behind an arrow stands a class that is being resolved.
 */

import type { AnyOrder } from '../query/types/expressions.ts'
import type { HasInput } from '../query/types/kinds.ts'
import type { DidYouMean, ExplainPart, Mistake } from '../query/types/mistakes.ts'
import type { PartsNamed } from '../query/types/named.ts'
import type { LookupAt } from '../query/types/where.ts'
import type { DeclaredConstraint, IndexOf } from './constraints.ts'
import type { TriggerOf } from './triggers.ts'
import type { FIELDS } from './types.ts'

/** Options of a model. `K`: its own and inherited field names; paths across relations cannot be checked here. */
export interface ModelOptions<K extends string = string> {
  /**
   * Order of querysets that ask for none: `['-publishedAt', 'title']`. Expressions name their fields with `Own`, which
   * `check` looks at: `[Own('publishedAt').desc({ nulls: 'last' }), Lower('title')]`.
   */
  readonly ordering?: readonly (K | `-${K}` | AnyOrder)[]
  /**
   * Keeps an order of the rows of one group that people set: `orderWithRespectTo: 'question'` adds the field `_order`, by
   * which rows are ordered unless a query asks otherwise. A new row comes last; see `setOrder()`. Not with `ordering`.
   */
  readonly orderWithRespectTo?: K
  readonly indexes?: readonly IndexOf<string>[]
  readonly constraints?: readonly DeclaredConstraint[]
  /** What the database does by itself when rows change: `triggers: [readOnly(['slug'])]`. Made and changed by migrations. */
  readonly triggers?: readonly TriggerOf<string>[]
  /** Table; default `app_model`. */
  readonly dbTable?: string
  /** What `latest()` and `earliest()` go by when they are given nothing: `['publishedAt']`. */
  readonly getLatestBy?: readonly (K | `-${K}`)[]
  /** For people who look at the database: kept with the table where it has such comments (not on SQLite). */
  readonly comment?: string
  /** Fields that are the key together. Default: the field with `primaryKey`, else an implied `id`. */
  readonly primaryKey?: readonly K[]
  /**
   * Fields that a row is known by outside of one database, for fixtures: `['name', 'country']`. A relation among them
   * stands for the natural key of its target. Default none: fixtures have primary keys.
   */
  readonly naturalKey?: readonly K[]
  /** For people, in lower case; default: the name as words. */
  readonly verboseName?: string | { toString(): string }
  readonly verboseNamePlural?: string | { toString(): string }
  /**
   * The name it had: `renamedFrom: 'Book'`, or `'shop.Book'` where it was in another app. The next `makemigrations` writes a
   * rename and asks nothing; `check` says when the hint has done its work.
   */
  readonly renamedFrom?: string
  /** False: migrations leave the table alone. Default true. */
  readonly managed?: boolean
  /** Permissions of `nuages/auth` that every model has; default all four. */
  readonly defaultPermissions?: readonly ('add' | 'change' | 'delete' | 'view')[]
  /** Further ones, with text for people: `[['publish_book', 'Can publish books']]`. Made after `migrate`. */
  readonly permissions?: readonly (readonly [codename: string, name: string])[]
  /** An abstract base (`any`: of whatever fields), whose fields come first and whose methods and getters are shared. */
  readonly extends?: AbstractModelClass<any>
}

/** What `AbstractModel(…)` gives: fields and behaviour, no table. */
export interface AbstractModelClass<F = {}> {
  readonly prototype: object
  readonly [FIELDS]: F
}

/** The options of a model; where they name a field that is none, the same but for what is wrong. */
export type Header<F, B extends AbstractModelClass, O> = HeaderOver<
  O,
  B,
  F,
  (keyof F | keyof B[typeof FIELDS] | 'id') & string
>
// Not one conditional type of all: inferring O from its branches costs every model five times as much.
type HeaderOver<O, B extends AbstractModelClass, F, K extends string> = O & { readonly extends?: B } & HeaderCheck<
    O,
    B,
    F,
    K
  >
type HeaderCheck<O, B extends AbstractModelClass, F, K extends string> = [NamesOf<O[keyof O & Naming]>] extends [K]
  ? unknown
  : [WrongName<NamesOf<O[keyof O & Naming]>, F & B[typeof FIELDS], K>] extends [never]
    ? unknown // and nothing but O: of two types beside one another a list that begins with another one spread is not made
    : {
        readonly [P in keyof O & Naming]: O[P] extends readonly unknown[]
          ? HeaderItems<O[P], F & B[typeof FIELDS], K>
          : unknown
      }
// Over a parameter a list stays a list, also one with another spread in it.
type HeaderItems<L, F, K extends string> = { readonly [I in keyof L]: HeaderItem<NamesIn<L[I]>, F, K> }
type Naming = 'indexes' | 'constraints' | 'triggers' | 'ordering'
interface HasNames {
  readonly '~names'?: unknown
}
/** The fields that a list of indexes, constraints, triggers or expressions to order by mentions. */
type NamesOf<V> = V extends readonly (infer X)[] ? NamesIn<X> : never
type NamesIn<X> = X extends HasNames ? Exclude<X['~names'], undefined> : X extends string ? never : PartsNamed<X>
/** Nothing, or what is wrong with one of the names N. */
type HeaderItem<N, F, K extends string> = [WrongName<N, F, K>] extends [never] ? unknown : WrongName<N, F, K>
// Distributive, so that what is printed is what it comes to, and not its name.
type WrongName<N, F, K extends string> = N extends K
  ? never
  : N extends `${infer H}__${infer R}`
    ? H extends K
      ? WrongLookup<F[H & keyof F], H, R>
      : NotOwn<H, K>
    : NotOwn<N, K>
type NotOwn<N, K extends string> = N extends string
  ? Mistake<[`'${N}' is not a field of this model`, DidYouMean<K, N>]>
  : never
/** Of own columns; what follows a relation is its model's, at which a header must not look. */
type WrongLookup<X, H extends string, R extends string> = X extends HasInput
  ? LookupAt<X, R> extends never
    ? Mistake<ExplainPart<X, H, R, 'lookup'>>
    : never
  : never

/** Options of a proxy. `K`: the fields of the model it stands for. What it does not say is as that model has it. */
export interface ProxyOptions<K extends string = string>
  extends Pick<
    ModelOptions<K>,
    'ordering' | 'getLatestBy' | 'verboseName' | 'verboseNamePlural' | 'defaultPermissions' | 'permissions'
  > {}
