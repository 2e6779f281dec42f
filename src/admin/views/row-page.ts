/** The page of a row: its form, or its values for whoever may only look. */
import type { ModelForm } from '../../forms/index.ts'
import type { FormBody } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { markSafe } from '../../std/html.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { shownConflicts } from '../conflicts.ts'
import { page, trailTo } from '../frame.ts'
import { inlinesSentWith, loadInlines } from '../inlines/inlines.ts'
import type { InlineNode } from '../inlines/nodes.ts'
import { shownInlines } from '../inlines/show.ts'
import { keyOf, nameOf } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { type FormContext, shownFieldsets } from '../row-form.ts'
import type { SentForm } from '../saving.ts'
import { isWebAddress } from '../show.ts'
import { STATE, stateOf, writeState } from '../stale.ts'
import { adminUrls } from '../urls.ts'

/** What else the page of a row knows. */
export interface PageOptions {
  readonly editable: boolean
  readonly input?: FormBody
  readonly title?: string
  /** A form that was sent for this row and not saved. */
  readonly sent?: SentForm
  /** The row this was written for is gone: what was typed can be kept as a new one. */
  readonly vanished?: boolean
  /** It is to become a new row, whose page this was not. */
  readonly copied?: boolean
}

/** The public page of a row: a path, or an address that opens as a page. */
function publicUrl({ viewOnSite }: ModelAdmin, row: object): string | null {
  if (viewOnSite === false) return null
  const own = 'absoluteUrl' in row && typeof row.absoluteUrl === 'function' ? row.absoluteUrl() : null
  const url = String((viewOnSite === null ? own : viewOnSite(row)) ?? '')
  return /^\/(?![/\\])/.test(url) || isWebAddress(url) ? url : null
}

/** What the form was made from, and the conflicts it met. */
async function staleness(form: ModelForm<object>, row: object | null, sent: SentForm | undefined) {
  if (row === null) return { conflicts: [], state: null, seen: null }
  const state = sent?.comparison.next ?? stateOf(form, row)
  const conflicts = sent ? await shownConflicts(sent) : []
  return {
    conflicts,
    state: writeState(state),
    seen: sent && conflicts.length > 0 ? writeState(sent.comparison.now) : null,
  }
}

/** Multipart where a form of the page sends files, in a row of an inline too. */
function enctypeOf(form: ModelForm<object>, nodes: readonly InlineNode[]): string {
  const sends = (inner: readonly InlineNode[]): boolean =>
    inner.some((node) => [...node.inner.values()].some(sends) || node.set.enctype === MULTIPART)
  return sends(nodes) ? MULTIPART : form.enctype
}
const MULTIPART = 'multipart/form-data'

export async function showForm(context: FormContext, form: ModelForm<object>, options: PageOptions) {
  const { admin, access, row, request } = context
  const { model } = admin
  const { editable, sent, vanished = false } = options
  const names = namesOf(admin)
  const title =
    options.title ?? sent?.title ?? (row ? nameOf(row) : t('Add {model}', { model: model.meta.verboseName }))
  const key = sent?.key ?? (row ? keyOf(row) : null)
  const stands = row !== null && key !== null && !vanished
  const { conflicts, state, seen } = await staleness(form, editable ? row : null, sent)
  const { input = null } = options
  const inlines = inlinesSentWith(form) ?? (await loadInlines(context, { editable, input, form }))
  return page(
    request,
    'admin/form.html',
    {
      title,
      modelName: model.meta.verboseName,
      enctype: enctypeOf(form, inlines.nodes),
      formErrors: markSafe(inlines.summary(form)),
      fieldsets: await shownFieldsets(context, form, editable),
      inlines: await shownInlines({ request, access, editable, input }, inlines.nodes),
      editable,
      isNew: row === null && !vanished,
      kept: form.isBound,
      state,
      seen,
      stateName: form.prefix + STATE,
      conflicts,
      canAdd: access.may('add', model),
      canCopy: stands && admin.saveAsNew && access.may('add', model),
      vanished,
      addUrl: (vanished || options.copied) && access.may('add', model) ? adminUrls.add(names) : null,
      reloadUrl: stands ? adminUrls.change({ ...names, key }) : null,
      viewUrl: stands ? publicUrl(admin, row) : null,
      historyUrl: stands ? adminUrls.history({ ...names, key }) : null,
      passwordUrl: stands && admin.isUser && editable ? adminUrls.setPassword({ ...names, key }) : null,
      deleteUrl:
        stands && access.may('delete', model) && (await access.mayTouch(row))
          ? adminUrls.delete({ ...names, key })
          : null,
      modelPath: listUrl(admin),
      listState: options.input?.get('_list') ?? '',
      trail: [...trailTo(admin, access), { label: title }],
    },
    { access, admin, status: vanished || conflicts.length > 0 ? 409 : form.isBound ? 422 : 200 },
  )
}
