/**
 * What may follow `__` after a field: comparisons and parts of values, by the family of the field.
 */

import type { Temporal } from '../../../std/dates.ts'
import type { Decimal } from '../../../std/decimal.ts'
import type { AnyModel } from '../../models/meta.ts'
import type { KeyOf, Target } from '../../models/types.ts'
import type { Range } from '../../range.ts'
import type { HasInput, Related } from './kinds.ts'
import type { RESULT } from './rows.ts'

/**
 * Lookups of the project's own, as `registerLookup` adds them; declare their types here:
 * `declare module 'nuages/db' { interface CustomLookups<V> { soundsLike: V extends string ? string : never } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: projects add to it
// biome-ignore lint/correctness/noUnusedVariables: what they add speaks of V
export interface CustomLookups<V> {}
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
/** Lookups of every column. */
export interface Base<V> extends CustomLookups<V> {
  exact: V
  in: readonly V[] | QuerySetLike | SqlRows<V | null>
  isnull: boolean
}
/** Lookups of what is smaller or larger: numbers, durations. */
export interface Ordered<V> extends Base<V> {
  gt: V
  gte: V
  lt: V
  lte: V
  range: readonly [V, V]
}
/** Lookups of text. */
export interface TextLookups<V> extends Ordered<V> {
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
/** Lookups of a JSON value, at any depth. */
export interface JsonLookups<V> extends Base<V> {
  contains: Partial<V>
  containedBy: V
  hasKey: string
  hasKeys: readonly string[]
  hasAnyKeys: readonly string[]
}
/** Lookups of an array (PostgreSQL). */
export interface ArrayLookups<V> extends Ordered<V> {
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
/** Lookups of a relation itself; its fields have their own. */
export interface RelationLookups<V> {
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
export type AfterTransform<V> = V extends string
  ? TextLookups<V>
  : V extends number | bigint | boolean | Decimal
    ? Ordered<V>
    : V extends Temporal.PlainTime
      ? TimeLookups<V>
      : DateLookups<V>
/** The names among lookups that give a value: `year`, `date`, `len`. */
export type TransformsOf<L> = keyof { [K in keyof L as L[K] extends LookupPart<unknown> ? K : never]: 1 } & string
