/** SQL functions SQLite lacks, registered on every connection; all deterministic, all null for null. */
import { DataError } from '../../errors.ts'
import { readInstant, writeInstant } from '../text-dates.ts'
import { bitAggregates, joinTexts } from './bits.ts'
import { extractPart, truncate } from './dates.ts'
import { decimalAbs, decimalAggregates, decimalKey, decimalOperation, rounded } from './decimals.ts'
import type { SqliteDatabase } from './sqlite.ts'
import { statistics } from './statistics.ts'
import { bitXor, hash, pad, repeat, reverse } from './text-functions.ts'

const KEPT_PATTERNS = 200
const patterns = new Map<string, RegExp>()

function compilePattern(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, `${flags}u`)
  } catch {
    return new RegExp(pattern, flags) // patterns written for other engines escape more than the u flag allows
  }
}

/**
 * `text` has a match of `pattern`. The pattern runs in this process and cannot be interrupted: one such as `(a+)+$`
 * may take for ever on the right text, so never take patterns from visitors.
 * @throws DataError db.invalid-pattern
 */
function matchesPattern(pattern: unknown, value: unknown, ignoreCase: unknown): number | null {
  if (pattern === null || value === null) return null
  const flags = ignoreCase ? 'i' : ''
  const key = flags + String(pattern)
  let regex = patterns.get(key)
  if (regex === undefined) {
    try {
      regex = compilePattern(String(pattern), flags)
    } catch (error) {
      throw new DataError(`${JSON.stringify(pattern)} is not a regular expression.`, {
        code: 'db.invalid-pattern',
        hint: error instanceof Error ? error.message : undefined!,
        status: 400,
        cause: error,
      })
    }
    if (patterns.size >= KEPT_PATTERNS) patterns.delete(patterns.keys().next().value!)
    patterns.set(key, regex)
  }
  return regex.test(String(value)) ? 1 : 0
}

/** JSON as canonical text: keys sorted, no spaces, one spelling of every string. Equal values, equal texts. */
function canonicalJson(value: unknown): string | null {
  if (value === null) return null
  try {
    return JSON.stringify(JSON.parse(String(value)), (_key, item) =>
      typeof item === 'object' && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    )
  } catch {
    return null
  }
}

/** Whether one JSON text holds another, as PostgreSQL's `@>` says it. */
function jsonContains(text: unknown, part: unknown): number | null {
  if (text === null || part === null) return null
  try {
    const whole: unknown = JSON.parse(String(text))
    const wanted: unknown = JSON.parse(String(part))
    // At the top a list holds a plain value among its items.
    if (Array.isArray(whole) && (typeof wanted !== 'object' || wanted === null)) return whole.includes(wanted) ? 1 : 0
    return holds(whole, wanted) ? 1 : 0
  } catch {
    return null
  }
}
function holds(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) return Array.isArray(whole) && part.every((item) => whole.some((own) => holds(own, item)))
  if (typeof part !== 'object' || part === null) return whole === part
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  return Object.entries(part).every(
    ([key, item]) => Object.hasOwn(whole, key) && holds((whole as Record<string, unknown>)[key], item), // an object's own
  )
}

const DAY = 86_400_000_000n

/** Microseconds of a date, instant or time of day as text; null for other text. */
function microseconds(text: string): bigint | null {
  const time = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text)
  const whole = time ? Date.parse(`1970-01-01T${text.slice(0, 8)}Z`) : readInstant(text.replace(/\.\d+/, ''))
  if (Number.isNaN(whole)) return null
  const fraction = /\.(\d{1,6})/.exec(text)?.[1] ?? ''
  return BigInt(whole) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

function writeMicroseconds(value: bigint, kind: unknown): string | null {
  const second = value >= 0n ? value / 1_000_000n : (value - 999_999n) / 1_000_000n
  const fraction = value - second * 1_000_000n
  const date = new Date(Number(second) * 1000)
  const year = date.getUTCFullYear()
  if (!(year >= 1 && year <= 9999)) return null
  const text = writeInstant(date)
  if (kind === 'date') return text.slice(0, 10)
  const full = fraction === 0n ? text : `${text}.${String(fraction).padStart(6, '0')}`
  return kind === 'time' ? full.slice(11) : full
}

/** Instants, dates and times plus or minus durations (microseconds), and the difference of two of them. */
function intervalOperation(op: unknown, left: unknown, right: unknown, kind: unknown): string | bigint | null {
  if (left === null || right === null) return null
  const side = (value: unknown): bigint | null =>
    typeof value === 'string'
      ? microseconds(value)
      : typeof value === 'bigint'
        ? value
        : BigInt(Math.round(Number(value)))
  const [a, b] = [side(left), side(right)]
  if (a === null || b === null) return null
  const result = op === '-' ? a - b : a + b
  if (typeof left === 'string' && typeof right === 'string') return result
  return writeMicroseconds(kind === 'time' ? ((result % DAY) + DAY) % DAY : result, kind)
}

const deterministic = { deterministic: true } as const
// Integers of any size; without it the driver refuses those beyond 2^53.
const wide = { deterministic: true, useBigIntArguments: true } as const

/** Registers all of them. */
export function registerFunctions(database: SqliteDatabase): void {
  database.function('nuages_regex', deterministic, matchesPattern)
  database.function('nuages_extract', deterministic, extractPart)
  database.function('nuages_trunc', deterministic, truncate)
  database.function('nuages_lpad', { ...deterministic, varargs: true }, (text, length, fill) =>
    pad(text, length, fill, true),
  )
  database.function('nuages_rpad', { ...deterministic, varargs: true }, (text, length, fill) =>
    pad(text, length, fill, false),
  )
  database.function('nuages_repeat', deterministic, repeat)
  database.function('nuages_reverse', deterministic, reverse)
  database.function('nuages_hash', deterministic, hash)
  database.function('nuages_bitxor', wide, bitXor)
  database.function('nuages_json', deterministic, canonicalJson)
  database.function('nuages_json_contains', deterministic, jsonContains)
  database.function('nuages_interval', wide, intervalOperation)
  database.function('nuages_decimal', wide, decimalKey)
  database.function('nuages_decimal_op', wide, decimalOperation)
  database.function('nuages_decimal_abs', wide, decimalAbs)
  database.function('nuages_round', wide, rounded)
  for (const [name, { start, step, result }] of Object.entries(decimalAggregates)) {
    // A state is an object of ours; the driver's types only allow values of SQLite. Each aggregate sees its own only.
    const aggregate = { ...wide, start, step, result } as never
    database.aggregate(`nuages_decimal_${name}`, aggregate)
  }
  database.function('nuages_join', deterministic, joinTexts)
  for (const [name, { start, step, result }] of Object.entries(bitAggregates)) {
    database.aggregate(`nuages_${name}`, { ...wide, start, step, result } as never) // as above
  }
  for (const [name, { start, step, result }] of Object.entries(statistics)) {
    database.aggregate(`nuages_${name}`, { ...wide, start, step, result } as never) // as above
  }
}
