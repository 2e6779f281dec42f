import type { AnyModel } from '../../db/models/meta.ts'
import { ContentType } from './models.ts'

/** Ids by database alias and label; content types are never renumbered. */
const known = new Map<string, number>()

/** The id of a model's content type; the row is made when it is missing. */
export async function contentTypeId(model: AnyModel, alias = 'default'): Promise<number> {
  const key = `${alias}:${model.meta.label}`
  const found = known.get(key)
  if (found !== undefined) return found
  const [row] = await ContentType.objects
    .using(alias)
    .getOrCreate({ appLabel: model.meta.app, model: model.meta.name.toLowerCase() })
  known.set(key, row.id)
  return row.id
}

/** Forgets what was read: after a test's rollback, a flush or a migration. */
export function clearContentTypes(): void {
  known.clear()
}
