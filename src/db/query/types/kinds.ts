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

export interface Related {
  readonly '~kind': RelationFamily
}
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
export interface MayBeNull {
  readonly '~null': true
}
export interface JsonField {
  readonly '~kind': 'json'
  readonly '~value': unknown
}
export interface ArrayField {
  readonly '~kind': 'array'
  readonly '~input': unknown
}
export interface CollectionField {
  readonly '~kind': 'array' | 'range'
  readonly '~value': unknown
}
export interface TimeField {
  readonly '~kind': 'date' | 'time' | 'dateTime'
  readonly '~value': unknown
}
export interface HasValue {
  readonly '~value': unknown
}
export interface HasOrder {
  readonly '~order': unknown
}
export interface HasInput {
  readonly '~kind': unknown
  readonly '~input': unknown
}
/** The fields of T, of which any name may be asked: `never` for one that is none, with less work than asking first. */
export type FieldsIn<T> = FieldsOf<T> & NoOther
interface NoOther {
  readonly [name: string]: never
}
export interface AnyFieldMap {
  readonly [name: string]: unknown
}
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
