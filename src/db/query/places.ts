/** The places that new rows take in the order of their group: behind the last one there (`orderWithRespectTo`). */
import type { Database } from '../connections.ts'
import { Max } from '../expressions/index.ts'
import { ROW_ORDER } from '../models/definition.ts'
import { hook } from '../models/hooks.ts'
import type { AnyInstance } from '../models/instance.ts'
import { keyId, keyValue } from '../models/keys.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'

/** The part of a query set that is used here. */
interface Rows {
  using(alias: string): Rows
  filter(where: object): Rows
  values(...paths: string[]): Rows
  annotate(expressions: object): Rows
  orderBy(): PromiseLike<readonly Readonly<Record<string, unknown>>[]>
}

/** Gives instances without a place the next ones of their groups, in the order of the list. One that has a place keeps it. */
export async function takePlaces(instances: readonly AnyInstance[], meta: ModelMeta, db: Database): Promise<void> {
  const group = meta.orderWithRespectTo
  if (group === null) return
  const without = instances.filter((each) => (each[ROW_ORDER] ?? null) === null)
  if (without.length === 0) return
  const groups = new Map(without.map((each) => [groupId(each, group), keyValue(each, group.parts) ?? null]))
  const last = await lastPlaces(meta, group, [...groups.values()], db)
  for (const each of without) {
    const id = groupId(each, group)
    const place = (last.get(id) ?? -1) + 1
    each[ROW_ORDER] = place
    last.set(id, place)
  }
}

function groupId(row: Readonly<Record<string, unknown>> | AnyInstance, group: FieldMeta): unknown {
  const key = keyValue(row as AnyInstance, group.parts) // a row of values has these names as well
  return key === null || key === undefined ? null : keyId(key)
}

/** The last place of each group that has rows. */
async function lastPlaces(
  meta: ModelMeta,
  group: FieldMeta,
  keys: readonly unknown[],
  { alias }: Database,
): Promise<Map<unknown, number>> {
  const all = (hook('createManager')(meta.model) as Rows).using(alias) // whatever the model's own `objects` leaves out
  const known = keys.filter((key) => key !== null)
  const asked: Rows[] = []
  if (known.length > 0) asked.push(all.filter({ [`${group.name}__in`]: known }))
  if (known.length < keys.length) asked.push(all.filter({ [`${group.name}__isnull`]: true }))
  const last = new Map<unknown, number>()
  for (const rows of asked) {
    const names = group.parts.map((part) => part.attname)
    for (const row of await rows
      .values(...names)
      .annotate({ lastPlace_: Max(ROW_ORDER) })
      .orderBy())
      last.set(groupId(row, group), Number(row.lastPlace_))
  }
  return last
}
