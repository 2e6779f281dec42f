/** Filters of numbers. */

import { t, tn } from '../../i18n/index.ts'
import { Decimal } from '../../std/decimal.ts'
import { defineFilter } from '../library.ts'
import type { Filter } from '../nodes.ts'
import type { Formats } from '../runtime/locale.ts'
import { localizeNumber } from '../runtime/number-format.ts'
import { formatsOf, spell, toPlainText } from '../runtime/text.ts'
import { textOf, toBigInteger, toFloat, toInteger } from './arguments.ts'

/** Numbers with more digits are given back as they came: rounding them could take the memory (CVE-2024-41989). */
const MAX_DIGITS = 200
const MAX_PLACES = 1000

/**
 * Rounded to `argument` places, halves away from zero; negative: only where there is a fraction. A `g` after the number
 * groups digits, a `u` writes as in English. Without argument -1.
 */
export function floatFormat(value: unknown, argument: unknown, formats: Formats, english: Formats): string {
  let places: unknown = argument ?? -1
  let forceGrouping = false
  let shown = formats
  if (typeof places === 'string') {
    const flags = /[gu]{0,2}$/.exec(places)![0]
    if (flags.includes('g')) forceGrouping = true
    if (flags.includes('u')) shown = english
    places = places.slice(0, places.length - flags.length) || -1
  }
  const text = numberText(value)
  const number = readNumber(text)
  if (number === null) return ''
  const p = toInteger(places)
  if (p === null) return typeof value === 'string' ? spell(text) : text // as Django, which shows the mistake
  if (!number.isFinite()) return text
  // A zero has its sign and exponent only.
  if (!number.isZero() && number.precision() + Math.abs(number.precision() - 1 - number.e) > MAX_DIGITS) return text
  if (Math.abs(p) > MAX_PLACES) return text
  if (number.isInteger() && p <= 0) return localizeNumber(number.toFixed(0), shown, { decimals: 0, forceGrouping })
  const rounded = number.toDecimalPlaces(Math.abs(p), Decimal.ROUND_HALF_UP)
  const fixed = rounded.isZero() ? new Decimal(0).toFixed(Math.abs(p)) : rounded.toFixed(Math.abs(p))
  return localizeNumber(fixed, shown, { decimals: Math.abs(p), forceGrouping })
}

/** A number as Python's `str` writes it. */
function numberText(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
  if (typeof value === 'boolean') return value ? '1' : '0'
  return toPlainText(value)
}

function readNumber(text: string): Decimal | null {
  const trimmed = String(textOf(text)).trim()
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,9})?$/i.test(trimmed) && trimmed.length <= 2000)
    return new Decimal(trimmed)
  const special = toFloat(trimmed)
  return special === null || Number.isFinite(special) ? null : new Decimal(special)
}

const UNITS = ['{size} KB', '{size} MB', '{size} GB', '{size} TB', '{size} PB']

/** `4.5 MB`, with a no-break space. What is no number is 0 bytes. */
export function fileSize(value: unknown, formats: Formats): string {
  const bytes = toBigInteger(value) ?? 0n
  const size = bytes < 0n ? -bytes : bytes
  const sign = bytes < 0n ? '-' : ''
  let text: string
  if (size < 1024n) text = tn('{size} byte', '{size} bytes', Number(size), { size: size.toString() })
  else {
    let unit = 0
    while (unit < UNITS.length - 1 && size >= 1024n ** BigInt(unit + 2)) unit++
    const scaled = new Decimal(size.toString())
      .div((1024n ** BigInt(unit + 1)).toString())
      .toDecimalPlaces(1, Decimal.ROUND_HALF_EVEN)
    text = t(UNITS[unit]!, { size: localizeNumber(scaled.toFixed(1), formats, { decimals: 1 }) })
  }
  return (sign + text).replaceAll(' ', '\u00a0')
}

export const NUMBER_FILTERS: Readonly<Record<string, Filter>> = {
  divisibleby: defineFilter((value, by) => {
    const [a, b] = [toBigInteger(value), toBigInteger(by)]
    return a !== null && b !== null && b !== 0n && a % b === 0n
  }),
  filesizeformat: defineFilter((value, _none, { state }) => fileSize(value, formatsOf(state)), {
    isSafe: true,
    argument: 'none',
  }),
  floatformat: defineFilter(
    (value, argument, { state }) =>
      floatFormat(
        value,
        argument === undefined ? -1 : typeof argument === 'number' ? argument : toPlainText(argument),
        formatsOf(state),
        state.engine.locales.of('en'),
      ),
    { isSafe: true, argument: 'optional' },
  ),
  get_digit: defineFilter((value, place) => {
    const at = toInteger(place)
    const number = toBigInteger(value)
    if (at === null || number === null) return value
    const whole = Number.isSafeInteger(Number(number)) ? Number(number) : number
    if (at < 1) return whole
    const digits = number.toString()
    const digit = digits[digits.length - at]
    return digit === undefined ? 0 : digit === '-' ? whole : Number(digit)
  }),
}
