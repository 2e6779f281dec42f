/** Filters of lists, and those that choose between values. */

import { t } from '../../i18n/index.ts'
import { Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { escapeHtml, isSafe, SafeString } from '../../std/html.ts'
import { defineFilter } from '../library.ts'
import type { Filter } from '../nodes.ts'
import { isPlain, peek } from '../runtime/lookup.ts'
import { htmlOf, safe } from '../runtime/state.ts'
import { escaped, spell, toPlainText } from '../runtime/text.ts'
import { order, truthy } from '../runtime/values.ts'
import { toFloat, toInteger } from './arguments.ts'

/** Items of what can be counted; null for the rest. Text by characters. */
function itemsOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as readonly unknown[]
  if (typeof value === 'string') return Array.from(value)
  if (value instanceof SafeString) return Array.from(value.toString())
  if (value instanceof Map) return [...value.keys()]
  if (typeof value === 'object' && value !== null) {
    if (Symbol.iterator in value) return [...(value as Iterable<unknown>)]
    if (isPlain(value) && htmlOf(value) === null) return Object.keys(value)
  }
  return null
}

/** Python's slices: `1:5`, `-3:`, `::2`. */
function slice(value: unknown, argument: unknown): unknown {
  const bounds: (number | null)[] = []
  for (const part of toPlainText(argument).split(':')) {
    const number = part === '' ? null : toInteger(part)
    if (number === null && part !== '') return value
    bounds.push(number)
  }
  if (bounds.length > 3) return value
  const items = itemsOf(value)
  const [start, stop, step] =
    bounds.length === 1 ? [null, bounds[0]!, null] : [bounds[0] ?? null, bounds[1] ?? null, bounds[2] ?? null]
  if (items === null || step === 0) return value
  const picked = pick(items, start, stop, step ?? 1)
  return typeof value === 'string' || value instanceof SafeString ? picked.join('') : picked
}

function pick(items: readonly unknown[], start: number | null, stop: number | null, step: number): unknown[] {
  const n = items.length
  const bound = (at: number | null, otherwise: number): number => {
    if (at === null) return otherwise
    const from = at < 0 ? at + n : at
    return step > 0 ? Math.min(Math.max(from, 0), n) : Math.min(Math.max(from, -1), n - 1)
  }
  const out: unknown[] = []
  const first = bound(start, step > 0 ? 0 : n - 1)
  const last = bound(stop, step > 0 ? n : -1)
  for (let i = first; step > 0 ? i < last : i > last; i += step) out.push(items[i])
  return out
}

/** Sorted by a property of the items, or an index; nothing where some item has it not, as in Django. */
function sorted(value: unknown, by: unknown, reversed: boolean): unknown {
  const items = itemsOf(value)
  const path = toPlainText(by).split('.')
  if (items === null || path.some((name) => name === '' || name.startsWith('_'))) return ''
  const keyed: { item: unknown; key: unknown }[] = []
  for (const item of items) {
    let key: unknown = item
    for (const name of path)
      key = typeof key === 'string' ? (/^\d+$/.test(name) ? key[Number(name)] : undefined) : peek(key, name)
    if (key === undefined) return ''
    keyed.push({ item, key })
  }
  let comparable = true
  keyed.sort((a, b) => {
    const found = order(a.key, b.key)
    if (Number.isNaN(found)) comparable = false
    return reversed ? -found : found
  })
  return comparable ? keyed.map(({ item }) => item) : ''
}

/** Sums of numbers (whole ones, as Django's), otherwise `+` of what can be joined; `''` for what cannot. */
function add(value: unknown, other: unknown): unknown {
  const [a, b] = [toInteger(value), toInteger(other)]
  if (a !== null && b !== null) return Number.isSafeInteger(a + b) ? a + b : BigInt(a) + BigInt(b)
  if (Array.isArray(value) && Array.isArray(other)) return [...value, ...other]
  if (isText(value) && isText(other)) {
    const joined = toPlainText(value) + toPlainText(other)
    return isSafe(value) && isSafe(other) ? safe(joined) : joined
  }
  if (other instanceof Temporal.Duration) return later(value, other)
  if (value instanceof Temporal.Duration) return later(other, value)
  return ''
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || value instanceof SafeString
}

function later(value: unknown, by: Temporal.Duration): unknown {
  if (value instanceof Date)
    return new Date(value.getTime() + by.total({ unit: 'millisecond', relativeTo: '1970-01-01' }))
  if (
    value instanceof Temporal.PlainDate ||
    value instanceof Temporal.PlainDateTime ||
    value instanceof Temporal.ZonedDateTime
  ) {
    return value.add(by)
  }
  return ''
}

function join(value: unknown, separator: unknown, autoescape: boolean, write: (item: unknown) => string): unknown {
  const items = itemsOf(value)
  if (items === null) return value
  if (!autoescape) return safe(items.map((item) => toPlainText(item)).join(toPlainText(separator)))
  const between = isSafe(separator) ? toPlainText(separator) : escapeHtml(toPlainText(separator))
  return safe(items.map(write).join(between))
}

function pluralize(value: unknown, argument: unknown): string {
  const forms = argument === undefined ? 's' : toPlainText(argument)
  const parts = (forms.includes(',') ? forms : `,${forms}`).split(',')
  if (parts.length > 2) return ''
  const [singular, plural] = parts as [string, string]
  const isCollection =
    typeof value === 'object' && value !== null && !Decimal.isDecimal(value) && !(value instanceof SafeString)
  const count = isCollection ? (itemsOf(value)?.length ?? null) : toFloat(value)
  return count === null ? '' : count === 1 ? singular : plural
}

function yesno(value: unknown, argument: unknown): unknown {
  const parts = (argument === undefined ? t('yes,no,maybe') : toPlainText(argument)).split(',')
  if (parts.length < 2) return value // as Django: a mapping without two parts is none
  if (value === null || value === undefined) return parts[2] ?? parts[1]
  return truthy(value) ? parts[0] : parts[1]
}

const length = (value: unknown): number =>
  value instanceof Map || value instanceof Set ? value.size : (itemsOf(value)?.length ?? 0)

export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  add: defineFilter(add),
  default: defineFilter((value, other) => (truthy(value) ? value : other), { safeArgument: true }),
  default_if_none: defineFilter((value, other) => (value === null || value === undefined ? other : value), {
    safeArgument: true,
  }),
  dictsort: defineFilter((value, by) => sorted(value, by, false)),
  dictsortreversed: defineFilter((value, by) => sorted(value, by, true)),
  first: defineFilter((value) => itemsOf(value)?.[0] ?? '', { argument: 'none' }),
  join: defineFilter(
    (value, separator, { autoescape, state }) => join(value, separator, autoescape, (item) => escaped(item, state)),
    {
      safeArgument: true,
    },
  ),
  last: defineFilter((value) => itemsOf(value)?.at(-1) ?? '', { argument: 'none' }),
  length: defineFilter(length, { argument: 'none' }),
  pluralize: defineFilter(pluralize, { argument: 'optional' }),
  pprint: defineFilter((value) => spell(value), { argument: 'none' }),
  random: defineFilter(
    (value) => {
      const items = itemsOf(value) ?? []
      return items[Math.floor(Math.random() * items.length)] ?? ''
    },
    { argument: 'none' },
  ),
  slice: defineFilter(slice, { isSafe: true }),
  yesno: defineFilter(yesno, { argument: 'optional' }),
}
