import { type AnyModel, onCommit } from '../../db/index.ts'
import { type Database, database } from '../../db/internal.ts'
import { ContentType } from './models.ts'

/** Ids by label; content types are never renumbered. A database that is configured anew starts afresh. */
let known = new WeakMap<Database, Map<string, number>>()

/** The id of a model's content type; the row is made when it is missing. */
export async function contentTypeId(model: AnyModel, alias = 'default'): Promise<number> {
  const { app: appLabel, label, name } = model.meta
  const opened = database(alias)
  const found = known.get(opened)?.get(label)
  if (found !== undefined) return found
  const [row] = await ContentType.objects.using(alias).getOrCreate({ appLabel, model: name.toLowerCase() })
  // Not before it is certain to stay: the transaction around this may be rolled back.
  await onCommit(() => remember(opened, label, row.id), { using: alias })
  return row.id
}

function remember(opened: Database, label: string, id: number): void {
  const ids = known.get(opened) ?? new Map<string, number>()
  known.set(opened, ids.set(label, id))
}

/** Forgets what was read: after a test's rollback, a flush or a migration. */
export function clearContentTypes(): void {
  known = new WeakMap()
}
