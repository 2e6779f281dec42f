/** What becomes of values on their way into slots: instances become keys, years become instants. Run at each execution. */

import { timeZone } from '../../i18n/index.ts'
import { Temporal } from '../../std/dates.ts'
import { ALIAS, type AnyInstance } from '../models/instance.ts'
import { keyValue } from '../models/keys.ts'
import type { FieldMeta } from '../models/meta.ts'
import { assertComparable } from '../routers.ts'
import { picture, QueryValueError } from './errors.ts'
import { valueColumns } from './paths.ts'

/** @param alias   the database it is sent to, where a statement is */
type Convert = (value: unknown, alias?: string) => unknown

function invalid(message: string, hint: string): QueryValueError {
  return new QueryValueError(message, { code: 'db.invalid-value', status: 400, hint })
}

const keys = new WeakMap<FieldMeta, Convert>()

/**
 * For a relation: takes an instance of its target, or a key as it is.
 * @throws ModelError db.cross-database for a row of another database than the one that is asked
 */
export function keyConverter(relation: FieldMeta): Convert {
  let convert = keys.get(relation)
  if (convert === undefined) {
    const { target } = relation.relation!
    const columns = valueColumns(relation)
    convert = (value, alias) => {
      if (typeof value !== 'object' || value === null) return value
      if (value instanceof target.meta.concrete) {
        const instance = value as AnyInstance // of the target
        const own = instance[ALIAS]
        if (alias !== undefined && own !== null && own !== alias) assertComparable(relation, alias, instance)
        return savedKey(instance, columns, target.meta.label)
      }
      const meta = (value.constructor as { meta?: { label: string } } | undefined)?.meta
      if (meta === undefined) return value
      throw invalid(
        `${relation.model.meta.label}.${relation.name} leads to ${target.meta.label}, not to ${meta.label}.`,
        `Pass a ${target.meta.name} or its key.`,
      )
    }
    keys.set(relation, convert)
  }
  return convert
}

function savedKey(instance: AnyInstance, columns: readonly FieldMeta[], label: string): unknown {
  const key = keyValue(instance, columns)
  if (key !== null && key !== undefined) return key
  throw new QueryValueError(`This ${label} has no key yet: it was never saved.`, {
    code: 'db.unsaved-instance',
    hint: 'Save it first: await instance.save().',
  })
}

/** For `in`: the same for every item. */
export function eachConverter(convert: Convert): Convert {
  return (value, alias) => (value as unknown[]).map((item) => convert(item, alias))
}

/** A number, whole or not: for comparisons of integer columns, where 2.5 is a fair question. */
export function asNumber(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return value
  throw invalid(`${picture(value)} is not a number.`, 'Expected a finite number.')
}

function asYear(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 9998) return value
  throw invalid(`${picture(value)} is not a year.`, 'Expected a whole number from 1 to 9998.')
}

function startOfDay(date: Temporal.PlainDate): Date {
  return new Date(date.toZonedDateTime(timeZone()).epochMilliseconds)
}

/** The first day of a year, `add` years later. */
export const yearAsDate =
  (add: number): Convert =>
  (value) =>
    new Temporal.PlainDate(asYear(value) + add, 1, 1)

/** The first instant of a year in the current time zone, `add` years later. */
export const yearAsInstant =
  (add: number): Convert =>
  (value) =>
    startOfDay(new Temporal.PlainDate(asYear(value) + add, 1, 1))

/** The first instant of a day in the current time zone, `add` days later. */
export const dateAsInstant =
  (add: number): Convert =>
  (value) => {
    if (Object.prototype.toString.call(value) !== '[object Temporal.PlainDate]') {
      throw invalid(`${picture(value)} is not a date.`, 'Expected a Temporal.PlainDate.')
    }
    // Told by its tag: native and polyfilled classes differ.
    const date = Temporal.PlainDate.from(value as Temporal.PlainDate)
    // Of those that JavaScript knows the last ones have no next day.
    if (date.year < 1 || date.year > 9999) throw invalid(`${date} is not a date.`, 'Expected a year from 1 to 9999.')
    return startOfDay(date.add({ days: add }))
  }
