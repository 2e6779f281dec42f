import type { ContentType } from '../../auth/index.ts'
import { t } from '../../i18n/index.ts'
import { accessOf, demand, findAdmin } from '../access.ts'
import { loadList } from '../changelist/list.ts'
import { namesOf, page } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { describeEntry } from '../log.ts'
import { DELETION, LogEntry } from '../models.ts'
import { adminOf, projectApps } from '../site.ts'
import { adminUrls } from '../urls.ts'

export const index = adminUrls.index.view(staffOnly, async (request) => {
  const models = new Map(
    [...projectApps()]
      .flatMap((app) => Object.values(app.models))
      .map((model) => [`${model.meta.app}.${model.meta.name.toLowerCase()}`, model]),
  )
  const entries = await LogEntry.objects
    .filter({ user: request.user.id })
    .selectRelated('user', 'contentType')
    .slice(0, 12)
  const recent = entries.map((entry) => {
    const type: ContentType | null = entry.contentType
    const model = type ? (models.get(`${type.appLabel}.${type.model}`) ?? null) : null
    const admin = model ? adminOf(model) : null
    const url =
      admin && entry.objectId && entry.actionFlag !== DELETION
        ? adminUrls.change({ ...namesOf(admin), key: entry.objectId })
        : null
    return { ...describeEntry(entry, model), label: entry.objectRepr, url }
  })
  return page(request, 'admin/index.html', { title: t('Overview'), recent })
})

export const list = adminUrls.list.view(staffOnly, async (request, { app, model }) => {
  const admin = findAdmin(app, model)
  const access = await accessOf(request)
  demand(access, 'view', admin.model)
  const { verboseName, verboseNamePlural } = admin.model.meta
  const context = {
    title: verboseNamePlural,
    modelName: verboseName,
    addUrl: access.may('add', admin.model) ? adminUrls.add(namesOf(admin)) : null,
    list: await loadList(admin, request),
    trail: [{ label: verboseNamePlural }],
  }
  return page(request, 'admin/list.html', context, { access, admin })
})
