/** `{% load humanize %}`: numbers and dates as people say them. After `django.contrib.humanize`. */

import { t, timeZone, tn } from '../../i18n/index.ts'
import { type DateValue, Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { defineFilter, type Library } from '../library.ts'
import { localizeNumber } from '../runtime/number-format.ts'
import { type RenderState, safe } from '../runtime/state.ts'
import { dateAs, dateKind, formatsOf, toPlainText } from '../runtime/text.ts'
import { toBigInteger, toInteger } from './arguments.ts'
import { formatNamed, timeBetween, type UnitText } from './dates.ts'
import { floatFormat } from './numbers.ts'

/** Digits in groups of three, or as the language groups them. Linear (CVE-2024-24680). */
function intcomma(value: unknown, localize: unknown, state: RenderState): unknown {
  const formats = formatsOf(state)
  if (localize !== false) {
    if (typeof value === 'number' || typeof value === 'bigint' || Decimal.isDecimal(value)) {
      return localizeNumber(value as number, formats, { forceGrouping: true }) // or bigint, or Decimal
    }
    const whole = toBigInteger(value)
    if (whole !== null) return localizeNumber(whole, formats, { forceGrouping: true })
  }
  if (value === null || value === undefined) return value
  const text =
    typeof value === 'number' || Decimal.isDecimal(value)
      ? localizeNumber(value as number, state.engine.locales.of('en'))
      : toPlainText(value)
  const match = /^(-?)(\p{Nd}+)/u.exec(text)
  return match === null ? text : match[1] + grouped(match[2]!) + text.slice(match[0].length)
}

function grouped(digits: string): string {
  const chars = Array.from(digits)
  const groups: string[] = []
  for (let end = chars.length; end > 0; end -= 3) groups.push(chars.slice(Math.max(0, end - 3), end).join(''))
  return groups.reverse().join(',')
}

const WORDS: readonly (readonly [zeros: number, singular: string, plural: string])[] = [
  [6, '{value} million', '{value} million'],
  [9, '{value} billion', '{value} billion'],
  [12, '{value} trillion', '{value} trillion'],
  [15, '{value} quadrillion', '{value} quadrillion'],
  [18, '{value} quintillion', '{value} quintillion'],
  [21, '{value} sextillion', '{value} sextillion'],
  [24, '{value} septillion', '{value} septillion'],
  [27, '{value} octillion', '{value} octillion'],
  [30, '{value} nonillion', '{value} nonillion'],
  [33, '{value} decillion', '{value} decillion'],
  [100, '{value} googol', '{value} googol'],
]

/** `1.2 million`. Below a million, and beyond the words, the value as it is. */
function intword(value: unknown, state: RenderState): unknown {
  const number = toBigInteger(value)
  if (number === null) return value
  const size = number < 0n ? -number : number
  if (size < 1_000_000n) return Number(number)
  for (const [zeros, singular, plural] of WORDS) {
    const large = 10n ** BigInt(zeros)
    if (size >= large * 1000n) continue
    const scaled = new Decimal(number.toString()).div(large.toString())
    const rounded = floatFormat(scaled.toDecimalPlaces(20), 1, formatsOf(state), state.engine.locales.of('en'))
    return tn(singular, plural, Math.ceil(Math.abs(scaled.toNumber())), { value: rounded })
  }
  return number
}

const ENDINGS = ['th', 'st', 'nd', 'rd', 'th', 'th', 'th', 'th', 'th', 'th']

function ordinal(value: unknown): unknown {
  const number = toBigInteger(value)
  if (number === null) return value
  if (number < 0n) return number.toString()
  const rest = number % 100n
  const at = rest >= 11n && rest <= 13n ? 0 : Number(number % 10n)
  const key = rest >= 11n && rest <= 13n ? 'ordinal 11, 12, 13' : `ordinal ${at}`
  // Django's message ids, so that its catalogs fit.
  return safe(t(`${key}\u0004{}${ENDINGS[at]}`).replace('{}', number.toString()))
}

const SMALL = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']

function apnumber(value: unknown): unknown {
  const number = toInteger(value)
  if (number === null) return value
  if (number < 1 || number > 9) return number
  return t(SMALL[number - 1]!)
}

function naturalday(value: unknown, format: unknown, state: RenderState): unknown {
  const kind = dateKind(value)
  if (kind === null || kind === 'TIME_FORMAT') return value
  const day = dayOf(value as DateValue)
  const days = Temporal.Now.plainDateISO(timeZone()).until(day, { largestUnit: 'days' }).days
  if (days === 0) return t('today')
  if (days === 1) return t('tomorrow')
  if (days === -1) return t('yesterday')
  return dateAs(day, formatNamed(format === undefined ? 'DATE_FORMAT' : toPlainText(format), formatsOf(state)))
}

function dayOf(value: DateValue): Temporal.PlainDate {
  if (value instanceof Temporal.PlainDate) return value
  if (value instanceof Temporal.PlainDateTime || value instanceof Temporal.ZonedDateTime) return value.toPlainDate()
  const instant =
    value instanceof Date ? Temporal.Instant.fromEpochMilliseconds(value.getTime()) : (value as Temporal.Instant)
  return instant.toZonedDateTimeISO(timeZone()).toPlainDate()
}

/** `2 hours ago`, `a minute from now`. */
export function naturalTime(from: Temporal.PlainDateTime, now: Temporal.PlainDateTime): string {
  const seconds = Math.floor(from.until(now, { largestUnit: 'seconds' }).total({ unit: 'seconds' }))
  const past = seconds >= 0 && Temporal.PlainDateTime.compare(from, now) < 0
  const size = past ? seconds : Math.floor(now.until(from, { largestUnit: 'seconds' }).total({ unit: 'seconds' }))
  if (size >= 86_400) {
    const span = past ? timeBetween(from, now, 2, unitWords('past')) : timeBetween(now, from, 2, unitWords('future'))
    return past ? t('{delta} ago', { delta: span }) : t('{delta} from now', { delta: span })
  }
  if (size === 0) return t('now')
  const n = size < 60 ? size : size < 3600 ? Math.floor(size / 60) : Math.floor(size / 3600)
  return (size < 60 ? secondsText : size < 3600 ? minutesText : hoursText)(n, past).replace(/^(\d+) /, '$1\u00a0')
}

const secondsText = (n: number, past: boolean): string =>
  past ? tn('a second ago', '{n} seconds ago', n) : tn('a second from now', '{n} seconds from now', n)
const minutesText = (n: number, past: boolean): string =>
  past ? tn('a minute ago', '{n} minutes ago', n) : tn('a minute from now', '{n} minutes from now', n)
const hoursText = (n: number, past: boolean): string =>
  past ? tn('an hour ago', '{n} hours ago', n) : tn('an hour from now', '{n} hours from now', n)

const UNITS = ['year', 'month', 'week', 'day', 'hour', 'minute']

/** Languages say a span differently in `2 days ago` and `2 days from now`: the context tells which it is. */
function unitWords(when: 'past' | 'future'): UnitText {
  return (unit, n) => {
    const context = `naturaltime-${when}\u0004`
    return tn(`${context}{n} ${UNITS[unit]}`, `${context}{n} ${UNITS[unit]}s`, n)
  }
}

function naturaltime(value: unknown): unknown {
  const kind = dateKind(value)
  if (kind !== 'DATETIME_FORMAT') return value
  const zone = value instanceof Temporal.ZonedDateTime ? value.timeZoneId : timeZone()
  const now = Temporal.Instant.fromEpochMilliseconds(Date.now()).toZonedDateTimeISO(zone).toPlainDateTime()
  if (value instanceof Temporal.PlainDateTime) return naturalTime(value, now)
  const instant =
    value instanceof Date
      ? Temporal.Instant.fromEpochMilliseconds(value.getTime())
      : value instanceof Temporal.ZonedDateTime
        ? value.toInstant()
        : (value as Temporal.Instant)
  return naturalTime(instant.toZonedDateTimeISO(zone).toPlainDateTime(), now)
}

export const HUMANIZE: Library = {
  filters: {
    apnumber: defineFilter(apnumber, { argument: 'none', isSafe: true }),
    intcomma: defineFilter((value, localize, { state }) => intcomma(value, localize, state), {
      argument: 'optional',
      isSafe: true,
    }),
    intword: defineFilter((value, _none, { state }) => intword(value, state), { argument: 'none' }),
    naturalday: defineFilter((value, format, { state }) => naturalday(value, format, state), { argument: 'optional' }),
    naturaltime: defineFilter(naturaltime, { argument: 'none' }),
    ordinal: defineFilter(ordinal, { argument: 'none', isSafe: true }),
  },
}
