import { relatedKeyText } from '../../forms/internal.ts'
import { type FormBody, redirect } from '../../http/index.ts'
import { language, t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { render } from '../../shortcuts.ts'
import { accessOf, demand, findAdmin, findRow } from '../access.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { adminView, PRIVATE } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { keyOf, modelOf, nameOf } from '../keys.ts'
import { type FormContext, prefilled, rowForm } from '../row-form.ts'
import { type Outcome, saveChange, saveNew } from '../saving.ts'
import { siteTitle } from '../site.ts'
import { adminUrls } from '../urls.ts'
import { rowMissing } from './missing.ts'
import { showForm } from './row-page.ts'

/** Where a save leads: to the list as it was left, back to the row, or to the next new one. */
function afterSave({ admin, access }: FormContext, row: object, input: FormBody): string {
  const names = namesOf(admin)
  if (input.has('_addanother') && access.may('add', admin.model)) return adminUrls.add(names)
  if (!access.may('view', admin.model)) return adminUrls.index()
  return input.has('_continue') ? adminUrls.change({ ...names, key: keyOf(row) }) : listUrl(admin, input.get('_list'))
}

export const add = adminUrls.add.view(
  staffOnly,
  adminView(async (request, { app, model }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'add', admin.model)
    const context: FormContext = { request, admin, access, row: null }
    if (request.method === 'POST') return postNew(context, await request.form())
    const definition = await rowForm(context)
    const form = await definition.empty({ initial: prefilled(definition, request.query) })
    return showForm(context, form, { editable: true })
  }),
)

/** "Save as new": what the form of a row says becomes another row. */
async function copy(context: FormContext, key: string, input: FormBody): Promise<Response> {
  const { admin, access, request } = context
  demand(access, 'add', admin.model)
  if (!(await findRow(admin, key, request))) return showVanished(context, input)
  return postNew(context, input, true)
}

async function postNew(context: FormContext, input: FormBody, copied = false): Promise<Response> {
  const { request, admin, access } = context
  const form = await (await rowForm(context)).bind(input)
  if (!(await saveNew(context, form, input))) return showForm(context, form, { editable: true, input, copied })
  const row = form.instance!
  const token = request.query.get('_popup')
  if (token !== null) return handOver(request, row, token)
  addMessage(request, 'success', t('“{row}” was added.', { row: nameOf(row) }))
  // A new account cannot sign in before it has a password: that is the next step.
  if (admin.isUser && !input.has('_addanother') && access.may('change', admin.model))
    return redirect(adminUrls.setPassword({ ...namesOf(admin), key: keyOf(row) }))
  return redirect(afterSave(context, row, input))
}

/** The page that gives a row that was added in a window of its own to the form that asked for it. */
function handOver(request: FormContext['request'], row: object, token: string): Promise<Response> {
  const key = relatedKeyText(row, modelOf(row).meta.pk)
  const name = nameOf(row)
  const context = { title: t('“{row}” was added.', { row: name }), token, key, name, language: language() }
  return render(request, 'admin/added.html', { ...context, siteTitle: siteTitle() }, { headers: PRIVATE })
}

export const change = adminUrls.change.view(
  staffOnly,
  adminView(async (request, { app, model, key }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'view', admin.model)
    if (request.method === 'POST') {
      demand(access, 'change', admin.model)
      const input = await request.form()
      if (input.has('_saveasnew') && admin.saveAsNew) return copy({ request, admin, access, row: null }, key, input)
      return answer(
        { request, admin, access, row: null },
        await saveChange({ request, admin, access, row: null }, key, input),
        input,
      )
    }
    const row = await findRow(admin, key, request)
    if (!row) throw rowMissing(admin)
    const context: FormContext = { request, admin, access, row }
    const form = await (await rowForm(context)).empty({ instance: row })
    const editable = access.may('change', admin.model) && (await access.mayTouch(row))
    return showForm(context, form, { editable })
  }),
)

async function answer(context: FormContext, outcome: Outcome, input: FormBody): Promise<Response> {
  if (outcome.result === 'vanished') return showVanished(context, input)
  if (outcome.result !== 'saved') {
    const { sent } = outcome
    return showForm(sent.context, sent.form, { sent, editable: true, input })
  }
  const { row, merged } = outcome
  const { request, admin } = context
  addMessage(request, 'success', t('“{row}” was saved.', { row: nameOf(row) }))
  if (merged.length > 0) {
    const fields = merged.map((name) => admin.model.meta.fields.get(name)!.verboseName).join(', ')
    addMessage(request, 'info', t('Changed by somebody else in the meantime, and kept: {fields}.', { fields }))
  }
  return redirect(afterSave(context, row, input))
}

/** Somebody deleted the row while it was edited: what was typed is shown, to keep it as a new row. */
async function showVanished(context: FormContext, input: FormBody): Promise<Response> {
  const { admin, access } = context
  const { verboseName } = admin.model.meta
  const form = await (await rowForm(context)).bind(input)
  form.addError(
    null,
    access.may('add', admin.model)
      ? t('This {model} was deleted in the meantime. What you wrote is below: you can add it again.', {
          model: verboseName,
        })
      : t('This {model} was deleted in the meantime. What you wrote is below, for you to copy.', {
          model: verboseName,
        }),
  )
  return showForm(context, form, {
    title: t('Deleted {model}', { model: verboseName }),
    editable: true,
    input,
    vanished: true,
  })
}
