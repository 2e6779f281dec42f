/** Columns that hold a range: from one value to another, on PostgreSQL. */
import { t } from '../../i18n/index.ts'
import type { Temporal } from '../../std/dates.ts'
import type { Decimal } from '../../std/decimal.ts'
import { ValidationError } from '../../validators.ts'
import type { RangeKind } from '../kinds.ts'
import type { FieldOptions as AnyOptions, FieldMeta } from '../models/meta.ts'
import { isRange, Range, rangeFromText } from '../range.ts'
import { date, dateTime, instant } from './dates.ts'
import { type Descriptor, declare, type FieldType } from './descriptor.ts'
import { bigInteger, decimal, integer } from './numbers.ts'
import type { Field, FieldOptions, IsKey, IsOptional, Nullable, WideField } from './types.ts'

function rangeType(kind: RangeKind, ends: unknown): FieldType {
  const type = (ends as Descriptor).type! // a declaration, seen through its type
  const { coerce } = type
  const parseEnd = (value: unknown): unknown => {
    if (value === null || value === undefined || value === '') return null
    const parsed = type.parse(value, { options: {} } as FieldMeta) // what parse() asks of its field
    return coerce === undefined ? parsed : coerce(parsed)
  }
  return {
    builder: kind,
    kind,
    parse(input) {
      const range = typeof input === 'string' ? rangeFromText(input) : input
      if (!isRange(range)) throw new ValidationError(t('Enter two values with a comma between.'))
      if (range.isEmpty) return Range.empty()
      const lower = parseEnd(range.lower)
      const upper = parseEnd(range.upper)
      if (lower !== null && upper !== null && comesAfter(lower, upper))
        throw new ValidationError(t('The start of the range must not be after its end.'), { kind: 'bound_ordering' })
      return new Range(lower, upper, range.bounds)
    },
    ...(coerce === undefined ? {} : { coerce: (value) => (isRange(value) ? value.map(coerce) : value) }),
  }
}

function comesAfter(a: unknown, b: unknown): boolean {
  if (typeof a === 'object' && a !== null && 'greaterThan' in a) return (a as Decimal).greaterThan(b as Decimal) // both are
  if (Object.prototype.toString.call(a) === '[object Temporal.PlainDate]') return String(a) > String(b) // four digits of years
  if (Object.prototype.toString.call(a) === '[object Temporal.Instant]')
    return (a as Temporal.Instant).epochNanoseconds > (b as Temporal.Instant).epochNanoseconds // both are
  return (a as number) > (b as number) // numbers, bigints and Dates compare
}

const types = {
  integerRange: rangeType('integerRange', integer()),
  bigIntegerRange: rangeType('bigIntegerRange', bigInteger()),
  decimalRange: rangeType('decimalRange', decimal({ maxDigits: 1000, decimalPlaces: 500 })),
  dateRange: rangeType('dateRange', date()),
  dateTimeRange: rangeType('dateTimeRange', dateTime()),
  // In migrations a dateTimeRange, as an instant is a dateTime: the column is the same.
  instantRange: {
    ...rangeType('dateTimeRange', instant()),
    builder: 'instantRange',
    column: () => ({ kind: 'dateTimeRange', precise: true }),
    storage: { builder: 'dateTimeRange', options: storedRange },
  } satisfies FieldType,
}

function storedRange(options: AnyOptions): AnyOptions {
  const dates = (value: unknown): unknown =>
    isRange(value)
      ? value.map((end) => (end instanceof Date ? end : new Date((end as Temporal.Instant).epochMilliseconds)))
      : value
  return Object.hasOwn(options, 'default') ? { ...options, default: dates(options.default) } : options
}

/** From one whole number to another: `seats: integerRange()` holds `new Range(1, 10)`. PostgreSQL keeps 32 bits. */
export function integerRange<const O extends FieldOptions<Range<number>>>(
  options?: O,
): Field<Nullable<O, Range<number>>, IsOptional<O>, 'range', IsKey<O>> {
  return declare(types.integerRange, options)
}
/** From one whole number of 64 bits to another. */
export function bigIntegerRange<const O extends FieldOptions<Range<bigint>>>(
  options?: O,
): WideField<Nullable<O, Range<bigint>>, Range<bigint | number>, IsOptional<O>, 'range', IsKey<O>> {
  return declare(types.bigIntegerRange, options)
}
/** From one decimal to another. */
export function decimalRange<const O extends FieldOptions<Range<Decimal>>>(
  options?: O,
): WideField<Nullable<O, Range<Decimal>>, Range<Decimal | string | number>, IsOptional<O>, 'range', IsKey<O>> {
  return declare(types.decimalRange, options)
}
/** From one day to another. */
export function dateRange<const O extends FieldOptions<Range<Temporal.PlainDate>>>(
  options?: O,
): Field<Nullable<O, Range<Temporal.PlainDate>>, IsOptional<O>, 'range', IsKey<O>> {
  return declare(types.dateRange, options)
}
/** From one instant to another. */
export function dateTimeRange<const O extends FieldOptions<Range<Date>>>(
  options?: O,
): Field<Nullable<O, Range<Date>>, IsOptional<O>, 'range', IsKey<O>> {
  return declare(types.dateTimeRange, options)
}
/** From one instant to another, with all digits that the database has: {@link dateTimeRange} with ends of `instant`. */
export function instantRange<const O extends FieldOptions<Range<Temporal.Instant>>>(
  options?: O,
): WideField<Nullable<O, Range<Temporal.Instant>>, Range<Temporal.Instant | Date>, IsOptional<O>, 'range', IsKey<O>> {
  return declare(types.instantRange, options)
}
