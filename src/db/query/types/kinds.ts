/**
 * Kinds of fields, as types tell them apart. Annotations are fields too ({@link AnnFields}), so that the same path machinery
 * serves them.
 *
 * Interfaces, and values read from them by name: an object type written inside a conditional type, and one with `infer` in it, is
 * made anew each time a path is looked at, of which there are thousands.
 */

import type { Temporal } from '../../../std/dates.ts'
import type { Decimal } from '../../../std/decimal.ts'
import type { RelationFamily } from '../../fields/types.ts'
import type { FieldsOf } from '../../models/types.ts'
import type { Range } from '../../range.ts'

/** A relation, of either side. */
export interface Related {
  readonly '~kind': RelationFamily
}
/** A relation whose model is known. */
export interface LeadsSomewhere extends Related {
  readonly '~target': HasPrototype
}
interface HasPrototype {
  readonly prototype: unknown
}
/** There is a row at its other end. */
export interface NeverNull {
  readonly '~kind': 'fk' | 'o2o'
  readonly '~null': false
}
/** A field that may be null. */
export interface MayBeNull {
  readonly '~null': true
}
/** A field of JSON: paths go on into its value. */
export interface JsonField {
  readonly '~kind': 'json'
  readonly '~value': unknown
}
/** A field of a list: `tags__0` is an element. */
export interface ArrayField {
  readonly '~kind': 'array'
  readonly '~input': unknown
}
/** A field with parts that may not be there: elements of an array, ends of a range. */
export interface CollectionField {
  readonly '~kind': 'array' | 'range'
  readonly '~value': unknown
}
/** A field of dates or times, with parts such as `year`. */
export interface TimeField {
  readonly '~kind': 'date' | 'time' | 'dateTime'
  readonly '~value': unknown
}
/** Anything that knows the type it gives: a field, an expression. */
export interface HasValue {
  readonly '~value': unknown
}
/** A place in an order, of any model. */
export interface HasOrder {
  readonly '~order': unknown
}
/** A column: a field that knows the type it takes. */
export interface HasInput {
  readonly '~kind': unknown
  readonly '~input': unknown
}
/** The fields of T, of which any name may be asked: `never` for one that is none, with less work than asking first. */
export type FieldsIn<T> = FieldsOf<T> & NoOther
interface NoOther {
  readonly [name: string]: never
}
/** Fields of any model, by name. */
export interface AnyFieldMap {
  readonly [name: string]: unknown
}
/** The type of an element. */
export type ItemOf<V> = V extends readonly (infer E)[] ? E : never
/** The constant {@link JSONNull}, where a JSON column is written or compared. */
export type JsonNullOf<R> = R extends JsonField ? JsonNull : never
/** The type of {@link JSONNull}. */
export interface JsonNull {
  readonly '~json null': true
}
/** Annotations as fields, so that the same path machinery serves them. */
export type AnnFields<A> = {
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
