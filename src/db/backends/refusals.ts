/** What no database takes or gives: values that a kind cannot hold, and kinds that it has no columns for. */
import { DataError, NotSupportedError } from '../errors.ts'
import { isArrayKind, isRangeKind, type Kind, type ScalarKind } from '../kinds.ts'

/** The error for a value a kind cannot hold. */
export function invalidValue(kind: string, value: unknown, expected: string, cause?: unknown): DataError {
  return new DataError(`${picture(value)} is not a value for a column of kind "${kind}".`, {
    code: 'db.invalid-value',
    hint: `Expected ${expected}.`,
    status: 400,
    cause,
  })
}

/** The error for what a database holds that is nothing of its column's kind. */
export function corrupt(kind: Kind, value: unknown): DataError {
  return new DataError(`The database holds ${picture(value)} in a column of kind "${kind}".`, {
    code: 'db.corrupt-value',
    hint: 'Another program wrote it, or the column is declared with the wrong field.',
  })
}

/**
 * The kind, where a database has neither arrays nor ranges.
 * @throws NotSupportedError db.unsupported-kind
 */
export function scalarKind(kind: Kind): ScalarKind {
  if (!isArrayKind(kind) && !isRangeKind(kind)) return kind
  throw new NotSupportedError(`This database has no columns of kind "${kind}".`, {
    code: 'db.unsupported-kind',
    hint: 'Arrays and ranges are for PostgreSQL and PGlite: elsewhere use json(), a related model or two columns.',
  })
}

/** Whole numbers beyond it are not shown: one of a million digits would fill the log. */
const LONG = 10n ** 40n
/** A short, safe picture of a value for messages. */
function picture(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'bigint') return value > LONG || value < -LONG ? 'a whole number of many digits' : `${value}n`
  if (typeof value === 'object' && value !== null) {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `Date ${value.toISOString()}`
    return `${Array.isArray(value) ? 'array' : (value.constructor?.name ?? 'object')}`
  }
  return String(value)
}
