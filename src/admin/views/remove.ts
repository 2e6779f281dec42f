import { atomic, IntegrityError, ProtectedError, RestrictedError } from '../../db/index.ts'
import { type AnyInstance, collectDeletion, type DeletionSummary } from '../../db/internal.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { redirect } from '../../http/index.ts'
import { language, t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { type Access, accessOf, demand, denied, findAdmin, findRow } from '../access.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { adminView, page, trailTo } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { keyOf, modelOf, nameOf } from '../keys.ts'
import { describeEntry, entriesOf, logDeletion } from '../log.ts'
import { adminOf, isFramework } from '../site.ts'
import { adminUrls } from '../urls.ts'
import { rowMissing } from './missing.ts'

/** Rows that stand in the way are listed up to here. */
const MOST_SHOWN = 50

/** What a deletion means to this user. */
interface Verdict {
  /** What goes with the row, itself included. */
  readonly summary: readonly { readonly count: string; readonly label: string }[]
  /** Rows that keep it from being deleted. */
  readonly blocked: readonly { readonly label: string; readonly url: string | null }[]
  readonly more: number
  /** Models of which this user may delete nothing. */
  readonly missing: readonly string[]
  /** A rule of the database that would be broken, found only by trying. */
  readonly refused: boolean
}

function judge({ counts, blocked }: DeletionSummary, access: Access, refused = false): Verdict {
  return {
    summary: counts.map(({ model, count }) => ({
      count: count.toLocaleString(language()),
      label: countLabel(model, count),
    })),
    blocked: blocked.slice(0, MOST_SHOWN).map((row) => blocker(row, access)),
    more: Math.max(0, blocked.length - MOST_SHOWN),
    // Deleting a country must not be a way to delete cities one may not delete.
    missing: counts
      .filter(({ model }) => !isFramework(model) || adminOf(model))
      .filter(({ model }) => !access.may('delete', model))
      .map(({ model }) => model.meta.verboseNamePlural),
    refused,
  }
}

/** A model as the summary counts it: the table between two sides of a many-to-many says what it connects. */
function countLabel(model: AnyModel, count: number): string {
  if (!model.meta.autoCreated) return count === 1 ? model.meta.verboseName : model.meta.verboseNamePlural
  const names = model.meta.columns.flatMap((field) => (field.relation ? [field.relation.target.meta.verboseName] : []))
  return t('connections of {names}', { names: names.join(' – ') })
}

function blocker(row: object, access: Access): { label: string; url: string | null } {
  const model = modelOf(row)
  const admin = adminOf(model)
  // What a user may not see has no name here either.
  if (admin && !access.may('view', model)) return { label: model.meta.verboseName, url: null }
  return {
    label: `${model.meta.verboseName}: ${nameOf(row)}`,
    url: admin ? adminUrls.change({ ...namesOf(admin), key: keyOf(row) }) : null,
  }
}

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
    let verdict = judge(await collectDeletion([row as AnyInstance]), access)
    if (input && verdict.missing.length === 0 && verdict.blocked.length === 0) {
      const name = nameOf(row)
      const problem = await tryDelete(async () => {
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
      allowed: verdict.blocked.length === 0 && verdict.missing.length === 0,
      backUrl,
      modelPath: listUrl(admin),
      trail: [...trailTo(admin, access), { label: nameOf(row), url: backUrl }, { label: t('Delete') }],
    }
    return page(request, 'admin/delete.html', context, { access, admin, status: input ? 409 : 200 })
  }),
)

export { remove as delete }

/** Deletes; gives what stood in the way when the database, or a row that came in between, refused. */
async function tryDelete(run: () => Promise<void>): Promise<DeletionSummary | null> {
  try {
    await atomic(run)
    return null
  } catch (error) {
    if (error instanceof ProtectedError || error instanceof RestrictedError)
      return { counts: [], blocked: error.objects as readonly AnyInstance[] } // rows, as its class says
    if (error instanceof IntegrityError) return { counts: [], blocked: [] }
    throw error
  }
}

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
