/**
 * The type machinery of querysets: one path language, `a__b__lookup`, checked key by key from what was written.
 *
 * - {@link Where}: the argument of filter(), exclude(), get(); {@link WhereArg} the same without annotations.
 * - {@link PathArg}, {@link PathArgs}, {@link OrderArg}: a path as a string argument (values, F, aggregates; orderBy).
 * - {@link RelArg}: a path over relations only; with {@link ToOne} for selectRelated, {@link RelationFamily} for
 *   prefetchRelated. {@link LoadedUnion}: what such paths add to the row.
 * - {@link ValueAt}: the type a path leads to; {@link LookupValue}: the type a lookup is compared with.
 * - {@link RESULT}, {@link ANNOTATIONS}: the compiler-only keys of a queryset that carry its row and its annotations;
 *   {@link RowOf}, {@link AnnOf} read them from polymorphic `this`, {@link Annotated}, {@link With} add to them.
 * - {@link Values}: the result of values() and valuesList(); {@link ListArgs}, {@link ListRow}: valuesList()'s own.
 * - {@link ExprAt}: the value of F(path).
 * - {@link Expr}, {@link Aggregate}, {@link Q}: expressions over a model.
 * - {@link QuerySetLike}: a queryset seen by lookups (`in`).
 * - {@link Mistake}: what a compiler error shows.
 *
 * Rules that hold it together (each was paid for): resolve a path against the model first and against annotations
 * second, since inside a QuerySet subclass annotations come from polymorphic `this`; put errors in interfaces with
 * literal arguments or inline mapped types, since diagnostics print the names of aliases; infer filter objects as
 * optional keys, or spreads of conditions are refused.
 *
 * And what keeps it cheap: a path that leads nowhere is `never`, which one comparison tells; what to say about it is
 * worked out then, and only then. Nothing is inferred from that (`NoInfer`), and for `string`, which the compiler tries
 * in place of a path it does not know yet, it is one sentence.
 *
 * Beyond 400 lines: the aliases refer to one another, and reading them apart is harder.
 */

import type { Temporal } from '../../std/dates.ts'
import type { Decimal } from '../../std/decimal.ts'
import type { OrderingOptions } from '../expressions/expression.ts'
import type { RelationFamily } from '../fields/types.ts'
import type { AnyModel } from '../models/meta.ts'
import type { FieldsOf, KeyOf, LoadedPart, OPTIONS, PkOf, RefreshOptions, Target } from '../models/types.ts'
import type { Range } from '../range.ts'
import type { ExplainOptions, SqlText } from './explain.ts'
import type { KeysetPage, PageOptions } from './keyset.ts'

/** Compiler-only keys of a queryset; unique symbols do not show in completions. */
declare const RESULT: unique symbol
declare const ANNOTATIONS: unique symbol
declare const UNREAD: unique symbol

export type { ANNOTATIONS, RESULT, UNREAD }

// ---------------------------------------------------------------- expressions

/** An expression over the columns of T, worth a V. */
export interface Expr<T, V> {
  readonly '~model': T
  readonly '~value': V
  /** The sum. A duration is added to dates, times, instants and durations. */
  plus(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  plus(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  plus(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  plus(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  plus(
    this: Expr<T, Moment | Temporal.Duration | null>,
    other: Temporal.Duration | Expr<T, Temporal.Duration>,
  ): Expr<T, V>
  plus(this: Expr<T, Moment | Temporal.Duration | null>, other: Expr<T, Temporal.Duration | null>): Expr<T, V | null>
  plus(other: Mistake<NoOperand>): never
  /** The difference: of two dates or instants a duration. */
  minus(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  minus(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  minus(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  minus(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  minus(
    this: Expr<T, Moment | Temporal.Duration | null>,
    other: Temporal.Duration | Expr<T, Temporal.Duration>,
  ): Expr<T, V>
  minus(this: Expr<T, Moment | Temporal.Duration | null>, other: Expr<T, Temporal.Duration | null>): Expr<T, V | null>
  minus(this: Expr<T, Moment | null>, other: Moment | Expr<T, Moment>): Expr<T, Temporal.Duration | NullOf<V>>
  minus(this: Expr<T, Moment | null>, other: Expr<T, Moment | null>): Expr<T, Temporal.Duration | null>
  minus(other: Mistake<NoOperand>): never
  /** The product, of a duration as well. */
  times(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  times(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  times(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  times(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  times(other: Mistake<NoOperand>): never
  /** The quotient; of two integers a whole number. */
  dividedBy(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  dividedBy(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  dividedBy(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  dividedBy(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  dividedBy(other: Mistake<NoOperand>): never
  /** The rest of a division. */
  modulo(other: Decimal | Expr<T, Decimal>): Expr<T, Decimal | NullOf<V>>
  modulo(other: Expr<T, Decimal | null>): Expr<T, Decimal | null>
  modulo(other: NumberLike | Expr<T, NumberLike>): Expr<T, V>
  modulo(other: Expr<T, NumberLike | null>): Expr<T, V | null>
  power(other: NumberLike | Expr<T, NumberLike | null>): Expr<T, V>
  bitAnd(other: NumberLike | Expr<T, NumberLike | null>): Expr<T, V>
  bitOr(other: NumberLike | Expr<T, NumberLike | null>): Expr<T, V>
  bitXor(other: NumberLike | Expr<T, NumberLike | null>): Expr<T, V>
  bitLeftShift(places: NumberLike | Expr<T, NumberLike | null>): Expr<T, V>
  bitRightShift(places: NumberLike | Expr<T, NumberLike | null>): Expr<T, V>
  /** A part of a text or of an array: from a character or element (0 is the first) up to, not including, another. */
  slice(from: number, to?: number): Expr<T, SliceOf<V>>
  /** For orderBy(): smallest first. */
  asc(options?: OrderingOptions): Order<T>
  /** For orderBy(): largest first. */
  desc(options?: OrderingOptions): Order<T>
}
/** The last way to take an operand, of which the compiler speaks where none fits. */
type NoOperand = "a value to calculate with, or an expression: a field is F('…'), and Concat() joins texts"
/** A place in an order: an expression with its direction. */
export interface Order<T> {
  readonly '~order': T
}
/** Anything but a path that orders rows. */
export type AnyOrder = HasOrder | HasValue
/** What arithmetic takes. */
export type NumberLike = number | bigint | Decimal
/** null where a value may be. */
export type NullOf<V> = null extends V ? null : never
/** A part of a text or of an array. */
export type SliceOf<V> = unknown extends V
  ? unknown
  : NonNullable<V> extends readonly unknown[]
    ? V
    : string | NullOf<V>
/** A day, a time of day or an instant. */
export type Moment = Date | Temporal.Instant | Temporal.PlainDate | Temporal.PlainTime
/** A value computed over many rows. */
export interface Aggregate<T, V> extends Expr<T, V> {
  readonly '~aggregate': V
}
/** What annotate() and aggregate() take. */
export type AnyExpr<T> = Expr<T, unknown>
/**
 * What stands for the model of an expression where nothing tells it: the paths that were written, to be looked at where it is
 * used. `orderBy(Lower('title').desc())`, `index([Lower('email')])`: a call on a call hides the place of use, and a model's
 * header has none.
 */
// biome-ignore lint/correctness/noUnusedVariables: read by `infer`; not a member, so that any two fit one another
export interface Mentions<P> {
  readonly '~mentions': true
}
type Unplaced = Mentions<unknown>
/** Shown where `F('a').plus(1)` cannot tell its model: only the place of use tells it, and a call hides that. */
export interface NeedsModel<Hint extends string> {
  readonly '~model unknown': Hint
}
/** The value of `F(path)`. */
export type ExprAt<T, P extends string> = unknown extends T
  ? 0 extends 1 & T
    ? any
    : NeedsModel<`write Model.F('${P}')`>
  : [T] extends [Unplaced]
    ? NeedsModel<`write Model.F('${P}')`>
    : ValueAt<T, P>
/** The value of an expression or aggregate. */
export type ExprValue<A> = A extends { readonly '~value': infer V } ? V : never
/** A sum: of the kind of what is summed; null over no rows. */
export type SumOf<V> = NonNullable<V> | null
/** An average: a Decimal over decimals, else a number; null over no rows. */
export type AvgOf<V> = (NonNullable<V> extends Decimal ? Decimal : number) | null

/** A condition that can be combined. `A`: the annotations it speaks of, which a query set must have to take it. */
export interface Q<T, A = {}> {
  or<const K extends string>(where: Where<T, A, K> | Q<T, A> | Expr<T, boolean | null>): Q<T, A>
  and<const K extends string>(where: Where<T, A, K> | Q<T, A> | Expr<T, boolean | null>): Q<T, A>
  xor<const K extends string>(where: Where<T, A, K> | Q<T, A> | Expr<T, boolean | null>): Q<T, A>
  not(): Q<T, A>
  readonly '~annotations': (had: A) => void
  readonly '~q': T
  /** Compiler-only: a call signature keeps Q's own members out of the completions of filter({ … }). */
  (never: never): never
}

/** A queryset, as lookups see it: a subquery for `in`. */
export interface QuerySetLike {
  readonly [RESULT]: unknown
  readonly model: AnyModel
}

/** SQL of the project's own, as `in` takes it: a list, or a statement of one column. */
export interface SqlRows<V> {
  /** Compiler-only: what each of its rows is. */
  readonly '~rows': V
}

// ---------------------------------------------------------------- lookups

/**
 * Lookups of the project's own, as `registerLookup` adds them; declare their types here:
 * `declare module 'nuages/db' { interface CustomLookups<V> { soundsLike: V extends string ? string : never } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: projects add to it
// biome-ignore lint/correctness/noUnusedVariables: what they add speaks of V
export interface CustomLookups<V> {}
interface Base<V> extends CustomLookups<V> {
  exact: V
  in: readonly V[] | QuerySetLike | SqlRows<V | null>
  isnull: boolean
}
interface Ordered<V> extends Base<V> {
  gt: V
  gte: V
  lt: V
  lte: V
  range: readonly [V, V]
}
interface TextLookups<V> extends Ordered<V> {
  iexact: string
  contains: string
  icontains: string
  startswith: string
  istartswith: string
  endswith: string
  iendswith: string
  regex: string
  iregex: string
  search: string
}
interface DateLookups<V> extends Ordered<V> {
  year: LookupPart<number>
  isoYear: LookupPart<number>
  month: LookupPart<number>
  day: LookupPart<number>
  week: LookupPart<number>
  weekDay: LookupPart<number>
  isoWeekDay: LookupPart<number>
  quarter: LookupPart<number>
}
interface TimeLookups<V> extends Ordered<V> {
  hour: LookupPart<number>
  minute: LookupPart<number>
  second: LookupPart<number>
}
interface DateTimeLookups<V> extends DateLookups<V>, TimeLookups<V> {
  date: LookupPart<Temporal.PlainDate>
  time: LookupPart<Temporal.PlainTime>
}
interface JsonLookups<V> extends Base<V> {
  contains: Partial<V>
  containedBy: V
  hasKey: string
  hasKeys: readonly string[]
  hasAnyKeys: readonly string[]
}
interface ArrayLookups<V> extends Ordered<V> {
  contains: V
  containedBy: V
  overlap: V
  len: LookupPart<number>
}
interface RangeLookups<V> extends Ordered<V> {
  contains: V | EndOf<V>
  containedBy: V
  overlap: V
  fullyLt: V
  fullyGt: V
  notLt: V
  notGt: V
  adjacentTo: V
  startswith: LookupPart<EndOf<V>>
  endswith: LookupPart<EndOf<V>>
  isempty: LookupPart<boolean>
  lowerInc: LookupPart<boolean>
  lowerInf: LookupPart<boolean>
  upperInc: LookupPart<boolean>
  upperInf: LookupPart<boolean>
}
type EndOf<V> = V extends Range<infer E> ? E : never
/** A lookup that gives a value which may be looked up further: `publishedAt__year__gte`. */
export interface LookupPart<V> {
  readonly '~transform': V
}
/** Keys of several columns: compared column by column, the first counts most. */
interface KeyLookups<V> extends Base<V> {
  gt: V
  gte: V
  lt: V
  lte: V
}
interface RelationLookups<V> {
  isnull: boolean
  in: readonly V[] | QuerySetLike | SqlRows<V | null>
}

/** The lookups of a field, by its family. */
export type LookupsOf<R> = R extends HasInput
  ? LookupsIn<R['~kind'], NonNullable<R['~input']>>
  : R extends Related
    ? RelationLookups<Target<R> | KeyOf<R>>
    : never
type LookupsIn<K, V> = K extends 'text' | 'choice'
  ? TextLookups<V>
  : K extends 'dateTime'
    ? DateTimeLookups<V>
    : K extends 'date'
      ? DateLookups<V>
      : K extends 'time'
        ? TimeLookups<V>
        : K extends 'json'
          ? JsonLookups<V>
          : K extends 'key'
            ? KeyLookups<V>
            : K extends 'boolean' | 'binary'
              ? Base<V>
              : K extends 'array'
                ? ArrayLookups<V>
                : K extends 'range'
                  ? RangeLookups<V>
                  : Ordered<V>
/** What follows a transform. */
type AfterTransform<V> = V extends string
  ? TextLookups<V>
  : V extends number | bigint | boolean | Decimal
    ? Ordered<V>
    : V extends Temporal.PlainTime
      ? TimeLookups<V>
      : DateLookups<V>

// ---------------------------------------------------------------- error types, made to be read in a diagnostic

/** A sentence for a diagnostic, in parts, for a type may be one: `['titel' is not a field of, Book, did you mean 'title'?]` */
export interface Mistake<Sentence> {
  readonly '~mistake': Sentence
}
/** What is wrong with a path that is a variable. */
type AtRunTime = 'text known only at run time goes to dynamicOrderBy(), dynamicValues(), dynamic() and the like'
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
type Like<C, S extends string> = [Closest<C, S>] extends [never]
  ? S extends `${infer A}${infer B}${string}`
    ? [Extract<C, `${A}${B}${string}`>] extends [never]
      ? Extract<C, `${A}${string}`>
      : Extract<C, `${A}${B}${string}`>
    : S extends ''
      ? never
      : Extract<C, `${S}${string}`>
  : Closest<C, S>
/** {@link Like}, else all. */
type Near<C, S extends string> = [Like<C, S>] extends [never] ? C : Like<C, S>
export type DidYouMean<C, S extends string> = [Like<C, S>] extends [never]
  ? C
  : `did you mean '${Like<C, S> & string}'?`
/** What is wrong with a path of T: `Word` is what it may end with, `lookup` or `part`. */
type Explain<T, P extends string, Word extends 'lookup' | 'part'> = P extends `${infer H}__${infer R}`
  ? H extends keyof FieldsOf<T>
    ? FieldsOf<T>[H] extends Related
      ? Explain<Target<FieldsOf<T>[H]>, R, Word>
      : FieldsOf<T>[H] extends { readonly '~kind': 'json'; readonly '~value': infer V }
        ? ExplainJson<NonNullable<V>, H, R>
        : Word extends 'lookup'
          ? ExplainEnd<keyof LookupsOf<FieldsOf<T>[H]> & string, H, R, Word>
          : ExplainEnd<TransformsOf<LookupsOf<FieldsOf<T>[H]>>, H, R, Word>
    : [`'${H}' is not a field of`, T, DidYouMean<keyof FieldsOf<T> & string, H>]
  : [`'${P}' is not a field of`, T, DidYouMean<keyof FieldsOf<T> & string, P>]
type ExplainEnd<
  C extends string,
  H extends string,
  R extends string,
  Word extends string,
> = R extends `${C}__${infer R2}`
  ? [`'${R2}' is not a lookup of`, R extends `${infer X}__${R2}` ? X : H, '']
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

// ---------------------------------------------------------------- kinds of fields

// Interfaces, and values read from them by name: an object type written inside a conditional type, and one with `infer` in
// it, is made anew each time a path is looked at, of which there are thousands.
interface Related {
  readonly '~kind': RelationFamily
}
interface LeadsSomewhere extends Related {
  readonly '~target': HasPrototype
}
interface HasPrototype {
  readonly prototype: unknown
}
/** There is a row at its other end. */
interface NeverNull {
  readonly '~kind': 'fk' | 'o2o'
  readonly '~null': false
}
interface MayBeNull {
  readonly '~null': true
}
interface JsonField {
  readonly '~kind': 'json'
  readonly '~value': unknown
}
interface ArrayField {
  readonly '~kind': 'array'
  readonly '~input': unknown
}
interface CollectionField {
  readonly '~kind': 'array' | 'range'
  readonly '~value': unknown
}
interface TimeField {
  readonly '~kind': 'date' | 'time' | 'dateTime'
  readonly '~value': unknown
}
export interface HasValue {
  readonly '~value': unknown
}
interface HasOrder {
  readonly '~order': unknown
}
interface HasInput {
  readonly '~kind': unknown
  readonly '~input': unknown
}
/** The fields of T, of which any name may be asked: `never` for one that is none, with less work than asking first. */
type FieldsIn<T> = FieldsOf<T> & NoOther
interface NoOther {
  readonly [name: string]: never
}
interface AnyFieldMap {
  readonly [name: string]: unknown
}

// ---------------------------------------------------------------- one key of filter()

/** The value accepted at a key of filter(); never when the key is not a valid path. */
export type LookupValue<T, K extends string> = WhereIn<FieldsIn<T>, K>
type WhereIn<F extends AnyFieldMap, K extends string> = K extends `${infer H}__${infer R}`
  ? WhereAfter<F[H], R>
  : Exact<F[K]>
type WhereAfter<X, R extends string> = X extends LeadsSomewhere
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
type ItemOf<V> = V extends readonly (infer E)[] ? E : never
/** `settings__theme`, `settings__theme__icontains`, `langs__0`: keys of a JSON value, then a lookup. */
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

/** The constant {@link JSONNull}, where a JSON column is written or compared. */
export type JsonNullOf<R> = R extends JsonField ? JsonNull : never
/** The type of {@link JSONNull}. */
export interface JsonNull {
  readonly '~json null': true
}

// ---------------------------------------------------------------- suggestions (completions only; never validated against)

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
type Half<T, A, K extends string> = HalfOf<T, A, [K] extends [never] ? '' : K>
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

// ---------------------------------------------------------------- filter()

/** Annotations as fields, so that the same path machinery serves them. */
type AnnFields<A> = {
  [K in keyof A]: { readonly '~kind': AnnFamily<NonNullable<A[K]>>; readonly '~value': A[K]; readonly '~input': A[K] }
}
type AnnFamily<V> = V extends number
  ? 'number'
  : V extends Date | Temporal.Instant
    ? 'dateTime'
    : V extends boolean
      ? 'boolean'
      : V extends bigint
        ? 'bigint'
        : V extends string
          ? 'text'
          : V extends Decimal
            ? 'decimal'
            : V extends readonly unknown[]
              ? 'array'
              : V extends Range<unknown>
                ? 'range'
                : V extends Temporal.PlainDate
                  ? 'date'
                  : V extends Temporal.PlainTime
                    ? 'time'
                    : V extends Temporal.Duration
                      ? 'duration'
                      : V extends Uint8Array
                        ? 'binary'
                        : 'json'
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
/** What is wrong with a path that is neither one of T nor one of the annotations A. */
type WrongPath<T, A, P extends string, Word extends 'lookup' | 'part'> = P extends `${infer H}__${infer R}`
  ? H extends keyof A
    ? ExplainAnn<AnnFields<A>[H], H, R, Word>
    : ExplainName<T, A, P, H, Word>
  : ExplainName<T, A, P, P, Word>
type ExplainAnn<X, H extends string, R extends string, Word extends 'lookup' | 'part'> = X extends JsonField
  ? ExplainJson<NonNullable<X['~value']>, H, R>
  : Word extends 'lookup'
    ? ExplainEnd<keyof LookupsOf<X> & string, H, R, Word>
    : ExplainEnd<TransformsOf<LookupsOf<X>>, H, R, Word>
type ExplainName<T, A, P extends string, H extends string, Word extends 'lookup' | 'part'> = [
  Like<keyof A, H>,
] extends [never]
  ? Explain<T, P, Word>
  : [`'${H}' is neither a field nor an annotation of`, T, DidYouMean<keyof A, H>]
/** The argument of filter(): one optional property per key that was written. `A`: annotations, by `AnnOf<this>`. */
export type Where<T, A, K extends string> = { [P in K]?: FilterValue<T, A, P> } & {
  [P in Half<T, A, K>]?: unknown
}
/** {@link Where} without annotations. */
export type WhereArg<T, K extends string> = Where<T, {}, K>

// ---------------------------------------------------------------- plain paths: orderBy, values, F, aggregates

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
type TransformsOf<L> = keyof { [K in keyof L as L[K] extends LookupPart<unknown> ? K : never]: 1 } & string
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
/** A key that may be missing, or a value that may be null, reads as null. */
type JsonGap<V, K extends keyof NonNullable<V>> =
  | Extract<V, null>
  | (undefined extends NonNullable<V>[K] ? null : never)
/** What could follow: the names at the failing segment that are like it, all of them after a bare `__`. */
type PathHint<F, P extends string> = P extends `${infer H}__${infer R}`
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
type HintAmong<T, A, P extends string> = P extends ''
  ? PathHint<FieldsOf<T>, P> | (keyof A & string)
  : HeadOf<P> extends keyof A
    ? PathHint<AnnFields<A>, P>
    : [Like<keyof A, HeadOf<P>>] extends [never]
      ? PathHint<FieldsOf<T>, P>
      : Like<keyof A, HeadOf<P>> & string
type HeadOf<P extends string> = P extends `${infer H}__${string}` ? H : P
/** P itself when it is a path, else the literals that could stand there, for completions, and what is wrong. */
export type PathArg<T, P extends string> = Checked<T, {}, P>
/** {@link PathArg}, or the name of an annotation. */
type Checked<T, A, P extends string> = P extends string
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
/** {@link PathArg} for each of a list of paths, or names of annotations. */
export type PathArgs<T, A, P extends readonly string[]> = { [I in keyof P]: Checked<T, A, P[I]> }
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

/** What ends the arguments of valuesList(): single values instead of lists of one. */
export interface FlatOption {
  readonly flat: true
}
/** The arguments of valuesList(): {@link PathArgs}, and at the end an optional {@link FlatOption} after one path. */
export type ListArgs<T, A, P extends readonly (string | FlatOption)[]> = {
  [I in keyof P]: P[I] extends string
    ? Checked<T, A, P[I]>
    : P extends readonly [string, FlatOption]
      ? FlatOption
      : string
}
/** The row of valuesList(). */
export type ListRow<T, A, P extends readonly (string | FlatOption)[]> = P extends readonly [
  infer One extends string,
  FlatOption,
]
  ? ValueOrAnn<T, A, One>
  : { -readonly [I in keyof P]: ValueOrAnn<T, A, P[I]> }

// ---------------------------------------------------------------- joined rows

/** The paths that a join compares: fields of T, or annotations. */
export type JoinOn<T, A, P extends string> = {
  readonly [K in P]: K extends keyof A
    ? unknown
    : [ValueAt<T, K>] extends [never]
      ? Mistake<Explain<T, K, 'part'>>
      : unknown
}
/** P itself when it is a relation of T to T, else those that are. */
export type SelfRelation<T, P extends string> = P extends keyof SelfRelations<T> ? P : keyof SelfRelations<T> & string
type SelfRelations<T> = {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends Related ? (Target<FieldsOf<T>[K]> extends T ? K : never) : never]: 1
}
/** What a join adds: the columns that are not compared; with `left` they may be null. */
export type JoinedColumns<R, Equal, L> = {
  [K in Exclude<keyof R, Equal>]: L extends true ? R[K] | null : R[K]
}

/** How it adds them: to rows, or, where they are hidden, for filters, orders and aggregates. */
export type Joined<C, H> = H extends true ? Aliased<C> : Annotated<C>

// ---------------------------------------------------------------- paths over relations

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

// ---------------------------------------------------------------- what a queryset carries

/** Added by annotate(). */
export interface Annotated<A> {
  readonly [ANNOTATIONS]: A
  readonly [RESULT]: A
}
/** Added by alias(): names for filters and orders, not for rows. */
export interface Aliased<A> {
  readonly [ANNOTATIONS]: A
}
/** Added by only() and defer(): columns that cannot be read. */
export interface Without<K extends string> {
  readonly [UNREAD]: { readonly [P in K]: true }
}
/** A row of which some columns were not read: as R, but that they are no values, and that refresh() gives those it reads. */
type Unread<R, K> = {
  [P in keyof R]: P extends K
    ? Mistake<
        [
          `'${P & string}' was not read:`,
          'name it in only(), leave it out of defer(), or use what await row.refresh() gives',
        ]
      >
    : P extends 'refresh'
      ? RefreshUnread<R, K>
      : R[P]
}
interface RefreshUnread<R, K> {
  /** Reads the row again, or some fields; gives it with what was read. */
  <const F extends readonly string[]>(
    options: RefreshOptions & { readonly fields: F },
  ): Promise<[Exclude<K, F[number]>] extends [never] ? R : Unread<R, Exclude<K, F[number]>>>
  (options?: RefreshOptions): Promise<R>
}
/** Names of a model's columns, keys of relations (`authorId`) included. */
export type ColumnsOf<T> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends Related ? never : K]: 1
} &
  string
/** The columns that only() leaves out where it does not name them: all but the key's, which is read whatever is asked. */
export type OtherColumns<T> = Exclude<
  ColumnsOf<T>,
  | 'pk'
  | KeyColumns<FieldsOf<T>>
  | (T extends { readonly [OPTIONS]: { readonly primaryKey: readonly (infer K)[] } } ? K : never)
>
type KeyColumns<F> = keyof { [K in keyof F as F[K] extends { readonly '~pk': true } ? K : never]: 1 }
/** Options of union(). */
export interface UnionOptions {
  /** Rows that come several times do so here; default false. */
  readonly all?: boolean
}
/** Added by selectRelated() and prefetchRelated(). */
export interface With<L> {
  readonly [RESULT]: L
}
/** The annotations of `this`. */
export type AnnOf<S> = S extends { readonly [ANNOTATIONS]: infer A extends object } ? A : {}
/** The row of `this`. */
export type RowOf<S> = S extends { readonly [RESULT]: infer R }
  ? S extends { readonly [UNREAD]: infer U }
    ? Unread<R, keyof U>
    : R
  : never

/**
 * Rows as plain objects or lists instead of instances; from values() and valuesList(). `T` is the model asked.
 * annotate() after values() groups by the columns named before it.
 */
export interface Values<R, T = unknown> extends PromiseLike<R[]>, AsyncIterable<R> {
  readonly model: AnyModel
  readonly [RESULT]: R
  filter<const K extends string>(where: Where<T, ObjectOf<R>, K> | Q<T, ObjectOf<R>> | Expr<T, boolean | null>): this
  exclude<const K extends string>(where: Where<T, ObjectOf<R>, K> | Q<T, ObjectOf<R>> | Expr<T, boolean | null>): this
  annotate<A extends Record<string, AnyExpr<T>>>(
    expressions: A,
  ): Values<{ [K in keyof (R & A)]: K extends keyof A ? ExprValue<A[K]> : K extends keyof R ? R[K] : never }, T>
  /** A column of these rows as an expression, for what is computed of them. */
  F<const K extends keyof ObjectOf<R> & string>(name: K): Expr<T, ObjectOf<R>[K]>
  /** Aggregates over these rows: `perAuthor.aggregate({ most: Max(perAuthor.F('n')) })`. */
  aggregate<A extends Record<string, AnyExpr<T>>>(expressions: A): Promise<{ [K in keyof A]: ExprValue<A[K]> }>
  orderBy<const P extends readonly (string | AnyOrder)[]>(...paths: OrderArgs<T, R, P>): this
  /** Rows of several, each once; of one model or of several, as long as the columns are of the same types. */
  union(others: Values<R> | readonly Values<R>[], options?: UnionOptions): this
  intersection(...others: readonly Values<R>[]): this
  difference(...others: readonly Values<R>[]): this
  /** As {@link AnyQuerySet.asTable}. */
  asTable(): this
  distinct(): this
  slice(from: number, to?: number): this
  all(): this
  none(): this
  reverse(): this
  list(): Promise<R[]>
  first(): Promise<R | null>
  last(): Promise<R | null>
  get(): Promise<R>
  getOrNull(): Promise<R | null>
  /** Rows by key, which need not be among their columns: all, or those of these keys; or by another unique field. */
  inBulk(keys?: readonly PkIn<T>[]): Promise<Map<PkIn<T>, R>>
  inBulk<const P extends ColumnsIn<T>>(
    values: readonly NonNullable<ValueAt<T, P>>[] | undefined,
    options: { readonly by: P },
  ): Promise<Map<ValueAt<T, P>, R>>
  count(): Promise<number>
  exists(): Promise<boolean>
  page(options: PageOptions): Promise<KeysetPage<R>>
  toSQL(): SqlText
  explain(options?: ExplainOptions): Promise<string>
  readonly totallyOrdered: boolean
  using(alias: string): this
  iterator(options?: { readonly chunk?: number }): AsyncIterable<R>
}
/** The key and the columns of a model that is known; else anything. */
type PkIn<T> = unknown extends T ? unknown : PkOf<T>
type ColumnsIn<T> = unknown extends T ? string : ColumnsOf<T>
/** R where it is an object of columns; nothing for lists and single values. */
type ObjectOf<R> = R extends readonly unknown[] ? {} : R extends object ? R : {}
