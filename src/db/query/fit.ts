/**
 * Decimals that fit their column. SQLite has no digits of a column: it would keep whatever it is given, sort and compare
 * it, and show it rounded. So every database is given what Django gives it: rounded to the column's places, half to even,
 * and nothing that has too many digits before the point.
 */
import { type Decimal, readDecimal } from '../../std/decimal.ts'
import { DataError } from '../errors.ts'
import type { FieldMeta } from '../models/meta.ts'

/** Rounds to the places of a column; null for a column that has none of its own. What is no decimal is left to the encoder. */
export function rounding({ kind, type }: FieldMeta): ((value: unknown) => unknown) | null {
  const places = type?.decimalPlaces
  if (kind !== 'decimal' || places === undefined) return null
  return (value) => readDecimal(value)?.toDecimalPlaces(places) ?? value
}

/** The same for a value that is written. @throws DataError db.invalid-value */
export function fitting(field: FieldMeta): ((value: unknown) => unknown) | null {
  const round = rounding(field)
  if (round === null) return null
  const { maxDigits = 0, decimalPlaces = 0 } = field.type! // a decimal has one
  const most = maxDigits - decimalPlaces
  return (value) => {
    const rounded = round(value)
    if (rounded === value && readDecimal(value) === null) return value
    const decimal = rounded as Decimal // it was read just now
    if (maxDigits === 0 || decimal.isZero() || decimal.e < most) return decimal
    const text = decimal.toString()
    const shown = field.secret ? 'that' : text.length > 60 ? `${text.slice(0, 57)}…` : text
    throw new DataError(`${field.model.meta.label}.${field.name} cannot hold ${shown}.`, {
      code: 'db.invalid-value',
      status: 400,
      hint: `It has at most ${most} digits before the decimal point: validate with fullClean(), or give it more maxDigits and migrate.`,
    })
  }
}
