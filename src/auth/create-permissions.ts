import type { App } from '../apps/index.ts'
import { clearContentTypes, contentTypeId } from './contenttypes/lookup.ts'
import { Permission } from './models.ts'

const actions = ['add', 'change', 'delete', 'view'] as const

/** After `migrate`: a content type and four permissions for each model that has none yet. */
export async function createPermissions({ apps, alias }: { apps: Iterable<App>; alias: string }): Promise<void> {
  clearContentTypes()
  for (const app of apps) {
    for (const model of Object.values(app.models)) {
      const contentType = await contentTypeId(model, alias)
      const name = model.meta.name.toLowerCase()
      const existing = new Set(
        await Permission.objects.using(alias).filter({ contentType }).valuesList('codename', { flat: true }),
      )
      const missing = actions.filter((action) => !existing.has(`${action}_${name}`))
      if (missing.length === 0) continue
      await Permission.objects
        .using(alias)
        .bulkCreate(
          missing.map((action) => ({
            name: `Can ${action} ${model.meta.verboseName}`,
            contentType,
            codename: `${action}_${name}`,
          })),
        )
    }
  }
}
