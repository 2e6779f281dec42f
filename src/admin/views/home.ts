import type { ContentType } from '../../auth/index.ts'
import { redirect } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { accessOf } from '../access.ts'
import { namesOf } from '../addresses.ts'
import { adminView, page } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { missingPage } from '../keys.ts'
import { describeEntry } from '../log.ts'
import { DELETION, LogEntry } from '../models.ts'
import { adminOf, projectApps } from '../site.ts'
import { adminUrls } from '../urls.ts'

/** Actions of this user that the index shows. */
const RECENT = 10

export const index = adminUrls.index.view(
  staffOnly,
  adminView(async (request) => {
    const models = new Map(
      [...projectApps()]
        .flatMap((app) => Object.values(app.models))
        .map((model) => [`${model.meta.app}.${model.meta.name.toLowerCase()}`, model]),
    )
    const access = await accessOf(request)
    const entries = await LogEntry.objects
      .filter({ user: request.user.id })
      .selectRelated('user', 'contentType')
      .slice(0, RECENT)
    const recent = entries.map((entry) => {
      const type: ContentType | null = entry.contentType
      const model = type ? (models.get(`${type.appLabel}.${type.model}`) ?? null) : null
      const admin = model ? adminOf(model) : null
      const reachable = admin !== null && access.may('view', admin.model) && entry.actionFlag !== DELETION
      // Django keeps keys as they are: one with a slash is no part of an address.
      const key = entry.objectId && !entry.objectId.includes('/') ? entry.objectId : null
      const url = reachable && key ? adminUrls.change({ ...namesOf(admin), key }) : null
      const isNew = Date.now() - entry.actionTime.getTime() < 60_000
      return {
        ...describeEntry(entry, model),
        isNew,
        label: entry.objectRepr,
        model: model?.meta.verboseName ?? '',
        url,
      }
    })
    return page(request, 'admin/index.html', { title: t('Overview'), recent }, { access })
  }),
)

/** Everything else under the admin: who is not signed in learns nothing about what there is. */
export const missing = adminUrls.missing.view(
  staffOnly,
  adminView(async (request) => {
    if (!request.path.endsWith('/') && request.method !== 'POST')
      return redirect(`${request.target.split('?', 1)[0]}/${request.search}`)
    throw missingPage()
  }),
)
