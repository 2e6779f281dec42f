/** One row: get(), first(), last(), earliest(), latest(). */
import type { SqlRow } from '../backends/backend.ts'
import { Condition, checkedValue, isQuery, writeLeaf } from '../expressions/condition.ts'
import { Expression } from '../expressions/expression.ts'
import type { AnyModel } from '../models/meta.ts'
import { DoesNotExist, MultipleObjectsReturned, picture } from './errors.ts'
import { fetchRows } from './execute.ts'
import { secretOn } from './paths.ts'
import { knownPlan, planRows } from './plan.ts'
import { breathing } from './result.ts'
import { databaseOf } from './rows.ts'
import { MARK, Shape } from './shape.ts'
import { isSliced, LETTER, type State, tailOf } from './state.ts'
import { withFilter, withOrder, withReverse, withSlice } from './state-ops.ts'

/** Rows that get() reads at most: enough to say how many there are. */
const LIMIT = 21

/**
 * The one row of a condition.
 * @throws DoesNotExist, MultipleObjectsReturned
 */
export function getRow(
  model: AnyModel,
  state: State,
  where: Readonly<Record<string, unknown>> | undefined,
): Promise<unknown> {
  try {
    const known = knownRow(model, state, where)
    if (known !== undefined) return known
    const asked = where === undefined ? state : withFilter(state, where)
    const whole = !isSliced(asked)
    const rows = fetchRows(model, whole ? withoutOrder(asked) : asked, whole ? LIMIT : null)
    if (rows instanceof Promise) return rows.then((list) => only(model, list, where))
    return Promise.resolve(only(model, rows, where))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** The order of one row is nothing to ask the database for. */
function withoutOrder(state: State): State {
  return state.ordered === false ? state : withOrder(state, [])
}

/**
 * The short way, when this shape was asked before: no state, no conditions, only the key and the values.
 * Writes the same key as the long way, step by step.
 */
function knownRow(
  model: AnyModel,
  state: State,
  where: Readonly<Record<string, unknown>> | undefined,
): Promise<unknown> | undefined {
  if (where === undefined || where instanceof Condition || where instanceof Expression || state.mode !== 'instances')
    return
  if (state.prefetch.length > 0 || state.known !== null || state.empty || isSliced(state)) return
  const shape = new Shape(
    `${state.key}${MARK.op}${LETTER.filter}${MARK.open}and`,
    state.values.length === 0 ? [] : [...state.values],
  )
  let paths = 0
  for (const path of Object.keys(where)) {
    writeLeaf(shape, path, checkedValue(path, where[path]))
    paths++
  }
  if (paths === 0) return
  const clear = state.ordered === false ? '' : `${MARK.op}${LETTER.order}`
  const db = databaseOf(state)
  const plan = knownPlan(db, `${shape.key}${MARK.close}${clear}${tailOf(state)}g${LIMIT}`)
  if (plan === undefined) return
  const finish = (rows: SqlRow[]) => only(model, plan.hydrate!(rows, db.alias), where)
  const rows = planRows(db, plan, shape.values)
  return rows instanceof Promise ? rows.then(finish) : Promise.resolve(breathing(finish(rows), 1))
}

function only(
  model: AnyModel,
  rows: readonly unknown[],
  where: Readonly<Record<string, unknown>> | undefined,
): unknown {
  if (rows.length === 1) return rows[0]
  const { label, name } = model.meta
  const asked = describe(model, where)
  if (rows.length === 0) throw new DoesNotExist(label, `There is no ${name}${asked}.`)
  const many = rows.length >= LIMIT ? `more than ${LIMIT - 1}` : String(rows.length)
  throw new MultipleObjectsReturned(label, `There are ${many} rows of ${name}${asked}, not one.`)
}

/** ` with { id: 3 }`, for messages. Values of secret fields are not shown. */
function describe(model: AnyModel, where: Readonly<Record<string, unknown>> | undefined): string {
  if (where === undefined || where instanceof Condition || where instanceof Expression) return ' here'
  const parts = Object.keys(where).map((path) => {
    const value = where[path]
    if (secretOn(model.meta, path) !== null) return `${path}: …`
    return `${path}: ${typeof value === 'object' && value !== null && isQuery(value) ? 'a query' : picture(value)}`
  })
  return ` with { ${parts.join(', ')} }`
}

/** Whether rows come in a chosen order. Groups of values() have none of their own. */
function ordering(model: AnyModel, state: State): 'chosen' | 'none' | 'groups' {
  if (state.ordered === true) return 'chosen'
  const values = state.ops.findIndex((op) => op.t === 'values')
  if (values !== -1 && state.ops.some((op, i) => op.t === 'annotate' && i > values)) return 'groups'
  return state.ordered === null && model.meta.ordering.length > 0 ? 'chosen' : 'none'
}

function byKey(model: AnyModel, state: State, sign: '' | '-'): State {
  return withOrder(
    state,
    model.meta.pk.map((field) => sign + field.name),
  )
}

/** The state of first(). */
export function firstState(model: AnyModel, state: State): State {
  if (isSliced(state) || ordering(model, state) !== 'none') return withSlice(state, 0, 1)
  return withSlice(byKey(model, state, ''), 0, 1)
}

/** The state of last(). */
export function lastState(model: AnyModel, state: State): State {
  return withSlice(
    ordering(model, state) === 'none' && !isSliced(state) ? byKey(model, state, '-') : withReverse(state),
    0,
    1,
  )
}

/** The state of earliest() and latest(): by these paths, or backwards. */
export function extremeState(state: State, paths: readonly string[], latest: boolean): State {
  const ordered = withOrder(state, paths)
  return withSlice(latest ? withReverse(ordered) : ordered, 0, 1)
}
