/** Many rows with few statements: bulkCreate() and bulkUpdate(). No signals, no save(). */
import type { Database } from '../connections.ts'
import { resolvePending } from '../models/accessors.ts'
import { type AnyInstance, isInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import type { InsertNode, SqlExpr } from '../sql/nodes.ts'
import { atomic } from '../transactions.ts'
import { picture, QueryUsageError, QueryValueError } from './errors.ts'
import { columnNode } from './joins.ts'
import { planFor, planRun } from './plan.ts'
import { codecOf } from './record.ts'
import { databaseOf } from './rows.ts'
import type { State } from './state.ts'
import {
  columnField,
  fillBeforeWrite,
  type InsertLayout,
  insertLayout,
  keyOfModel,
  takeGenerated,
  writable,
  written,
} from './writes.ts'

/** How bulkCreate() inserts. */
export interface BulkCreateOptions {
  /** Rows of one statement; default as many as the database takes well. */
  readonly batchSize?: number
  /** Rows that break a unique constraint are left out. Keys are then not known. */
  readonly ignoreConflicts?: boolean
  /** Rows that break the unique constraint on `unique` change the row that is there instead. */
  readonly update?: { readonly fields: readonly string[]; readonly unique: readonly string[] }
}
/** How bulkUpdate() writes. */
export interface BulkUpdateOptions {
  /** Rows of one statement; default 200. */
  readonly batchSize?: number
}

/** Rows a batch has unless asked otherwise. The compiler cuts it into statements of its own size. */
const CREATE_BATCH = 10_000
const UPDATE_BATCH = 200

function batches<T>(items: readonly T[], size: number): T[][] {
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

/** Inserts rows, given as instances or as values; gives the instances. All of them or none. */
export async function bulkCreate(
  model: AnyModel,
  state: State,
  rows: readonly object[],
  options: BulkCreateOptions,
): Promise<AnyInstance[]> {
  const { meta } = model
  const db = databaseOf(state)
  const known = state.known
  const instances = rows.map((row) => {
    const instance = (isInstance(row) ? row : new model(row)) as AnyInstance // a model makes instances
    if (known !== null) instance[known.field] = known.instance
    resolvePending(instance, meta.columns)
    fillBeforeWrite(instance, meta, true)
    return instance
  })
  if (instances.length === 0) return []
  // Rows that name the same columns go together: those with a key, those without.
  const groups = new Map<InsertLayout, AnyInstance[]>()
  for (const instance of instances) {
    const layout = insertLayout(instance, meta)
    const group = groups.get(layout)
    if (group === undefined) groups.set(layout, [instance])
    else group.push(instance)
  }
  const work: { layout: InsertLayout; rows: AnyInstance[] }[] = []
  for (const [layout, group] of groups) {
    for (const batch of batches(group, options.batchSize ?? CREATE_BATCH)) work.push({ layout, rows: batch })
  }
  const run = async (): Promise<void> => {
    for (const { layout, rows: batch } of work) await insertBatch(db, meta, layout, batch, options)
  }
  if (work.length === 1) await run()
  else await atomic(run, { using: db.alias, savepoint: false })
  return instances
}

async function insertBatch(
  db: Database,
  meta: ModelMeta,
  { indexes, filled }: InsertLayout,
  rows: readonly AnyInstance[],
  options: BulkCreateOptions,
): Promise<void> {
  const fields = indexes.map((i) => meta.columns[i]!)
  const conflict = conflictOf(meta, options)
  const returning = conflict === undefined && filled.length > 0 && db.features.returning
  const statement: InsertNode = {
    t: 'insert',
    table: meta.table,
    columns: fields.map((field) => field.column!),
    rows: [],
    bulk: { count: rows.length, kinds: fields.map((field) => field.kind) },
    ...(conflict === undefined ? {} : { onConflict: conflict }),
    returning: returning ? filled.map((i) => columnNode(null, meta.columns[i]!)) : [],
  }
  // Text depends on how many rows there are only where the compiler says so; it is made anew, which costs little here.
  const compiled = db.backend.compiler.compile(statement)
  const values: unknown[] = new Array(rows.length * fields.length)
  const names = fields.map((field) => field.attname)
  let at = 0
  for (const row of rows) for (const name of names) values[at++] = row[name] ?? null
  const codec = codecOf(meta, db)
  if (returning) {
    const given = await db.rows(compiled, values)
    for (const [i, row] of rows.entries()) takeGenerated(row, meta, codec, filled, given[i]!)
  } else await db.run(compiled, values)
  // What a conflict left is not known: such instances are not marked as saved.
  if (conflict === undefined) for (const row of rows) written(row, meta, codec, db)
}

function conflictOf(meta: ModelMeta, { ignoreConflicts, update }: BulkCreateOptions): InsertNode['onConflict'] {
  if (update === undefined) return ignoreConflicts ? 'ignore' : undefined
  if (ignoreConflicts) {
    throw new QueryUsageError('bulkCreate() can ignore conflicts or update on them, not both.', {
      code: 'db.bad-options',
    })
  }
  if (update.unique.length === 0 || update.fields.length === 0) {
    throw new QueryUsageError('bulkCreate({ update }) needs the fields to update and the unique ones.', {
      code: 'db.bad-options',
    })
  }
  const columns = (names: readonly string[]) => names.map((name) => columnField(meta, name).column!)
  return { columns: columns(update.unique), update: columns(update.fields) }
}

/** Writes fields of saved instances: `case pk when … then …` for each field. */
export async function bulkUpdate(
  model: AnyModel,
  state: State,
  rows: readonly AnyInstance[],
  names: readonly string[],
  options: BulkUpdateOptions,
): Promise<number> {
  const { meta } = model
  const db = databaseOf(state)
  const fields = names.map((name) => columnField(meta, name))
  if (fields.length === 0) {
    throw new QueryUsageError('bulkUpdate() was given no fields.', {
      code: 'db.bad-options',
      hint: 'Name what to write.',
    })
  }
  const key = meta.pk[0]!
  if (meta.pk.length > 1 || fields.some((field) => meta.pk.includes(field))) {
    throw new QueryUsageError(
      `bulkUpdate() cannot write the key of ${meta.label}, nor rows with a key of several fields.`,
      { code: 'db.bad-options' },
    )
  }
  for (const row of rows) {
    if (isInstance(row) && row[key.attname] !== null && row[key.attname] !== undefined) continue
    throw new QueryValueError(`bulkUpdate() was given a ${meta.name} that was never saved.`, {
      code: 'db.unsaved-instance',
      hint: 'Use bulkCreate() for new rows.',
    })
  }
  const most = Math.max(1, Math.floor(db.features.maxParams / (2 * fields.length + 1)))
  const work = batches(rows, Math.min(options.batchSize ?? UPDATE_BATCH, most))
  let total = 0
  const run = async (): Promise<void> => {
    for (const batch of work) total += await updateBatch(db, meta, fields, batch)
  }
  if (work.length <= 1) await run()
  else await atomic(run, { using: db.alias, savepoint: false })
  return total
}

async function updateBatch(
  db: Database,
  meta: ModelMeta,
  fields: readonly FieldMeta[],
  rows: readonly AnyInstance[],
): Promise<number> {
  const key = meta.pk[0]!
  const own = columnNode(null, key)
  const plan = planFor(
    db,
    `${keyOfModel(meta)}*${rows.length}=${fields.map((field) => field.name).join()}`,
    (context) => {
      context.label = `${meta.label}.bulkUpdate`
      const set = fields.map((field) => {
        const when = rows.map(() => {
          const condition: SqlExpr = { t: 'compare', op: '=', left: own, right: context.param(key.kind) }
          const then = context.param(field.kind)
          return { condition, then }
        })
        return {
          column: field.column!,
          value: { t: 'case', when, otherwise: null, kind: field.kind! } satisfies SqlExpr,
        }
      })
      const where: SqlExpr = { t: 'in', left: own, right: context.param(key.kind, { list: true }) }
      return { statement: { t: 'update', table: meta.table, set, where } }
    },
  )
  const values: unknown[] = []
  for (const field of fields) {
    for (const row of rows) values.push(row[key.attname], writable(field, row[field.attname] ?? null))
  }
  values.push(rows.map((row) => row[key.attname]))
  const { changes } = await planRun(db, plan, values)
  const codec = codecOf(meta, db)
  for (const row of rows) written(row, meta, codec, db)
  return changes
}
