import type { AnyQuerySet } from '../db/index.ts'
import { ALIAS, type AnyInstance } from '../db/models/instance.ts'
import type { AnyModel } from '../db/models/meta.ts'
import type { AbstractUser } from './models.ts'

const cache = new WeakMap<object, Promise<ReadonlySet<string>>>()

/** A user's permissions, read once per instance: own ones, and those of every group. */
export function permissionsOf(user: AbstractUser): Promise<ReadonlySet<string>> {
  let found = cache.get(user)
  if (found === undefined) {
    found = load(user)
    cache.set(user, found)
    found.catch(() => cache.delete(user))
  }
  return found
}

/** Forgets what was read: a user object that outlives a change of its permissions. */
export function forgetPermissions(user: AbstractUser): void {
  cache.delete(user)
}

/** Reads the permissions of many users of one model at once, for those who ask of each: two queries. */
export async function readPermissions(users: readonly (AbstractUser & AnyInstance)[]): Promise<void> {
  const missing = users.filter((user) => !cache.has(user) && user.pk !== null)
  const [first] = missing
  if (missing.length < 2 || first === undefined) return
  const alias = first[ALIAS]
  const { objects } = first.constructor as unknown as AnyModel // an instance's class is a model
  const rows = (objects as AnyQuerySet).using(alias ?? 'default').dynamic({ pk__in: missing.map(({ pk }) => pk) })
  const found = new Map<unknown, Set<string>>()
  for (const way of ['userPermissions', 'groups__permissions']) {
    const [app, codename] = [`${way}__contentType__appLabel`, `${way}__codename`]
    for (const row of (await rows.dynamicOrderBy().dynamicValues('pk', app, codename)) as Record<string, unknown>[]) {
      const names = found.get(row.pk) ?? new Set()
      found.set(row.pk, names)
      if (row[codename] !== null) names.add(`${row[app]}.${row[codename]}`)
    }
  }
  // One that was not found, as the model's own `objects` leaves it out, is asked by itself.
  for (const user of missing) {
    const names = found.get(user.pk)
    if (names !== undefined) cache.set(user, Promise.resolve(names))
  }
}

async function load(user: AbstractUser): Promise<ReadonlySet<string>> {
  const own = await user.userPermissions.valuesList('contentType__appLabel', 'codename')
  const groups = await user.groups.valuesList('permissions__contentType__appLabel', 'permissions__codename')
  // A group without permissions gives a row without a name.
  return new Set([...own, ...groups].flatMap(([app, codename]) => (codename === null ? [] : [`${app}.${codename}`])))
}
