/** Rows on their way into several statements: instances ready to be inserted, and how many go at once. */
import { resolvePending } from '../models/accessors.ts'
import { ALIAS, type AnyInstance, isInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { assertRelationsIn } from '../routers.ts'
import { makeRead, type ReadAttributes } from './attributes.ts'
import { writtenConversion } from './column-values.ts'
import { picture, QueryValueError } from './errors.ts'
import { fillBeforeWrite, type InsertLayout, insertLayout } from './insert-layout.ts'
import type { State } from './state.ts'

/** Rows a batch has unless asked otherwise. The compiler cuts it into statements of its own size. */
export const CREATE_BATCH = 10_000

/** Cuts a list. @throws QueryValueError db.invalid-value */
export function batches<T>(items: readonly T[], size: number): T[][] {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new QueryValueError(`batchSize is ${picture(size)}.`, {
      code: 'db.invalid-value',
      hint: 'Give a whole number from 1.',
    })
  }
  const result: T[][] = []
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size))
  return result
}

/**
 * Instances, or values of them, as instances that can be inserted.
 * @param alias   the database they are on the way to
 * @throws ModelError db.cross-database for a new one that refers to a row of another database
 */
export function readyRows(model: AnyModel, state: State, rows: readonly object[], alias: string): AnyInstance[] {
  const { meta } = model
  const { known } = state
  if (!Array.isArray(rows)) {
    throw new QueryValueError(`Many rows are given as a list, not as ${picture(rows)}.`, {
      code: 'db.invalid-value',
      hint: 'Write bulkCreate([{ … }, { … }]); create() makes one row.',
    })
  }
  return rows.map((row) => {
    const instance = (isInstance(row) ? row : new model(row)) as AnyInstance // a model makes instances
    if (known !== null) instance[known.field] = known.instance
    resolvePending(instance, meta.columns)
    if (instance[ALIAS] === null) assertRelationsIn(alias, instance, meta)
    fillBeforeWrite(instance, meta, true)
    return instance
  })
}

/** Rows of one insert: those that name the same columns go together, those with a key and those without. */
export interface Batch {
  readonly layout: InsertLayout
  readonly rows: AnyInstance[]
}

/** Instances as batches of rows that name the same columns. */
export function insertBatches(model: AnyModel, instances: readonly AnyInstance[], size: number): Batch[] {
  const groups = new Map<InsertLayout, AnyInstance[]>()
  for (const instance of instances) {
    const layout = insertLayout(instance, model.meta)
    const group = groups.get(layout)
    if (group === undefined) groups.set(layout, [instance])
    else group.push(instance)
  }
  return [...groups].flatMap(([layout, group]) => batches(group, size).map((rows) => ({ layout, rows })))
}

const readers = new WeakMap<readonly FieldMeta[], ReadAttributes>()

/** The values of rows, one row after another. What reads a row is kept for the list of fields. */
export function rowValues(rows: readonly AnyInstance[], fields: readonly FieldMeta[]): unknown[] {
  let read = readers.get(fields)
  if (read === undefined) {
    const attributes = fields.map((field) => ({
      attname: field.attname,
      convert: writtenConversion(field),
      nothing: field.type?.conversion?.nothing,
    }))
    read = makeRead(attributes, 'values of an insert')
    readers.set(fields, read)
  }
  const values: unknown[] = new Array(rows.length * fields.length)
  let at = 0
  for (const row of rows) {
    read(row, values, at)
    at += fields.length
  }
  return values
}
