import { json } from '../../http/index.ts'
import { capitalize } from '../../std/text.ts'
import { accessOf, demand, findAdmin } from '../access.ts'
import { namesOf } from '../addresses.ts'
import { loadList, searched } from '../changelist/list.ts'
import { adminView, PRIVATE, page } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { nameOf } from '../keys.ts'
import { adminUrls } from '../urls.ts'

const READ = ['GET', 'HEAD']

export const list = adminUrls.list.view(
  staffOnly,
  adminView(async (request, { app, model }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'view', admin.model)
    const { verboseName, verboseNamePlural } = admin.model.meta
    const context = {
      title: capitalize(verboseNamePlural),
      modelNames: verboseNamePlural,
      modelName: verboseName,
      addUrl: access.may('add', admin.model) ? adminUrls.add(namesOf(admin)) : null,
      list: await loadList(admin, request),
      trail: [{ label: capitalize(verboseNamePlural) }],
    }
    return page(request, 'admin/list.html', context, { access, admin })
  }, READ),
)

/** Rows offered while somebody types into the box of a relation. */
const MOST_OFFERED = 20

/** `?q=` → rows of a model that fit, for relations to large tables: `{ rows: [{ key, name }] }`. */
export const choices = adminUrls.choices.view(
  staffOnly,
  adminView(async (request, { app, model }) => {
    const admin = findAdmin(app, model)
    demand(await accessOf(request), 'view', admin.model)
    const text = (request.query.get('q') ?? '').trim()
    const key = admin.model.meta.pk[0]!
    const rows: object[] = text ? await searched(admin, request, text).slice(0, MOST_OFFERED) : []
    return json(
      { rows: rows.map((row) => ({ key: String((row as Record<string, unknown>)[key.attname]), name: nameOf(row) })) },
      { headers: PRIVATE },
    )
  }, READ),
)
