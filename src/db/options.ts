/** Options that no compiler saw: an unknown one would be ignored, and what was asked for would not happen. */
import { nearest } from '../std/text.ts'
import { picture, QueryUsageError } from './query/errors.ts'

/**
 * Refuses options that a method does not have, naming the one that may have been meant.
 *
 * @param what   who takes them, as it is written: `bulkCreate()`
 * @throws QueryUsageError db.bad-options
 */
export function assertOptions(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new QueryUsageError(`${what} takes its options as an object, not ${picture(given)}.`, {
      code: 'db.bad-options',
      hint: `Options: ${known.join(', ')}.`,
    })
  }
  for (const name in given) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    throw new QueryUsageError(`${what} has no option "${name}".`, {
      code: 'db.bad-options',
      hint: `${meant === null ? '' : `Did you mean "${meant}"? `}Options: ${known.join(', ')}.`,
    })
  }
}

/** The options of union(): a second query set in their place would be left out. @throws QueryUsageError db.bad-options */
export function assertUnion(options: object): void {
  if (!('state' in options)) {
    assertOptions('union()', options, ['all'])
    return
  }
  throw new QueryUsageError('union() takes several query sets as a list.', {
    code: 'db.bad-options',
    hint: 'Write early.union([drafts, others]).',
  })
}

/** Refuses a number of rows that is none. @throws QueryUsageError db.bad-options */
export function assertCount(what: string, option: string, value: unknown): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) return // an integer, as just seen
  throw new QueryUsageError(`${what}: "${option}" is ${picture(value)}.`, {
    code: 'db.bad-options',
    hint: 'Give a whole number from 1.',
  })
}

/** More than one condition where one is taken: the others would be left out. */
export function manyConditions(method: string): QueryUsageError {
  return new QueryUsageError(`${method}() takes one condition.`, {
    code: 'db.bad-options',
    hint: `Write one record, join several with Q(…).and(…), or call ${method}() again on what it gave.`,
  })
}
