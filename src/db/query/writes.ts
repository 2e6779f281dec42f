/** Writing rows: save(), refresh(), update(). Only changed columns are sent; plans are kept by which columns those are. */

import type { MaybePromise } from '../backends/backend.ts'
import { type Database, database, usedAlias } from '../connections.ts'
import { Expression } from '../expressions/expression.ts'
import { resolvePending } from '../models/accessors.ts'
import { ALIAS, type AnyInstance, CACHE, clearCached, isInstance, ROW } from '../models/instance.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import type { RefreshOptions, SaveOptions } from '../models/types.ts'
import { aliasFor, assertRelationsIn, isSame } from '../routers.ts'
import { postSave, preSave } from '../signals.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { atomic } from '../transactions.ts'
import type { Change } from './build.ts'
import type { BuildContext } from './context.ts'
import { writtenSlot } from './conversion.ts'
import { keyConverter } from './convert.ts'
import { picture, QueryUsageError, QueryValueError, RowVanishedError, unknownField } from './errors.ts'
import { assertWhole, fetchRows, runUpdate, runUpdateReturning } from './execute.ts'
import { columnNode } from './joins.ts'
import { fieldNames } from './paths.ts'
import { planFor, planRows, planRun } from './plan.ts'
import { type Codec, changedColumns, codecOf, encoded, isNew } from './record.ts'
import { initialState, type State } from './state.ts'
import { withFilter } from './state-ops.ts'

/** The model of an instance. */
export function modelOf(instance: AnyInstance): AnyModel {
  return (instance.constructor as unknown as AnyModel).meta.model // an instance's class is a model
}

/** Where an instance is written: as asked, as routers say, where it came from, or the current database. */
export function databaseFor(instance: AnyInstance, using: string | undefined): Database {
  return database(using ?? aliasFor('dbForWrite', modelOf(instance), instance, instance[ALIAS] ?? affinity(instance)))
}

/** A new instance goes where those it refers to are. */
function affinity(instance: AnyInstance): string | null {
  const cache = instance[CACHE]
  if (cache === null || usedAlias() !== null) return null
  for (const field of modelOf(instance).meta.columns) {
    const value = field.relation === null ? null : (cache[field.name] as AnyInstance | null | undefined) // set by accessors
    if (value && value[ALIAS] !== null) return value[ALIAS]
  }
  return null
}

/** A column field by field name or attname. @throws FieldNameError db.unknown-field */
export function columnField(meta: ModelMeta, name: string): FieldMeta {
  const field = meta.fields.get(name) ?? meta.byAttname.get(name) ?? (name === 'pk' ? meta.pk[0] : undefined)
  if (field === undefined) throw unknownField(name, meta.label, fieldNames(meta), name)
  if (field.column !== null) return field
  if (field.parts.length > 1) {
    throw new QueryUsageError(`${meta.label}.${name} has several columns.`, {
      code: 'db.several-columns',
      hint: `Name them: ${field.parts.map((part) => part.attname).join(', ')}.`,
    })
  }
  throw new QueryUsageError(`${meta.label}.${name} has no column of its own.`, {
    code: 'db.no-column',
    hint: `Change it through the relation: await instance.${name}.set([…]).`,
  })
}

/** A column field that may be written. @throws QueryUsageError db.computed-field for one that the database computes */
export function writtenField(meta: ModelMeta, name: string): FieldMeta {
  const field = columnField(meta, name)
  if (field.computed !== null) throw computedField(field)
  return field
}
function computedField(field: FieldMeta): QueryUsageError {
  return new QueryUsageError(
    `${field.model.meta.label}.${field.name} is computed by the database and cannot be written.`,
    {
      code: 'db.computed-field',
      hint: 'Write the fields it is computed from.',
    },
  )
}

/** The columns of a field by its name: of a key over several columns, all. @throws FieldNameError db.unknown-field */
export function columnFields(meta: ModelMeta, name: string): readonly FieldMeta[] {
  if (name === 'pk') return meta.pk
  const field = meta.fields.get(name) ?? meta.byAttname.get(name)
  return field !== undefined && field.parts.length > 1 ? field.parts : [columnField(meta, name)]
}
/** Those that may be written. @throws QueryUsageError db.computed-field */
export function writtenFields(meta: ModelMeta, name: string): readonly FieldMeta[] {
  const fields = columnFields(meta, name)
  for (const field of fields) if (field.computed !== null) throw computedField(field)
  return fields
}

/**
 * Inserts a new instance, or updates what changed.
 * @throws RowVanishedError db.row-vanished when the row to update is gone
 */
export async function saveInstance(instance: AnyInstance, options: SaveOptions = {}): Promise<void> {
  const model = modelOf(instance)
  const { meta } = model
  assertOptions(options)
  const db = databaseFor(instance, options.using)
  resolvePending(instance, meta.fields.values())
  const from = instance[ALIAS]
  // Where nobody asked for another database, it is the same row, wherever a router sends it.
  const elsewhere = options.using !== undefined && from !== null && !isSame(from, db.alias)
  const created = options.forceUpdate !== true && (options.forceInsert === true || isNew(instance) || elsewhere)
  if (created && from === null) assertRelationsIn(db.alias, instance, meta)
  const event = { model, instance, created, fields: options.fields ?? null, alias: db.alias }
  const write = async (): Promise<void> => {
    if (preSave.hasReceivers) await preSave.send(event)
    if (created) await insertRow(instance, meta, db)
    else await updateRow(instance, meta, db, options)
  }
  if (!postSave.hasReceivers) return write()
  const restore = stateBefore(instance, meta)
  try {
    await atomic(
      async () => {
        await write()
        await postSave.send(event)
      },
      { using: db.alias },
    )
  } catch (error) {
    restore()
    throw error
  }
}

/** Makes the function that lets an instance forget a write that was undone. */
function stateBefore(instance: AnyInstance, meta: ModelMeta): () => void {
  const { [ROW]: row, [ALIAS]: alias } = instance
  const generated = meta.columns.filter((field) => field.generated).map(({ attname }) => [attname, instance[attname]])
  return () => {
    Object.assign(instance, Object.fromEntries(generated))
    instance[ROW] = row
    instance[ALIAS] = alias
  }
}

const hooked = new WeakMap<ModelMeta, readonly FieldMeta[]>()

/** Fields that set themselves before a write (autoNow, autoNowAdd). */
export function fillBeforeWrite(
  instance: AnyInstance,
  meta: ModelMeta,
  adding: boolean,
  only?: readonly FieldMeta[],
): void {
  let fields = hooked.get(meta)
  if (fields === undefined) {
    fields = meta.columns.filter((field) => field.preSave !== null)
    hooked.set(meta, fields)
  }
  for (const field of fields) {
    if (only !== undefined && !only.includes(field)) continue
    // Left out by only() or defer(): what the column keeps is not known, and stays.
    const known = Object.hasOwn(instance, field.attname)
    const value = field.preSave!(known ? instance[field.attname] : undefined, adding)
    if (known || value !== undefined) instance[field.attname] = value
  }
}

/** The columns of one insert: those it names and those the database fills, as indexes into `meta.columns`. */
export interface InsertLayout {
  readonly key: string
  readonly indexes: readonly number[]
  readonly filled: readonly number[]
}
/** Layouts of a model by which of its generated columns have values, one bit each. */
const layouts = new WeakMap<
  ModelMeta,
  { readonly generated: readonly number[]; readonly byBits: Map<number, InsertLayout> }
>()

/** What an insert of this instance names: all columns but those the database fills. The same object for the same columns. */
export function insertLayout(instance: AnyInstance, meta: ModelMeta): InsertLayout {
  let known = layouts.get(meta)
  if (known === undefined) {
    known = { generated: meta.columns.flatMap((field, i) => (field.generated ? [i] : [])), byBits: new Map() }
    layouts.set(meta, known)
  }
  const { generated, byBits } = known
  let bits = 0
  for (let i = 0; i < generated.length; i++) {
    const field = meta.columns[generated[i]!]!
    const value = instance[field.attname]
    if (field.computed !== null) {
      // A copy of a row has the value that was computed for the other one.
      if (value !== null && value !== undefined && instance[ROW] === null) throw computedField(field)
      bits += 2 ** i
    } else if (value === undefined || (value === null && !fieldKeepsNull(field))) bits += 2 ** i
  }
  let layout = byBits.get(bits)
  if (layout === undefined) {
    const filled = generated.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1)
    const indexes = meta.columns.flatMap((_, i) => (filled.includes(i) ? [] : [i]))
    layout = { key: `${keyOfModel(meta)}+${indexes.join(',')}`, indexes, filled }
    byBits.set(bits, layout)
  }
  return layout
}

/** A default of the database is for values that are not there; null is one, where the column may be null. */
function fieldKeepsNull(field: FieldMeta): boolean {
  return field.null && field.options.dbDefault !== undefined
}

async function insertRow(instance: AnyInstance, meta: ModelMeta, db: Database): Promise<void> {
  fillBeforeWrite(instance, meta, true)
  const { key, indexes, filled } = insertLayout(instance, meta)
  const expressions = indexes.filter((i) => instance[meta.columns[i]!.attname] instanceof Expression)
  if (expressions.length > 0) {
    throw new QueryValueError(
      `${meta.label}.${meta.columns[expressions[0]!]!.name} is an expression: a new row has no columns to compute from.`,
      {
        code: 'db.invalid-value',
      },
    )
  }
  const plan = planFor(db, key, (context) => ({
    statement: {
      t: 'insert',
      table: meta.table,
      columns: indexes.map((i) => meta.columns[i]!.column!),
      rows: [indexes.map((i) => slotFor(context, meta.columns[i]!))],
      returning: db.features.returning ? filled.map((i) => columnNode(null, meta.columns[i]!)) : [],
    },
  }))
  const values = indexes.map((i) => instance[meta.columns[i]!.attname] ?? null)
  const codec = codecOf(meta, db)
  if (filled.length > 0 && db.features.returning) {
    const rows = await planRows(db, plan, values)
    takeGenerated(instance, meta, codec, filled, rows[0]!)
  } else {
    const { lastId } = await planRun(db, plan, values)
    const number = filled.find((i) => meta.columns[i]!.kind === 'auto')
    if (number !== undefined && lastId !== null) instance[meta.columns[number]!.attname] = Number(lastId)
    const unknown = filled.filter((i) => i !== number).map((i) => meta.columns[i]!.name)
    if (unknown.length > 0) await refreshInstance(instance, { using: db.alias, fields: unknown })
  }
  written(instance, meta, codec, db)
}

/** Takes what the database filled in. */
export function takeGenerated(
  instance: AnyInstance,
  meta: ModelMeta,
  codec: Codec,
  filled: readonly number[],
  row: readonly unknown[],
): void {
  for (let at = 0; at < filled.length; at++) {
    const i = filled[at]!
    const raw = row[at]
    const decode = codec.decoders[i]!
    instance[meta.columns[i]!.attname] = raw === null || decode === null ? raw : decode(raw)
  }
}

/** Notes the row as it is now in the database. */
export function written(instance: AnyInstance, meta: ModelMeta, codec: Codec, db: Database): void {
  const { columns } = meta
  const row: unknown[] = new Array(columns.length)
  for (let i = 0; i < columns.length; i++) row[i] = encoded(instance, columns[i]!, i, codec)
  instance[ROW] = row
  instance[ALIAS] = db.alias
}

function slotFor(context: BuildContext, field: FieldMeta): SqlExpr {
  context.label = `${field.model.meta.label}.${field.name}`
  return context.param(field.kind, field.relation === null ? writtenSlot(field) : {})
}

const keys = new WeakMap<ModelMeta, string>()

/** The start of a model's plan keys. */
export function keyOfModel(meta: ModelMeta): string {
  let key = keys.get(meta)
  if (key === undefined) {
    key = initialState(meta.model).key
    keys.set(meta, key)
  }
  return key
}

async function updateRow(
  instance: AnyInstance,
  meta: ModelMeta,
  db: Database,
  { fields: only, forceUpdate = false }: SaveOptions,
): Promise<void> {
  const fields = only?.flatMap((name) => writtenFields(meta, name))
  const keyless = isNew(instance) ? meta.pk.find((field) => (instance[field.attname] ?? null) === null) : undefined
  if (keyless !== undefined) {
    throw new QueryValueError(`save({ forceUpdate: true }) of a ${meta.name} without ${keyless.name}: which row?`, {
      code: 'db.unsaved-instance',
      hint: 'Give it its key, or save it without forceUpdate.',
    })
  }
  fillBeforeWrite(instance, meta, false, fields)
  const codec = codecOf(meta, db)
  const differing = columnsToWrite(instance, meta, codec, fields)
  // A forced update asks whether the row is there; the statement that tells writes what it holds.
  const forced = forceUpdate && differing.length === 0 && fields === undefined
  const changed = forced
    ? plainColumns(meta).filter((i) => Object.hasOwn(instance, meta.columns[i]!.attname))
    : differing
  if (changed.length === 0) return
  const moved = isNew(instance) ? undefined : changed.find((i) => meta.pk.includes(meta.columns[i]!))
  if (moved !== undefined) throw movedKey(meta, instance, moved)
  const wrong = changed.find((i) => meta.columns[i]!.computed !== null)
  if (wrong !== undefined) throw computedField(meta.columns[wrong]!)
  const expressions = changed.filter((i) => instance[meta.columns[i]!.attname] instanceof Expression)
  const rows =
    expressions.length > 0
      ? await computed(instance, meta, db, changed)
      : await plainUpdate(instance, meta, db, changed)
  if (rows === 0) {
    throw new RowVanishedError(`${String(instance)} is not in the database "${db.alias}" any more.`, {
      code: 'db.row-vanished',
      hint: 'It was deleted meanwhile. save({ forceInsert: true }) inserts it again.',
    })
  }
  const known = meta.columns.filter((field) => field.computed !== null && Object.hasOwn(instance, field.attname))
  const again = [...expressions.map((i) => meta.columns[i]!), ...known].map((field) => field.name)
  if (again.length > 0) await refreshInstance(instance, { using: db.alias, fields: again })
  if (isNew(instance)) return written(instance, meta, codec, db)
  const row = instance[ROW]!.slice()
  for (const i of changed) row[i] = encoded(instance, meta.columns[i]!, i, codec)
  instance[ROW] = row
  instance[ALIAS] = db.alias
}

function columnsToWrite(
  instance: AnyInstance,
  meta: ModelMeta,
  codec: Codec,
  fields: readonly FieldMeta[] | undefined,
): number[] {
  if (fields !== undefined) return fields.map((field) => meta.columns.indexOf(field))
  if (!isNew(instance)) return changedColumns(instance, meta, codec)
  return plainColumns(meta)
}

/** Columns that an update may set. */
function plainColumns(meta: ModelMeta): number[] {
  return meta.columns.flatMap((field, i) => (meta.pk.includes(field) || field.computed !== null ? [] : [i]))
}

function assertOptions({ forceInsert = false, forceUpdate = false, fields }: SaveOptions): void {
  if (!forceInsert || (!forceUpdate && fields === undefined)) return
  throw new QueryUsageError(`save() was given forceInsert and ${forceUpdate ? 'forceUpdate' : 'fields'}.`, {
    code: 'db.bad-options',
    hint: 'A new row has all its columns; an update is of a row that is there.',
  })
}

async function plainUpdate(
  instance: AnyInstance,
  meta: ModelMeta,
  db: Database,
  changed: readonly number[],
): Promise<number> {
  const plan = planFor(db, `${keyOfModel(meta)}=${changed.join(',')}`, (context) => {
    const set = changed.map((i) => ({ column: meta.columns[i]!.column!, value: slotFor(context, meta.columns[i]!) }))
    const items = meta.pk.map(
      (field): SqlExpr => ({ t: 'compare', op: '=', left: columnNode(null, field), right: slotFor(context, field) }),
    )
    return {
      statement: { t: 'update', table: meta.table, set, where: items.length === 1 ? items[0]! : { t: 'and', items } },
    }
  })
  const values: unknown[] = changed.map((i) => instance[meta.columns[i]!.attname] ?? null)
  for (const field of meta.pk) values.push(instance[field.attname])
  return (await planRun(db, plan, values)).changes
}

/** With expressions: as update() does it. */
async function computed(
  instance: AnyInstance,
  meta: ModelMeta,
  db: Database,
  changed: readonly number[],
): Promise<number> {
  const values = Object.fromEntries(
    changed.map((i) => [meta.columns[i]!.attname, instance[meta.columns[i]!.attname] ?? null]),
  )
  return updateRows(meta.model, ownState(instance, meta, db), values)
}

function movedKey(meta: ModelMeta, instance: AnyInstance, i: number): QueryUsageError {
  const field = meta.columns[i]!
  return new QueryUsageError(
    `The key of a ${meta.name} was changed from ${picture(instance[ROW]![i])} to ${picture(instance[field.attname])}.`,
    {
      code: 'db.key-changed',
      hint: `For a copy, make a new instance. To change the key itself: ${meta.name}.objects.filter({ … }).update({ ${field.name}: … }).`,
    },
  )
}

/** The state that is one row. */
export function ownState(instance: AnyInstance, meta: ModelMeta, db: Database): State {
  const where = Object.fromEntries(meta.pk.map((field) => [field.attname, instance[field.attname]]))
  return withFilter({ ...initialState(meta.model), alias: db.alias }, where)
}

/** The rows that refresh() reads from. */
function sourceState(from: RefreshOptions['from'], instance: AnyInstance, meta: ModelMeta, db: Database): State {
  const own = ownState(instance, meta, db)
  if (from === undefined) return own
  const { state } = from as { readonly state?: State } // every query set has one
  if (from.model !== meta.model || state === undefined || state.mode !== 'instances') {
    throw new QueryUsageError(`refresh({ from }) takes a query set of ${meta.label}.`, { code: 'db.not-a-query' })
  }
  const where = Object.fromEntries(meta.pk.map((field) => [field.name, instance[field.attname]]))
  return withFilter({ ...state, alias: db.alias }, where)
}

/** Reads the row again into the instance. @throws RowVanishedError db.row-vanished */
export async function refreshInstance(instance: AnyInstance, options: RefreshOptions = {}): Promise<void> {
  const { meta } = modelOf(instance)
  const db = database(options.using ?? aliasFor('dbForRead', meta.model, instance))
  const from = sourceState(options.from, instance, meta, db)
  const rows = await fetchRows(meta.model, from)
  const fresh = rows[0] as AnyInstance | undefined // rows of a model are its instances
  if (fresh === undefined) {
    throw new RowVanishedError(`${String(instance)} is not in the database "${db.alias}".`, { code: 'db.row-vanished' })
  }
  if (options.fields === undefined) {
    for (const field of meta.columns) instance[field.attname] = fresh[field.attname]
    instance[ROW] = fresh[ROW]
    instance[ALIAS] = db.alias
    instance[CACHE] = fresh[CACHE]
    return
  }
  const row = instance[ROW]?.slice() ?? []
  for (const name of options.fields) {
    const field = meta.fields.get(name) ?? meta.byAttname.get(name) ?? columnField(meta, name)
    clearCached(instance, field.name)
    for (const part of field.parts) {
      instance[part.attname] = fresh[part.attname]
      const i = meta.columns.indexOf(part)
      row[i] = fresh[ROW]![i]
    }
  }
  if (instance[ROW] !== null) instance[ROW] = row
}

/** update(): one statement. Values may be expressions over the row's own columns. @returns rows matched */
export function updateRows(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): MaybePromise<number> {
  const { changes, values } = changesOf(model, state, input)
  return changes.length === 0 ? 0 : runUpdate(model, state, changes, values)
}

/** update() that gives the rows. */
export function updateRowsReturning(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): MaybePromise<unknown[]> {
  const { changes, values } = changesOf(model, state, input)
  return changes.length === 0 ? [] : runUpdateReturning(model, state, changes, values)
}

function changesOf(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): { changes: Change[]; values: unknown[] } {
  assertWhole(state, 'update()')
  const { meta } = model
  const changes: Change[] = []
  const values: unknown[] = []
  for (const name of Object.keys(input)) {
    const field = changeable(meta, name)
    const value = input[name]
    if (value === undefined) {
      throw new QueryValueError(`update(): ${meta.label}.${name} is undefined.`, {
        code: 'db.undefined-value',
        hint: 'Leave the key out to keep the column, or pass null to empty it.',
      })
    }
    if (value instanceof Expression) changes.push([field, value])
    else {
      changes.push([field, null])
      values.push(writable(field, value))
    }
  }
  return { changes, values }
}

/** A field that update() takes: one column, or a foreign key over several. */
function changeable(meta: ModelMeta, name: string): FieldMeta {
  const field = meta.fields.get(name) ?? meta.byAttname.get(name)
  return field !== undefined && field.parts.length > 1 ? field : writtenField(meta, name)
}

/** A value as a column takes it: a key for an instance, a decimal for its text. */
export function writable(field: FieldMeta, value: unknown): unknown {
  if (value === null) return null
  if (field.relation !== null) return isInstance(value) ? keyConverter(field)(value) : value
  return field.coerce === null ? value : field.coerce(value)
}
