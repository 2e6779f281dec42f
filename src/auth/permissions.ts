import type { AbstractUser } from './models.ts'

const cache = new WeakMap<object, Promise<ReadonlySet<string>>>()

/** A user's permissions, read once per instance: own ones, and those of every group. */
export function permissionsOf(user: AbstractUser): Promise<ReadonlySet<string>> {
  let found = cache.get(user)
  if (!found) {
    found = load(user)
    cache.set(user, found)
    found.catch(() => cache.delete(user))
  }
  return found
}

async function load(user: AbstractUser): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const permission of await user.userPermissions.all().selectRelated('contentType'))
    names.add(`${permission.contentType.appLabel}.${permission.codename}`)
  for (const group of await user.groups.all())
    for (const permission of await group.permissions.all().selectRelated('contentType'))
      names.add(`${permission.contentType.appLabel}.${permission.codename}`)
  return names
}
