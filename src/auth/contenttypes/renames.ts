/** Content types and permissions keep their rows when a migration renames or moves their model: what points at them stays. */
import type { ModelsRenamed } from '../../db/migrations/index.ts'
import { clearContentTypes } from './lookup.ts'
import { ContentType } from './models.ts'

/** Renames content types. One of the new name that is there already stays as it is. */
export async function renameContentTypes({ renames, alias }: ModelsRenamed): Promise<void> {
  clearContentTypes()
  if (!(await hasTable(ContentType.meta.table, alias))) return
  for (const { app, from, to, toApp = app } of renames) {
    const objects = ContentType.objects.using(alias)
    const [old, now] = [from.toLowerCase(), to.toLowerCase()]
    const isSame = old === now && app === toApp
    if (isSame || (await objects.filter({ appLabel: toApp, model: now }).exists())) continue
    await objects.filter({ appLabel: app, model: old }).update({ appLabel: toApp, model: now })
  }
}

/** Whether a table is there: contenttypes and auth may come later than the model that is renamed. */
export async function hasTable(table: string, alias: string): Promise<boolean> {
  const { migrationDatabase } = await import('../../db/migrations/internal.ts') // only migrations come here
  return (await migrationDatabase(alias).tables()).includes(table)
}
