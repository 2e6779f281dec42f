import type { AnyModel } from '../db/index.ts'
import type { MigrateEvent } from '../db/migrations/index.ts'
import { clearContentTypes } from './contenttypes/lookup.ts'
import { ContentType } from './contenttypes/models.ts'
import { Permission } from './models.ts'

/** Each model has a permission for each of them. */
export const ACTIONS: readonly string[] = ['add', 'change', 'delete', 'view']

/** What a model's header says of permissions. */
interface PermissionOptions {
  readonly defaultPermissions?: readonly string[]
  readonly permissions?: readonly (readonly [codename: string, name: string])[]
}

/** Permissions of a model, as codename and name: one per action, then its own. */
function permissionsFor({ meta }: AnyModel): [codename: string, name: string][] {
  const { defaultPermissions = ACTIONS, permissions = [] } = meta.options as PermissionOptions // as ModelOptions has them
  const own = permissions.map(([codename, name]): [string, string] => [codename, name])
  const byAction = defaultPermissions.map((action): [string, string] => [
    `${action}_${meta.name.toLowerCase()}`,
    `Can ${action} ${meta.verboseName}`,
  ])
  return [...byAction, ...own]
}

/** After `migrate`: a content type and permissions for each model, where they are missing. */
export async function createPermissions({ apps, alias }: Pick<MigrateEvent, 'apps' | 'alias'>): Promise<void> {
  clearContentTypes()
  const { migrationDatabase } = await import('../db/migrations/internal.ts') // only `migrate` comes here
  const tables = await migrationDatabase(alias).tables()
  // Migrated back to before them.
  if (![ContentType, Permission].every((model) => tables.includes(model.meta.table))) return
  const models = apps.flatMap((app) => Object.values(app.models))
  const ids = await contentTypes(models, alias)
  const rows = await Permission.objects.using(alias).valuesList('contentType', 'codename')
  const existing = new Set(rows.map(([id, codename]) => `${id}.${codename}`))
  const missing = models.flatMap((model) => {
    const contentType = ids.get(keyOf(model))!
    return permissionsFor(model)
      .filter(([codename]) => !existing.has(`${contentType}.${codename}`))
      .map(([codename, name]) => ({ contentType, codename, name: name.slice(0, 255) }))
  })
  if (missing.length > 0) await Permission.objects.using(alias).bulkCreate(missing)
}

/** Ids of content types by {@link keyOf}; rows are made where they are missing. */
async function contentTypes(models: readonly AnyModel[], alias: string): Promise<Map<string, number>> {
  const objects = ContentType.objects.using(alias)
  const read = async () =>
    new Map((await objects.valuesList('appLabel', 'model', 'id')).map(([app, model, id]) => [`${app}.${model}`, id]))
  const known = await read()
  const missing = models.filter((model) => !known.has(keyOf(model)))
  if (missing.length === 0) return known
  await objects.bulkCreate(missing.map(({ meta }) => ({ appLabel: meta.app, model: meta.name.toLowerCase() })))
  return read()
}

function keyOf({ meta }: AnyModel): string {
  return `${meta.app}.${meta.name.toLowerCase()}`
}
