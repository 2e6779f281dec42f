/**
 * A query set's state: what was asked for, in the order it was asked. Immutable; each method of QuerySet makes a new
 * one. Order matters as it does in Django: filter().annotate() and annotate().filter() join differently.
 */
import type { Condition } from '../expressions/condition.ts'
import type { Expression, Ordering } from '../expressions/expression.ts'
import { ALIAS, type AnyInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { isSame } from '../routers.ts'
import type { SelectNode } from '../sql/nodes.ts'
import { crossDatabase } from './errors.ts'
import type { PrefetchSpec } from './prefetch.ts'
import { MARK, Shape } from './shape.ts'
import type { Source } from './sources.ts'

/** How rows are locked, by paths of selectRelated(); `self` is the model's own table. */
export interface Lock {
  readonly wait: NonNullable<SelectNode['lock']>['wait']
  readonly of: readonly string[]
  readonly noKey: boolean
}

/** What rows become. */
export type RowMode = 'instances' | 'values' | 'lists' | 'flat'

/** A column of values() or valuesList(): a path, or an expression with a name. */
export type Selected = string | { readonly name: string; readonly expression: Expression }

/** A condition as it was written, by paths; nobody else has it. */
export type PlainRecord = Readonly<Record<string, unknown>>

/** One method call of a query set, as data. `at`: where its values begin. */
export type Op =
  | {
      readonly t: 'filter'
      readonly at: number
      readonly negated: boolean
      readonly condition: PlainRecord | Condition
    }
  | {
      readonly t: 'annotate'
      readonly at: number
      readonly items: readonly (readonly [string, Expression])[]
      readonly select: boolean
    }
  | { readonly t: 'values'; readonly at: number; readonly columns: readonly Selected[] }
  | { readonly t: 'order'; readonly at: number; readonly items: readonly (string | Ordering)[] }
  | { readonly t: 'reverse'; readonly at: number }
  | { readonly t: 'distinct'; readonly at: number; readonly on: boolean }
  /** Of rows equal in these, the first in order. */
  | { readonly t: 'distinctOn'; readonly at: number; readonly paths: readonly string[] }
  | { readonly t: 'related'; readonly at: number; readonly paths: readonly string[] | null }
  /** Columns of instances that are read (`only`), or left for later. */
  | { readonly t: 'defer'; readonly at: number; readonly only: boolean; readonly paths: readonly string[] | null }
  /** Rows that stay as they are until the block ends. */
  | { readonly t: 'lock'; readonly at: number; readonly lock: Lock }
  /** Rows at the far end of a many-to-many field, of owners whose keys are one list. `shown`: whose they are, last. */
  | { readonly t: 'via'; readonly at: number; readonly field: FieldMeta; readonly shown: boolean }
  /** Of rows with the same owner, those from one place to another (counted from 1; `to` null: to the end). */
  | { readonly t: 'sliceOfEach'; readonly at: number; readonly by: string | null; readonly ends: boolean }
  /** Rows behind a place in their order; null: from the first one. `nulls`: which of the place's values are null. */
  | { readonly t: 'keyset'; readonly at: number; readonly nulls: readonly boolean[] | null }
  | SourceOp

/** Rows of another statement: instead of the model's table, or beside it. */
export type SourceOp =
  | { readonly t: 'source'; readonly at: number; readonly source: Source }
  | {
      readonly t: 'join'
      readonly at: number
      readonly source: Source
      /** A path of this query, and the name of the column that is equal to it. */
      readonly on: readonly (readonly [path: string, column: string])[]
      /** Rows stay where the other side has none. */
      readonly left: boolean
      /** At most so many rows for each of this query; the number is a value. */
      readonly limited: boolean
      /** Its columns are for filters, orders and aggregates: rows do not have them. */
      readonly hidden: boolean
    }

/** What awaiting a relation that was not read does: reads it for one row, for all rows of the result, or is refused. */
export type FetchMode = 'one' | 'peers' | 'raise'

/** An op before it is placed. Distributes over the union, so that each keeps its own fields. */
type Unplaced<O> = O extends Op ? Omit<O, 'at'> : never
/** An {@link Op} that has no place among the values yet. */
export type NewOp = Unplaced<Op>

/** How rows of several states become one list. */
export interface Compound {
  readonly op: NonNullable<SelectNode['compound']>['op']
  readonly parts: readonly { readonly model: AnyModel; readonly state: State }[]
}

/** What a query set asks, as data: never changed, the next method call makes the next. */
export interface State {
  readonly ops: readonly Op[]
  /** Shape of `ops`. Row mode and slice are added where it is used: see {@link tailOf}. */
  readonly key: string
  readonly values: readonly unknown[]
  readonly mode: RowMode
  /** First row and the row after the last; null for no end. */
  readonly low: number
  readonly high: number | null
  /** Database alias; null for the default. */
  readonly alias: string | null
  /** The instance whose related rows these are: they are where it is, unless `alias` or a router says otherwise. */
  readonly owner: AnyInstance | null
  /** The database that a query inside this one names; null where none does. */
  readonly inner: string | null
  /** none(): no query at all. */
  readonly empty: boolean
  /** Whether orderBy() was called with something, or cleared (false), or neither (null). */
  readonly ordered: boolean | null
  readonly prefetch: readonly PrefetchSpec[]
  /** The states whose rows are put together; null for a query of its own. */
  readonly compound: Compound | null
  /** The known side of a related set: what each of its instances has as that relation. */
  readonly known: { readonly field: string; readonly instance: object } | null
  /** Null: 'peers'. */
  readonly fetch: FetchMode | null
}

const NOTHING: readonly never[] = Object.freeze([])
const keys = new WeakMap<object, string>()
let models = 0

/** A number per model class, first in every key. Not its label: tests and migrations have several of one label. */
function modelKey(model: AnyModel): string {
  let key = keys.get(model)
  if (key === undefined) {
    key = `${++models}`
    keys.set(model, key)
  }
  return key
}

/** Everything of a model. Does not touch `model.meta`: query sets are made while modules are still loading. */
export function initialState(model: AnyModel): State {
  return {
    ops: NOTHING,
    key: modelKey(model),
    values: NOTHING,
    mode: 'instances',
    low: 0,
    high: null,
    alias: null,
    owner: null,
    inner: null,
    empty: false,
    ordered: null,
    prefetch: NOTHING,
    compound: null,
    known: null,
    fetch: null,
  }
}

/** The same of another model, which has the same fields: what a proxy inherits. */
export function ofModel(state: State, from: AnyModel, to: AnyModel): State {
  return { ...state, key: modelKey(to) + state.key.slice(modelKey(from).length) }
}

/** The state with one more op. `shape` was started with {@link startOp} and holds the op's key and values. */
export function withOp(state: State, op: NewOp, shape: Shape, more?: Partial<State>): State {
  // The cast: NewOp is Op without `at`, which is added here.
  const placed = { ...op, at: state.values.length } as Op
  const next = { ...state, ...more, ops: [...state.ops, placed], key: shape.key, values: shape.values }
  return shape.alias === null ? next : { ...next, inner: oneDatabase(state.inner, shape.alias) }
}

/** The state with a filter by a record whose key is known. */
export function withRecord(
  state: State,
  negated: boolean,
  condition: PlainRecord,
  key: string,
  values: readonly unknown[],
): State {
  const op: Op = { t: 'filter', negated, condition, at: state.values.length }
  const { ops, mode, low, high, alias, owner, inner, empty, ordered, prefetch, compound, known, fetch } = state
  // Each by name, which is quicker than `...state`: this is a step of nearly every query.
  return {
    ops: ops.length === 0 ? [op] : [...ops, op],
    key,
    values,
    mode,
    low,
    high,
    alias,
    owner,
    inner,
    empty,
    ordered,
    prefetch,
    compound,
    known,
    fetch,
  }
}

/** A shape that goes on from a state's, opened by the op's letter. */
export function startOp(state: State, letter: string): Shape {
  return new Shape(state.key + MARK.op + letter, [...state.values])
}

/** Letters of ops in keys. */
export const LETTER = {
  filter: 'f',
  exclude: 'x',
  annotate: 'a',
  alias: 'A',
  values: 'v',
  order: 'o',
  reverse: 'r',
  distinct: 'd',
  indistinct: 'D',
  distinctOn: 'i',
  related: 's',
  via: 't',
  only: 'k',
  defer: 'K',
  compound: 'c',
  lock: 'l',
  source: 'q',
  join: 'j',
  sliceOfEach: 'p',
  keyset: 'n',
  update: 'u',
} as const

const MODE: Record<RowMode, string> = { instances: 'i', values: 'v', lists: 'l', flat: 'f' }

/** Which ends a slice has: none, the first, the last, both. */
const SLICES = ['', 'O', 'L', 'B'] as const

/** What follows the ops in a key. Texts that are there already: a plan is looked up by them. */
function tails(what: string): (state: State) => string {
  const of = (mode: RowMode) => SLICES.map((slice) => MARK.op + MODE[mode] + slice + what)
  const all = { instances: of('instances'), values: of('values'), lists: of('lists'), flat: of('flat') }
  return ({ mode, low, high }) => all[mode][(low === 0 ? 0 : 1) + (high === null ? 0 : 2)]!
}

/** Row mode and which ends the slice has. Their numbers are slots. */
export const tailOf: (state: State) => string = tails('')
/** Of its count, of whether there is a row, and of rows of which one is expected. */
export const countTail: (state: State) => string = tails('#')
export const existsTail: (state: State) => string = tails('?')
export const oneTail: (state: State) => string = tails('g')

/** The slice's numbers, in the order their slots are taken: limit, then offset. */
export function sliceValues(state: State): number[] {
  const values: number[] = []
  if (state.high !== null) values.push(Math.max(0, state.high - state.low))
  if (state.low > 0) values.push(state.low)
  return values
}

/** The database of a query's parts. @throws QueryUsageError db.cross-database-query */
export function oneDatabase(one: string | null, other: string | null): string | null {
  if (one === null || other === null || isSame(one, other)) return one ?? other
  throw crossDatabase(`the databases "${one}" and "${other}"`)
}

/** The database that a state's rows must come from; null where any will do. */
export function ownAlias(state: State): string | null {
  return oneDatabase(state.alias ?? state.owner?.[ALIAS] ?? null, state.inner)
}

/** Writes a state as a part of another query's shape. */
export function writeState(state: State, shape: Shape): void {
  shape.alias = oneDatabase(shape.alias, ownAlias(state))
  shape.key += MARK.open + state.key + tailOf(state) + (state.empty ? MARK.empty : '') + MARK.close
  for (const value of state.values) shape.values.push(value)
  shape.values.push(...sliceValues(state))
}

/** Whether slice() was called. */
export function isSliced(state: State): boolean {
  return state.low > 0 || state.high !== null
}
