import { ContentType } from '../../auth/index.ts'
import { atomic } from '../../db/index.ts'
import { type AnyInstance, collectDeletion } from '../../db/internal.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { redirect } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { accessOf, demand, findAdmin } from '../access.ts'
import { namesOf, page, trailTo } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { describeEntry, logDeletion } from '../log.ts'
import { LogEntry } from '../models.ts'
import { adminOf } from '../site.ts'
import { adminUrls } from '../urls.ts'
import { findRow } from './rows.ts'

/** Rows that stand in the way are listed up to here. */
const MOST_SHOWN = 50

/** A model as the summary counts it: the table between two sides of a many-to-many is named after its model. */
function countLabel(model: AnyModel, count: number): string {
  return count === 1 ? model.meta.verboseName : model.meta.verboseNamePlural
}

const remove = adminUrls.delete.view(staffOnly, async (request, { app, model, key }) => {
  const admin = findAdmin(app, model)
  const access = await accessOf(request)
  demand(access, 'delete', admin.model)
  const row = await findRow(admin, key, request)
  const collected = await collectDeletion([row as AnyInstance])
  // Deleting a country must not be a way to delete cities one may not delete.
  const missing = collected.counts
    .filter(({ model: each }) => adminOf(each) && !access.may('delete', each))
    .map(({ model: each }) => each.meta.verboseNamePlural)
  const blocked = collected.blocked
    .slice(0, MOST_SHOWN)
    .map((each) => `${(each.constructor as unknown as AnyModel).meta.verboseName}: ${String(each)}`)
  if (request.method === 'POST' && missing.length === 0 && blocked.length === 0) {
    const name = String(row)
    await atomic(async () => {
      await logDeletion(request, row)
      await (row as { delete(): Promise<unknown> }).delete()
    })
    addMessage(request, 'success', t('“{row}” was deleted.', { row: name }))
    return redirect(adminUrls.list(namesOf(admin)))
  }
  const names = { ...namesOf(admin), key }
  const context = {
    title: t('Delete {model}', { model: admin.model.meta.verboseName }),
    object: String(row),
    summary: collected.counts.map(({ model: each, count }) => ({
      count: count.toLocaleString('en'),
      label: countLabel(each, count),
    })),
    blocked,
    missing,
    backUrl: adminUrls.change(names),
    trail: [...trailTo(admin), { label: String(row), url: adminUrls.change(names) }, { label: t('Delete') }],
  }
  return page(request, 'admin/delete.html', context, { access, admin, status: request.method === 'POST' ? 409 : 200 })
})

export { remove as delete }

export const history = adminUrls.history.view(staffOnly, async (request, { app, model, key }) => {
  const admin = findAdmin(app, model)
  const access = await accessOf(request)
  demand(access, 'view', admin.model)
  const row = await findRow(admin, key, request)
  const type = await ContentType.objects
    .filter({ appLabel: admin.model.meta.app, model: admin.model.meta.name.toLowerCase() })
    .first()
  const entries = type
    ? await LogEntry.objects.filter({ contentType: type.id, objectId: key }).selectRelated('user').slice(0, 200)
    : []
  const context = {
    title: t('History of “{row}”', { row: String(row) }),
    entries: entries.map((entry) => describeEntry(entry, admin.model)),
    trail: [
      ...trailTo(admin),
      { label: String(row), url: adminUrls.change({ ...namesOf(admin), key }) },
      { label: t('History') },
    ],
  }
  return page(request, 'admin/history.html', context, { access, admin })
})
