/** Numbers as text, with separators. The rules of `django.utils.numberformat`. */
import { Decimal } from '../../std/decimal.ts'
import type { Formats } from './locale.ts'

export interface NumberFormat {
  readonly decimalSeparator: string
  /** Digits after the separator, cut or filled with zeros; null = as they are. */
  readonly decimals: number | null
  readonly grouping: number | readonly number[]
  readonly thousandSeparator: string
  /** Whether digits are grouped. */
  readonly group: boolean
}

/** More digits than this are written with an exponent: 1e1000000000 must not become a gigabyte (CVE-2019-6975). */
const MAX_DIGITS = 200

/** A number, or text that holds one, in the given format. */
export function formatNumber(value: number | bigint | Decimal | string, format: NumberFormat): string {
  let text: string
  if (typeof value === 'string') text = value
  else if (typeof value === 'bigint') text = value.toString()
  else {
    if (typeof value === 'number' && !Number.isFinite(value)) return nonFinite(value)
    let number = new Decimal(value)
    if (!number.isFinite()) return nonFinite(number.toNumber())
    // Too small to be seen in the decimals asked for.
    if (format.decimals !== null && number.abs().lt(new Decimal(10).pow(-format.decimals))) {
      if (typeof value !== 'number' || String(value).includes('e')) number = new Decimal(0)
    }
    if (
      Math.abs(number.precision(true) - 1 - number.e) + Math.max(number.precision(), 1) > MAX_DIGITS ||
      Math.abs(number.e) > MAX_DIGITS
    ) {
      return withExponent(number, format)
    }
    text = number.toFixed()
  }
  return punctuate(text, format)
}

/** `1.5` and `-0.25` with the format's separators. */
function punctuate(text: string, format: NumberFormat): string {
  const sign = text.startsWith('-') ? '-' : ''
  const digits = sign === '' ? text : text.slice(1)
  const dot = digits.indexOf('.')
  let whole = dot === -1 ? digits : digits.slice(0, dot)
  let fraction = dot === -1 ? '' : digits.slice(dot + 1)
  if (format.decimals !== null) fraction = fraction.slice(0, format.decimals).padEnd(format.decimals, '0')
  if (format.group) whole = groupDigits(whole, format.grouping, format.thousandSeparator)
  return sign + whole + (fraction === '' ? '' : format.decimalSeparator + fraction)
}

function withExponent(number: Decimal, format: NumberFormat): string {
  const [coefficient, exponent] = number.toExponential().split('e') as [string, string]
  return `${punctuate(coefficient, format)}e${exponent}`
}

/** Groups digits from the right. `[3, 2, 0]`: three, then twos to the end (as in India). Linear. */
function groupDigits(digits: string, grouping: number | readonly number[], separator: string): string {
  const sizes = typeof grouping === 'number' ? [grouping, 0] : [...grouping]
  let size = sizes.shift() ?? 0
  if (size <= 0) return digits
  const groups: string[] = []
  let end = digits.length
  while (end > size) {
    groups.push(digits.slice(end - size, end))
    end -= size
    if (sizes.length > 0) size = sizes.shift()! || size
  }
  groups.push(digits.slice(0, end))
  return groups.reverse().join(separator)
}

/** As Django writes them. */
function nonFinite(value: number): string {
  return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
}

/** A number as a language writes it. Whole numbers and bigints are grouped only where the formats say so. */
export function localizeNumber(
  value: number | bigint | Decimal | string,
  formats: Formats,
  options: { decimals?: number | null; forceGrouping?: boolean } = {},
): string {
  return formatNumber(value, {
    decimalSeparator: formats.DECIMAL_SEPARATOR,
    decimals: options.decimals ?? null,
    grouping: formats.NUMBER_GROUPING,
    thousandSeparator: formats.THOUSAND_SEPARATOR,
    group: (formats.USE_THOUSAND_SEPARATOR || options.forceGrouping === true) && formats.NUMBER_GROUPING !== 0,
  })
}
