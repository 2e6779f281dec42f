/** Numbers: integer, smallInteger, bigInteger, float, decimal, and the identity key that a model has by itself. */
import { t } from '../../i18n/index.ts'
import { type Decimal, readDecimal } from '../../std/decimal.ts'
import { maxValue, minValue, ValidationError, type Validator } from '../../validators.ts'
import type { DatabaseTypes } from '../kinds.ts'
import type { FieldOptions as AnyOptions } from '../models/meta.ts'
import { declare, type FieldType, numberOption } from './descriptor.ts'
import type { DecimalOptions, Field, IsKey, IsOptional, Nullable, NumberOptions, WideField } from './types.ts'

const MIN_BIG = -(2n ** 63n)
const MAX_BIG = 2n ** 63n - 1n
/** An integer in decimal digits; 40 is more than any column holds, and bounds the work. */
const INTEGER = /^[+-]?[0-9]{1,40}$/

/** A whole number from input: a number, a bigint, or text such as ` -5 `; not `1e3`, not `5.0`. */
function readInteger(input: unknown): bigint {
  if (typeof input === 'bigint') return input
  if (typeof input === 'number' && Number.isInteger(input)) return BigInt(input)
  if (typeof input === 'string' && input.length <= 100) {
    const text = input.trim()
    if (INTEGER.test(text)) return BigInt(text.startsWith('+') ? text.slice(1) : text)
  }
  throw new ValidationError(t('Enter a whole number.'))
}
function within(value: bigint, min: bigint, max: bigint): bigint {
  if (value < min)
    throw new ValidationError(t('Ensure this value is greater than or equal to {limit}.', { limit: min }), {
      kind: 'min_value',
    })
  if (value > max)
    throw new ValidationError(t('Ensure this value is less than or equal to {limit}.', { limit: max }), {
      kind: 'max_value',
    })
  return value
}
/** min and max of the options. `any`, because the builder has typed them. */
function bounds(options: AnyOptions): Validator<any>[] {
  const found: Validator<any>[] = options.positive === true ? [minValue(0)] : []
  if (options.min !== undefined) found.push(minValue(options.min as number))
  if (options.max !== undefined) found.push(maxValue(options.max as number))
  return found
}
const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

const wholeNumber = (
  builder: string,
  kind: 'auto' | 'integer' | 'smallInteger',
  min: bigint,
  max: bigint,
): FieldType => ({
  builder,
  kind,
  parse: (input) => Number(within(readInteger(input), min, max)),
  validators: bounds,
})
const integerType = wholeNumber('integer', 'integer', -SAFE, SAFE)
const smallIntegerType = wholeNumber('smallInteger', 'smallInteger', -32_768n, 32_767n)
const autoIdType: FieldType = { ...wholeNumber('autoId', 'auto', -SAFE, SAFE), defaults: { primaryKey: true } }
/** Written when the row is made, which clean() leaves to it. */
const rowOrderType: FieldType = { ...integerType, preSave: () => (value) => value }
const bigIntegerType: FieldType = {
  builder: 'bigInteger',
  kind: 'bigInteger',
  parse: (input) => within(readInteger(input), MIN_BIG, MAX_BIG),
  validators: bounds,
  coerce: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value),
}

const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?$/i
const floatType: FieldType = {
  builder: 'float',
  kind: 'float',
  parse(input) {
    const text = typeof input === 'string' && input.length <= 400 ? input.trim() : input
    const value =
      typeof text === 'string' && FLOAT.test(text) ? Number(text) : typeof text === 'bigint' ? Number(text) : text
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ValidationError(t('Enter a number.'))
    return value
  },
  validators: bounds,
}

const decimalType: FieldType = {
  builder: 'decimal',
  kind: 'decimal',
  column: (options) => ({
    kind: 'decimal',
    maxDigits: numberOption(options, 'maxDigits') ?? 0,
    decimalPlaces: numberOption(options, 'decimalPlaces') ?? 0,
  }),
  parse(input) {
    const value = readDecimal(input)
    if (value === null) throw new ValidationError(t('Enter a number.'))
    return value
  },
  validators: (options) => [...decimalBounds(options), digits(options)],
  coerce: (value) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
      ? (readDecimal(value) ?? value)
      : value,
}
/** min and max compared as decimals, whatever they were written as. `any`, as in bounds(). */
function decimalBounds(options: AnyOptions): Validator<any>[] {
  const found: Validator<any>[] = options.positive === true ? [minValue(readDecimal(0)!)] : []
  const [min, max] = [readDecimal(options.min), readDecimal(options.max)]
  if (min !== null) found.push(minValue(min))
  if (max !== null) found.push(maxValue(max))
  return found
}
/** No more digits than the column keeps: nothing is rounded in silence. */
function digits(options: AnyOptions): Validator<Decimal> {
  const max = numberOption(options, 'maxDigits') ?? 0
  const places = numberOption(options, 'decimalPlaces') ?? 0
  return (value) => {
    const used = value.decimalPlaces()
    if (used > places)
      throw new ValidationError(t('Ensure that there are no more than {max} decimal places.', { max: places }), {
        kind: 'max_decimal_places',
      })
    const whole = value.isZero() ? 0 : Math.max(0, value.e + 1)
    if (whole > max - places)
      throw new ValidationError(
        t('Ensure that there are no more than {max} digits before the decimal point.', { max: max - places }),
        { kind: 'max_whole_digits' },
      )
  }
}

/**
 * A whole number: within ±2^31 on PostgreSQL and MariaDB, whose column has 32 bits, and ±(2^53 − 1) on SQLite. `fullClean()` and
 * forms say what the database refuses. `bigInteger` has 64 bits everywhere.
 */
export function integer<const O extends NumberOptions<number>>(
  options?: O,
): Field<Nullable<O, number>, IsOptional<O>, 'number', IsKey<O>> {
  return declare(integerType, options)
}
/** A whole number from −32,768 to 32,767. */
export function smallInteger<const O extends NumberOptions<number>>(
  options?: O,
): Field<Nullable<O, number>, IsOptional<O>, 'number', IsKey<O>> {
  return declare(smallIntegerType, options)
}
/** A 64-bit whole number, read as bigint; a number is accepted where it is exact. */
export function bigInteger<const O extends NumberOptions<bigint | number>>(
  options?: O,
): WideField<Nullable<O, bigint>, number, IsOptional<O>, 'bigint', IsKey<O>> {
  return declare(bigIntegerType, options)
}
/** A 64-bit floating point number; never NaN or infinite. */
export function float<const O extends NumberOptions<number>>(
  options?: O,
): Field<Nullable<O, number>, IsOptional<O>, 'number', IsKey<O>> {
  return declare(floatType, options)
}
/** An exact decimal; text and numbers are accepted: `'9.99'`. */
export function decimal<const O extends DecimalOptions<Decimal | string | number>>(
  options: O,
): WideField<Nullable<O, Decimal>, string | number, IsOptional<O>, 'decimal', IsKey<O>> {
  return declare(decimalType, options)
}
/**
 * The key that a model gets by itself, for one that has another name: `nid: autoId()`. Numbers count up from 1. In a table
 * that another program made the key may be smaller: `id: autoId({ dbType: { mysql: 'int', postgres: 'integer' } })`;
 * columns that refer to it are of that type, too.
 */
export function autoId(options?: {
  readonly dbColumn?: string
  readonly dbType?: DatabaseTypes
}): Field<number, true, 'number', true> {
  return declare(autoIdType, options)
}
/** The place of a row among those of the same group: what the model option `orderWithRespectTo` adds. */
export function rowOrder(): Field<number, true, 'number', false> {
  return declare(rowOrderType, { editable: false })
}
