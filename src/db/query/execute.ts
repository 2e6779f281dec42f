/** Running a query set's state: each function looks up the plan of its shape, builds it once, and sends it. */
import type { MaybePromise, RunResult } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { NotSupportedError } from '../errors.ts'
import type { Expression } from '../expressions/expression.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import type { DeleteNode, UpdateNode } from '../sql/nodes.ts'
import { buildAggregate, emptyValue } from './build.ts'
import { buildDelete, buildUpdate, type Change } from './build-changes.ts'
import { buildCount, buildExists } from './build-reads.ts'
import type { BuildContext } from './context.ts'
import { noCompound, QueryUsageError } from './errors.ts'
import { makeHydrate } from './hydrate.ts'
import { columnNode } from './joins.ts'
import { byColumn } from './key-changes.ts'
import { type Built, knownPlan, planFor, planRows, planRun } from './plan.ts'
import { prefetch } from './prefetch.ts'
import { andThen, databaseOf, databaseToWrite, readRows, valuesOf } from './rows.ts'
import { MARK, Shape } from './shape.ts'
import { countTail, existsTail, oneDatabase, type State, sliceValues, tailOf } from './state.ts'

/** All rows. `one`: as get() reads them. */
export function fetchRows(model: AnyModel, state: State, one = false): MaybePromise<unknown[]> {
  const rows = readRows(model, state, one)
  if (state.prefetch.length === 0 || state.mode !== 'instances') return rows
  return andThen(rows, (list) => completed(model, state, list as AnyInstance[])) // mode 'instances'
}

/** Reads ahead what was asked for. */
export function completed(model: AnyModel, state: State, list: AnyInstance[]): MaybePromise<unknown[]> {
  if (state.prefetch.length === 0 || list.length === 0) return list
  return prefetch(model.meta, list, state.prefetch).then(() => list)
}

export function fetchCount(model: AnyModel, state: State): MaybePromise<number> {
  if (state.empty) return 0
  const db = databaseOf(model, state)
  const build = (context: BuildContext): Built => ({ statement: buildCount(model.meta, state, context) })
  const plan = planFor(db, state.key, build, countTail(state))
  return andThen(planRows(db, plan, valuesOf(state)), (rows) => (rows.length === 0 ? 0 : Number(rows[0]![0])))
}

export function fetchExists(model: AnyModel, state: State): MaybePromise<boolean> {
  if (state.empty) return false
  const db = databaseOf(model, state)
  const build = (context: BuildContext): Built => ({ statement: buildExists(model.meta, state, context) })
  const plan = planFor(db, state.key, build, existsTail(state))
  return andThen(planRows(db, plan, valuesOf(state)), (rows) => rows.length > 0)
}

/** One object of aggregates. */
export function fetchAggregate(
  model: AnyModel,
  state: State,
  items: readonly (readonly [string, Expression])[],
): MaybePromise<Record<string, unknown>> {
  if (state.compound !== null) throw noCompound('aggregate')
  const db = databaseOf(model, state)
  const shape = new Shape(state.key + tailOf(state) + (state.empty ? MARK.empty : ''), [...state.values])
  for (const [name, expression] of items) {
    shape.key += `${MARK.op}g${name}${MARK.open}`
    expression.write(shape)
    shape.key += MARK.close
  }
  oneDatabase(db.alias, shape.alias)
  const plan = planFor(db, shape.key, (context) => {
    const { statement, extras } = buildAggregate(model.meta, state, context, items)
    const layout = { meta: model.meta, instances: false, columns: [], related: [], extras }
    return { statement, hydrate: makeHydrate(layout, 'values', db.backend) }
  })
  if (plan.compiled === null) return Object.fromEntries(items.map(([name, each]) => [name, emptyValue(each)]))
  const rows = planRows(db, plan, [...shape.values, ...sliceValues(state)])
  return andThen(rows, (list) => plan.hydrate!(list, db.alias)[0] as Record<string, unknown>) // mode 'values' gives objects
}

/** Writes of a query set are refused where a slice would be ignored. */
export function assertWhole(state: State, what: string): void {
  if (state.low === 0 && state.high === null) return
  throw new QueryUsageError(`${what} was called on a slice.`, {
    code: 'db.sliced-query',
    hint: `Filter by key instead: Model.objects.filter({ pk__in: slice.values('id') }).${what}.`,
  })
}

/** Rows changed by one UPDATE. `values`: of the changes without expression, in order. */
export function runUpdate(
  model: AnyModel,
  state: State,
  changes: readonly Change[],
  values: readonly unknown[],
): MaybePromise<number> {
  if (state.empty) return 0
  const db = databaseToWrite(model, state)
  const whole = byColumn(changes, values, db.alias)
  const shape = updateShape(state, 'u', whole.changes, whole.values)
  oneDatabase(db.alias, shape.alias)
  const plan = planFor(db, shape.key, (context) => ({
    statement: buildUpdate(model.meta, state, context, whole.changes),
  }))
  return andThen(planRun(db, plan, shape.values), changed)
}

/**
 * The same of an update to values alone, where it was asked before: `key` and `values` are the whole statement's. Null where it
 * was not. No function is made here for the case that it is new: that is told by itself.
 */
export function runKnownUpdate(
  model: AnyModel,
  state: State,
  key: string,
  values: readonly unknown[],
): MaybePromise<number> | null {
  if (state.empty) return 0
  const db = databaseToWrite(model, state)
  const plan = knownPlan(db, key, '')
  if (plan === undefined) return null
  const result = planRun(db, plan, values)
  return result instanceof Promise ? result.then(changed) : result.changes
}

/** The same where it was not. `changes`: what the key says. */
export function runNewUpdate(
  model: AnyModel,
  state: State,
  key: string,
  values: readonly unknown[],
  changes: () => readonly Change[],
): MaybePromise<number> {
  const db = databaseToWrite(model, state)
  const plan = planFor(db, key, (context) => ({ statement: buildUpdate(model.meta, state, context, changes()) }))
  return andThen(planRun(db, plan, values), changed)
}
const changed = ({ changes }: RunResult): number => changes

function updateShape(state: State, letter: string, changes: readonly Change[], values: readonly unknown[]): Shape {
  const shape = new Shape(`${state.key}${MARK.op}${letter}`, [...state.values])
  let next = 0
  for (const [field, expression] of changes) {
    shape.key += field.name
    if (expression === null) shape.value(values[next++])
    else {
      shape.key += MARK.expression
      expression.write(shape)
    }
  }
  return shape
}

/** The same, and the rows as they are now. */
export function runUpdateReturning(
  model: AnyModel,
  state: State,
  changes: readonly Change[],
  values: readonly unknown[],
): MaybePromise<unknown[]> {
  if (state.empty) return []
  const db = databaseToWrite(model, state)
  assertReturns(db, 'updateReturning()')
  const whole = byColumn(changes, values, db.alias)
  const shape = updateShape(state, 'U', whole.changes, whole.values)
  oneDatabase(db.alias, shape.alias)
  const plan = planFor(db, shape.key, (context) => {
    const statement = buildUpdate(model.meta, state, context, whole.changes)
    return returningRows(model, db, statement)
  })
  return andThen(planRows(db, plan, shape.values), (rows) => plan.hydrate!(rows, db.alias))
}

function assertReturns(db: Database, what: string): void {
  if (db.features.returnsChanged) return
  throw new NotSupportedError(`${what}: ${db.backend.name} does not give the rows that a statement changed.`, {
    code: 'db.no-returning',
    hint: 'Read the rows with forUpdate() and write them, inside one atomic(async () => { … }).',
  })
}

/** A change that gives whole rows, and what makes instances of them. */
function returningRows(model: AnyModel, db: Database, statement: UpdateNode | DeleteNode | null): Built {
  const { meta } = model
  const layout = { meta, instances: true, columns: meta.columns, related: [], extras: [] }
  const hydrate = makeHydrate(layout, 'instances', db.backend)
  if (statement === null) return { statement, hydrate }
  return { statement: { ...statement, returning: meta.columns.map((field) => columnNode(null, field)) }, hydrate }
}

/** Rows deleted by one DELETE, without asking who points at them. */
export function runDelete(model: AnyModel, state: State): MaybePromise<number> {
  if (state.empty) return 0
  const db = databaseToWrite(model, state)
  const plan = planFor(db, `${state.key}${MARK.op}x`, (context) => ({
    statement: buildDelete(model.meta, state, context),
  }))
  return andThen(planRun(db, plan, state.values), changed)
}

/** The same, and the rows that went. */
export function runDeleteReturning(model: AnyModel, state: State): MaybePromise<unknown[]> {
  if (state.empty) return []
  const db = databaseToWrite(model, state)
  assertReturns(db, 'deleteReturning()')
  const plan = planFor(db, `${state.key}${MARK.op}X`, (context) =>
    returningRows(model, db, buildDelete(model.meta, state, context)),
  )
  return andThen(planRows(db, plan, state.values), (rows) => plan.hydrate!(rows, db.alias))
}
