/** save() of an instance. Only changed columns are sent; plans are kept by which columns those are. */
import type { MaybePromise } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { Expression } from '../expressions/expression.ts'
import { resolvePending } from '../models/accessors.ts'
import { ALIAS, type AnyInstance, ROW } from '../models/instance.ts'
import type { SaveOptions } from '../models/instance-methods.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { assertRelationsIn, isSame } from '../routers.ts'
import { postSave, preSave } from '../signals.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { atomic } from '../transactions.ts'
import { assigned, writtenSlot } from './column-values.ts'
import type { BuildContext } from './context.ts'
import { drawKeys, drawsKeys } from './drawn-keys.ts'
import { picture, QueryUsageError, QueryValueError, RowVanishedError } from './errors.ts'
import { fileFields, withFiles } from './file-fields.ts'
import { fillBeforeWrite, insertLayout, keyOfModel } from './insert-layout.ts'
import { databaseFor, modelOf } from './instance-database.ts'
import { columnNode } from './joins.ts'
import { hasAggregate, hasWindow } from './nodes.ts'
import { takePlaces } from './places.ts'
import { planFor, planRows, planRun } from './plan.ts'
import { Query } from './query.ts'
import { type Codec, changedColumns, codecOf, encoded, isNew, takeGenerated, written } from './record.ts'
import { ownState, refreshInstance } from './refresh.ts'
import { andThen, promised } from './rows.ts'
import { MARK, Shape } from './shape.ts'
import { updateRows } from './update.ts'
import { computedField, writtenFields } from './written-fields.ts'

/** What save() is given, with values of a model that nobody knows here. */
interface Given extends SaveOptions {
  readonly set?: Readonly<Record<string, unknown>>
}

/**
 * Inserts a new instance, or updates what changed.
 * @throws RowVanishedError db.row-vanished when the row to update is gone; FieldNameError db.unknown-field
 */
export function saveInstance(instance: AnyInstance, options: SaveOptions = {}): Promise<void> {
  return promised(() => saveNow(instance, options))
}

/** The same, at once where the driver can and nobody has a say in it. */
export function saveNow(instance: AnyInstance, given: Given): MaybePromise<void> {
  const model = modelOf(instance)
  const { meta } = model
  assertSave(given)
  const options = given.set === undefined ? given : withValues(instance, meta, given, given.set)
  for (const name of options.fields ?? []) writtenFields(meta, name) // refuses what is none, of a new row, too
  const db = databaseFor(instance, options.using)
  resolvePending(instance, meta.fields.values())
  const from = instance[ALIAS]
  // Where nobody asked for another database, it is the same row, wherever a router sends it.
  const elsewhere = options.using !== undefined && from !== null && !isSame(from, db.alias)
  const created = options.forceUpdate !== true && (options.forceInsert === true || isNew(instance) || elsewhere)
  if (from === null) assertRelationsIn(db.alias, instance, meta)
  if (!preSave.hasReceivers && !postSave.hasReceivers && fileFields(meta).length === 0)
    return created ? insertRow(instance, meta, db) : updateRow(instance, meta, db, options)
  return saveTold(instance, meta, db, options, created)
}

/** Gives an instance the values of `set`; they are written even where `fields` names others. */
function withValues(instance: AnyInstance, meta: ModelMeta, options: SaveOptions, values: object): SaveOptions {
  const names = Object.keys(values)
  for (const name of names) writtenFields(meta, name) // refuses what is none, before anything is changed
  Object.assign(instance, values)
  return options.fields === undefined ? options : { ...options, fields: [...new Set([...options.fields, ...names])] }
}

/** With what others do before and after, and with its files. */
async function saveTold(
  instance: AnyInstance,
  meta: ModelMeta,
  db: Database,
  options: SaveOptions,
  created: boolean,
): Promise<void> {
  const event = { model: meta.model, instance, created, fields: options.fields ?? null, alias: db.alias }
  const writeRow = async (): Promise<void> =>
    created ? insertRow(instance, meta, db) : updateRow(instance, meta, db, options)
  const write = async (): Promise<void> => {
    if (preSave.hasReceivers) await preSave.send(event)
    if (fileFields(meta).length === 0) return writeRow()
    const only = options.fields?.flatMap((name) => writtenFields(meta, name))
    await withFiles([instance], meta, db, writeRow, { replaces: !created, only })
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

function insertRow(instance: AnyInstance, meta: ModelMeta, db: Database): MaybePromise<void> {
  fillBeforeWrite(instance, meta, true)
  // What is not given back is known before: by which key would the row be read?
  if (!db.features.returning && drawsKeys(meta))
    return drawKeys([instance], meta, db).then(() => placed(instance, meta, db))
  return placed(instance, meta, db)
}

function placed(instance: AnyInstance, meta: ModelMeta, db: Database): MaybePromise<void> {
  if (meta.orderWithRespectTo === null) return insertFilled(instance, meta, db)
  return takePlaces([instance], meta, db).then(() => insertFilled(instance, meta, db))
}

function insertFilled(instance: AnyInstance, meta: ModelMeta, db: Database): MaybePromise<void> {
  const layout = insertLayout(instance, meta)
  const { fields, filled, number } = layout
  const values: unknown[] = new Array(fields.length)
  layout.read(instance, values, 0)
  for (let i = 0; i < values.length; i++) if (values[i] instanceof Expression) return insertComputed(instance, meta, db)
  // A number that the database counts is told with the statement, more cheaply than as a row.
  const returns = db.features.returning && filled.length > (db.features.tellsKey && number !== null ? 1 : 0)
  const plan = planFor(db, layout.key, (context) => ({
    statement: {
      t: 'insert',
      table: meta.table,
      columns: fields.map((field) => field.column!),
      rows: [fields.map((field) => slotFor(context, field))],
      returning: returns ? filled.map((i) => columnNode(null, meta.columns[i]!)) : [],
    },
  }))
  const codec = codecOf(meta, db)
  if (returns) {
    return andThen(planRows(db, plan, values), (rows) => {
      takeGenerated(instance, meta, codec, filled, rows[0]!)
      written(instance, meta, codec, db)
    })
  }
  return andThen(planRun(db, plan, values), ({ lastId }) => {
    if (number !== null && lastId !== null) instance[number.attname] = Number(lastId)
    const unknown = filled.flatMap((i) => (meta.columns[i] === number ? [] : meta.columns[i]!.name))
    if (unknown.length === 0) return written(instance, meta, codec, db)
    return refreshInstance(instance, { using: db.alias, fields: unknown }).then(() =>
      written(instance, meta, codec, db),
    )
  })
}

/** A new row some of whose values the database computes: a statement of the expressions' shape. */
async function insertComputed(instance: AnyInstance, meta: ModelMeta, db: Database): Promise<void> {
  const { fields, filled, key } = insertLayout(instance, meta)
  const shape = new Shape(`${key}${MARK.op}`)
  const given = fields.map((field) => (instance[field.attname] ?? null) as unknown)
  for (const value of given) {
    if (value instanceof Expression) {
      shape.key += MARK.expression
      value.write(shape)
    } else shape.value(value)
  }
  const asked = fields.flatMap((field, i) => (given[i] instanceof Expression ? [meta.columns.indexOf(field)] : []))
  const unknown = [...filled, ...asked]
  const { returning } = db.features
  const plan = planFor(db, shape.key, (context) => {
    const query = new Query(meta, context, null, meta.table)
    const cells = fields.map((field, i) => {
      const value = given[i]
      if (!(value instanceof Expression)) return slotFor(context, field)
      context.label = `${meta.label}.${field.name}`
      const refused = (): never => {
        throw computedRow(field)
      }
      const node = value.toSql({ ...query.scopeInto(field), path: refused, field: refused })
      if (hasAggregate(node) || hasWindow(node)) refused()
      return assigned(field, node, context)
    })
    return {
      statement: {
        t: 'insert',
        table: meta.table,
        columns: fields.map((field) => field.column!),
        rows: [cells],
        returning: returning ? unknown.map((i) => columnNode(null, meta.columns[i]!)) : [],
      },
    }
  })
  const codec = codecOf(meta, db)
  if (returning) {
    takeGenerated(instance, meta, codec, unknown, (await planRows(db, plan, shape.values))[0]!)
  } else {
    const keyless = asked.find((i) => meta.pk.includes(meta.columns[i]!))
    if (keyless !== undefined) throw unreadKey(meta.columns[keyless]!)
    const { lastId } = await planRun(db, plan, shape.values)
    const number = filled.map((i) => meta.columns[i]!).find(({ kind }) => kind === 'auto')
    if (number !== undefined && lastId !== null) instance[number.attname] = Number(lastId)
    const names = unknown.flatMap((i) => (meta.columns[i] === number ? [] : [meta.columns[i]!.name]))
    await refreshInstance(instance, { using: db.alias, fields: names })
  }
  written(instance, meta, codec, db)
}

function computedRow(field: FieldMeta): QueryValueError {
  const { label } = field.model.meta
  return new QueryValueError(`${label}.${field.name} is computed from columns: a new row has none yet.`, {
    code: 'db.invalid-value',
    hint: 'Functions of values can stand here, such as Now() or Lower(Value(…)); what other rows have, in a Subquery().',
  })
}

function unreadKey(field: FieldMeta): QueryValueError {
  return new QueryValueError(`${field.model.meta.label}.${field.name}, its key, is an expression: which row was it?`, {
    code: 'db.invalid-value',
    hint: 'This database does not give back what it inserts: make the key in the program.',
  })
}

function slotFor(context: BuildContext, field: FieldMeta): SqlExpr {
  context.label = `${field.model.meta.label}.${field.name}`
  return context.param(field.kind, field.relation === null ? writtenSlot(field) : {})
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

function assertSave(options: SaveOptions): void {
  assertOptions('save()', options, ['using', 'fields', 'forceInsert', 'forceUpdate', 'set'])
  const { forceInsert = false, forceUpdate = false, fields } = options
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
