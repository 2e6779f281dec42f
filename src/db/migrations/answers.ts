/** Reads a value written on a command line or at a prompt, by the field it is for. */
import { Temporal } from '../../std/dates.ts'
import { ConfigurationError } from '../../std/errors.ts'
import { type FieldState, fieldOptions, isRelation } from './state.ts'
import { now } from './values.ts'

const TEXTS = new Set(['char', 'text', 'slug', 'email', 'url', 'uuid', 'choice', 'decimal', 'duration'])
const NUMBERS = new Set(['integer', 'smallInteger', 'float'])
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const MOMENTS = new Set(['date', 'time', 'dateTime'])

/**
 * `"12"` for an integer is 12, for a char `'12'`; `now` for dates and times; JSON for json and unknown builders.
 * @param where   the field, for the error
 * @throws ConfigurationError migrations.bad-default
 */
export function readValue(written: string, field: FieldState, where: string): unknown {
  const { builder } = field
  const wrong = (what: string) =>
    new ConfigurationError(`${JSON.stringify(written)} is no value for ${where}: ${what}.`, {
      code: 'migrations.bad-default',
      hint: `Give a value for a field of type ${builder}${MOMENTS.has(builder) ? ', or now' : ''}.`,
    })
  if (TEXTS.has(builder)) {
    const { maxLength } = fieldOptions(field)
    if (typeof maxLength === 'number' && written.length > maxLength) throw wrong(`longer than ${maxLength} characters`)
    if (builder === 'uuid') {
      if (!UUID.test(written)) throw wrong('not a UUID')
      return written.toLowerCase()
    }
    if (builder === 'duration' && !isDuration(written)) throw wrong('not a duration like P1DT2H')
    if (builder === 'decimal' && !/^[-+]?\d+(\.\d+)?$/.test(written)) throw wrong('not a decimal number')
    return written
  }
  if (builder === 'boolean') {
    if (/^(true|1|yes)$/i.test(written)) return true
    if (/^(false|0|no)$/i.test(written)) return false
    throw wrong('neither true nor false')
  }
  if (NUMBERS.has(builder)) {
    const value = written.trim() === '' ? Number.NaN : Number(written)
    if (!Number.isFinite(value) || (builder !== 'float' && !Number.isInteger(value))) {
      throw wrong(builder === 'float' ? 'not a number' : 'not a whole number')
    }
    return value
  }
  if (builder === 'bigInteger') {
    if (!/^[-+]?\d+$/.test(written)) throw wrong('not a whole number')
    return BigInt(written)
  }
  if (MOMENTS.has(builder)) return readMoment(written, builder, wrong)
  if (isRelation(field)) return /^-?\d+$/.test(written) ? Number(written) : written
  try {
    return JSON.parse(written)
  } catch {
    throw wrong('not JSON')
  }
}

function isDuration(written: string): boolean {
  try {
    Temporal.Duration.from(written)
    return true
  } catch {
    return false
  }
}

function readMoment(written: string, builder: string, wrong: (what: string) => Error): unknown {
  if (written === 'now') return now
  if (builder === 'time') {
    if (!/^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(written)) throw wrong('not a time like 13:30')
    return written
  }
  const moment = new Date(written)
  if (!/^\d{4}-\d{2}-\d{2}/.test(written) || Number.isNaN(moment.getTime())) throw wrong('not a date like 2026-01-31')
  return builder === 'date' ? written.slice(0, 10) : moment
}
