import { redirect } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { accessOf, demand, denied, findAdmin, findRow } from '../access.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { isAllowed, judge, judgeDeletion, tryDelete } from '../deletion.ts'
import { adminView, page, trailTo } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { keyOf, nameOf } from '../keys.ts'
import { describeEntry, entriesOf, logDeletion } from '../log.ts'
import { adminUrls } from '../urls.ts'
import { rowMissing } from './missing.ts'

const remove = adminUrls.delete.view(
  staffOnly,
  adminView(async (request, { app, model, key }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'delete', admin.model)
    const row = await findRow(admin, key, request)
    if (!row) throw rowMissing(admin)
    if (!(await access.mayTouch(row))) throw denied()
    const input = request.method === 'POST' ? await request.form() : null
    const state = input?.get('_list') ?? null
    let verdict = await judgeDeletion([row], access)
    if (input && isAllowed(verdict)) {
      const name = nameOf(row)
      const problem = await tryDelete(async () => {
        // Judged again where nobody comes in between.
        if ((await judgeDeletion([row], access)).missing.length > 0) throw denied()
        await logDeletion(request, row)
        await (row as { delete(): Promise<unknown> }).delete()
      })
      if (problem === null) {
        addMessage(request, 'success', t('“{row}” was deleted.', { row: name }))
        return redirect(access.may('view', admin.model) ? listUrl(admin, state) : adminUrls.index())
      }
      verdict = judge(problem, access, problem.blocked.length === 0)
    }
    const names = { ...namesOf(admin), key: keyOf(row) }
    const backUrl = access.may('view', admin.model) ? adminUrls.change(names) : adminUrls.index()
    const context = {
      title: t('Delete {model}', { model: admin.model.meta.verboseName }),
      object: nameOf(row),
      ...verdict,
      allowed: isAllowed(verdict),
      backUrl,
      modelPath: listUrl(admin),
      trail: [...trailTo(admin, access), { label: nameOf(row), url: backUrl }, { label: t('Delete') }],
    }
    return page(request, 'admin/delete.html', context, { access, admin, status: input ? 409 : 200 })
  }),
)

export { remove as delete }

/** Entries a page of the history. */
const ENTRIES = 50

export const history = adminUrls.history.view(
  staffOnly,
  adminView(
    async (request, { app, model, key }) => {
      const admin = findAdmin(app, model)
      const access = await accessOf(request)
      demand(access, 'view', admin.model)
      const row = await findRow(admin, key, request)
      if (!row) throw rowMissing(admin)
      const asked = Number(request.query.get('page'))
      const number = Number.isSafeInteger(asked) && asked > 1 && asked < 1e6 ? asked : 1
      const entries = await entriesOf(row, (number - 1) * ENTRIES, number * ENTRIES + 1)
      const url = adminUrls.change({ ...namesOf(admin), key: keyOf(row) })
      const context = {
        title: t('History of “{row}”', { row: nameOf(row) }),
        entries: entries.slice(0, ENTRIES).map((entry) => describeEntry(entry, admin.model)),
        newer: number > 1 ? `?page=${number - 1}` : null,
        older: entries.length > ENTRIES ? `?page=${number + 1}` : null,
        backUrl: url,
        trail: [...trailTo(admin, access), { label: nameOf(row), url }, { label: t('History') }],
      }
      return page(request, 'admin/history.html', context, { access, admin })
    },
    ['GET', 'HEAD'],
  ),
)
