/** Exact decimals: decimal.js, set up once for the whole framework. */
import { Decimal as Base } from 'decimal.js'

/**
 * The decimal class of every decimal column. Exact up to 1,000 digits in sums and products; a quotient that does not
 * end has 1,000 digits, so say how many you want: `a.div(b).toDecimalPlaces(2)`.
 * Printed without exponent up to 1,000 digits, beyond with one, so that `1e1000000000` stays short when printed.
 */
export const Decimal = Base.clone({
  precision: 1000,
  rounding: Base.ROUND_HALF_EVEN,
  toExpPos: 1000,
  toExpNeg: -1000,
  defaults: true,
})
/** An exact decimal number. */
export type Decimal = Base

/** Longest text read as a decimal. */
const MAX_TEXT = 1100
const SHAPE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,9})?$/i

/**
 * Reads a decimal from input that is not trusted: a number, bigint, Decimal, or text such as `-1.50` or `1e3`.
 * Null for anything else: NaN, infinities, hexadecimal, empty or overlong text, exponents beyond ±1000.
 */
export function readDecimal(value: unknown): Decimal | null {
  if (Base.isDecimal(value)) return bounded(new Decimal(value))
  if (typeof value === 'bigint') return bounded(new Decimal(value.toString()))
  if (typeof value === 'number') return Number.isFinite(value) ? new Decimal(value) : null
  if (typeof value !== 'string' || value.length > MAX_TEXT) return null
  const text = value.trim()
  return SHAPE.test(text) ? bounded(new Decimal(text)) : null
}

/** Null beyond ±1000: writing 1e1000000000 out would take a gigabyte (CVE-2019-6975, CVE-2024-41989). */
function bounded(value: Decimal): Decimal | null {
  return value.isFinite() && (value.isZero() || Math.abs(value.e) <= 1000) ? value : null
}
