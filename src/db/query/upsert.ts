/** Rows inserted, or changed where a unique constraint says that they are there: one statement for many of either. */
import type { SqlRow } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { NotSupportedError } from '../errors.ts'
import { type Condition, toCondition, type WhereInput } from '../expressions/condition.ts'
import { Expression } from '../expressions/expression.ts'
import type { CreateInput, UpdateInput } from '../models/inputs.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { inChunks } from '../repeats/allow.ts'
import type { ConflictNode, InsertNode } from '../sql/nodes.ts'
import { atomic } from '../transactions.ts'
import { type Batch, CREATE_BATCH, insertBatches, readyRows, rowValues } from './batches.ts'
import { writtenSlot } from './column-values.ts'
import type { BuildContext } from './context.ts'
import { drawKeys } from './drawn-keys.ts'
import { FieldNameError, QueryUsageError, QueryValueError } from './errors.ts'
import { withFiles } from './file-fields.ts'
import { inlineCondition } from './inline.ts'
import { bulkOf, keyOfModel } from './insert-layout.ts'
import { columnNode } from './joins.ts'
import { and, FALSE, TRUE } from './nodes.ts'
import { takePlaces } from './places.ts'
import { planFor, planRows, planRun } from './plan.ts'
import { Query } from './query.ts'
import { codecOf } from './record.ts'
import { databaseToWrite } from './rows.ts'
import { MARK, Shape } from './shape.ts'
import type { State } from './state.ts'
import type { Expr, Q } from './types/expressions.ts'
import type { WhereArg } from './types/where.ts'
import { readBack, take } from './upserted-rows.ts'
import { addFilter } from './where.ts'
import { columnFields, writable, writtenField, writtenFields } from './written-fields.ts'

/** How upsert() finds the row that is there, and what becomes of it. */
export interface UpsertOptions<T, K extends string = never> {
  /** The fields of a unique constraint: the key, a unique field, or `unique([…])` of the model, also one with a condition. */
  readonly conflict: readonly (keyof CreateInput<T> & string)[]
  /**
   * What changes in a row that is there: fields that take the values given, or values and expressions by field, in which
   * `F()` is the row there and `Excluded()` the row given. An empty list leaves it as it is.
   */
  readonly update: readonly (keyof CreateInput<T> & string)[] | UpdateInput<T>
  /** Only rows there for which it holds are changed: `Stamp.Q({ at__lt: Excluded('at') })`. */
  readonly where?: WhereArg<T, K> | Q<T> | Expr<T, boolean | null>
  /** Rows of one statement at most; default as many as the database takes well. */
  readonly batchSize?: number
}
/**
 * The instances of an upsert, in the order given. Each has the values its row has now, keys and untouched columns
 * included; one whose row was left alone (by `where`, or an empty `update`) stays unsaved and has no key.
 */
export interface Upserted<T> extends Array<T> {
  /** Those that were inserted; null where the database does not tell (all but PostgreSQL). */
  readonly created: ReadonlySet<T> | null
}

/** {@link UpsertOptions} as they come in. */
interface Options {
  readonly conflict: readonly string[]
  readonly update: readonly string[] | Readonly<Record<string, unknown>>
  readonly where?: unknown
  readonly batchSize?: number
}

/** What every statement of one upsert has in common. */
export interface Work {
  readonly db: Database
  readonly meta: ModelMeta
  readonly target: readonly FieldMeta[]
  readonly index: string | undefined
  /** Fields that take the given values. */
  readonly taken: readonly FieldMeta[]
  readonly set: readonly (readonly [FieldMeta, Expression | null])[]
  readonly where: Condition | null
  /** The shape of all of it, with the values of `set` and `where`. */
  readonly shape: Shape
  readonly keys: Keys
}

/** @throws QueryUsageError db.no-unique-constraint, db.bad-options; QueryValueError db.duplicate-rows */
export async function upsertRows(
  model: AnyModel,
  state: State,
  rows: readonly object[],
  options: Options,
): Promise<Upserted<AnyInstance>> {
  const { meta } = model
  assertUpsert(options)
  const db = databaseToWrite(model, state)
  const work = planned(db, meta, options)
  const instances = readyRows(model, state, rows, db.alias)
  await takePlaces(instances, meta, db)
  const created = db.features.tellsInserted ? new Set<AnyInstance>() : null
  const result = Object.defineProperty(instances, 'created', { value: created }) as Upserted<AnyInstance> // just added
  assertDifferent(work, instances)
  // Rows that meet none are told apart by their keys alone.
  await drawKeys(
    instances.filter((each) => work.keys.of(each) === null),
    meta,
    db,
  )
  const upsert = async (): Promise<void> => {
    const parts = insertBatches(model, instances, options.batchSize ?? CREATE_BATCH)
    const run = async (): Promise<void> => {
      for (const part of parts) await upsertBatch(work, part, created)
    }
    const statements = work.shape.values.length > 0 || !db.features.returning ? 2 : parts.length
    if (parts.length > 0 && statements === 1) await run()
    else if (parts.length > 1) await inChunks(() => atomic(run, { using: db.alias, savepoint: false }))
    else if (parts.length > 0) await atomic(run, { using: db.alias, savepoint: false })
  }
  await withFiles(instances, meta, db, upsert, { replaces: false })
  return result
}

function assertUpsert(options: Options): void {
  assertOptions('upsert()', options, ['conflict', 'update', 'where', 'batchSize'])
  for (const name of ['conflict', 'update'] as const) {
    if (typeof options[name] === 'object' && options[name] !== null) continue
    throw new QueryUsageError(`upsert() was not told "${name}".`, {
      code: 'db.bad-options',
      hint: "Write { conflict: ['slug'], update: ['title'] }: how a row that is there is found, and what changes in it.",
    })
  }
}

function planned(db: Database, meta: ModelMeta, { conflict, update, where }: Options): Work {
  const target = conflict.flatMap((name) => columnFields(meta, name))
  const index = uniqueIndex(db, meta, target)
  if (!db.features.conflictTarget) assertOnlyUnique(meta, target)
  const shape = new Shape()
  const set: [FieldMeta, Expression | null][] = []
  const list = Array.isArray(update) ? (update as readonly string[]) : null // told by isArray
  const taken = (list ?? []).flatMap((name) => writtenFields(meta, name))
  const named = list === null ? Object.keys(update).map((name) => writtenField(meta, name)) : taken
  if (named.some((field) => meta.pk.includes(field))) {
    throw new QueryUsageError(`upsert() cannot change the key of ${meta.label}.`, {
      code: 'db.bad-options',
      hint: 'Rows that others refer to keep their key: leave it out of `update`.',
    })
  }
  shape.key += [target, taken].map((fields) => fields.map((field) => field.name)).join(MARK.op) + MARK.op
  for (const [name, value] of list === null ? Object.entries(update) : []) {
    const field = writtenField(meta, name)
    if (value === undefined) {
      throw new QueryValueError(`upsert(): ${meta.label}.${name} is undefined.`, {
        code: 'db.undefined-value',
        hint: 'Leave the key out to keep the column, or pass null to empty it.',
      })
    }
    shape.key += field.name
    if (value instanceof Expression) {
      shape.key += MARK.expression
      value.write(shape)
      set.push([field, value])
    } else {
      shape.value(writable(field, value))
      set.push([field, null])
    }
  }
  const condition = where === undefined ? null : toCondition(where as WhereInput)
  if (condition !== null) {
    shape.key += MARK.op
    condition.write(shape)
  }
  return { db, meta, target, index, taken, set, where: condition, shape, keys: keysOf(db, meta, target) }
}

const isSame = (a: readonly FieldMeta[], b: readonly FieldMeta[]): boolean =>
  a.length === b.length && a.every((field) => b.includes(field))

/** The constraints that make these fields, and no others, unique together. */
function constraintsOn(meta: ModelMeta, target: readonly FieldMeta[]) {
  return meta.constraints
    .filter((item) => item.type === 'unique')
    .filter(
      (item) =>
        item.expressions === undefined &&
        isSame(
          item.fields.flatMap((name) => columnFields(meta, name)),
          target,
        ),
    )
}

/** Whether the fields are unique together, and the condition of the index that makes them so. */
function uniqueIndex(db: Database, meta: ModelMeta, target: readonly FieldMeta[]): string | undefined {
  if (isSame(meta.pk, target) || (target.length === 1 && target[0]!.unique)) return undefined
  const found = constraintsOn(meta, target)
  const whole = found.find((item) => item.where === undefined)
  const [part] = found
  if (whole !== undefined) return undefined
  if (part !== undefined)
    return inlineCondition(db.backend, meta, toCondition(part.where as WhereInput), { name: part.name })
  const known = uniqueSets(meta).map((fields) => fields.map((field) => field.name).join(', '))
  throw new QueryUsageError(
    `upsert() of ${meta.label}: no unique constraint is on (${target.map((field) => field.name).join(', ')}).`,
    { code: 'db.no-unique-constraint', hint: `There are: (${known.join('), (')}). Or add unique([…]) to the model.` },
  )
}

function uniqueSets(meta: ModelMeta): (readonly FieldMeta[])[] {
  const own = meta.columns.filter((field) => field.unique && !meta.pk.includes(field)).map((field) => [field])
  const together = meta.constraints.flatMap((item) =>
    item.type === 'unique' && item.expressions === undefined
      ? [item.fields.flatMap((name) => columnFields(meta, name))]
      : [],
  )
  return [meta.pk, ...own, ...together]
}

/** Where any unique constraint counts, a row that breaks another one than asked would change a stranger's row. */
function assertOnlyUnique(meta: ModelMeta, target: readonly FieldMeta[]): void {
  const others = uniqueSets(meta).filter(
    (fields) => !isSame(fields, target) && !fields.every((field) => field.generated),
  )
  if (others.length === 0) return
  const names = others.map((fields) => fields.map((field) => field.name).join(', ')).join('), (')
  throw new NotSupportedError(`This database cannot upsert ${meta.label} by one of its unique constraints.`, {
    code: 'db.upsert-ambiguous',
    hint: `A row could meet (${names}) instead, and change another row. Use updateOrCreate().`,
  })
}

/** One statement cannot change a row twice; databases differ in how they say so. */
function assertDifferent({ meta, keys }: Work, instances: readonly AnyInstance[]): void {
  const seen = new Set<string>()
  for (const instance of instances) {
    const key = keys.of(instance)
    if (key === null) continue
    if (seen.has(key)) {
      throw new QueryValueError(`upsert() of ${meta.label} was given two rows with ${key}.`, {
        code: 'db.duplicate-rows',
        hint: 'Keep one of them: which one would win is not said.',
      })
    }
    seen.add(key)
  }
}

/** Texts that tell rows apart; null where a part is null, which the constraint does not mind unless it says so. */
interface Keys {
  of(instance: AnyInstance): string | null
  ofRow(raw: SqlRow): string | null
}

function keysOf(db: Database, meta: ModelMeta, target: readonly FieldMeta[]): Keys {
  const nullsEqual = constraintsOn(meta, target).some((item) => item.nullsDistinct === false)
  const { encoders, decoders } = codecOf(meta, db)
  const parts = target.map((field) => {
    const i = meta.columns.indexOf(field)
    return { i, name: field.name, attname: field.attname, encode: encoders[i] ?? asIs, decode: decoders[i] ?? asIs }
  })
  const key = (read: (part: (typeof parts)[number]) => unknown): string | null => {
    const texts: string[] = []
    for (const part of parts) {
      const value = read(part)
      if (value === null && !nullsEqual) return null
      texts.push(value === null ? `${part.name}: null` : `${part.name} ${String(part.encode(value))}`)
    }
    return texts.join(', ')
  }
  return {
    of: (instance) => key(({ attname }) => instance[attname] ?? null),
    ofRow: (raw) => key(({ i, decode }) => (raw[i] === null ? null : decode(raw[i]))),
  }
}
const asIs = (value: unknown): unknown => value

/** Rows of one statement with values of its own, so that few texts serve any number. */
const SIZES = [100, 10, 1] as const

async function upsertBatch(work: Work, { layout, rows }: Batch, created: Set<AnyInstance> | null): Promise<void> {
  const { db, meta, shape } = work
  const { fields } = layout
  const returning = db.features.returning ? meta.columns.map((field) => columnNode(null, field)) : []
  const base = { t: 'insert', table: meta.table, columns: fields.map((field) => field.column!), returning } as const
  const key = `${keyOfModel(meta)}^${layout.key}*`
  if (shape.values.length === 0) {
    const plan = planFor(db, `${key}${MARK.op}${shape.key}`, (context) => {
      const bulk = bulkOf(fields, 1)
      return { statement: { ...base, rows: [], bulk, onConflict: conflictNode(work, context) } satisfies InsertNode }
    })
    // The text does not depend on how many rows there are.
    const one = plan.compiled!
    const compiled = { ...one, bulk: { ...one.bulk!, count: rows.length } }
    const values = rowValues(rows, fields)
    if (returning.length > 0) take(work, layout, rows, await db.rows(compiled, values), created)
    else {
      await db.run(compiled, values)
      await readBack(work, rows)
    }
    return
  }
  const most = Math.max(1, Math.floor((db.features.maxParams - shape.values.length) / Math.max(1, fields.length)))
  for (let at = 0; at < rows.length; ) {
    const size = SIZES.find((each) => each <= Math.min(most, rows.length - at)) ?? 1
    const some = rows.slice(at, at + size)
    const plan = planFor(db, `${key}${size}${MARK.op}${shape.key}`, (context) => {
      const cells = some.map(() =>
        fields.map((field) => {
          context.label = `${meta.label}.${field.name}`
          return context.param(field.kind) // values are the columns' already
        }),
      )
      return { statement: { ...base, rows: cells, onConflict: conflictNode(work, context) } satisfies InsertNode }
    })
    const values = [...rowValues(some, fields), ...shape.values]
    if (returning.length > 0) take(work, layout, some, await planRows(db, plan, values), created)
    else {
      await planRun(db, plan, values)
      await readBack(work, some)
    }
    at += size
  }
}

function conflictNode({ db, meta, target, index, taken, set, where }: Work, context: BuildContext): ConflictNode {
  const query = new Query(meta, context, null, meta.table)
  query.upsert = true
  const changes = set.map(([field, expression]) => {
    context.label = `${meta.label}.${field.name}`
    if (expression !== null) return { column: field.column!, value: expression.toSql(query.scopeInto(field)) }
    return { column: field.column!, value: context.param(field.kind, writtenSlot(field)) }
  })
  if (where !== null) addFilter(query, where, false)
  if (query.joins.nodes().length > 0) {
    throw new FieldNameError(`upsert() of ${meta.label} uses a value across a relation.`, {
      code: 'db.joined-update',
      hint: 'A change of one row sees its own columns only; use a subquery for others.',
    })
  }
  const condition = and(query.where)
  return {
    columns: target.map((field) => field.column!),
    update: taken.map((field) => field.column!),
    ...(changes.length > 0 ? { set: changes } : {}),
    ...(index === undefined ? {} : { index }),
    ...(condition === TRUE ? {} : { where: condition === FALSE ? { t: 'literal', value: false } : condition }),
    ...(db.features.tellsInserted ? { tell: true } : {}),
  }
}
