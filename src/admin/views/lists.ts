import type { AuthenticatedRequest } from '../../auth/index.ts'
import { type FormBody, redirect } from '../../http/index.ts'
import { t, tn } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { render } from '../../shortcuts.ts'
import { capitalize } from '../../std/text.ts'
import { type Access, accessOf, demand, denied, findAdmin } from '../access.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { ACTION_FORM, EDIT_FORM } from '../changelist/cells.ts'
import { drawFilters } from '../changelist/draw-filters.ts'
import { type Edit, resolveEditable, saveEdit } from '../changelist/editable.ts'
import { loadList } from '../changelist/list.ts'
import { narrow } from '../changelist/query.ts'
import { adminView, PRIVATE, page } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { adminUrls } from '../urls.ts'
import { performAction } from './actions.ts'

const READ = ['GET', 'HEAD']

/** The list: shown, and posted to by what is done to its rows and by the cells that are edited. */
export const list = adminUrls.list.view(
  staffOnly,
  adminView(async (request, { app, model }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'view', admin.model)
    const context = { request, admin, access }
    if (request.method !== 'POST') return listPage(context, null)
    const input = await request.form()
    return input.has(SAVE) ? save(context, input) : performAction(context, input)
  }),
)

/** The button that saves the cells of a list. */
const SAVE = '_save'

interface Context {
  readonly request: AuthenticatedRequest
  readonly admin: ModelAdmin
  readonly access: Access
}

async function listPage({ request, admin, access }: Context, edit: Edit | null): Promise<Response> {
  const { verboseName, verboseNamePlural } = admin.model.meta
  const context = {
    title: capitalize(verboseNamePlural),
    modelNames: verboseNamePlural,
    modelName: verboseName,
    addUrl: access.may('add', admin.model) ? adminUrls.add(namesOf(admin)) : null,
    list: await loadList(admin, request, access, edit),
    /** What forms of the list are sent to: the same rows, the same page. */
    here: listUrl(admin, String(request.query)),
    actionForm: ACTION_FORM,
    editForm: EDIT_FORM,
    trail: [{ label: capitalize(verboseNamePlural) }],
  }
  return page(request, 'admin/list.html', context, {
    access,
    admin,
    status: edit === null ? 200 : edit.stale > 0 ? 409 : 422,
  })
}

async function save(context: Context, input: FormBody): Promise<Response> {
  const { request, admin, access } = context
  const editable = resolveEditable(admin, request, access)
  if (!editable) throw denied()
  const result = await saveEdit(admin, request, access, editable, input)
  if ('refused' in result) return listPage(context, result.refused)
  const { saved } = result
  if (saved > 0) addMessage(request, 'success', tn('{n} row was saved.', '{n} rows were saved.', saved))
  else addMessage(request, 'info', t('There was nothing to save.'))
  return redirect(listUrl(admin, String(request.query)))
}

/** The filters with how many rows stand behind each choice, for the list's script. */
export const counts = adminUrls.counts.view(
  staffOnly,
  adminView(async (request, { app, model }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'view', admin.model)
    const { applied } = narrow(admin, request)
    const filters = await drawFilters(admin, request, access, applied, true)
    return render(request, 'admin/list_filters.html', { list: { filters } }, { headers: PRIVATE })
  }, READ),
)
