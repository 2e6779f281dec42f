/**
 * Related sets: the rows on the many side of a relation, as a query set of the target's own class with methods that
 * change the relation.
 */
import { ALIAS, type AnyInstance, isInstance } from '../models/instance.ts'
import { keyId, keyValue, sameKey } from '../models/keys.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { assertRelation } from '../routers.ts'
import { m2mChanged, type RelationEvent } from '../signals.ts'
import { atomic } from '../transactions.ts'
import type { AnyQuerySet } from './any-queryset.ts'
import { type BulkCreateOptions, bulkCreate } from './bulk.ts'
import { keyConverter } from './converters.ts'
import { createRow } from './create.ts'
import { NotLoadedError, QueryUsageError, QueryValueError } from './errors.ts'
import { runDelete, runUpdate } from './execute.ts'
import { hopsOf } from './paths.ts'
import { databaseToWrite, readRows } from './rows.ts'
import { initialState, type State } from './state.ts'
import { withFilter, withValues, withVia } from './state-ops.ts'
import type { Upserted } from './upsert.ts'

/** The side of a relation: whose rows these are, and through which field. */
interface Side {
  readonly owner: AnyInstance
  readonly field: FieldMeta
  readonly ownKey: unknown
}

/** Where a relation is written: its own manager's database, or where the owner is. */
function aliasOf({ owner, field }: Side): string {
  const { target } = field.relation!
  const table = hopsOf(field).length === 2 ? hopsOf(field)[0]!.key.model : target
  return databaseToWrite(table, { ...(target.objects as AnyQuerySet<AnyInstance>).state, owner }).alias
}

type Values = Readonly<Record<string, unknown>>
/** What managers do besides, as a set goes on with it. */
interface Writes {
  getOrCreate(where: Values, defaults?: Values): Promise<[AnyInstance, boolean]>
  updateOrCreate(where: Values, defaults: Values, createDefaults?: Values): Promise<[AnyInstance, boolean]>
  bulkCreate(rows: readonly object[], options?: BulkCreateOptions): Promise<AnyInstance[]>
  upsert(rows: readonly object[], options: object): Promise<Upserted<AnyInstance>>
}
type QuerySetClass = new (model: AnyModel, state?: State) => AnyQuerySet<AnyInstance> & Writes
interface Filled extends AnyQuerySet<AnyInstance> {
  /** Gives the set its rows. */
  fill(items: readonly AnyInstance[]): void
}
type RelatedSetClass = new (model: AnyModel, state?: State) => Filled & Writes

const classes = new WeakMap<QuerySetClass, RelatedSetClass>()

/** The related set of an instance. `items`: its rows, where they were read. @throws QueryValueError db.unsaved-instance */
export function relatedSet(owner: AnyInstance, field: FieldMeta, items?: readonly AnyInstance[]): unknown {
  const set = emptySet(owner, field)
  if (items !== undefined) set.fill(items)
  return set
}

function emptySet(owner: AnyInstance, field: FieldMeta): Filled {
  const target = field.relation!.target
  const hops = hopsOf(field)
  const ownKey = keyValue(owner, hops[0]!.from)
  if (ownKey === null || ownKey === undefined) {
    throw new QueryValueError(`${String(owner)}.${field.name} has no rows yet: the instance was never saved.`, {
      code: 'db.unsaved-instance',
      hint: 'Save it first: await instance.save().',
    })
  }
  const manager = target.objects as AnyQuerySet<AnyInstance>
  const base: State = { ...manager.state, owner }
  const side: Side = { owner, field, ownKey }
  const Related = setClass(manager.constructor as QuerySetClass) // a manager is a query set
  if (hops.length === 2) return attach(new Related(target, withVia(base, field, [ownKey], false)), side)
  const { key } = hops[0]!
  const state = { ...withFilter(base, { [key.attname]: ownKey }), known: { field: key.name, instance: owner } }
  return attach(new Related(target, state), side)
}

const SIDE: unique symbol = Symbol('side')

function attach(set: Filled, side: Side): Filled {
  ;(set as unknown as { [SIDE]: Side })[SIDE] = side // read by the class below
  return set
}

/** The target's query set class with a relation's methods; made once for each. */
function setClass(Base: QuerySetClass): RelatedSetClass {
  let known = classes.get(Base)
  if (known === undefined) {
    known = makeSetClass(Base)
    classes.set(Base, known)
  }
  return known
}

function makeSetClass(Base: QuerySetClass): RelatedSetClass {
  return class RelatedSet extends Base {
    declare [SIDE]: Side
    /** Rows that were read ahead; null when they were not. */
    items: readonly AnyInstance[] | null = null

    // Filtering a related set gives a plain query set: its rows are not "the relation" any more.
    protected override with(state: State): this {
      return new Base(this.model, state) as this
    }
    override all(): this {
      return this.items === null ? this.with(this.state) : this
    }

    fill(items: readonly AnyInstance[]): void {
      this.items = items
      this.keepRows(items)
    }
    private forget(): void {
      this.items = null
      this.keepRows(null)
    }

    get length(): number {
      return this.loaded().length
    }
    [Symbol.iterator](): Iterator<AnyInstance> {
      return this.loaded()[Symbol.iterator]()
    }
    private loaded(): readonly AnyInstance[] {
      if (this.items !== null) return this.items
      const { owner, field } = this[SIDE]
      throw new NotLoadedError(`${String(owner)}.${field.name} was not read: it cannot be looped over yet.`, {
        code: 'db.not-loaded',
        hint: `Await it (for (const row of await x.${field.name})), or ask for it with prefetchRelated('${field.name}').`,
      })
    }

    async add(...items: unknown[]): Promise<void> {
      this.forget()
      await (isThrough(this[SIDE]) ? link(this[SIDE], items, {}) : adopt(this[SIDE], items))
    }
    /** As add(), with values for the other fields of the table between. */
    async addWith(defaults: Readonly<Record<string, unknown>>, ...items: unknown[]): Promise<void> {
      this.forget()
      if (!isThrough(this[SIDE])) throw notThrough(this[SIDE])
      await link(this[SIDE], items, defaults)
    }
    /** As set(), with values for rows between that are new. */
    async setWith(defaults: Readonly<Record<string, unknown>>, items: Iterable<unknown>): Promise<void> {
      this.forget()
      if (!isThrough(this[SIDE])) throw notThrough(this[SIDE])
      const wanted = [...items]
      await atomic(() => replace(this[SIDE], wanted, defaults), { using: aliasOf(this[SIDE]) })
    }
    /** As create(), with values for the row between. */
    async createWith(
      defaults: Readonly<Record<string, unknown>>,
      values: Readonly<Record<string, unknown>>,
    ): Promise<AnyInstance> {
      if (!isThrough(this[SIDE])) throw notThrough(this[SIDE])
      return this.made(values, defaults)
    }
    async remove(...items: unknown[]): Promise<void> {
      this.forget()
      await (isThrough(this[SIDE]) ? unlink(this[SIDE], keysOf(this[SIDE], items)) : release(this[SIDE], items))
    }
    async clear(): Promise<void> {
      this.forget()
      await (isThrough(this[SIDE]) ? unlink(this[SIDE], null) : release(this[SIDE], null))
    }
    async set(items: Iterable<unknown>): Promise<void> {
      this.forget()
      const wanted = [...items]
      await atomic(() => replace(this[SIDE], wanted), { using: aliasOf(this[SIDE]) })
    }
    /** A new row that is related from the start. */
    async create(values: Readonly<Record<string, unknown>>): Promise<AnyInstance> {
      return this.made(values, {})
    }
    /** A row that is made is related; one that is there is looked for among the related ones. */
    override async getOrCreate(...given: Parameters<Writes['getOrCreate']>): Promise<[AnyInstance, boolean]> {
      return this.linking(
        () => super.getOrCreate(...given),
        ([row, isNew]) => (isNew ? [row] : []),
      )
    }
    override async updateOrCreate(...given: Parameters<Writes['updateOrCreate']>): Promise<[AnyInstance, boolean]> {
      return this.linking(
        () => super.updateOrCreate(...given),
        ([row, isNew]) => (isNew ? [row] : []),
      )
    }
    override async bulkCreate(...given: Parameters<Writes['bulkCreate']>): Promise<AnyInstance[]> {
      return this.linking(
        () => super.bulkCreate(...given),
        (rows) => rows,
      )
    }
    /** Rows that are there are related as well: a row that was found is as much of the set as one that is new. */
    override async upsert(...given: Parameters<Writes['upsert']>): Promise<Upserted<AnyInstance>> {
      return this.linking(
        () => super.upsert(...given),
        (rows) => rows.filter((row) => row[ALIAS] !== null), // others were left alone, and are not known
      )
    }
    /** Does what makes rows, and relates those that are new: both or neither. */
    private async linking<R>(make: () => Promise<R>, made: (result: R) => readonly AnyInstance[]): Promise<R> {
      this.forget()
      const side = this[SIDE]
      if (!isThrough(side)) return make()
      return atomic(
        async () => {
          const result = await make()
          await link(side, made(result), {})
          return result
        },
        { using: aliasOf(side) },
      )
    }
    private async made(
      values: Readonly<Record<string, unknown>>,
      defaults: Readonly<Record<string, unknown>>,
    ): Promise<AnyInstance> {
      this.forget()
      const side = this[SIDE]
      if (!isThrough(side)) return createRow(this.model, this.state, values)
      const using = aliasOf(side)
      return atomic(
        async () => {
          const row = await createRow(this.model, { ...initialState(this.model), alias: using }, values)
          await link(side, [row], defaults)
          return row
        },
        { using },
      )
    }
  }
}

function notThrough({ field }: Side): QueryUsageError {
  return new QueryUsageError(`${field.model.meta.label}.${field.name} has no table between.`, {
    code: 'db.bad-relation',
  })
}

function isThrough({ field }: Side): boolean {
  return hopsOf(field).length === 2
}

/** Keys of the target, from instances and keys. */
function keysOf({ owner, field }: Side, items: readonly unknown[]): unknown[] {
  for (const item of items) if (isInstance(item)) assertRelation(field, owner, item)
  const convert = keyConverter(field)
  const keys = new Map<unknown, unknown>()
  for (const item of items) {
    if (item === null || item === undefined) {
      throw new QueryValueError(`${field.model.meta.label}.${field.name} was given ${String(item)}.`, {
        code: 'db.invalid-value',
      })
    }
    const key = convert(item)
    keys.set(keyId(key), key)
  }
  return [...keys.values()]
}

// -------------------------------------------------------------------- the other side of a foreign key

function holding(side: Side): { key: FieldMeta; state: State } {
  const { field } = side
  return { key: hopsOf(field)[0]!.key, state: { ...initialState(field.relation!.target), alias: aliasOf(side) } }
}

async function adopt(side: Side, items: readonly unknown[]): Promise<void> {
  const { key, state } = holding(side)
  const keys = keysOf(side, items)
  if (keys.length === 0) return
  const target = side.field.relation!.target
  await runUpdate(target, withFilter(state, { pk__in: keys }), [[key, null]], [side.ownKey])
  for (const item of items) if (isInstance(item)) item[key.name] = side.owner
}

/** Ends the relation: of these, or of all. */
async function release(side: Side, items: readonly unknown[] | null): Promise<void> {
  const { key, state } = holding(side)
  if (!key.null) {
    throw new QueryUsageError(
      `${key.model.meta.label}.${key.name} cannot be null: its rows cannot be without a ${side.owner.constructor.name}.`,
      {
        code: 'db.not-nullable',
        hint: 'Give them another, or delete them.',
      },
    )
  }
  const own = withFilter(state, { [key.attname]: side.ownKey })
  const rows = items === null ? own : withFilter(own, { pk__in: keysOf(side, items) })
  await runUpdate(side.field.relation!.target, rows, [[key, null]], [null])
  for (const item of items ?? []) if (isInstance(item)) item[key.name] = null
}

async function replace(
  side: Side,
  wanted: readonly unknown[],
  defaults: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const keys = keysOf(side, wanted)
  if (isThrough(side)) {
    const before = await linkedKeys(side)
    const has = (list: readonly unknown[], key: unknown) => list.some((other) => sameKey(other, key))
    const gone = before.filter((key) => !has(keys, key))
    if (gone.length > 0) await unlink(side, gone)
    await link(
      side,
      keys.filter((key) => !has(before, key)),
      defaults,
    )
    return
  }
  const { key, state } = holding(side)
  if (key.null) {
    const others = withFilter(withFilter(state, { [key.attname]: side.ownKey }), { pk__in: keys }, true)
    await runUpdate(side.field.relation!.target, others, [[key, null]], [null])
  }
  await adopt(side, wanted)
}

// -------------------------------------------------------------------- the table between

interface Between {
  readonly model: AnyModel
  readonly from: FieldMeta
  readonly to: FieldMeta
  /** Links go both ways. */
  readonly both: boolean
}

function between({ field }: Side): Between {
  const hops = hopsOf(field)
  const from = hops[0]!.key
  return { model: from.model, from, to: hops[1]!.key, both: field.relation!.symmetrical }
}

function links(side: Side, { model, from }: Between, own: FieldMeta = from): State {
  return withFilter({ ...initialState(model), alias: aliasOf(side) }, { [own.attname]: side.ownKey })
}

async function linkedKeys(side: Side, keys: readonly unknown[] | null = null): Promise<unknown[]> {
  const table = between(side)
  const state = links(side, table)
  const some = keys === null ? state : withFilter(state, { [`${table.to.attname}__in`]: keys })
  return readRows(table.model, withValues(some, [table.to.attname], 'flat'))
}

async function tell(side: Side, action: RelationEvent['action'], keys: readonly unknown[]): Promise<void> {
  if (!m2mChanged.hasReceivers) return
  await m2mChanged.send({ action, instance: side.owner, field: side.field, keys, alias: aliasOf(side) })
}

async function link(side: Side, items: readonly unknown[], defaults: Readonly<Record<string, unknown>>): Promise<void> {
  const keys = keysOf(side, items)
  if (keys.length === 0) return
  const table = between(side)
  const alias = aliasOf(side)
  await atomic(
    async () => {
      const known = new Set((await linkedKeys(side, keys)).map(keyId))
      const fresh = keys.filter((key) => !known.has(keyId(key)))
      if (fresh.length === 0) return
      await tell(side, 'preAdd', fresh)
      const row = (from: unknown, to: unknown) => ({
        ...called(defaults),
        [table.from.name]: from,
        [table.to.name]: to,
      })
      const rows = fresh.map((key) => row(side.ownKey, key))
      const mirrored = table.both
        ? fresh.filter((key) => !sameKey(key, side.ownKey)).map((key) => row(key, side.ownKey))
        : []
      const state = { ...initialState(table.model), alias }
      // Another process may have linked them meanwhile; the unique constraint of our own tables keeps one.
      await bulkCreate(table.model, state, [...rows, ...mirrored], { ignoreConflicts: table.model.meta.autoCreated })
      await tell(side, 'postAdd', fresh)
    },
    { using: alias },
  )
}

/** Values that are functions are asked for anew for each row, as in getOrCreate(). */
function called(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'function' ? value() : value]),
  )
}

/** Ends links: to these keys, or all. */
async function unlink(side: Side, keys: readonly unknown[] | null): Promise<void> {
  if (keys !== null && keys.length === 0) return
  const table = between(side)
  const [before, after] = keys === null ? (['preClear', 'postClear'] as const) : (['preRemove', 'postRemove'] as const)
  await atomic(
    async () => {
      await tell(side, before, keys ?? [])
      const some = (state: State, other: FieldMeta): State =>
        keys === null ? state : withFilter(state, { [`${other.attname}__in`]: keys })
      await runDelete(table.model, some(links(side, table), table.to))
      if (table.both) await runDelete(table.model, some(links(side, table, table.to), table.from))
      await tell(side, after, keys ?? [])
    },
    { using: aliasOf(side) },
  )
}
