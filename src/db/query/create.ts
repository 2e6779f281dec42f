/** create(), getOrCreate(), updateOrCreate(): the last two are safe against others doing the same. */

import type { MaybePromise } from '../backends/backend.ts'
import { IntegrityError } from '../errors.ts'
import { unknownAttribute } from '../models/attributes.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { onPrimary } from '../replicas.ts'
import { atomic } from '../transactions.ts'
import { DoesNotExist } from './errors.ts'
import { getRow } from './one.ts'
import { andThen, databaseToWrite, promised } from './rows.ts'
import { saveInstance, saveNow } from './save.ts'
import type { Lock, State } from './state.ts'
import { withLock } from './state-ops.ts'

type Values = Readonly<Record<string, unknown>>

/** The lock that UPDATE takes: rows that refer to this one may come meanwhile. */
const LOCK: Lock = { wait: 'wait', of: ['self'], noKey: true }

/** A new row. Started at once. */
export function createRow(model: AnyModel, state: State, values: Values): Promise<AnyInstance> {
  return promised(() => createNow(model, state, values))
}

function createNow(model: AnyModel, state: State, values: Values): MaybePromise<AnyInstance> {
  const known = state.known === null ? values : { ...values, [state.known.field]: state.known.instance }
  const instance = new model(known) as AnyInstance // a model makes instances
  // An instance of its own has no database yet: what it refers to may say.
  const named = state.alias ?? (state.owner === null ? undefined : databaseToWrite(model, state).alias)
  return andThen(saveNow(instance, { forceInsert: true, using: named }), () => instance)
}

/** Lookups that are plain fields are values of the new row, too. */
function newValues(where: Values, defaults: Values): Values {
  const plain = Object.entries(where).filter(([path]) => !path.includes('__'))
  const filled = Object.entries(defaults).map(
    ([name, value]) => [name, typeof value === 'function' ? value() : value] as const,
  )
  return Object.fromEntries([...plain.map(([path, value]) => [path, value] as const), ...filled])
}

/** What is found is not made: names are looked at all the same, or a misspelt one would wait for the first new row. */
function assertAttributes({ meta }: AnyModel, ...given: readonly Values[]): void {
  for (const name of given.flatMap(Object.keys)) {
    const field = meta.fields.get(name) ?? meta.byAttname.get(name)
    if (field === undefined || (field.parts.length === 0 && field.relation?.type !== 'reverseOne'))
      throw unknownAttribute(meta, name, field)
  }
}

/** Looks on the primary: a replica may not have the row yet. */
async function find(model: AnyModel, state: State, where: Values): Promise<AnyInstance | null> {
  try {
    return (await onPrimary(() => getRow(model, state, where))) as AnyInstance // rows of a model
  } catch (error) {
    if (error instanceof DoesNotExist) return null
    throw error
  }
}

/**
 * The row of a condition, or a new one. When another process inserts it in between, the unique constraint says so and
 * the row is read instead; without such a constraint two rows may appear.
 */
export async function getOrCreate(
  model: AnyModel,
  state: State,
  where: Values,
  defaults: Values,
): Promise<[AnyInstance, boolean]> {
  assertAttributes(model, defaults)
  const { alias } = databaseToWrite(model, state)
  const there = { ...state, alias }
  const found = await find(model, there, where)
  if (found !== null) return [found, false]
  try {
    const created = await atomic(() => createRow(model, there, newValues(where, defaults)), { using: alias })
    return [created, true]
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error
    const other = await find(model, there, where)
    if (other === null) throw error
    return [other, false]
  }
}

/**
 * Updates the row of a condition, or makes it; inside one transaction. A row that is there is locked before it is read
 * (SQLite has one writer at a time), so that what two clients write at once comes from one of them, whole: save() sends
 * only what differs from the row as it was read.
 */
export async function updateOrCreate(
  model: AnyModel,
  state: State,
  where: Values,
  defaults: Values,
  createDefaults: Values = defaults,
): Promise<[AnyInstance, boolean]> {
  assertAttributes(model, defaults, createDefaults)
  const { alias } = databaseToWrite(model, state)
  const there = { ...state, alias }
  const locked = withLock(there, LOCK)
  let creating = false
  const update = async (): Promise<AnyInstance | null> => {
    const instance = await find(model, locked, where)
    if (instance === null) return null
    for (const [name, value] of Object.entries(defaults)) instance[name] = typeof value === 'function' ? value() : value
    await saveInstance(instance, { using: alias })
    return instance
  }
  try {
    return await atomic(
      async () => {
        const updated = await update()
        if (updated !== null) return [updated, false]
        creating = true
        return [await createRow(model, there, newValues(where, createDefaults)), true]
      },
      { using: alias },
    )
  } catch (error) {
    if (!creating || !(error instanceof IntegrityError)) throw error
    // Somebody else was first. The insert that failed keeps a lock on MariaDB, which this block gave back.
    const updated = await atomic(update, { using: alias })
    if (updated === null) throw error
    return [updated, false]
  }
}
