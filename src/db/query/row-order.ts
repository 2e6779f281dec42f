/** The order that people give to the rows of a group: what the model option `orderWithRespectTo` is for. */
import { ROW_ORDER } from '../models/definition.ts'
import { type AnyInstance, isInstance } from '../models/instance.ts'
import { keyId, keyValue } from '../models/keys.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import type { PkOf } from '../models/types.ts'
import { atomic } from '../transactions.ts'
import type { AnyQuerySet } from './any-queryset.ts'
import { bulkUpdate } from './bulk.ts'
import { picture, QueryUsageError, QueryValueError } from './errors.ts'
import type { QuerySet } from './queryset.ts'
import { databaseToWrite, readRows } from './rows.ts'
import { initialState } from './state.ts'
import { withFilter } from './state-ops.ts'

/** A row of a model with the option `orderWithRespectTo`. */
export interface OrderedRow {
  /** Its place in its group, from 0. */
  readonly _order: number
}

/**
 * The keys of rows in their order: `await getOrder(question.answers)`.
 * @param rows   rows of one group: a related set, or `Answer.objects.filter({ question })`
 */
export async function getOrder<T extends OrderedRow>(rows: QuerySet<T>): Promise<PkOf<T>[]> {
  const set = rows as unknown as AnyQuerySet<AnyInstance> // every query set is one
  groupOf(set.model)
  const found = await set.dynamicOrderBy(ROW_ORDER, 'pk')
  return found.map((row) => row.pk as PkOf<T>) // keys of rows of T
}

/**
 * Gives rows the order of a list, from its first to its last: `await setOrder(question.answers, [3, 1, 2])`. All of them
 * or none. Rows that the list leaves out keep their places; instances that are in memory learn theirs by `refresh()`.
 * @param rows   rows of one group: a related set, or `Answer.objects.filter({ question })`
 * @param order   instances or keys
 * @throws QueryValueError db.not-in-order for a row that is not among `rows`, or that the list has twice
 */
export async function setOrder<T extends OrderedRow>(
  rows: QuerySet<T>,
  order: readonly (NoInfer<T> | PkOf<NoInfer<T>>)[],
): Promise<void> {
  const { model, state } = rows as unknown as AnyQuerySet<AnyInstance> // every query set is one
  groupOf(model)
  const keys = order.map((item: unknown) => (isInstance(item) ? item.pk : item))
  const places = new Map(keys.map((key, place) => [keyId(key), place]))
  const twice = keys.find((key, place) => places.get(keyId(key)) !== place)
  if (twice !== undefined) throw notInOrder(model, twice, 'is in the order twice')
  if (keys.length === 0) return
  const { alias } = databaseToWrite(model, state)
  await atomic(
    async () => {
      const asked = withFilter({ ...state, alias }, { pk__in: keys })
      const found = (await readRows(model, asked)) as AnyInstance[] // rows of a model
      const there = new Set(found.map((row) => keyId(row.pk)))
      const missing = keys.find((key) => !there.has(keyId(key)))
      if (missing !== undefined) throw notInOrder(model, missing, 'is not one of the rows to order')
      for (const row of found) row[ROW_ORDER] = places.get(keyId(row.pk))
      await bulkUpdate(model, { ...initialState(model), alias }, found, [ROW_ORDER], {})
    },
    { using: alias, savepoint: false },
  )
}

/** The row behind this one in its group; null behind the last. Reads the places that the database has now. */
export function nextInOrder<T extends OrderedRow & object>(row: T): Promise<T | null> {
  return neighbour(row, 'gt', ROW_ORDER)
}
/** The row before this one in its group; null before the first. Reads the places that the database has now. */
export function previousInOrder<T extends OrderedRow & object>(row: T): Promise<T | null> {
  return neighbour(row, 'lt', `-${ROW_ORDER}`)
}

async function neighbour<T extends object>(row: T, lookup: 'gt' | 'lt', order: string): Promise<T | null> {
  const instance = row as unknown as AnyInstance // by its type a row of a model
  const model = row.constructor as unknown as AnyModel // as above
  const group = groupOf(model)
  const key = keyValue(instance, group.parts) ?? null
  const same = key === null ? { [`${group.name}__isnull`]: true } : { [group.name]: key }
  const own = model.objects.filter({ pk: instance.pk }).values(ROW_ORDER)
  return model.objects
    .filter({ ...same, [`${ROW_ORDER}__${lookup}`]: own })
    .orderBy(order)
    .first()
}

/** @throws QueryUsageError db.unordered-model */
function groupOf({ meta }: AnyModel): FieldMeta {
  if (meta.orderWithRespectTo !== null) return meta.orderWithRespectTo
  throw new QueryUsageError(`The rows of ${meta.label} have no order of their own.`, {
    code: 'db.unordered-model',
    hint: "Give the model the option orderWithRespectTo: 'question', and migrate.",
  })
}

function notInOrder({ meta }: AnyModel, key: unknown, what: string): QueryValueError {
  return new QueryValueError(`setOrder(): ${meta.name} ${picture(key)} ${what}.`, {
    code: 'db.not-in-order',
    status: 400,
    hint: 'List each row of the group once, as getOrder() gives them.',
  })
}
