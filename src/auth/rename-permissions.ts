import type { ModelsRenamed } from '../db/migrations/index.ts'
import { hasTable, renameContentTypes } from './contenttypes/renames.ts'
import { ACTIONS } from './create-permissions.ts'
import { Permission } from './models.ts'

/** `change_book` becomes `change_volume`, in every group and of every user that has it. Own permissions keep their names. */
export async function renamePermissions(event: ModelsRenamed): Promise<void> {
  const { renames, alias } = event
  await renameContentTypes(event)
  if (!(await hasTable(Permission.meta.table, alias))) return
  for (const { app, from, to, toApp = app } of renames) {
    const [old, now] = [from.toLowerCase(), to.toLowerCase()]
    const ofModel = Permission.objects.using(alias).filter({ contentType__appLabel: toApp, contentType__model: now })
    for (const action of ACTIONS) {
      if (await ofModel.filter({ codename: `${action}_${now}` }).exists()) continue
      const found = await ofModel.filter({ codename: `${action}_${old}` }).first()
      if (found === null) continue
      found.codename = `${action}_${now}`
      // A name that somebody wrote stays.
      if (found.name === `Can ${action} ${words(from)}`) found.name = `Can ${action} ${words(to)}`
      await found.save({ using: alias })
    }
  }
}

/** `BookCopy` as a model's usual name for people: `book copy`. */
function words(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
}
