/** What changes a relation from its side with many rows: foreign keys of those rows, or rows of the table between. */
import { type AnyInstance, isInstance } from '../models/instance.ts'
import { keyId, sameKey } from '../models/keys.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { assertRelation } from '../routers.ts'
import { m2mChanged, type RelationEvent } from '../signals.ts'
import { atomic } from '../transactions.ts'
import type { AnyQuerySet } from './any-queryset.ts'
import { bulkCreate } from './bulk.ts'
import { keyConverter } from './converters.ts'
import { QueryUsageError, QueryValueError } from './errors.ts'
import { runDelete, runUpdate } from './execute.ts'
import { hopsOf } from './paths.ts'
import { databaseToWrite, readRows } from './rows.ts'
import { initialState, type State } from './state.ts'
import { withFilter, withValues } from './state-ops.ts'

/** The side of a relation: whose rows these are, and through which field. */
export interface Side {
  readonly owner: AnyInstance
  readonly field: FieldMeta
  readonly ownKey: unknown
}

/** Where a relation is written: its own manager's database, or where the owner is. */
export function aliasOf({ owner, field }: Side): string {
  const { target } = field.relation!
  const table = hopsOf(field).length === 2 ? hopsOf(field)[0]!.key.model : target
  return databaseToWrite(table, { ...(target.objects as AnyQuerySet<AnyInstance>).state, owner }).alias
}

/** Whether a table stands between the two sides. */
export function isThrough({ field }: Side): boolean {
  return hopsOf(field).length === 2
}

/** Keys of the target, from instances and keys. */
export function keysOf({ owner, field }: Side, items: readonly unknown[]): unknown[] {
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

/** Relates rows by their own foreign key. */
export async function adopt(side: Side, items: readonly unknown[]): Promise<void> {
  const { key, state } = holding(side)
  const keys = keysOf(side, items)
  if (keys.length === 0) return
  const target = side.field.relation!.target
  await runUpdate(target, withFilter(state, { pk__in: keys }), [[key, null]], [side.ownKey])
  for (const item of items) if (isInstance(item)) item[key.name] = side.owner
}

/** Ends the relation: of these, or of all. */
export async function release(side: Side, items: readonly unknown[] | null): Promise<void> {
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

/** Relates these rows, and no others. */
export async function replace(
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

/** Relates rows by rows of the table between. */
export async function link(
  side: Side,
  items: readonly unknown[],
  defaults: Readonly<Record<string, unknown>>,
): Promise<void> {
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
export async function unlink(side: Side, keys: readonly unknown[] | null): Promise<void> {
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
