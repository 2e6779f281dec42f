/** localize, timezone, localtime, cache: how and where a part of a page is written. */

import { timeZone, withTimeZone } from '../../i18n/index.ts'
import { type DateValue, Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { syntaxError, TemplateSyntaxError } from '../errors.ts'
import { defineFilter, type Library } from '../library.ts'
import { call, type Expr, literal, type Region } from '../nodes.ts'
import type { TagParser } from '../parser/parser.ts'
import { isThenable, safe } from '../runtime/state.ts'
import { dateKind, toPlainText, toText } from '../runtime/text.ts'
import { inHtml } from './translation.ts'

/** `{% localize off %}`: numbers and dates as in English within. */
const localize: TagParser = (parser, tag) => {
  const mode = tag.words[1] ?? 'on'
  if (tag.words.length > 2 || (mode !== 'on' && mode !== 'off'))
    throw syntaxError('The "localize" tag takes "on" or "off".')
  const run: Region = (state, _autoescape, render) => {
    const before = state.localize
    const restore = (): void => {
      state.localize = before
    }
    state.localize = mode === 'on'
    let out: string | Promise<string>
    try {
      out = render()
    } catch (error) {
      restore()
      throw error
    }
    if (typeof out === 'string') restore()
    else out = out.finally(restore)
    return inHtml(out)
  }
  return { kind: 'region', label: 'localize', run, args: [], body: parser.parseBody('endlocalize'), line: tag.line }
}

export const L10N: Library = {
  tags: { localize },
  filters: {
    localize: defineFilter(
      (value, _none, { state }) => {
        const before = state.localize
        state.localize = true
        try {
          return toText(value, state)
        } finally {
          state.localize = before
        }
      },
      { argument: 'none' },
    ),
    unlocalize: defineFilter((value) => toPlainText(value), { argument: 'none' }),
  },
}

/** `{% timezone 'Europe/Paris' %}`: instants are shown in that zone within. */
const timezone: TagParser = (parser, tag) => {
  if (tag.words.length !== 2) throw syntaxError('The "timezone" tag takes one argument: a time zone.')
  const run: Region = (_state, _autoescape, render, zone: unknown) => {
    const name = toPlainText(zone)
    return inHtml(name === '' ? render() : withTimeZone(name, render))
  }
  const body = parser.parseBody('endtimezone')
  return { kind: 'region', label: 'timezone', run, args: [parser.expression(tag.words[1]!)], body, line: tag.line }
}

const currentTimezone: TagParser = (parser, tag) => {
  if (tag.words.length !== 3 || tag.words[1] !== 'as')
    throw syntaxError('The "get_current_timezone" tag takes the form "get_current_timezone as name".')
  return {
    kind: 'set',
    name: parser.variableName(tag.words[2]!),
    expr: call('timezone', () => timeZone()),
    line: tag.line,
  }
}

/** An instant as a date and time in a zone; what is no instant gives nothing. */
function inZone(value: unknown, zone: string): Temporal.ZonedDateTime | '' {
  const kind = dateKind(value)
  if (kind !== 'DATETIME_FORMAT') return ''
  const at = value as Exclude<DateValue, Temporal.PlainDate | Temporal.PlainTime> // by its kind
  if (at instanceof Temporal.ZonedDateTime) return at.withTimeZone(zone)
  if (at instanceof Temporal.PlainDateTime) return at.toZonedDateTime(timeZone()).withTimeZone(zone)
  const instant = at instanceof Date ? Temporal.Instant.fromEpochMilliseconds(at.getTime()) : at
  return instant.toZonedDateTimeISO(zone)
}

export const TZ: Library = {
  tags: { timezone, get_current_timezone: currentTimezone },
  filters: {
    localtime: defineFilter((value) => inZone(value, timeZone()), { argument: 'none' }),
    utc: defineFilter((value) => inZone(value, 'UTC'), { argument: 'none' }),
    timezone: defineFilter((value, zone) => inZone(value, toPlainText(zone))),
  },
}

/** `{% cache seconds name [vary...] [using="cache"] %}`. Without a cache in the globals the body is rendered each time. */
const cache: TagParser = (parser, tag) => {
  const words = tag.words.slice(1)
  if (words.length < 2) throw syntaxError('The "cache" tag takes at least a number of seconds and a name.')
  let using: Expr = literal('default')
  const last = /^using=(.+)$/s.exec(words.at(-1)!)
  if (last !== null) {
    using = parser.expression(last[1]!)
    words.pop()
  }
  const [seconds, name, ...vary] = words as [string, string, ...string[]]
  const run: Region = (state, _autoescape, render, time: unknown, where: unknown, ...values: unknown[]) => {
    const limit = toSeconds(time)
    const store = state.engine.globals.cache
    if (store === undefined || store === null) return inHtml(render())
    // Lengths keep ("ab", "c") and ("a", "bc") apart.
    const key = ['template', name, ...values.map((value) => toPlainText(value))]
      .map((part) => `${part.length}:${part}`)
      .join('')
    const keep = (out: string): unknown => {
      const kept = store.set(key, out, limit, toPlainText(where))
      return isThenable(kept) ? kept.then(() => safe(out)) : safe(out)
    }
    const use = (found: unknown): unknown => {
      if (typeof found === 'string') return safe(found)
      const out = render()
      return typeof out === 'string' ? keep(out) : out.then(keep)
    }
    const found = store.get(key, toPlainText(where))
    return isThenable(found) ? found.then(use) : use(found)
  }
  const args = [parser.expression(seconds), using, ...vary.map((word) => parser.expression(word))]
  return { kind: 'region', label: 'cache', run, args, body: parser.parseBody('endcache'), line: tag.line }
}

/** @throws TemplateSyntaxError when it is no whole number of seconds */
function toSeconds(time: unknown): number | null {
  if (time === null) return null
  const number =
    typeof time === 'number' || Decimal.isDecimal(time)
      ? Number(time)
      : /^\s*-?\d+\s*$/.test(String(time))
        ? Number(time)
        : Number.NaN
  if (Number.isNaN(number)) {
    throw new TemplateSyntaxError(
      `The "cache" tag got ${JSON.stringify(toPlainText(time))} as its number of seconds.`,
      {
        code: 'templates.bad-syntax',
        hint: 'Give a whole number, or None to keep the fragment for good.',
      },
    )
  }
  return Math.trunc(number)
}

export const CACHE: Library = { tags: { cache } }
