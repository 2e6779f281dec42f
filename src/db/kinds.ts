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
 * | dateTime | Date, milliseconds, UTC; where the column's type is precise, Temporal.Instant, microseconds |
 * | json | any JSON value |
 * | uuid | string, lower case with dashes |
 * | binary | Uint8Array |
 *
 * PostgreSQL has two families besides, made of these: `char[]` is an array of them, `dateRange` a {@link Range}.
 */
export type ScalarKind =
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
/** Arrays of values of a kind (PostgreSQL). */
export type ArrayKind = `${ScalarKind}[]`
/** Everything from one value to another (PostgreSQL). */
export type RangeKind = 'integerRange' | 'bigIntegerRange' | 'decimalRange' | 'dateRange' | 'dateTimeRange'
/** What a column holds, as encoders and compilers tell values apart. */
export type Kind = ScalarKind | ArrayKind | RangeKind

/** The kind of the ends of a range. */
export const RANGE_ENDS: Readonly<Record<RangeKind, ScalarKind>> = {
  integerRange: 'integer',
  bigIntegerRange: 'bigInteger',
  decimalRange: 'decimal',
  dateRange: 'date',
  dateTimeRange: 'dateTime',
}

/** Whether a kind is of arrays. */
export function isArrayKind(kind: Kind | null): kind is ArrayKind {
  return kind?.endsWith('[]') === true
}
/** Whether a kind is of ranges. */
export function isRangeKind(kind: Kind | null): kind is RangeKind {
  return kind !== null && Object.hasOwn(RANGE_ENDS, kind)
}
/** The kind of an array's elements, or of a range's ends; of any other kind itself. */
export function elementKind(kind: Kind): ScalarKind {
  if (isArrayKind(kind)) return kind.slice(0, -2) as ScalarKind // what stands before the brackets
  return isRangeKind(kind) ? RANGE_ENDS[kind] : kind
}

/** A column's type as a backend needs it. */
export interface ColumnType {
  readonly kind: Kind
  /** Characters, for `char`; of an array this and the next are of its elements. */
  readonly maxLength?: number
  /** Digits in all and after the point, for `decimal`. */
  readonly maxDigits?: number
  readonly decimalPlaces?: number
  /** Of `dateTime`: read with all the digits that the database has, as Temporal.Instant. The column is the same. */
  readonly precise?: true
  /** The one escape: a declaration per backend, used instead of the kind's own. */
  readonly declared?: DatabaseTypes | undefined
  /** Of a field of the project's own. Queries apply it before a backend sees a value, and after. */
  readonly conversion?: Conversion
}

/** Types of a column by the SQL that databases speak: `{ postgres: 'inet' }`. */
export type DatabaseTypes = Readonly<Partial<Record<'sqlite' | 'postgres' | 'mysql', string>>>

/** Characters that a column on a database may hold: Infinity where any number of them may stand there, 0 in columns of other values. */
export function charactersOf({ kind, maxLength, declared }: ColumnType, vendor: keyof DatabaseTypes): number {
  if (declared?.[vendor] !== undefined) return 0 // the project's own affair
  if (kind === 'char') return maxLength ?? Number.POSITIVE_INFINITY
  return kind === 'text' ? Number.POSITIVE_INFINITY : 0
}

/** How values of a kind become a field's, and back. Neither is given null. */
export interface Conversion {
  readonly toDb: (value: unknown) => unknown
  readonly fromDb: (value: unknown) => unknown
  /** What is stored for null where the column takes none: no file is `''`. */
  readonly nothing?: ''
}
