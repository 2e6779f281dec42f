/**
 * Related rows read ahead or on demand: one query for a relation of many instances. prefetchRelated() and awaiting an
 * unloaded relation are the same work.
 */
import { type AnyInstance, CACHE, cached, PEERS, setCached } from '../models/instance.ts'
import { keyId, keyValue, sameKey } from '../models/keys.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { reading } from '../traced.ts'
import { DoesNotExist, NotLoadedError, picture, QueryUsageError, unknownRelation } from './errors.ts'
import { type Families, gathererOf, join } from './families.ts'
import { hopsOf } from './paths.ts'
import { planRows } from './plan.ts'
import { peersOf, Result } from './result.ts'
import { databaseOf, readRows, rowsPlan } from './rows.ts'
import { initialState, isSliced, type State } from './state.ts'
import { withColumn, withFilter, withSliceOfEach, withVia } from './state-ops.ts'

/** A query set, as far as it is needed here. */
interface QueryLike {
  readonly model: AnyModel
  readonly state: State
}

/** Options of {@link Prefetch}. */
export interface PrefetchOptions<A extends string = string> {
  /** The attribute that gets the rows, as a list (or one row, or null); the relation itself stays as it is. */
  readonly toAttr?: A
}

/**
 * A relation to read ahead with a query set of your own: `new Prefetch('chapters', Chapter.objects.filter({ … }))`. A
 * slice of it is a slice for each row: `.orderBy('-number').slice(0, 3)` are the last three chapters of every book.
 */
export class Prefetch<P extends string = string, A extends string = string, R = unknown> {
  /** What toAttr gets; for the compiler only. */
  declare readonly '~rows': R
  readonly path: P
  readonly queryset: QueryLike | null
  readonly toAttr: A | null

  constructor(path: P, queryset?: PrefetchQuery<R>, options: PrefetchOptions<A> = {}) {
    assertOptions('Prefetch', options, ['toAttr'])
    const { toAttr } = options
    this.path = path
    this.queryset = (queryset as unknown as QueryLike | undefined) ?? null // every query set is one
    this.toAttr = toAttr ?? null
  }
}
/** The query set of a {@link Prefetch}. */
export interface PrefetchQuery<R> {
  readonly model: AnyModel
  list(): Promise<R[]>
}

/** What prefetchRelated() takes: a path, or a {@link Prefetch}. */
export type PrefetchInput = string | Prefetch

/** A path to read ahead: which rows, and where they are put. */
export interface PrefetchSpec {
  readonly names: readonly string[]
  readonly queryset: QueryLike | null
  readonly toAttr: string | null
}

/** What prefetchRelated() was given. */
export function prefetchSpecs(inputs: readonly PrefetchInput[]): PrefetchSpec[] {
  return inputs.map((input) => {
    const { path, queryset, toAttr } = typeof input === 'string' ? { path: input, queryset: null, toAttr: null } : input
    const wrong =
      queryset !== null && queryset.state.mode !== 'instances'
        ? 'gives no instances'
        : queryset !== null && queryset.state.compound !== null
          ? 'was put together by union() or the like'
          : null
    if (wrong !== null) {
      throw new QueryUsageError(`The query set of Prefetch("${path}") ${wrong}.`, {
        code: 'db.bad-prefetch',
        hint: 'Filter, order and cut it only; a union can be filtered by first.',
      })
    }
    if (toAttr !== null && !/^[A-Za-z_$][\w$]*$/.test(toAttr)) {
      throw new QueryUsageError(`${picture(toAttr)} cannot be the name of an attribute.`, {
        code: 'db.bad-prefetch',
        hint: 'Use letters, digits and underscores.',
      })
    }
    return { names: path.split('__'), queryset, toAttr }
  })
}

/** Reads relations of instances ahead, level by level. */
export async function prefetch(
  meta: ModelMeta,
  owners: readonly AnyInstance[],
  specs: readonly PrefetchSpec[],
): Promise<void> {
  const levels = new Map<string, { queryset: QueryLike | null; rest: PrefetchSpec[] }>()
  for (const { names, queryset, toAttr } of specs) {
    const name = names[0]!
    if (names.length === 1 && toAttr !== null) {
      await loadInto(relationOf(meta, name), owners, queryset, attributeOf(meta, toAttr))
      continue
    }
    const level = levels.get(name) ?? { queryset: null, rest: [] }
    levels.set(name, level)
    if (names.length === 1 && queryset !== null) {
      if (level.queryset !== null && level.queryset !== queryset) throw twice(meta, name)
      level.queryset = queryset
    } else if (names.length === 1) continue
    else level.rest.push({ names: names.slice(1), queryset, toAttr })
  }
  for (const [name, { queryset, rest }] of levels) {
    const field = relationOf(meta, name)
    const missing = queryset === null ? owners.filter((owner) => !isRead(owner, field)) : owners
    if (missing.length > 0) await loadInto(field, missing, queryset)
    if (rest.length > 0) {
      const next = owners.flatMap((owner) => readOf(owner, field))
      if (next.length > 0) await prefetch(field.relation!.target.meta, [...new Set(next)], rest)
    }
  }
}

function twice(meta: ModelMeta, name: string): QueryUsageError {
  return new QueryUsageError(`${meta.label}.${name} is to be read ahead with two different query sets.`, {
    code: 'db.bad-prefetch',
    hint: "Give one of them an attribute of its own: new Prefetch(path, rows, { toAttr: 'name' }).",
  })
}

function relationOf(meta: ModelMeta, name: string): FieldMeta {
  const field = meta.fields.get(name)
  if (field?.relation == null) throw unknownRelation(name, meta.label, relationNames(meta), name)
  return field
}

/** The attribute that takes rows, if nothing else has its name. */
function attributeOf(meta: ModelMeta, name: string): string {
  if (!meta.fields.has(name) && !meta.byAttname.has(name) && !(name in meta.model.prototype)) return name
  throw new QueryUsageError(`toAttr "${name}" is the name of something that ${meta.label} has already.`, {
    code: 'db.bad-prefetch',
    hint: 'Choose another name.',
  })
}

function relationNames(meta: ModelMeta): string[] {
  return [...meta.fields.values()].filter((field) => field.relation !== null).map((field) => field.name)
}

/** Whether a relation's value is there and still right. */
function isRead(owner: AnyInstance, field: FieldMeta): boolean {
  const value = cached(owner, field.name)
  const isKey = field.parts.length > 0
  if (value === undefined) return isKey && (owner[field.attname] ?? null) === null
  // A set that was changed forgets its rows, and stays.
  if (!field.relation!.single) return Array.isArray(value) || (value !== null && (value as RelatedItems).items !== null)
  if (!isKey || value === null) return value !== null || !isKey
  return sameKey(keyValue(value as AnyInstance, field.relation!.targets), owner[field.attname])
}

/** What a relation's value holds. */
function readOf(owner: AnyInstance, field: FieldMeta): readonly AnyInstance[] {
  const value = owner[CACHE]?.[field.name]
  if (value === null || value === undefined) return []
  if (field.relation!.single) return [value as AnyInstance]
  return Array.isArray(value) ? (value as AnyInstance[]) : ((value as RelatedItems).items ?? []) // what give() put there
}

/** A related set; its rows, if they were read. */
interface RelatedItems {
  readonly items: readonly AnyInstance[] | null
}

/** Reads one relation of many owners, with one query, and gives it to each. */
async function loadInto(
  field: FieldMeta,
  owners: readonly AnyInstance[],
  queryset: QueryLike | null,
  toAttr: string | null = null,
): Promise<void> {
  const { relation } = field
  const target = relation!.target
  if (queryset !== null && queryset.model.meta.concrete !== target.meta.concrete) {
    throw new QueryUsageError(
      `Prefetch("${field.name}") has a query set of ${queryset.model.meta.label}; the relation leads to ${target.meta.label}.`,
      { code: 'db.bad-prefetch', hint: `Give it ${target.meta.name}.objects, filtered as you like.` },
    )
  }
  const base = queryset?.state ?? initialState(target)
  const state: State = base.alias !== null ? base : { ...base, owner: owners[0]! }
  const parent = ownersTogether(owners)
  const result = resultOf(parent, field, state, toAttr)
  const loading = { field, target, state, result, toAttr }
  if (field.parts.length > 0) return loadForward(owners, loading)
  const hops = hopsOf(field)
  const families: Families = new Map()
  const keys: unknown[] = []
  for (const owner of owners) {
    const value = keyValue(owner, hops[0]!.from)
    const id = keyId(value)
    const family = families.get(id)
    if (family !== undefined) join(family, owner)
    else {
      families.set(id, { owner, twins: null, items: [] })
      if (value !== null && value !== undefined) keys.push(value)
    }
  }
  if (hops.length === 2) await readThrough(families, keys, loading)
  else {
    const { key } = hops[0]!
    // Whose rows they are must be known, whatever only() leaves out.
    const ofOwners = withFilter(withColumn(whole(state), key.name, key.attname), { [`${key.attname}__in`]: keys })
    const rows = state.empty ? [] : await related(target, slicedForEach(state, ofOwners, key.attname), result)
    gathererOf(key)(rows, families)
  }
  for (const { owner, twins, items } of families.values()) {
    give(owner, field, items, toAttr)
    for (const twin of twins ?? []) give(twin, field, items.slice(), toAttr)
  }
}

/** The result that owners came with; of owners from several results one made for them. */
function ownersTogether(owners: readonly AnyInstance[]): Result | null {
  const first = owners[0]![PEERS]
  if (!(first instanceof Result)) return null
  return owners.every((owner) => owner[PEERS] === first) ? first : Result.of(owners, first.mode)
}

/** The state without its slice. */
function whole(state: State): State {
  return isSliced(state) ? { ...state, low: 0, high: null } : state
}

/** The rows of owners, cut for each as the state asks. */
function slicedForEach(asked: State, rows: State, by: string | null): State {
  return isSliced(asked) ? withSliceOfEach(rows, by, asked.low, asked.high) : rows
}

/** Rows of a target, with what its own query set reads ahead. */
async function related(target: AnyModel, state: State, result: Result | undefined): Promise<AnyInstance[]> {
  const rows = (await readRows(target, state, false, result)) as AnyInstance[] // a model's rows
  if (state.prefetch.length > 0 && rows.length > 0) await prefetch(target.meta, rows, state.prefetch)
  return rows
}

interface Loading {
  readonly field: FieldMeta
  readonly target: AnyModel
  readonly state: State
  readonly result: Result | undefined
  readonly toAttr: string | null
}

async function loadForward(owners: readonly AnyInstance[], loading: Loading): Promise<void> {
  const { field, target, state, result, toAttr } = loading
  if (isSliced(state)) {
    throw new QueryUsageError(`Prefetch("${field.name}") was given a slice, but leads to one row.`, {
      code: 'db.bad-prefetch',
      hint: 'Leave out slice().',
    })
  }
  const { targets } = field.relation!
  const wanted = new Map<unknown, unknown>()
  for (const owner of owners) {
    const value = owner[field.attname]
    if (value !== null && value !== undefined) wanted.set(keyId(value), value)
  }
  const name = targets.length === 1 ? targets[0]!.attname : 'pk'
  const some = withFilter(state, { [`${name}__in`]: [...wanted.values()] })
  const rows = wanted.size === 0 ? [] : await related(target, some, result)
  const byKey = new Map(rows.map((row) => [keyId(keyValue(row, targets)), row]))
  for (const owner of owners) {
    const row = byKey.get(keyId(owner[field.attname]))
    if (toAttr !== null) owner[toAttr] = row ?? null
    if (row === undefined) continue
    if (toAttr === null) setCached(owner, field.name, row)
    const back = backOf(field)
    if (back !== null) setCached(row, back, owner)
  }
}

/** The reverseOne field that answers to a oneToOne. */
function backOf(field: FieldMeta): string | null {
  if (field.relation!.type !== 'oneToOne') return null
  for (const other of field.relation!.target.meta.fields.values()) {
    if (other.relation?.type === 'reverseOne' && other.relation.via === field) return other.name
  }
  return null
}

/** Many-to-many: targets joined with the table between, which says whose they are. */
async function readThrough(families: Families, keys: readonly unknown[], loading: Loading): Promise<void> {
  const { field, target, state, result } = loading
  const asked = slicedForEach(state, withVia(whole(state), field, keys, true), null)
  const db = databaseOf(target, asked)
  const plan = rowsPlan(target, asked, db)
  const rows = keys.length === 0 || state.empty ? [] : await planRows(db, plan, asked.values)
  const items = plan.hydrate!(rows, db.alias, result) as AnyInstance[] // a model's rows
  if (asked.prefetch.length > 0 && items.length > 0) await prefetch(target.meta, items, asked.prefetch)
  const from = hopsOf(field)[0]!.to
  const decoders = from.map((column) => db.decoder(column.kind!, column.type ?? undefined))
  rows.forEach((row, i) => {
    // The columns that say whose row it is come last; see build.ts.
    const values = row.slice(-from.length).map((raw, at) => decoders[at]?.(raw) ?? raw)
    families.get(from.length === 1 ? values[0] : keyId(values))?.items.push(items[i]!)
  })
}

function give(owner: AnyInstance, field: FieldMeta, items: AnyInstance[], toAttr: string | null): void {
  if (toAttr !== null) {
    owner[toAttr] = field.relation!.single ? (items[0] ?? null) : items
    return
  }
  if (field.relation!.single) {
    setCached(owner, field.name, items[0] ?? null)
    return
  }
  setCached(owner, field.name, items) // the set is made when it is asked for; see models/accessors.ts
}

/** What lets rows find each other through their owners. Undefined where these have no result: then the rows have their own. */
function resultOf(parent: Result | null, field: FieldMeta, state: State, toAttr: string | null): Result | undefined {
  if (parent === null) return undefined
  const result = new Result(parent, toAttr ?? field.name, toAttr !== null)
  if (state.fetch !== null) result.fetches(state.fetch)
  return result
}

/**
 * Awaiting an unloaded relation: reads it for every instance of the same result that lacks it.
 * @throws DoesNotExist when a foreign key points to no row
 */
export async function loadRelated(instance: AnyInstance, field: FieldMeta): Promise<AnyInstance | null> {
  if (field.parts.length > 0 && (instance[field.attname] ?? null) === null) return null
  const result = instance[PEERS]
  const mode = result instanceof Result ? result.mode : 'peers'
  if (mode === 'raise') {
    throw new NotLoadedError(`${String(instance)}.${field.name} was not read, and fetchMode("raise") forbids to.`, {
      code: 'db.not-loaded',
      hint: `Read it with the row: selectRelated('${field.name}') or prefetchRelated('${field.name}').`,
    })
  }
  if (mode === 'one') {
    await reading(field, () => loadInto(field, [instance], null))
    return found(instance, field)
  }
  if (!(result instanceof Result)) {
    await reading(field, () => loadInto(field, [instance], null))
    return found(instance, field)
  }
  const block = blockOf(instance, field)
  const pending = result.pending?.get(field)
  if (pending !== undefined && pending.block === block) {
    await pending.done
    if (isRead(instance, field) || result.lost?.get(field)?.has(instance)) return found(instance, field)
  }
  const lost = result.lost?.get(field)
  const others = peersOf(instance).filter(
    (peer) => peer !== instance && !isRead(peer, field) && lost?.has(peer) !== true,
  )
  const owners = [instance, ...others]
  const done = reading(field, () => loadInto(field, owners, null))
  const load = { block, done }
  result.pending ??= new Map()
  result.pending.set(field, load)
  try {
    await done
  } finally {
    if (result.pending.get(field) === load) result.pending.delete(field)
  }
  const missing = owners.filter((owner) => !isRead(owner, field))
  if (missing.length > 0) {
    result.lost ??= new Map()
    const known = result.lost.get(field) ?? new WeakSet()
    for (const owner of missing) known.add(owner)
    result.lost.set(field, known)
  }
  return found(instance, field)
}

/** The block that reading a relation happens in now; null outside of blocks. */
function blockOf(owner: AnyInstance, field: FieldMeta): unknown {
  const { target } = field.relation!
  return databaseOf(target, { ...initialState(target), owner }).currentBlock()
}

/** What was loaded. */
function found(instance: AnyInstance, field: FieldMeta): AnyInstance | null {
  const value = (cached(instance, field.name) ?? null) as AnyInstance | null // put there by loadInto
  if (value === null && field.parts.length > 0) {
    const { label, name } = field.relation!.target.meta
    throw new DoesNotExist(
      label,
      `${String(instance)}.${field.name} points to a ${name} that is not there (${String(instance[field.attname])}).`,
    )
  }
  return value
}
