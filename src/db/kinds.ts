/**
 * The closed list of storage kinds: the only words fields and backends share. A field says its kind; a backend says
 * how that kind is declared, written and read. Forms, the API and the admin choose by kind before field class.
 *
 * | kind | value in JavaScript |
 * |---|---|
 * | auto | number (64-bit identity column) |
 * | char, text | string |
 * | integer, smallInteger, float | number |
 * | bigInteger | bigint |
 * | decimal | Decimal (decimal.js) |
 * | boolean | boolean |
 * | date, time, duration | Temporal.PlainDate, PlainTime, Duration |
 * | dateTime | Date, milliseconds, UTC |
 * | json | any JSON value |
 * | uuid | string, lower case with dashes |
 * | binary | Uint8Array |
 */
export type Kind =
  | 'auto'
  | 'char'
  | 'text'
  | 'integer'
  | 'smallInteger'
  | 'bigInteger'
  | 'float'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'time'
  | 'duration'
  | 'dateTime'
  | 'json'
  | 'uuid'
  | 'binary'

/** A column's type as a backend needs it. */
export interface ColumnType {
  readonly kind: Kind
  /** Characters, for `char`. */
  readonly maxLength?: number
  /** Digits in all and after the point, for `decimal`. */
  readonly maxDigits?: number
  readonly decimalPlaces?: number
  /** The one escape: a declaration per backend, used instead of the kind's own. */
  readonly declared?: Readonly<Record<string, string>>
  /** Of a field of the project's own. Queries apply it before a backend sees a value, and after. */
  readonly conversion?: Conversion
}

/** How values of a kind become a field's, and back. Neither is given null. */
export interface Conversion {
  readonly toDb: (value: unknown) => unknown
  readonly fromDb: (value: unknown) => unknown
}
