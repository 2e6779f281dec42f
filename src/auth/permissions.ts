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

async function load(user: AbstractUser): Promise<ReadonlySet<string>> {
  const own = await user.userPermissions.valuesList('contentType__appLabel', 'codename')
  const groups = await user.groups.valuesList('permissions__contentType__appLabel', 'permissions__codename')
  // A group without permissions gives a row without a name.
  return new Set([...own, ...groups].flatMap(([app, codename]) => (codename === null ? [] : [`${app}.${codename}`])))
}
