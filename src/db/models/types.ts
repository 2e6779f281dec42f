/**
 * Types of models and their instances, all read from the field map that `Model<Self>()({ … })` was given.
 *
 * - {@link ModelClass}, {@link Row}: the static side of a model's base class, and the attributes of the other.
 * - {@link FieldsOf}, {@link PkOf}, {@link Target}: what paths are resolved with: the addressable fields of an
 *   instance type, its key's type, the instance type behind a relation.
 * - {@link Ref}, {@link Unloaded}, {@link RelatedSet}, {@link Fetched}: values of relations.
 * - {@link Loaded}, {@link LoadedPart}: instance types with relations read ahead.
 * What instances can do is in `instance-methods.ts`, what `create()` and `update()` take in `inputs.ts`, what a model's header
 * takes in `header.ts`, and what `defineApp` refuses in `check-model.ts`.
 *
 * Two rules hold the whole together; both were paid for. F is constrained by `Record<string, any>` and nothing
 * tighter: `any` is what stops the compiler from looking into relation arrows while the class header is resolved.
 * And a model's key type never looks at its relations (models would need each other's key to know their own).
 */
import type { Field, ForeignKey, ModelTarget, Reverse } from '../fields/types.ts'
import type { QuerySet } from '../query/queryset.ts'
import type { Expr, Q } from '../query/types/expressions.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import type { WhereArg } from '../query/types/where.ts'
import type { CreateInput, RelatedInput } from './inputs.ts'
import type { LOADED } from './instance.ts'
import type { AbstractInstance, Instance } from './instance-methods.ts'
import type { ModelMeta } from './meta.ts'

/** Compiler-only keys; unique symbols do not show in completions. */
declare const FIELDS: unique symbol
declare const OPTIONS: unique symbol

export type { FIELDS, OPTIONS }

/** Any field map; `any`, because nothing tighter keeps the arrows unresolved (see the header). */
export type AnyFields = Record<string, any>

/** The instance type a relation leads to, read through `prototype` (no construct signature is resolved). */
export type Target<R> = R extends HasTarget ? R['~target']['prototype'] : never
// Interfaces, for the reason given in ../query/types/kinds.ts.
interface HasTarget {
  readonly '~target': { readonly prototype: unknown }
}
interface HoldsKey {
  readonly '~kind': 'fk' | 'o2o'
}
interface IsKeyField {
  readonly '~pk': true
}
interface HasChoices {
  readonly '~kind': 'choice'
}
/** Everything a path may name on an instance type; `any` of `any`, because a model not known takes every path. */
export type FieldsOf<T> = 0 extends 1 & T ? any : T extends { readonly [FIELDS]: infer F } ? F : never
/** The primary key's type. Keys of several columns are tuples, in the order of the option `primaryKey`. */
export type PkOf<T> = T extends { readonly [OPTIONS]: { readonly '~key': infer K } } ? K : never

/** `author: () => foreignKey(Author)` → ForeignKey<typeof Author> */
type Unwrap<F> = { [K in keyof F]: F[K] extends () => infer R ? R : F[K] }
type Flat<T> = { [K in keyof T]: T[K] }
type PkKeys<F> = { [K in keyof F]: F[K] extends IsKeyField ? K : never }[keyof F]
interface IdField extends Field<number, true, 'number', true> {}
interface OrderField extends Field<number, true, 'number', false> {}

type KeyPart<R> = R extends () => infer Arrow
  ? PkOf<Target<Arrow>>
  : R extends { readonly '~value': infer V }
    ? V
    : never
/** A part that is itself a key of several columns gives each of them. */
type KeyTuple<F, K extends readonly unknown[]> = K extends readonly [infer First, ...infer Rest]
  ? [...KeyColumns<KeyPart<F[First & keyof F]>>, ...KeyTuple<F, Rest>]
  : []
type KeyColumns<V> = [V] extends [readonly unknown[]] ? V : [V]
/** From declared scalars only, but for keys named in the options. */
type PrimaryKey<F, O> = O extends { readonly primaryKey: readonly [infer K] }
  ? KeyPart<F[K & keyof F]>
  : O extends { readonly primaryKey: infer K extends readonly unknown[] }
    ? KeyTuple<F, K>
    : PkKeys<F> extends infer K
      ? [K] extends [never]
        ? number
        : F[K & keyof F] extends { readonly '~value': infer V }
          ? V
          : never
      : never
type WithId<F, O> = O extends { readonly primaryKey: readonly unknown[] }
  ? WithOrder<F, O>
  : [PkKeys<F>] extends [never]
    ? { id: IdField } & WithOrder<F, O>
    : WithOrder<F, O>
type WithOrder<F, O> = O extends { readonly orderWithRespectTo: string } ? F & { _order: OrderField } : F
type FkKeys<F> = keyof { [K in keyof F as F[K] extends HoldsKey ? K : never]: 1 } & string
type KeyFamily<V> = V extends number
  ? 'number'
  : V extends bigint
    ? 'bigint'
    : V extends readonly unknown[]
      ? 'key'
      : 'text'
/** What a relation holds: the key of its target, or the value of the field that `toField` names. */
export type KeyOf<R> = R extends { readonly '~to': infer K extends string }
  ? FieldsOf<Target<R>>[K & keyof FieldsOf<Target<R>>] extends { readonly '~value': infer V }
    ? V
    : never
  : PkOf<Target<R>>
type RawPk<R> = R extends { readonly '~null': true } ? KeyOf<R> | null : KeyOf<R>
type RawIds<F> = { [K in FkKeys<F> as `${K}Id`]: Field<RawPk<F[K]>, true, KeyFamily<NonNullable<RawPk<F[K]>>>, false> }
/** `pk`, as paths name it. */
interface KeyPath<K> {
  readonly pk: Field<K, true, KeyFamily<K>, false>
}
/** Everything an instance has: declared fields, the implied id, raw foreign keys. */
type Paths<F, O> = Flat<WithId<F, O> & RawIds<F>>

// ---------------------------------------------------------------- values of relations

/** A relation that has not been read: `await` it, or ask for it with `selectRelated()`. */
export interface Unloaded<T> extends PromiseLike<T> {
  readonly [LOADED]: false
  /** Reads it, for all rows of the same result at once. */
  load(): Promise<T>
}
/** `await book.author`, or `.selectRelated('author')` first and read it directly. */
export type Ref<T> = Unloaded<T> | T
/** The rows on the many side of a relation: a queryset, with methods that change the relation. */
export interface RelatedSet<T, Key extends string = never> extends QuerySet<T> {
  /** Relates these rows too. */
  add(...items: (T | PkOf<T>)[]): Promise<void>
  /** Ends the relation with these rows; of a foreign key, which must be nullable. */
  remove(...items: (T | PkOf<T>)[]): Promise<void>
  /** Relates exactly these rows. */
  set(items: readonly (T | PkOf<T>)[]): Promise<void>
  /** Ends the relation with all rows. */
  clear(): Promise<void>
  /** Makes a row that is related from the start. */
  create(values: RelatedInput<T, Key>): Promise<T>
}
/** A {@link RelatedSet} over a table between with fields of its own, as `through` names it. */
export interface ThroughSet<T, Through> extends RelatedSet<T> {
  /** add() with values for the fields of the rows between: `addWith({ amount: 2 }, order)`. Rows that are related already keep theirs. */
  addWith(values: BetweenInput<Through>, ...items: (T | PkOf<T>)[]): Promise<void>
  /** set() with values for the rows between that are new. */
  setWith(values: BetweenInput<Through>, items: readonly (T | PkOf<T>)[]): Promise<void>
  /** create() with values for the row between. */
  createWith(values: BetweenInput<Through>, row: CreateInput<T>): Promise<T>
}
/**
 * Values of rows of the model that `through` names, or functions that give them, called for each row: looked at only where
 * they are given, for it names both sides.
 */
type BetweenInput<Through> = Through extends { readonly prototype: infer Between }
  ? { readonly [K in keyof CreateInput<Between>]?: CreateInput<Between>[K] | (() => CreateInput<Between>[K]) }
  : never
/** What prefetchRelated() adds: reading without `await`. */
export interface Fetched<T> extends Iterable<T> {
  readonly items: readonly T[]
  readonly length: number
}

/** What a model's own query set can do besides, as its related sets can: `author.books.published()`. */
type OwnMethods<R> = R extends { readonly '~target': { readonly objects: infer M } } ? OwnOf<M, Methods> : unknown
type OwnOf<M, Known> = [Exclude<keyof M, Known>] extends [never] ? unknown : Pick<M, Exclude<keyof M, Known>>
type Methods = keyof QuerySet<unknown>

// Relations of `any` are those of whatever model: only what is inferred of them is asked for.
type ValueOf<R> =
  R extends ForeignKey<any, infer Null, any>
    ? Null extends true
      ? Ref<Target<R>> | null
      : Ref<Target<R>>
    : R extends { readonly '~kind': 'reverseOne' }
      ? Ref<Target<R>> | null
      : R extends Reverse<any, infer Key, 'reverse'>
        ? RelatedSet<Target<R>, Key> & OwnMethods<R>
        : R extends { readonly '~kind': 'm2m'; readonly '~through': infer Through }
          ? ([Through] extends [never] ? RelatedSet<Target<R>> : ThroughSet<Target<R>, Through>) & OwnMethods<R>
          : R extends { readonly '~value': infer V }
            ? V
            : never

/** The attributes of an instance, from its fields. */
export type Row<F> = { -readonly [K in keyof F]: ValueOf<F[K]> }
/** `getStatusDisplay()`: the label of a choice, for people. */
export type Displays<F> = {
  readonly [K in keyof F & string as F[K] extends HasChoices ? `get${Capitalize<K>}Display` : never]: () => string
}

type LoadedValue<R, Rest> = R extends { readonly '~kind': 'reverse' | 'm2m' }
  ? Fetched<Target<R> & Rest>
  : R extends { readonly '~null': true } | { readonly '~kind': 'reverseOne' }
    ? (Target<R> & Rest) | null
    : Target<R> & Rest
/** `Loaded<Book, 'author__company'>` = Book & { author: Author & { company: Company } } */
export type Loaded<T, P extends string> = T & LoadedPart<T, P>
/** What a loaded path adds to T. */
export type LoadedPart<T, P extends string> = P extends `${infer H}__${infer R}`
  ? H extends keyof FieldsOf<T>
    ? { readonly [K in H]: LoadedValue<FieldsOf<T>[H], LoadedPart<Target<FieldsOf<T>[H]>, R>> }
    : unknown
  : P extends keyof FieldsOf<T>
    ? { readonly [K in P]: LoadedValue<FieldsOf<T>[P], unknown> }
    : unknown

type BaseOf<O> = O extends { readonly extends: { readonly prototype: infer P } } ? P : unknown
type BaseFields<O> = O extends { readonly extends: { readonly [FIELDS]: infer F } } ? F : {}
type All<F, O> = Unwrap<BaseFields<O> & F>
type Opts<F, O> = O & { readonly '~declared': WithId<All<F, O>, O>; readonly '~key': PrimaryKey<BaseFields<O> & F, O> }

/** The base class that `Model<Self>()(fields, options)` makes. */
export interface ModelClass<Self, F, O> {
  new (
    values?: Partial<CreateInput<Self>>,
  ): BaseOf<O> &
    Instance<Paths<All<F, O>, O> & KeyPath<PrimaryKey<BaseFields<O> & F, O>>, Opts<F, O>, Self> &
    Row<Paths<All<F, O>, O>> &
    Displays<All<F, O>>
  readonly [FIELDS]: F
  readonly [OPTIONS]: O
  /** What the framework knows about the model. @throws ModelError db.model-not-in-app before defineApp() has seen it */
  readonly meta: ModelMeta
  /** Every row. */
  readonly objects: QuerySet<Self>
  /** A path of this model as an expression: `Book.F('author__id')`. */
  F<const P extends string>(path: PathArg<Self, P>): Expr<Self, ValueAt<Self, P>>
  /** A path of this model for a subquery inside a query of it: `Book.OuterRef('id')`. */
  OuterRef<T, const P extends string>(path: PathArg<Self, P>): Expr<T, ValueAt<Self, P>>
  /** A condition that can be combined: `Book.Q({ title: 'x' }).or({ pages__gt: 3 })`. */
  Q<const K extends string>(where: WhereArg<Self, K>): Q<Self>
}
/** The base class that `ProxyModel<Self>()(Model, options)` makes. */
export interface ProxyClass<Self, M extends ModelTarget> {
  new (values?: Partial<CreateInput<Self>>): M['prototype']
  readonly meta: ModelMeta
  readonly objects: QuerySet<Self>
  F<const P extends string>(path: PathArg<Self, P>): Expr<Self, ValueAt<Self, P>>
  OuterRef<T, const P extends string>(path: PathArg<Self, P>): Expr<T, ValueAt<Self, P>>
  Q<const K extends string>(where: WhereArg<Self, K>): Q<Self>
}
/** The base class that `AbstractModel(fields, options)` makes. */
export interface AbstractBase<F, O> {
  new (): AbstractInstance<AbstractFields<F, O>> & Row<AbstractFields<F, O>> & BaseOf<O>
  readonly [FIELDS]: BaseFields<O> & WithOrder<F, O>
}
type AbstractFields<F, O> = AbstractPaths<Unwrap<BaseFields<O> & WithOrder<F, O>>>
type AbstractPaths<F> = Flat<F & RawIds<F>>
