/**
 * Related sets: the rows on the many side of a relation, as a query set of the target's own class with methods that
 * change the relation; what those write is in `relation-changes.ts`.
 */
import { ALIAS, type AnyInstance } from '../models/instance.ts'
import { keyValue } from '../models/keys.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { atomic } from '../transactions.ts'
import type { AnyQuerySet } from './any-queryset.ts'
import type { BulkCreateOptions } from './bulk.ts'
import { createRow } from './create.ts'
import { NotLoadedError, QueryUsageError, QueryValueError } from './errors.ts'
import { hopsOf } from './paths.ts'
import { adopt, aliasOf, isThrough, keysOf, link, release, replace, type Side, unlink } from './relation-changes.ts'
import { initialState, type State } from './state.ts'
import { withFilter, withVia } from './state-ops.ts'
import type { Upserted } from './upsert.ts'

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
