/** Arguments of filters, read as Python's `int()` and `float()` read them. */
import { Decimal } from '../../std/decimal.ts'
import { SafeString } from '../../std/html.ts'

/** A whole number, cut where it has a fraction; null for what is none. Text must be digits alone. */
export function toInteger(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  if (Decimal.isDecimal(value)) return (value as Decimal).isFinite() ? (value as Decimal).trunc().toNumber() : null
  const text = textOf(value)
  return typeof text === 'string' && text.length <= 30 && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : null
}

/** A whole number without loss: as {@link toInteger}, exact beyond 2^53. Longer than 1,000 digits is refused. */
export function toBigInteger(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (Decimal.isDecimal(value))
    return (value as Decimal).isFinite() && (value as Decimal).e <= 1000
      ? BigInt((value as Decimal).trunc().toFixed())
      : null
  const text = textOf(value)
  return typeof text === 'string' && text.length <= 1000 && /^\s*[+-]?\d+\s*$/.test(text)
    ? BigInt(text.trim().replace(/^\+/, ''))
    : null
}

/** A number as `float()` reads it; null for what is none. */
export function toFloat(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean' || Decimal.isDecimal(value)) return Number(value)
  const text = textOf(value)
  if (typeof text !== 'string' || text.length > 1000) return null
  const trimmed = text.trim()
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed)
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(trimmed)
  if (special === null) return null
  return special[2]!.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
}

/** Text as Python reads numbers in it: digits of other scripts as ours (`１２` is 12), `_` between digits skipped. */
export function textOf(value: unknown): unknown {
  const text = value instanceof SafeString ? value.toString() : value
  if (typeof text !== 'string' || text.length > 2000 || !/[^\0-\x7f]|_/.test(text)) return text
  const digits = text.replace(/\p{Nd}/gu, (digit) => (digit < '\x80' ? digit : digitValue(digit)))
  return digits.replace(/(?<=\d)_(?=\d)/g, '')
}

/** Digits of a script are ten in a row, and no run of them follows another without a gap below zero. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0)!
  let zero = code
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--
  return String(code - zero)
}
