/** Many rows with few statements: bulkCreate() and bulkUpdate(). No signals, no save(). */
import type { Database } from '../connections.ts'
import { ALIAS, type AnyInstance, isInstance } from '../models/instance.ts'
import { keyValue } from '../models/keys.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { inChunks } from '../repeats/allow.ts'
import { assertRelationsIn } from '../routers.ts'
import type { InsertNode, SqlExpr } from '../sql/nodes.ts'
import { atomic } from '../transactions.ts'
import { type Batch, batches, CREATE_BATCH, insertBatches, readyRows, rowValues } from './batches.ts'
import { assigned, writtenSlot } from './column-values.ts'
import { inKeys } from './composite.ts'
import { drawKeys } from './drawn-keys.ts'
import { QueryUsageError, QueryValueError } from './errors.ts'
import { withFiles } from './file-fields.ts'
import { askedBack, inSentOrder } from './given-order.ts'
import { bulkOf, keyOfModel } from './insert-layout.ts'
import { columnNode } from './joins.ts'
import { and } from './nodes.ts'
import { takePlaces } from './places.ts'
import { planFor, planRun } from './plan.ts'
import { codecOf, takeGenerated, written } from './record.ts'
import { databaseToWrite } from './rows.ts'
import type { State } from './state.ts'
import { upsertRows } from './upsert.ts'
import { writable, writtenFields } from './written-fields.ts'

/** How bulkCreate() inserts. */
export interface BulkCreateOptions {
  /** Rows of one statement; default as many as the database takes well. */
  readonly batchSize?: number
  /** Rows that break a unique constraint are left out. Keys are then not known. */
  readonly ignoreConflicts?: boolean
  /** Rows that break the unique constraint on `uniqueFields` change `updateFields` of the row that is there, as upsert() does. */
  readonly updateConflicts?: boolean
  readonly uniqueFields?: readonly string[]
  readonly updateFields?: readonly string[]
}
/** How bulkUpdate() writes. */
export interface BulkUpdateOptions {
  /** Rows of one statement; default 200. */
  readonly batchSize?: number
}

const UPDATE_BATCH = 200
const CREATE_OPTIONS = ['batchSize', 'ignoreConflicts', 'updateConflicts', 'uniqueFields', 'updateFields'] as const

/** Inserts rows, given as instances or as values; gives the instances. All of them or none. */
export async function bulkCreate(
  model: AnyModel,
  state: State,
  rows: readonly object[],
  options: BulkCreateOptions,
): Promise<AnyInstance[]> {
  assertOptions('bulkCreate()', options, CREATE_OPTIONS)
  const { ignoreConflicts = false, updateConflicts = false, uniqueFields, updateFields, batchSize } = options
  if (updateConflicts) {
    if (ignoreConflicts || !uniqueFields?.length || !updateFields?.length) throw badConflicts(ignoreConflicts)
    const size = batchSize === undefined ? {} : { batchSize }
    return upsertRows(model, state, rows, { conflict: uniqueFields, update: updateFields, ...size })
  }
  if (uniqueFields !== undefined || updateFields !== undefined) throw badConflicts(false)
  const { meta } = model
  const db = databaseToWrite(model, state)
  const instances = readyRows(model, state, rows, db.alias)
  await takePlaces(instances, meta, db)
  if (instances.length === 0) return []
  // What a conflict leaves out would have a key all the same.
  if (!ignoreConflicts) await drawKeys(instances, meta, db)
  const insert = async (): Promise<void> => {
    const work = insertBatches(model, instances, batchSize ?? CREATE_BATCH)
    const run = async (): Promise<void> => {
      for (const batch of work) await insertBatch(db, meta, batch, ignoreConflicts)
    }
    if (work.length === 1) await run()
    else await inChunks(() => atomic(run, { using: db.alias, savepoint: false }))
  }
  await withFiles(instances, meta, db, insert, { replaces: false })
  return instances
}

function badConflicts(both: boolean): QueryUsageError {
  return new QueryUsageError(
    both
      ? 'bulkCreate() can ignore conflicts or update on them, not both.'
      : 'bulkCreate() needs updateConflicts, uniqueFields and updateFields together.',
    {
      code: 'db.bad-options',
      hint: "Write { updateConflicts: true, uniqueFields: ['slug'], updateFields: ['title'] }, or use upsert().",
    },
  )
}

async function insertBatch(
  db: Database,
  meta: ModelMeta,
  { layout: { fields, filled }, rows }: Batch,
  ignoreConflicts: boolean,
): Promise<void> {
  const asked = ignoreConflicts || !db.features.returning ? [] : askedBack(meta, filled, rows.length)
  const statement: InsertNode = {
    t: 'insert',
    table: meta.table,
    columns: fields.map((field) => field.column!),
    rows: [],
    bulk: bulkOf(fields, rows.length),
    ...(ignoreConflicts ? { onConflict: 'ignore' } : {}),
    returning: asked.map((i) => columnNode(null, meta.columns[i]!)),
  }
  // Text depends on how many rows there are only where the compiler says so; it is made anew, which costs little here.
  const compiled = db.backend.compiler.compile(statement)
  const values = rowValues(rows, fields)
  const codec = codecOf(meta, db)
  if (asked.length > 0) {
    const given = inSentOrder(await db.rows(compiled, values), rows, meta, codec, filled, asked)
    for (const [i, row] of rows.entries()) takeGenerated(row, meta, codec, filled, given[i]!)
  } else await db.run(compiled, values)
  // What a conflict left is not known: such instances are not marked as saved.
  if (!ignoreConflicts) for (const row of rows) written(row, meta, codec, db)
}

/** Writes fields of saved instances: `case pk when … then …` for each field. */
export async function bulkUpdate(
  model: AnyModel,
  state: State,
  rows: readonly AnyInstance[],
  names: readonly string[],
  options: BulkUpdateOptions,
): Promise<number> {
  assertOptions('bulkUpdate()', options, ['batchSize'])
  const { meta } = model
  const db = databaseToWrite(model, state)
  const fields = names.flatMap((name) => writtenFields(meta, name))
  if (fields.length === 0) {
    throw new QueryUsageError('bulkUpdate() was given no fields.', {
      code: 'db.bad-options',
      hint: 'Name what to write.',
    })
  }
  if (fields.some((field) => meta.pk.includes(field))) {
    throw new QueryUsageError(`bulkUpdate() cannot write the key of ${meta.label}.`, { code: 'db.bad-options' })
  }
  for (const row of rows) {
    if (isInstance(row) && row.pk !== null && row.pk !== undefined) {
      if (row[ALIAS] === null) assertRelationsIn(db.alias, row, meta)
      continue
    }
    throw new QueryValueError(`bulkUpdate() was given a ${meta.name} that was never saved.`, {
      code: 'db.unsaved-instance',
      hint: 'Use bulkCreate() for new rows.',
    })
  }
  const most = Math.max(1, Math.floor(db.features.maxParams / ((meta.pk.length + 1) * fields.length + 1)))
  const work = batches(rows, Math.min(options.batchSize ?? UPDATE_BATCH, most))
  let total = 0
  const run = async (): Promise<void> => {
    for (const batch of work) total += await updateBatch(db, meta, fields, batch)
  }
  const update = () => (work.length <= 1 ? run() : inChunks(() => atomic(run, { using: db.alias, savepoint: false })))
  await withFiles(rows, meta, db, update, { replaces: true, only: fields })
  return total
}

async function updateBatch(
  db: Database,
  meta: ModelMeta,
  fields: readonly FieldMeta[],
  rows: readonly AnyInstance[],
): Promise<number> {
  const own = meta.pk.map((field) => columnNode(null, field))
  const plan = planFor(
    db,
    `${keyOfModel(meta)}*${rows.length}=${fields.map((field) => field.name).join()}`,
    (context) => {
      context.label = `${meta.label}.bulkUpdate`
      const set = fields.map((field) => {
        const when = rows.map(() => {
          const condition = and(
            own.map((left): SqlExpr => ({ t: 'compare', op: '=', left, right: context.param(left.kind) })),
          )
          const then = context.param(field.kind, field.relation === null ? writtenSlot(field) : {})
          return { condition, then }
        })
        const value: SqlExpr = { t: 'case', when, otherwise: null, kind: field.kind! }
        return { column: field.column!, value: assigned(field, value, context) }
      })
      const where = inKeys(own, context)
      return { statement: { t: 'update', table: meta.table, set, where } }
    },
  )
  const values: unknown[] = []
  for (const field of fields) {
    for (const row of rows)
      values.push(...meta.pk.map((key) => row[key.attname]), writable(field, row[field.attname] ?? null))
  }
  values.push(rows.map((row) => keyValue(row, meta.pk)))
  const { changes } = await planRun(db, plan, values)
  const codec = codecOf(meta, db)
  for (const row of rows) written(row, meta, codec, db)
  return changes
}
