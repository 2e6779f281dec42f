/** Which row an instance is. Two reads of one row give two objects: `===` says whether they are one object. */
import { ModelError } from '../errors.ts'
import { ALIAS, isInstance, ROW } from './instance.ts'
import { sameKey } from './keys.ts'
import type { AnyModel } from './meta.ts'

const modelOf = (instance: object): AnyModel => (instance.constructor as unknown as AnyModel).meta.concrete // its class is one

/**
 * Whether two values are the same row: instances of one model with one key. An instance without a key is the same as
 * itself only. Databases are not compared, as in Django.
 */
export function isSameRow(a: unknown, b: unknown): boolean {
  if (a === b) return isInstance(a)
  if (!isInstance(a) || !isInstance(b) || modelOf(a) !== modelOf(b)) return false
  return a.pk !== null && a.pk !== undefined && sameKey(a.pk, b.pk)
}

/** Where an instance is kept. */
export interface RowState {
  /** It was never saved, or its row was deleted: `save()` inserts it. */
  readonly adding: boolean
  /** Alias of the database it was read from or written to; null for a new one. */
  readonly database: string | null
}

/** Whether an instance has a row, and in which database. @throws ModelError db.not-an-instance */
export function rowState(instance: object): RowState {
  if (!isInstance(instance)) {
    throw new ModelError(`rowState() was given ${String(instance)}, which is no instance of a model.`, {
      code: 'db.not-an-instance',
      hint: 'Pass what new, create() or a query gave.',
    })
  }
  return { adding: instance[ROW] === null, database: instance[ALIAS] }
}
