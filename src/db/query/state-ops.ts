/** The steps from one state to the next: what the methods of a query set do. */

import { Condition, toCondition, type WhereInput } from '../expressions/condition.ts'
import { Expression, Ordering } from '../expressions/expression.ts'
import type { FieldMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { givesNothing, withCompound } from './compound.ts'
import { noCompound, picture, QueryUsageError, QueryValueError } from './errors.ts'
import { recordKey } from './records.ts'
import { isPlainName, MARK, type Shape } from './shape.ts'
import type { Source } from './sources.ts'
import {
  type Compound,
  type FetchMode,
  initialState,
  isSliced,
  LETTER,
  type Lock,
  type Op,
  type PlainRecord,
  type RowMode,
  type Selected,
  type State,
  startOp,
  withOp,
  withRecord,
  writeState,
} from './state.ts'

function assertUnsliced(state: State, what: string): void {
  if (!isSliced(state)) return
  throw new QueryUsageError(`${what}() was called after slice().`, {
    code: 'db.sliced-query',
    hint: 'Slice last: the rows of a slice are already chosen.',
  })
}

/** What is put together can be ordered, cut, counted and read: which rows a filter() meant would be a guess. */
function assertSimple(state: State, what: string): void {
  if (state.compound !== null) throw noCompound(what)
}

/** The state of rows that are those of another statement, which stands in the place of the table. */
export function withSource(state: State, source: Source): State {
  const shape = startOp(state, LETTER.source)
  source.writeShape(shape)
  return withOp(state, { t: 'source', source }, shape)
}

/** join(): the rows of a source beside these, where paths and columns are equal. */
export function withJoin(
  state: State,
  source: Source,
  on: Readonly<Record<string, string>>,
  options: { readonly left?: boolean; readonly limit?: number | undefined; readonly hidden?: boolean },
): State {
  assertOptions('join()', options, ['left', 'limit', 'hidden'])
  const { left = false, limit, hidden = false } = options
  assertSimple(state, 'join')
  assertUnsliced(state, 'join')
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1)) {
    throw new QueryValueError(`join() cannot take ${picture(limit)} rows of each.`, {
      code: 'db.invalid-slice',
      hint: 'Give a whole number from 1.',
    })
  }
  if (limit !== undefined && (source.t === 'common' || isSliced(source.state) || source.state.compound !== null)) {
    throw new QueryUsageError(
      'The `limit` of join() is for query sets that are neither common tables, cut nor united.',
      {
        code: 'db.joined-limit',
        hint: 'Join the query set itself, without slice().',
      },
    )
  }
  const shape = startOp(state, LETTER.join)
  const pairs = Object.entries(on)
  for (const [path, column] of pairs) {
    assertName(path)
    assertName(column)
    shape.key += `${path}${MARK.op}${column}${MARK.op}`
  }
  shape.key += (left ? '?' : '') + (limit === undefined ? '' : '#') + (hidden ? '!' : '')
  if (limit !== undefined) shape.value(limit)
  source.writeShape(shape)
  return withOp(state, { t: 'join', source, on: pairs, left, limited: limit !== undefined, hidden }, shape)
}

/** What is put together by union() and the like, as a query of its own that reads from it; others as they are. */
export function asTable(state: State): State {
  if (state.compound === null) return state
  const { model } = state.compound.parts[0]!
  const { mode, alias, owner, inner, prefetch, known, fetch } = state
  const empty = state.empty || givesNothing(state.compound)
  const source = { t: 'rows', model, state, writeShape: (shape: Shape) => writeState(state, shape) } as const
  const own = { mode, alias, owner, inner, prefetch, known, empty, fetch }
  let outer: State = { ...withSource(initialState(model), source), ...own }
  for (const op of state.compound.parts[0]!.state.ops) if (op.t === 'related') outer = withRelated(outer, op.paths)
  // Inside, the order matters to a slice only.
  for (const op of state.ops) {
    if (op.t === 'order') outer = withOrder(outer, op.items)
    else if (op.t === 'reverse') outer = withReverse(outer)
  }
  return outer
}

/** filter(), exclude(). */
export function withFilter(state: State, where: WhereInput, negated = false): State {
  assertSimple(state, negated ? 'exclude' : 'filter')
  assertUnsliced(state, negated ? 'exclude' : 'filter')
  if (!isRecord(where)) return withCondition(state, toCondition(where), negated)
  const record = { ...where } // what is done to it later does not reach the query
  const values = state.values.length === 0 ? [] : [...state.values]
  const key = recordKey(state.key, negated ? 'exclude' : 'filter', record, values)
  return key === null
    ? withCondition(state, toCondition(record), negated)
    : withRecord(state, negated, record, key, values)
}

function isRecord(where: WhereInput): where is PlainRecord {
  return (
    typeof where === 'object' &&
    where !== null &&
    !(where instanceof Condition || where instanceof Expression || Array.isArray(where))
  )
}

function withCondition(state: State, condition: Condition, negated: boolean): State {
  if (condition.children.length === 0) return state
  const shape = startOp(state, negated ? LETTER.exclude : LETTER.filter)
  condition.write(shape)
  return withOp(state, { t: 'filter', negated, condition }, shape)
}

/** orderBy(); nothing clears the model's own ordering. */
export function withOrder(given: State, items: readonly unknown[]): State {
  assertUnsliced(given, 'orderBy')
  const checked = items.map((item): string | Ordering => {
    if (typeof item === 'string' || item instanceof Ordering) return item
    if (item instanceof Expression) return item.asc()
    throw new QueryValueError(`${picture(item)} is not an order.`, { code: 'db.invalid-order' })
  })
  // What is put together has columns, and no tables to join others to.
  const beyond = (item: string | Ordering): boolean => typeof item !== 'string' || item === '?' || item.includes('__')
  const state = given.compound !== null && checked.some(beyond) ? asTable(given) : given
  const shape = startOp(state, LETTER.order)
  for (const item of checked) {
    if (typeof item === 'string') {
      assertName(item)
      shape.key += `${item}${MARK.op}`
    } else item.write(shape)
  }
  return withOp(state, { t: 'order', items: checked }, shape, { ordered: items.length > 0 })
}

function assertName(name: unknown): void {
  if (typeof name === 'string' && isPlainName(name)) return
  throw new QueryValueError(`${typeof name === 'string' ? JSON.stringify(name) : picture(name)} is not a path.`, {
    code: 'db.unknown-field',
    status: 400,
  })
}

/** reverse(). */
export function withReverse(state: State): State {
  assertUnsliced(state, 'reverse')
  return withOp(state, { t: 'reverse' }, startOp(state, LETTER.reverse))
}

/** distinct(). */
export function withDistinct(state: State, on: boolean): State {
  assertSimple(state, 'distinct')
  assertUnsliced(state, 'distinct')
  return withOp(state, { t: 'distinct', on }, startOp(state, on ? LETTER.distinct : LETTER.indistinct))
}

/** distinctOn(). */
export function withDistinctOn(state: State, paths: readonly string[]): State {
  assertSimple(state, 'distinctOn')
  assertUnsliced(state, 'distinctOn')
  if (paths.length === 0) return withDistinct(state, true)
  const shape = startOp(state, LETTER.distinctOn)
  for (const path of paths) {
    assertName(path)
    shape.key += `${path}${MARK.op}`
  }
  return withOp(state, { t: 'distinctOn', paths }, shape)
}

const NAME = /^[A-Za-z_$][\w$]*$/

/** annotate(), alias(). */
export function withAnnotations(state: State, expressions: Readonly<Record<string, unknown>>, select = true): State {
  assertSimple(state, select ? 'annotate' : 'alias')
  const shape = startOp(state, select ? LETTER.annotate : LETTER.alias)
  const items = annotationsOf(expressions)
  for (const [name, expression] of items) {
    shape.key += name + MARK.open
    expression.write(shape)
    shape.key += MARK.close
  }
  return withOp(state, { t: 'annotate', items, select }, shape)
}

/** Names and expressions of annotate() or aggregate(), checked. */
export function annotationsOf(expressions: Readonly<Record<string, unknown>>): (readonly [string, Expression])[] {
  return Object.keys(expressions).map((name) => {
    const expression = expressions[name]
    // Names become keys of objects, never SQL; what could clash with an object's own is refused.
    if (!NAME.test(name) || name.startsWith('__') || name in Object.prototype || name === 'pk') {
      throw new QueryUsageError(`${JSON.stringify(name)} cannot be the name of an annotation.`, {
        code: 'db.invalid-annotation',
        hint: 'Use letters, digits and underscores.',
      })
    }
    if (!(expression instanceof Expression)) {
      throw new QueryUsageError(`The annotation "${name}" is ${picture(expression)}, not an expression.`, {
        code: 'db.invalid-annotation',
        hint: "Use an aggregate or F: { n: Count('tags') }.",
      })
    }
    return [name, expression] as const
  })
}

/** values(), valuesList(). Strings are paths; records give expressions names. */
export function withValues(given: State, columns: readonly unknown[], mode: RowMode): State {
  if (given.compound !== null && given.ordered === null && !isSliced(given))
    return compoundValues(given.compound, columns, mode)
  const state = asTable(given)
  const shape = startOp(state, LETTER.values)
  const selected: Selected[] = []
  for (const column of columns) {
    if (typeof column === 'string') {
      assertName(column)
      shape.key += `${column}${MARK.op}`
      selected.push(column)
    } else if (typeof column === 'object' && column !== null) {
      for (const [name, expression] of annotationsOf(column as Record<string, unknown>)) {
        shape.key += `${name}${MARK.expression}`
        expression.write(shape)
        selected.push({ name, expression })
      }
    } else throw new QueryValueError(`${picture(column)} is not a path.`, { code: 'db.unknown-field', status: 400 })
  }
  return withOp(state, { t: 'values', columns: selected }, shape, { mode, prefetch: [] })
}

/** selectRelated(); null forgets. */
export function withRelated(given: State, paths: readonly string[] | null): State {
  assertInstances(given, 'selectRelated')
  const state = asTable(given)
  const shape = startOp(state, LETTER.related)
  for (const path of paths ?? []) {
    assertName(path)
    shape.key += `${path}${MARK.op}`
  }
  return withOp(state, { t: 'related', paths }, shape)
}

/** only(), defer(); null forgets both. */
export function withLoading(given: State, paths: readonly string[] | null, only: boolean): State {
  assertInstances(given, only ? 'only' : 'defer')
  const state = asTable(given)
  const shape = startOp(state, only ? LETTER.only : LETTER.defer)
  for (const path of paths ?? ['']) {
    assertName(path)
    shape.key += `${path}${MARK.op}`
  }
  return withOp(state, { t: 'defer', only, paths }, shape)
}

/** The state with a column that only() and defer() do not leave out. */
export function withColumn(state: State, name: string, attname: string): State {
  if (!state.ops.some((op) => op.t === 'defer')) return state
  const ops = state.ops.map((op): Op => {
    if (op.t !== 'defer' || op.paths === null) return op
    return {
      ...op,
      paths: op.only ? [...op.paths, name] : op.paths.filter((path) => path !== name && path !== attname),
    }
  })
  return { ...state, ops, key: `${state.key}${MARK.op}${name}${MARK.part}` }
}

/** forUpdate(). */
export function withLock(state: State, lock: Lock): State {
  if (state.compound !== null) throw noCompound('forUpdate')
  const shape = startOp(state, LETTER.lock)
  for (const path of lock.of)
    if (!isPlainName(path))
      throw new QueryValueError(`${picture(path)} is not a path.`, { code: 'db.invalid-path', status: 400 })
  shape.key += `${lock.wait}${lock.noKey ? '!' : ''}${lock.of.join()}`
  return withOp(state, { t: 'lock', lock }, shape)
}

/** values() of what is put together are the values of each. */
function compoundValues({ op, parts }: Compound, columns: readonly unknown[], mode: RowMode): State {
  const [first, ...others] = parts.map((part) => ({ ...part, state: withValues(part.state, columns, mode) }))
  return withCompound(op, first!, others)
}

/** Rows behind a many-to-many field, of owners with these keys. */
export function withVia(state: State, field: FieldMeta, keys: readonly unknown[], shown: boolean): State {
  const shape = startOp(state, LETTER.via)
  // Field names of one model are unique, and so is the number that stands for a model.
  shape.key += `${initialState(field.model).key}.${field.name}${shown ? '!' : ''}`
  shape.value(keys)
  return withOp(state, { t: 'via', field, shown }, shape)
}

/**
 * A slice of the rows of each owner instead of all: of those equal in `by` (an attribute, or null for the owners of
 * {@link withVia}), in the state's order.
 */
export function withSliceOfEach(state: State, by: string | null, low: number, high: number | null): State {
  const shape = startOp(state, LETTER.sliceOfEach)
  shape.key += `${by ?? ''}${high === null ? '' : '!'}`
  shape.value(low)
  if (high !== null) shape.value(high)
  return withOp(state, { t: 'sliceOfEach', by, ends: high !== null }, shape)
}

/** fetchMode(). */
export function withFetchMode(state: State, mode: FetchMode): State {
  if (mode === 'one' || mode === 'peers' || mode === 'raise') return { ...state, fetch: mode }
  throw new QueryValueError(`${picture(mode)} is no way to fetch.`, {
    code: 'db.invalid-fetch-mode',
    hint: "Give 'one', 'peers' or 'raise'.",
  })
}

/** Relations are of instances. */
export function assertInstances(state: State, what: string): void {
  if (state.mode === 'instances') return
  throw new QueryUsageError(`${what}() was called after values().`, {
    code: 'db.not-instances',
    hint: 'Name the related columns in values() instead: values("author__name").',
  })
}

/** slice(from, to): rows of this state, counted from its first. */
export function withSlice(state: State, from: number, to: number | undefined): State {
  for (const edge of [from, to]) {
    if (edge !== undefined && (!Number.isSafeInteger(edge) || edge < 0)) {
      throw new QueryValueError(`slice(${from}${to === undefined ? '' : `, ${to}`}) is not possible.`, {
        code: 'db.invalid-slice',
        status: 400,
        hint: 'Give whole numbers from 0; to count from the end, reverse() first.',
      })
    }
  }
  const low = state.low + from
  const end = to === undefined ? null : state.low + to
  const high = end === null ? state.high : state.high === null ? end : Math.min(end, state.high)
  return { ...state, low, high, empty: state.empty || (high !== null && high <= low) }
}
