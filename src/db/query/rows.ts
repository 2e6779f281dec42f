/** A state's rows: the plan of its shape, sent, and its rows made into what was asked for. */
import type { MaybePromise } from '../backends/backend.ts'
import type { Features } from '../backends/features.ts'
import { type Database, database, featuresOf } from '../connections.ts'
import { type AnyInstance, PEERS } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { aliasFor, hasRouters } from '../routers.ts'
import { withCaller } from '../traced.ts'
import { breathing } from './breathing.ts'
import { buildRows } from './build-reads.ts'
import type { BuildContext } from './context.ts'
import { makeHydrate } from './hydrate.ts'
import { type Built, type Plan, planFor, planRows } from './plan.ts'
import { Result } from './result.ts'
import { oneDatabase, oneTail, type State, sliceValues, tailOf } from './state.ts'
import { withOrder } from './state-ops.ts'

/** The database a state reads. @throws QueryUsageError db.cross-database-query */
export function databaseOf(model: AnyModel, state: State): Database {
  if (hasRouters() && state.ops.some((op) => op.t === 'lock')) return databaseToWrite(model, state)
  return checked(state, database(state.alias ?? aliasFor('dbForRead', model, state.owner)))
}

/** The database a state writes. @throws QueryUsageError db.cross-database-query */
export function databaseToWrite(model: AnyModel, state: State): Database {
  return checked(state, database(state.alias ?? aliasFor('dbForWrite', model, state.owner)))
}

/** What the database can that a state would read now. */
export function featuresFor(model: AnyModel, state: State): Features {
  return featuresOf(state.alias ?? aliasFor('dbForRead', model, state.owner))
}

function checked(state: State, db: Database): Database {
  if (state.inner !== null) oneDatabase(db.alias, state.inner)
  return db
}

/** Values of a state's rows statement, in slot order. */
export function valuesOf(state: State): readonly unknown[] {
  return state.low === 0 && state.high === null ? state.values : [...state.values, ...sliceValues(state)]
}

/** A promise of what may be there already, errors included. */
export function promised<T>(work: () => MaybePromise<T>): Promise<T> {
  try {
    return Promise.resolve(work())
  } catch (error) {
    return Promise.reject(withCaller(error))
  }
}

export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => R): R | Promise<Awaited<R>> {
  // The cast: a callback that gives a promise has it unwrapped, as Awaited says.
  return value instanceof Promise ? (value.then(next) as Promise<Awaited<R>>) : next(value)
}

/** The plan of a state's rows. */
export function rowsPlan(model: AnyModel, state: State, db: Database): Plan {
  return planFor(db, state.key, (context) => builtRows(model, state, db, context, null), tailOf(state))
}

/** Rows that get() reads at most: enough to say how many there are. */
export const LIMIT = 21

/** The plan of the one row of a state, which is not cut: of at most {@link LIMIT}, in no order. */
function onePlan(model: AnyModel, state: State, db: Database): Plan {
  const build = (context: BuildContext) => builtRows(model, withoutOrder(state), db, context, LIMIT)
  return planFor(db, state.key, build, oneTail(state))
}

/** The order of one row is nothing to ask the database for. */
function withoutOrder(state: State): State {
  return state.ordered === false ? state : withOrder(state, [])
}

function builtRows(model: AnyModel, state: State, db: Database, context: BuildContext, limit: number | null): Built {
  const { statement, layout, tail } = buildRows(model.meta, state, context, limit)
  return { statement, hydrate: makeHydrate(layout, state.mode, db.backend), tail }
}

/** Tells the rows of one result what their state says of all of them: whose they are, how their relations are fetched. */
export function introduce({ known, fetch, mode }: State, list: readonly unknown[]): void {
  if ((known === null && fetch === null) || mode !== 'instances') return
  const rows = list as readonly AnyInstance[] // of this mode
  if (known !== null) for (const row of rows) row[known.field] = known.instance
  if (fetch !== null && rows[0]?.[PEERS] instanceof Result) rows[0][PEERS].fetches(fetch)
}

/** All rows, without what is to be read ahead. `one`: as get() reads them. `result`: what they come with. */
export function readRows(model: AnyModel, state: State, one = false, result?: Result): MaybePromise<unknown[]> {
  if (state.empty) return []
  const db = databaseOf(model, state)
  const plan = one ? onePlan(model, state, db) : rowsPlan(model, state, db)
  return andThen(planRows(db, plan, valuesOf(state)), (rows) => {
    const list = plan.hydrate!(rows, db.alias, result)
    introduce(state, list)
    return breathing(list, list.length)
  })
}
