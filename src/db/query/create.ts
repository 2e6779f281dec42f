/** create(), getOrCreate(), updateOrCreate(): the last two are safe against others doing the same. */

import { IntegrityError } from '../errors.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { onPrimary } from '../replicas.ts'
import { atomic } from '../transactions.ts'
import { DoesNotExist } from './errors.ts'
import { getRow } from './one.ts'
import { databaseToWrite } from './rows.ts'
import { saveInstance } from './save.ts'
import type { State } from './state.ts'

type Values = Readonly<Record<string, unknown>>

/** A new row. Started at once. */
export async function createRow(model: AnyModel, state: State, values: Values): Promise<AnyInstance> {
  const known = state.known === null ? values : { ...values, [state.known.field]: state.known.instance }
  const instance = new model(known) as AnyInstance // a model makes instances
  // An instance of its own has no database yet: what it refers to may say.
  const named = state.alias ?? (state.owner === null ? undefined : databaseToWrite(model, state).alias)
  await saveInstance(instance, { forceInsert: true, using: named })
  return instance
}

/** Lookups that are plain fields are values of the new row, too. */
function newValues(where: Values, defaults: Values): Values {
  const plain = Object.entries(where).filter(([path]) => !path.includes('__'))
  const filled = Object.entries(defaults).map(
    ([name, value]) => [name, typeof value === 'function' ? value() : value] as const,
  )
  return Object.fromEntries([...plain.map(([path, value]) => [path, value] as const), ...filled])
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
  const { alias } = databaseToWrite(model, state)
  const there = { ...state, alias }
  const found = await find(model, there, where)
  if (found !== null) return [found, false]
  try {
    const created = await atomic(() => createRow(model, state, newValues(where, defaults)), { using: alias })
    return [created, true]
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error
    const other = await find(model, there, where)
    if (other === null) throw error
    return [other, false]
  }
}

/** Updates the row of a condition, or makes it; inside one transaction. */
export async function updateOrCreate(
  model: AnyModel,
  state: State,
  where: Values,
  defaults: Values,
  createDefaults: Values = defaults,
): Promise<[AnyInstance, boolean]> {
  const { alias } = databaseToWrite(model, state)
  return atomic(
    async () => {
      const [instance, created] = await getOrCreate(model, { ...state, alias }, where, createDefaults)
      if (!created) {
        for (const [name, value] of Object.entries(defaults))
          instance[name] = typeof value === 'function' ? value() : value
        await saveInstance(instance, { using: alias })
      }
      return [instance, created]
    },
    { using: alias },
  )
}
