/**
 * Decimals of more than 15 digits, which SQLite keeps as text: a key that sorts as the numbers do, exact arithmetic
 * and aggregates. Registered as functions by `functions.ts`, called by what `compiler.ts` writes.
 */
import { Decimal, readDecimal } from '../../../std/decimal.ts'

/** Digits of an average, which may not end. */
const AVERAGE_DIGITS = 60

function plainText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return new Decimal(Number.isInteger(value) ? value : value.toPrecision(15)).toFixed()
  return typeof value === 'bigint' ? value.toString() : null
}

const complement = (digits: string): string => {
  let text = ''
  for (let i = 0; i < digits.length; i++) text += 57 - digits.charCodeAt(i)
  return text
}

/**
 * Text that sorts and equals as the decimal does, so that comparing, ordering, grouping and `in` are plain text
 * operations: sign, length of the whole part, digits without trailing zeros; complemented for negative numbers.
 */
export function decimalKey(value: unknown): string | null {
  let text = plainText(value)
  if (text === null) return null
  let match = /^([+-]?)0*(\d*)(?:\.(\d*))?$/.exec(text)
  if (match === null) {
    const read = readDecimal(text)
    if (read === null) return `z${text}` // not a number: after all numbers, never an error for the other rows
    text = read.toFixed()
    match = /^([+-]?)0*(\d*)(?:\.(\d*))?$/.exec(text)!
  }
  const whole = match[2]!
  const digits = (whole + (match[3] ?? '')).replace(/0+$/, '')
  if (digits === '') return 'p0000'
  // Leading zeros of the fraction stay: with no whole part they are what orders 0.01 before 0.1.
  return match[1] === '-'
    ? `n${String(9999 - whole.length).padStart(4, '0')}${complement(digits)}~`
    : `p${String(whole.length).padStart(4, '0')}${digits}`
}

function read(value: unknown): Decimal | null {
  const text = plainText(value)
  return text === null ? null : readDecimal(text)
}

/** `left op right`, exact; null for a null, a text that is no number, or a division by zero. */
export function decimalOperation(op: unknown, left: unknown, right: unknown): string | null {
  const [a, b] = [read(left), read(right)]
  if (a === null || b === null) return null
  switch (op) {
    case '+':
      return a.plus(b).toFixed()
    case '-':
      return a.minus(b).toFixed()
    case '*':
      return a.times(b).toFixed()
    case '/':
      return b.isZero() ? null : a.div(b).toSignificantDigits(AVERAGE_DIGITS).toFixed()
    case '%':
      return b.isZero() ? null : a.mod(b).toFixed()
    default:
      return null
  }
}

/** The absolute value, exact. */
export function decimalAbs(value: unknown): string | null {
  return read(value)?.abs().toFixed() ?? null
}

/**
 * A number rounded to places, negative ones for tens and hundreds; halves go away from zero, as PostgreSQL's numeric has
 * it. An integer gives an integer, a float a float, a text (a long decimal) a text.
 */
export function rounded(value: unknown, places: unknown): string | number | bigint | null {
  const number = read(value)
  if (number === null || places === null) return null
  const unit = new Decimal(10).pow(Number(places))
  const result = number.times(unit).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).div(unit)
  if (typeof value === 'bigint') return BigInt(result.toFixed(0))
  return typeof value === 'number' ? result.toNumber() + 0 : result.toFixed() // never -0
}

interface Total {
  sum: Decimal
  count: number
}
/** What SQLite's `create aggregate` takes. */
export interface Aggregate<T> {
  start: () => T
  step: (state: T, value: unknown) => T
  result: (state: T) => string | null
}

function total(result: (state: Total) => string): Aggregate<Total> {
  return {
    start: () => ({ sum: new Decimal(0), count: 0 }),
    step(state, value) {
      const number = read(value)
      return number === null ? state : { sum: state.sum.plus(number), count: state.count + 1 }
    },
    result: (state) => (state.count === 0 ? null : result(state)),
  }
}
function extreme(better: (a: Decimal, b: Decimal) => boolean): Aggregate<{ best: Decimal | null }> {
  return {
    start: () => ({ best: null }),
    step(state, value) {
      const number = read(value)
      return number !== null && (state.best === null || better(number, state.best)) ? { best: number } : state
    },
    result: (state) => state.best?.toFixed() ?? null,
  }
}

/** Exact `sum`, `avg`, `min` and `max`. */
export const decimalAggregates = {
  sum: total((state) => state.sum.toFixed()),
  avg: total((state) => state.sum.div(state.count).toSignificantDigits(AVERAGE_DIGITS).toFixed()),
  min: extreme((a, b) => a.lessThan(b)),
  max: extreme((a, b) => a.greaterThan(b)),
}
