/**
 * Types of models and their instances, all read from the field map that `Model<Self>()({ … })` was given.
 *
 * - {@link ModelClass}, {@link Instance}: the static and the instance side of a model's base class.
 * - {@link FieldsOf}, {@link PkOf}, {@link Target}: what paths are resolved with: the addressable fields of an
 *   instance type, its key's type, the instance type behind a relation.
 * - {@link Ref}, {@link Unloaded}, {@link RelatedSet}, {@link Fetched}: values of relations.
 * - {@link Loaded}, {@link LoadedPart}: instance types with relations read ahead.
 * - {@link CreateInput}, {@link UpdateInput}: what `create()` and `update()` take.
 * - {@link ModelOptions}, {@link AbstractModelClass}: what a model's header takes.
 * - {@link CheckModel}: what `defineApp` refuses.
 *
 * Two rules hold the whole together; both were paid for. F is constrained by `Record<string, any>` and nothing
 * tighter: `any` is what stops the compiler from looking into relation arrows while the class header is resolved.
 * And a model's key type never looks at its relations (models would need each other's key to know their own).
 */
import type { Field, ForeignKey, ModelTarget, RelationFamily, Reverse } from '../fields/types.ts'
import type { QuerySet } from '../query/queryset.ts'
import type { AnyOrder, Expr, Q } from '../query/types/expressions.ts'
import type { JsonNullOf } from '../query/types/kinds.ts'
import type { DidYouMean, Mistake } from '../query/types/mistakes.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import type { WhereArg } from '../query/types/where.ts'
import type { DeclaredConstraint, IndexOf, PartsNamed } from './constraints.ts'
import type { LOADED } from './instance.ts'
import type { AnyModel, ModelMeta } from './meta.ts'
import type { TriggerOf } from './triggers.ts'

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

// ---------------------------------------------------------------- what create() and update() take

type DeclaredOf<T> = T extends { readonly [OPTIONS]: { readonly '~declared': infer F } } ? F : never
type InputKeys<F, Optional> = keyof {
  [K in keyof F as F[K] extends { readonly '~kind': 'reverse' | 'reverseOne' | 'm2m' } | { readonly '~computed': true }
    ? never
    : F[K] extends { readonly '~optional': Optional }
      ? K
      : never]: 1
}
// `any` as in ValueOf.
type InputValue<R> =
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

// ---------------------------------------------------------------- instances

/** How {@link Instance.save} writes. */
export interface SaveOptions {
  /** Database alias; default: where the instance came from, else the current one. */
  readonly using?: string
  /** Only these fields; default: what changed. */
  readonly fields?: readonly string[]
  /** Insert even if the key is set; fails when the row exists. Not together with `fields`. */
  readonly forceInsert?: boolean
  /** Update only, by the key; fails when there is no such row (`db.row-vanished`), also when nothing was changed. */
  readonly forceUpdate?: boolean
}
/** {@link SaveOptions} of a model T. */
export interface SaveWith<T> extends SaveOptions {
  /**
   * Values to give it first. They may be expressions over the row's own columns, which the database computes when it
   * writes: `save({ set: { plays: Song.F('plays').plus(1) } })`; the instance then has what came of it.
   */
  readonly set?: UpdateInput<T>
}
/** How {@link Instance.delete} deletes. */
export interface DeleteOptions {
  readonly using?: string
}
/** How {@link Instance.refresh} reads. */
export interface RefreshOptions {
  readonly using?: string
  /** Only these fields; default all. */
  readonly fields?: readonly string[]
  /**
   * Rows to read it from: a query set of its model, whose filters count (`Book.objects.filter({ deleted: false })`), and whose
   * selectRelated() is loaded. Default: all rows.
   */
  readonly from?: { readonly model: AnyModel }
}
/** How {@link Instance.fullClean} checks. */
export interface CleanOptions {
  /** Fields not to look at. */
  readonly exclude?: readonly string[]
  /** Ask the database about unique fields and constraints. Default true. */
  readonly unique?: boolean
  /** Call the instance's own `clean()`. Default true. */
  readonly clean?: boolean
}

/** What every instance can do, whatever its fields. */
export interface InstanceMethods {
  readonly [LOADED]: true
  /** Inserts a new row, or updates the columns that changed. */
  save(options?: SaveOptions): Promise<this>
  /** Deletes the row, and what `onDelete` says about rows that point to it. @returns rows deleted, in all */
  delete(options?: DeleteOptions): Promise<number>
  /** Reads the row again; forgets loaded relations. */
  refresh(options?: RefreshOptions): Promise<this>
  /** Checks of your own across fields: throw ValidationError. Called by {@link fullClean}. */
  clean(): void | Promise<void>
  /**
   * Called with each instance that a query reads, when its columns (and annotations) are there, and nothing of its relations:
   * to keep what was read beside what is changed later, or to make a value of several columns once. Override it; until
   * then it is never called. It is synchronous and asks the database nothing; columns that `only()` left out are not there.
   */
  fromDb(): void
  /** Cleans each field, then calls `clean()`, then checks what must be unique. @throws ValidationError by field */
  fullClean(options?: CleanOptions): Promise<void>
  /** For people: `Book(3)` unless overridden. */
  toString(): string
  /** Columns by field name, relations as keys; secret fields left out. */
  toJSON(): Record<string, unknown>
}

/** The instance side of every model. */
export interface Instance<F, O, Self = unknown> extends InstanceMethods {
  readonly [FIELDS]: F
  readonly [OPTIONS]: O
  /** Inserts a new row, or updates the columns that changed, those of `set` included. */
  save(options?: SaveWith<Self>): Promise<this>
  /** The primary key; null before the row is inserted, whatever the type says. */
  readonly pk: O extends { readonly '~key': infer K } ? K : never
}

// ---------------------------------------------------------------- headers

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
  (keyof F | keyof B[typeof FIELDS] | 'id') & string
>
// Not one conditional type of all: inferring O from its branches costs every model five times as much.
type HeaderOver<O, B, K extends string> = O & { readonly extends?: B } & HeaderCheck<O, K>
type HeaderCheck<O, K extends string> = [NamesOf<O[keyof O & Naming]>] extends [K]
  ? unknown
  : {
      readonly [P in keyof O & Naming]: O[P] extends readonly unknown[]
        ? { readonly [I in keyof O[P]]: HeaderItem<O[P][I], K> }
        : unknown
    }
type Naming = 'indexes' | 'constraints' | 'triggers' | 'ordering'
interface HasNames {
  readonly '~names'?: unknown
}
/** The fields that a list of indexes, constraints, triggers or expressions to order by mentions. */
type NamesOf<V> = V extends readonly (infer X)[] ? NamesIn<X> : never
type NamesIn<X> = X extends HasNames ? Exclude<X['~names'], undefined> : X extends string ? never : PartsNamed<X>
type HeaderItem<X, K extends string> = [NamesIn<X>] extends [K] ? unknown : NotOwn<Exclude<NamesIn<X>, K>, K>
// Distributive, so that what is printed is what it comes to, and not its name.
type NotOwn<N, K extends string> = N extends string
  ? Mistake<[`'${N}' is not a field of this model`, DidYouMean<K, N>]>
  : never

type BaseOf<O> = O extends { readonly extends: { readonly prototype: infer P } } ? P : unknown
type BaseFields<O> = O extends { readonly extends: { readonly [FIELDS]: infer F } } ? F : {}
type All<F, O> = Unwrap<BaseFields<O> & F>
type Opts<F, O> = O & { readonly '~declared': WithId<All<F, O>, O>; readonly '~key': PrimaryKey<BaseFields<O> & F, O> }

/** The base class that `Model<Self>()(fields, options)` makes. */
export interface ModelClass<Self, F, O> {
  new (
    values?: Partial<CreateInput<Self>>,
  ): BaseOf<O> & // first: of several save() the compiler speaks of the last
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
/** Options of a proxy. `K`: the fields of the model it stands for. What it does not say is as that model has it. */
export interface ProxyOptions<K extends string = string>
  extends Pick<
    ModelOptions<K>,
    'ordering' | 'getLatestBy' | 'verboseName' | 'verboseNamePlural' | 'defaultPermissions' | 'permissions'
  > {}
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
  new (): InstanceMethods & Row<AbstractPaths<Unwrap<BaseFields<O> & WithOrder<F, O>>>> & BaseOf<O>
  readonly [FIELDS]: BaseFields<O> & WithOrder<F, O>
}
type AbstractPaths<F> = Flat<F & RawIds<F>>

// ---------------------------------------------------------------- where facts about several models are checked

/** Shown when `Model<X>()` names another class than the one it is the base of. */
export interface WrongSelf<Message extends string> {
  readonly '~wrong self type': Message
}
/** Shown when `reverse(Book, 'x')` names no foreign key of Book that leads here. */
export interface BadReverse<Name, Message extends string> {
  readonly '~bad reverse relation': Name
  readonly '~because': Message
}
/** `unknown`, or the first complaint about a model class: what `defineApp` intersects each model with. */
export type CheckModel<C> = C extends { readonly prototype: infer P; readonly objects: QuerySet<infer S> }
  ? [S] extends [P]
    ? [P] extends [S]
      ? CheckReverse<P, FieldsOf<P>>
      : WrongSelf<'write class X extends Model<X>()(...)'>
    : WrongSelf<'write class X extends Model<X>()(...)'>
  : unknown
// `any` as in ValueOf.
type CheckReverse<P, F> = {
  [K in keyof F]: F[K] extends Reverse<infer R, infer Via, any>
    ? R extends { readonly prototype: infer T }
      ? Via extends keyof FieldsOf<T>
        ? FieldsOf<T>[Via] extends { readonly '~kind': RelationFamily }
          ? [Target<FieldsOf<T>[Via]>] extends [P]
            ? never
            : [P] extends [Target<FieldsOf<T>[Via]>] // a proxy has the relations of its model
              ? never
              : BadReverse<K, `'${Via}' does not point here`>
          : BadReverse<K, `'${Via}' is not a relation there`>
        : BadReverse<K, `no field '${Via}' there`>
      : never
    : never
}[keyof F] extends infer E
  ? [E] extends [never]
    ? unknown
    : E
  : never
