/** One row: get(), first(), last(), earliest(), latest(). */
import { timeZone } from '../../i18n/index.ts'
import type { MaybePromise, SqlRow } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { Condition, isQuery } from '../expressions/condition.ts'
import { Expression } from '../expressions/expression.ts'
import type { AnyModel } from '../models/meta.ts'
import { breathing } from './breathing.ts'
import { BuildContext } from './context.ts'
import { DoesNotExist, MultipleObjectsReturned, picture, QueryUsageError } from './errors.ts'
import { fetchRows } from './execute.ts'
import { orderNodes } from './order.ts'
import { secretOn } from './paths.ts'
import { knownPlan, type Plan, planRows } from './plan.ts'
import { Query } from './query.ts'
import { recordKey } from './records.ts'
import { andThen, databaseOf, LIMIT, promised } from './rows.ts'
import { isSliced, oneTail, type State } from './state.ts'
import { asTable, withFilter, withOrder, withReverse, withSlice } from './state-ops.ts'
import { totalOrder } from './total-order.ts'

type Where = Readonly<Record<string, unknown>> | undefined

/**
 * The one row of a condition.
 * @throws DoesNotExist, MultipleObjectsReturned
 */
export function getRow(model: AnyModel, state: State, where: Where): Promise<unknown> {
  return promised(() =>
    andThen(findRow(model, state, where), (row) => {
      if (row !== undefined) return row
      const { label, name } = model.meta
      throw new DoesNotExist(label, `There is no ${name}${describe(model, where)}.`)
    }),
  )
}

/**
 * The one row of a condition, undefined where there is none; at once where the driver can.
 * @throws MultipleObjectsReturned
 */
export function findRow(model: AnyModel, state: State, where: Where): MaybePromise<unknown> {
  const known = knownPlanOf(model, state, where)
  if (known !== undefined) {
    const { db, plan, values } = known
    const one = (rows: SqlRow[]) => breathing(only(model, plan.hydrate!(rows, db.alias), where), 1)
    return andThen(planRows(db, plan, values), one)
  }
  const asked = where === undefined ? state : withFilter(state, where)
  const rows = fetchRows(model, asked, !isSliced(asked))
  return andThen(rows, (list) => only(model, list, where))
}

/**
 * `getOrNull()` for code of ours that every request runs: at once where the driver can, without a promise.
 * @param where   paths and values, as filter() takes them
 */
export function getNow<T>(
  { model, state }: { readonly model: AnyModel; readonly state: State; get(): Promise<T> },
  where: Readonly<Record<string, unknown>>,
): MaybePromise<T | null> {
  return andThen(findRow(model, state, where), (row) => (row ?? null) as T | null) // what the query set's get() gives
}

/** The short way, when this shape was asked before: no state, no conditions, only the key and the values. */
function knownPlanOf(
  model: AnyModel,
  state: State,
  where: Where,
): { readonly db: Database; readonly plan: Plan; readonly values: readonly unknown[] } | undefined {
  if (where === undefined || where instanceof Condition || where instanceof Expression || state.mode !== 'instances')
    return
  if (state.prefetch.length > 0 || state.known !== null || state.fetch !== null || state.empty || isSliced(state))
    return
  const values = [...state.values]
  const key = recordKey(state.key, 'filter', where, values)
  if (key === null) return
  const db = databaseOf(model, state)
  const plan = knownPlan(db, key, oneTail(state))
  return plan && { db, plan, values }
}

function only(model: AnyModel, rows: readonly unknown[], where: Where): unknown {
  if (rows.length < 2) return rows[0]
  const { label, name } = model.meta
  const many = rows.length >= LIMIT ? `more than ${LIMIT - 1}` : String(rows.length)
  throw new MultipleObjectsReturned(label, `There are ${many} rows of ${name}${describe(model, where)}, not one.`)
}

/** ` with { id: 3 }`, for messages. Values of secret fields are not shown. */
function describe(model: AnyModel, where: Where): string {
  if (where === undefined || where instanceof Condition || where instanceof Expression) return ' here'
  const parts = Object.keys(where).map((path) => {
    const value = where[path]
    if (secretOn(model.meta, path) !== null) return `${path}: …`
    return `${path}: ${typeof value === 'object' && value !== null && isQuery(value) ? 'a query' : picture(value)}`
  })
  return ` with { ${parts.join(', ')} }`
}

/** Whether rows come in a chosen order. Groups of values() have none of their own; `orderBy()` asks for none. */
function ordering(model: AnyModel, state: State): 'chosen' | 'none' | 'groups' | 'cleared' {
  if (state.ordered !== null) return state.ordered ? 'chosen' : 'cleared'
  if (state.mode !== 'instances' && state.ops.some((op) => op.t === 'source')) return 'groups'
  const values = state.ops.findIndex((op) => op.t === 'values')
  if (values !== -1 && state.ops.some((op, i) => op.t === 'annotate' && i > values)) return 'groups'
  return model.meta.orderBy.length > 0 ? 'chosen' : 'none'
}

function byKey(model: AnyModel, state: State, sign: '' | '-'): State {
  return withOrder(
    state,
    model.meta.pk.map((field) => sign + field.attname),
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

/** The state of earliest() and latest(): by these paths, or the model's getLatestBy; or backwards. */
export function extremeState(model: AnyModel, state: State, given: readonly string[], latest: boolean): State {
  const paths = given.length > 0 ? given : (model.meta.options.getLatestBy as readonly string[] | undefined) // by its type
  if (paths === undefined) {
    throw new QueryUsageError(`${latest ? 'latest' : 'earliest'}() of ${model.meta.label} does not say by what.`, {
      code: 'db.no-latest-by',
      hint: "Name a field, latest('publishedAt'), or give the model getLatestBy: ['publishedAt'].",
    })
  }
  const ordered = withOrder(state, paths)
  return withSlice(latest ? withReverse(ordered) : ordered, 0, 1)
}

/** Whether the rows of a state come in an order that leaves no two of them in the same place. */
export function isTotallyOrdered(model: AnyModel, given: State): boolean {
  const state = asTable(given)
  const context = new BuildContext(databaseOf(model, state).features, timeZone)
  const query = new Query(model.meta, context).replay(state, 0)
  return totalOrder(query, orderNodes(query))
}
