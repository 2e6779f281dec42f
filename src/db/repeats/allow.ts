/** Loops of queries that are meant. All that is loaded of this folder where nobody watches: in production. */
import { contextKey, runWith } from '../../std/context.ts'
import { DatabaseError } from '../errors.ts'
import { QueryUsageError } from '../query/errors.ts'
import { started } from '../replicas.ts'
import type { FindTemplate } from './place.ts'
import type { RepeatScope } from './watch.ts'

/** How repeated queries are watched for. */
export interface RepeatOptions {
  /** How often the same query comes from one place before it is told. */
  readonly threshold: number
  /** The query that reaches it throws. */
  readonly throws: boolean
  /** Finds the line of a template. */
  readonly template?: FindTemplate
}

/** A query was repeated, where that is an error. */
export class RepeatedQueryError extends DatabaseError {}

/** What queries of this context are counted in; `allowed`: they may be repeated. */
export const scopeKey = contextKey<RepeatScope | 'allowed' | null>('db.repeats', null)

let options: RepeatOptions | null = null

/** How they are watched for now; null while nobody watches. */
export function watched(): RepeatOptions | null {
  return options
}
/** Says how from now on. */
export function setWatched(given: RepeatOptions | null): void {
  options = given
}

/** Runs chunks of ours: a loop that has to be one. Costs nothing while nobody watches. */
export function inChunks<R>(fn: () => R): R {
  return options === null ? fn() : runWith(scopeKey, 'allowed', fn)
}

/**
 * Runs `fn`, in which queries may be repeated: what is reported in development and tests as a loop of queries is meant
 * here. Say why; whoever reads the code wants to know.
 *
 *     await allowRepeats('each account is locked by itself', async () => {
 *       for (const id of ids) await settle(id)
 *     })
 *
 * @throws QueryUsageError db.bad-options without a reason
 */
export function allowRepeats<T>(reason: string, fn: () => PromiseLike<T>): Promise<T>
export function allowRepeats<R>(reason: string, fn: () => R): R
export function allowRepeats(reason: string, fn: () => unknown): unknown {
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new QueryUsageError('allowRepeats() was given no reason.', {
      code: 'db.bad-options',
      hint: "Say why: allowRepeats('each account is locked by itself', async () => { … }).",
    })
  }
  return options === null ? started(fn) : runWith(scopeKey, 'allowed', () => started(fn))
}
