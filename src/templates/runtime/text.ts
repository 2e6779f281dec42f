/** Values as the text that a template writes. */

import { language, timeZone } from '../../i18n/index.ts'
import { type DateValue, formatDate, Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { escapeHtml } from '../../std/html.ts'
import type { Formats } from './locale.ts'
import { callIfFunction, isPlain } from './lookup.ts'
import { localizeNumber } from './number-format.ts'
import { htmlOf, type RenderState, ready } from './state.ts'

const SPECIAL = /[&<>"']/

/**
 * What `{{ value }}` writes where output is escaped. The common cases first: one test for text, none for whole
 * numbers.
 * @throws NEEDS_ASYNC for what must be awaited
 */
export function escaped(value: unknown, state: RenderState): string {
  if (typeof value === 'string') return SPECIAL.test(value) ? escapeHtml(value) : value
  if (typeof value === 'number' && (value | 0) === value && state.engine.plainNumbers) return `${value}`
  if (typeof value === 'function') return escaped(calledOnce(value), state)
  const html = htmlOf(value)
  if (html !== null) return html
  const text = written(value, state)
  return SPECIAL.test(text) ? escapeHtml(text) : text
}

/** What `{{ value }}` writes where nothing is escaped. */
export function unescaped(value: unknown, state: RenderState): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function') return unescaped(calledOnce(value), state)
  return htmlOf(value) ?? written(value, state)
}

/** What a function in the context gives; a class is nothing to write. */
function calledOnce(value: Function): unknown {
  const result = callIfFunction(value)
  return typeof result === 'function' ? null : result
}

function written(value: unknown, state: RenderState): string {
  if (value === undefined) return state.engine.invalid
  return toText(ready(value), state)
}

/** The formats in force: the language's, or English where nothing is localised. */
export function formatsOf(state: RenderState): Formats {
  return state.engine.locales.of(state.localize ? language() : 'en')
}

/**
 * Any value as text: dates and numbers as the language writes them, null and undefined as nothing, lists and plain
 * objects spelt out for whoever debugs (`['a', 1]`), HTML as its text.
 */
export function toText(value: unknown, state: RenderState): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
      return localizeNumber(value, formatsOf(state))
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return ''
    case 'symbol':
      return value.toString()
    case 'function':
      return '' // a class; others were called before
    default:
      return value === null ? '' : ofObject(value as object, state)
  }
}

/** Text of a value as a string filter gets it: numbers and dates not localised, as Django's `str()`. */
export function toPlainText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') {
    const html = htmlOf(value)
    if (html !== null) return html
    if (Array.isArray(value) || value instanceof Map || value instanceof Set || isPlain(value)) return spelt(value, 0)
  }
  return typeof value === 'function' ? '' : String(value)
}

function ofObject(value: object, state: RenderState): string {
  const html = htmlOf(value)
  if (html !== null) return html
  if (Decimal.isDecimal(value)) return localizeNumber(value as Decimal, formatsOf(state))
  const kind = dateKind(value)
  if (kind !== null) return dateText(value as DateValue, kind, state)
  return toPlainText(value)
}

export type DateKind = 'DATE_FORMAT' | 'TIME_FORMAT' | 'DATETIME_FORMAT'

/** Which format a date or time is written in; null for what is neither. */
export function dateKind(value: unknown): DateKind | null {
  if (value instanceof Date) return 'DATETIME_FORMAT'
  if (value instanceof Temporal.PlainDate) return 'DATE_FORMAT'
  if (value instanceof Temporal.PlainTime) return 'TIME_FORMAT'
  if (
    value instanceof Temporal.Instant ||
    value instanceof Temporal.PlainDateTime ||
    value instanceof Temporal.ZonedDateTime
  ) {
    return 'DATETIME_FORMAT'
  }
  return null
}

function dateText(value: DateValue, kind: DateKind, state: RenderState): string {
  if (value instanceof Date && Number.isNaN(value.getTime())) return ''
  return dateAs(value, formatsOf(state)[kind])
}

/** A date in a format, in the current language; an instant in the current time zone, a ZonedDateTime in its own. */
export function dateAs(value: DateValue, format: string): string {
  return formatDate(value, format, { timeZone: timeZone(), language: language() })
}

const MAX_DEPTH = 6

/** A value spelt out for whoever debugs: text in quotes, lists and plain objects with what they hold. */
export function spell(value: unknown): string {
  return spelt(value, 0)
}

function spelt(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return '...'
  if (typeof value === 'string') return quoted(value)
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map((item) => spelt(item, depth + 1)).join(', ')}]`
  if (value instanceof Set) return `{${[...value].map((item) => spelt(item, depth + 1)).join(', ')}}`
  if (typeof value === 'object') {
    const html = htmlOf(value)
    if (html !== null) return quoted(html)
    const entries = value instanceof Map ? [...value] : isPlain(value) ? Object.entries(value) : null
    if (entries !== null)
      return `{${entries.map(([k, v]) => `${spelt(k, depth + 1)}: ${spelt(v, depth + 1)}`).join(', ')}}`
  }
  return String(value)
}

/** In single quotes, or in double ones where that saves backslashes, as Python prints text. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  return quote + text.replace(/[\\\n\r\t]|'/g, (char) => QUOTED[char] ?? (char === quote ? `\\${char}` : char)) + quote
}

const QUOTED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
