import type { AuthenticatedRequest } from '../../auth/index.ts'
import { atomic } from '../../db/index.ts'
import { dynamicModelForm, type ModelForm, renderErrors, renderField } from '../../forms/index.ts'
import { NotFound, redirect } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { escapeHtml, markSafe, type SafeString } from '../../std/html.ts'
import { capitalize } from '../../std/text.ts'
import { type Access, accessOf, demand, findAdmin } from '../access.ts'
import { showValue } from '../changelist/columns.ts'
import { namesOf, page, trailTo } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { keyOf, whereKey } from '../keys.ts'
import { changesBetween, logAddition, logChange, snapshot } from '../log.ts'
import type { ModelAdmin } from '../options.ts'
import { adminUrls } from '../urls.ts'

/** The row an address names, if this user may know of it. */
export async function findRow(admin: ModelAdmin, key: string, request: AuthenticatedRequest): Promise<object> {
  let rows = admin.model.objects.all().dynamic(whereKey(admin.model, key))
  if (admin.scope) rows = rows.dynamic(admin.scope(request))
  const row: object | null = await rows.first()
  if (!row)
    throw new NotFound(
      t('There is no such {model}. It may have been deleted.', { model: admin.model.meta.verboseName }),
    )
  return row
}

function formOf(admin: ModelAdmin) {
  return dynamicModelForm(admin.model, { fields: admin.fields.filter((name) => !admin.readonly.includes(name)) })
}

/** Fields in the order of the options; read-only ones as values. */
async function shownFields(
  admin: ModelAdmin,
  form: ModelForm<object>,
  row: object | null,
  editable: boolean,
): Promise<{ html: SafeString }[]> {
  await form.prepare()
  const shown: { html: SafeString }[] = []
  for (const name of admin.fields) {
    if (editable && !admin.readonly.includes(name)) shown.push({ html: markSafe(renderField(form.field(name))) })
    else if (row) shown.push({ html: await valueHtml(admin, row, name) })
  }
  return shown
}

async function valueHtml(admin: ModelAdmin, row: object, name: string): Promise<SafeString> {
  const field = admin.model.meta.fields.get(name)!
  const values = row as Record<string, any> // fields of a model not known here
  const value = field.relation
    ? field.relation.single
      ? await values[name]
      : (await values[name].all()).map(String).join(', ')
    : values[field.attname]
  const text = field.relation && value !== null ? String(value) : value
  return markSafe(
    `<div class="field"><label>${escapeHtml(capitalize(field.verboseName))}</label><div class="value">${showValue(text, field)}</div></div>`,
  )
}

/** Where a save leads: to the list, back to the row, or to the next new one. */
function afterSave(admin: ModelAdmin, row: object, button: { has(name: string): boolean }): string {
  const names = namesOf(admin)
  if (button.has('_continue')) return adminUrls.change({ ...names, key: keyOf(row) })
  return button.has('_addanother') ? adminUrls.add(names) : adminUrls.list(names)
}

async function showForm(
  request: AuthenticatedRequest,
  admin: ModelAdmin,
  access: Access,
  form: ModelForm<object>,
  row: object | null,
) {
  const { model } = admin
  const names = namesOf(admin)
  const editable = access.may(row ? 'change' : 'add', model)
  const key = row ? keyOf(row) : ''
  const title = row ? String(row) : t('Add {model}', { model: model.meta.verboseName })
  const absoluteUrl =
    row && 'absoluteUrl' in row && typeof row.absoluteUrl === 'function' ? String(row.absoluteUrl()) : null
  return page(
    request,
    'admin/form.html',
    {
      title,
      formErrors: markSafe(renderErrors(form)),
      fields: await shownFields(admin, form, row, editable),
      editable,
      canAdd: access.may('add', model),
      viewUrl: absoluteUrl,
      historyUrl: row ? adminUrls.history({ ...names, key }) : null,
      deleteUrl: row && access.may('delete', model) ? adminUrls.delete({ ...names, key }) : null,
      trail: [...trailTo(admin), { label: title }],
    },
    { access, admin, status: form.isBound ? 422 : 200 },
  )
}

/** Saves within one transaction with its history entry: neither is ever there without the other. */
async function saved(form: ModelForm<object>, write: () => Promise<void>): Promise<boolean> {
  try {
    await atomic(write)
    return true
  } catch (error) {
    if (form.explain(error)) return false
    throw error
  }
}

export const add = adminUrls.add.view(staffOnly, async (request, { app, model }) => {
  const admin = findAdmin(app, model)
  const access = await accessOf(request)
  demand(access, 'add', admin.model)
  if (request.method !== 'POST') {
    // A link may fill the form: `?country=3`.
    const known = [...request.query].filter(([name]) => admin.fields.includes(name))
    return showForm(request, admin, access, await formOf(admin).empty({ initial: Object.fromEntries(known) }), null)
  }
  const input = await request.form()
  const form = await formOf(admin).bind(input)
  if (await form.isValid()) {
    const done = await saved(form, async () => logAddition(request, await form.save()))
    if (done) {
      addMessage(request, 'success', t('“{row}” was added.', { row: String(form.instance) }))
      return redirect(afterSave(admin, form.instance!, input))
    }
  }
  return showForm(request, admin, access, form, null)
})

export const change = adminUrls.change.view(staffOnly, async (request, { app, model, key }) => {
  const admin = findAdmin(app, model)
  const access = await accessOf(request)
  demand(access, 'view', admin.model)
  const row = await findRow(admin, key, request)
  if (request.method !== 'POST')
    return showForm(request, admin, access, await formOf(admin).empty({ instance: row }), row)
  demand(access, 'change', admin.model)
  const input = await request.form()
  const names = Object.keys(formOf(admin).fields)
  const before = await snapshot(row, names)
  const form = await formOf(admin).bind(input, { instance: row })
  if (await form.isValid()) {
    const done = await saved(form, async () => {
      const after = await snapshot(await form.save(), names)
      await logChange(request, row, changesBetween(admin.model, before, after))
    })
    if (done) {
      addMessage(request, 'success', t('“{row}” was saved.', { row: String(row) }))
      return redirect(afterSave(admin, row, input))
    }
  }
  return showForm(request, admin, access, form, row)
})
