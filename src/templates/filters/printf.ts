/** `stringformat`: Python's `%` for one value. */
import { Decimal } from '../../std/decimal.ts'
import { toPlainText } from '../runtime/text.ts'
import { toBigInteger, toFloat } from './arguments.ts'

const FORMAT = /^([-+ 0#]*)(\d*)(?:\.(\d*))?[hlL]?([diouxXeEfFgGcrsa])([^%]*)$/

/** Widths and precisions beyond this are refused. */
const MAX = 1000

/** Formats a value; null when the format is wrong or does not fit the value. `05.2f`, `s`, `x` and so on. */
export function printf(format: string, value: unknown): string | null {
  const match = FORMAT.exec(format)
  if (match === null) return null
  // What the groups of FORMAT give where it matches.
  const [, flags, widthText, precisionText, kind, rest] = match as unknown as [
    string,
    string,
    string,
    string | undefined,
    string,
    string,
  ]
  const width = Number(widthText || 0)
  const precision = precisionText === undefined ? null : Number(precisionText || 0)
  if (width > MAX || (precision ?? 0) > MAX) return null
  const body = convert(kind, value, precision, flags)
  if (body === null) return null
  return padded(body, width, flags, kind) + rest
}

function convert(kind: string, value: unknown, precision: number | null, flags: string): string | null {
  switch (kind) {
    case 's':
    case 'r':
    case 'a': {
      const text = toPlainText(value)
      return precision === null ? text : Array.from(text).slice(0, precision).join('')
    }
    case 'c':
      return typeof value === 'number'
        ? String.fromCodePoint(value)
        : Array.from(toPlainText(value)).length === 1
          ? toPlainText(value)
          : null
    case 'd':
    case 'i':
    case 'u':
      return integer(value, 10, '', precision)
    case 'o':
      return integer(value, 8, flags.includes('#') ? '0o' : '', precision)
    case 'x':
      return integer(value, 16, flags.includes('#') ? '0x' : '', precision)
    case 'X':
      return integer(value, 16, flags.includes('#') ? '0X' : '', precision)?.toUpperCase() ?? null
    default:
      return float(kind, value, precision ?? 6)
  }
}

function integer(value: unknown, base: number, prefix: string, precision: number | null): string | null {
  if (typeof value === 'string' || (base !== 10 && typeof value === 'number' && !Number.isInteger(value))) return null
  const number = toBigInteger(value)
  if (number === null) return null
  const digits = (number < 0n ? -number : number).toString(base).padStart(precision ?? 0, '0')
  return (number < 0n ? '-' : '') + prefix + digits
}

function float(kind: string, value: unknown, precision: number): string | null {
  const number = typeof value === 'string' ? null : toFloat(value)
  if (number === null) return null
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'nan' : number < 0 ? '-inf' : 'inf'
  const exact = new Decimal(Decimal.isDecimal(value) ? (value as Decimal) : number)
  const upper = kind === kind.toUpperCase()
  const text = /f/i.test(kind)
    ? exact.toFixed(precision, Decimal.ROUND_HALF_EVEN)
    : /e/i.test(kind)
      ? exponent(exact, precision)
      : general(exact, precision)
  return upper ? text.toUpperCase() : text
}

/** Two digits at least in the exponent, as in C. */
function exponent(value: Decimal, precision: number): string {
  return value.toExponential(precision, Decimal.ROUND_HALF_EVEN).replace(/e([+-])(\d)$/, 'e$10$2')
}

function general(value: Decimal, precision: number): string {
  const digits = Math.max(precision, 1)
  const rounded = value.isZero() ? value : value.toSignificantDigits(digits, Decimal.ROUND_HALF_EVEN)
  const isSmall = rounded.isZero() || (rounded.e >= -4 && rounded.e < digits)
  return isSmall ? rounded.toFixed() : rounded.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

function padded(body: string, width: number, flags: string, kind: string): string {
  const isNumber = !'srac'.includes(kind)
  const signed =
    isNumber && !body.startsWith('-') ? (flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + body : body
  if (flags.includes('-')) return signed.padEnd(width)
  if (!isNumber || !flags.includes('0')) return signed.padStart(width)
  const sign = /^[-+ ]?(?:0[xXo])?/.exec(signed)![0]
  return sign + signed.slice(sign.length).padStart(width - sign.length, '0')
}
