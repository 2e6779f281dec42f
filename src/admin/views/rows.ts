import { atomic, DataError, RowVanishedError } from '../../db/index.ts'
import { type ModelForm, renderErrors } from '../../forms/index.ts'
import { type FormBody, redirect } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { markSafe } from '../../std/html.ts'
import { ValidationError } from '../../validators.ts'
import { accessOf, demand, denied, findAdmin, findRow } from '../access.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { adminView, page, trailTo } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { keyOf, nameOf } from '../keys.ts'
import { changesBetween, logAddition, logChange, snapshot } from '../log.ts'
import { type FormContext, prefilled, rowForm, shownFields } from '../row-form.ts'
import { isWebAddress } from '../show.ts'
import { adminUrls } from '../urls.ts'
import { rowMissing } from './missing.ts'

/** What else the page of a row knows. */
interface PageOptions {
  /** Read before the form changed the row. */
  readonly title?: string
  readonly key?: string
  readonly editable: boolean
  readonly input?: FormBody
  /** The row this was written for is gone: what was typed can be kept as a new one. */
  readonly vanished?: boolean
}

/** Where a save leads: to the list as it was left, back to the row, or to the next new one. */
function afterSave({ admin, access }: FormContext, row: object, input: FormBody): string {
  const names = namesOf(admin)
  if (input.has('_addanother') && access.may('add', admin.model)) return adminUrls.add(names)
  if (!access.may('view', admin.model)) return adminUrls.index()
  return input.has('_continue') ? adminUrls.change({ ...names, key: keyOf(row) }) : listUrl(admin, input.get('_list'))
}

/** The public page of a row, when its model has `absoluteUrl()`: a path, or an address that opens as a page. */
function publicUrl(row: object | null): string | null {
  if (!row || !('absoluteUrl' in row) || typeof row.absoluteUrl !== 'function') return null
  const url = String(row.absoluteUrl() ?? '')
  return /^\/(?![/\\])/.test(url) || isWebAddress(url) ? url : null
}

async function showForm(context: FormContext, form: ModelForm<object>, options: PageOptions) {
  const { admin, access, row, request } = context
  const { model } = admin
  const { editable, vanished = false } = options
  const names = namesOf(admin)
  const title = options.title ?? (row ? nameOf(row) : t('Add {model}', { model: model.meta.verboseName }))
  const key = options.key ?? (row ? keyOf(row) : null)
  const stands = row !== null && key !== null && !vanished
  return page(
    request,
    'admin/form.html',
    {
      title,
      modelName: model.meta.verboseName,
      formErrors: markSafe(renderErrors(form)),
      fields: await shownFields(context, form, editable),
      editable,
      isNew: row === null && !vanished,
      kept: form.isBound,
      canAdd: access.may('add', model),
      vanished,
      addUrl: vanished && access.may('add', model) ? adminUrls.add(names) : null,
      viewUrl: stands ? publicUrl(row) : null,
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
    { access, admin, status: vanished ? 409 : form.isBound ? 422 : 200 },
  )
}

/**
 * Saves within one transaction with its history entry: neither is ever there without the other. False when the database
 * refused; the form then says why.
 * @throws RowVanishedError
 */
async function saved(form: ModelForm<object>, write: () => Promise<void>): Promise<boolean> {
  try {
    await atomic(write)
    return true
  } catch (error) {
    if (form.explain(error)) return false
    if (error instanceof ValidationError) {
      // A rule of the project that spoke only while it was saved: in save(), in a signal.
      for (const message of error.messages) form.addError(null, message)
      for (const [name, messages] of Object.entries(error.fields ?? {}))
        for (const message of messages) form.addError(name in form.fields ? name : null, message)
      return false
    }
    if (error instanceof DataError) {
      form.addError(null, t('The database cannot hold one of these values: it is too large, or not of the right kind.'))
      return false
    }
    throw error
  }
}

export const add = adminUrls.add.view(
  staffOnly,
  adminView(async (request, { app, model }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'add', admin.model)
    const context: FormContext = { request, admin, access, row: null }
    const definition = await rowForm(context)
    if (request.method !== 'POST') {
      const form = await definition.empty({ initial: prefilled(definition, request.query) })
      return showForm(context, form, { editable: true })
    }
    const input = await request.form()
    const form = await definition.bind(input)
    if ((await form.isValid()) && (await saved(form, async () => logAddition(request, await form.save())))) {
      const row = form.instance!
      addMessage(request, 'success', t('“{row}” was added.', { row: nameOf(row) }))
      // A new account cannot sign in before it has a password: that is the next step.
      if (admin.isUser && !input.has('_addanother') && access.may('change', admin.model))
        return redirect(adminUrls.setPassword({ ...namesOf(admin), key: keyOf(row) }))
      return redirect(afterSave(context, row, input))
    }
    return showForm(context, form, { editable: true, input })
  }),
)

export const change = adminUrls.change.view(
  staffOnly,
  adminView(async (request, { app, model, key }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    demand(access, 'view', admin.model)
    const row = await findRow(admin, key, request)
    const mayChange = access.may('change', admin.model) && (!row || (await access.mayTouch(row)))
    if (request.method === 'POST') {
      if (!mayChange) throw denied()
      return post({ request, admin, access, row }, await request.form())
    }
    if (!row) throw rowMissing(admin)
    const context: FormContext = { request, admin, access, row }
    const form = await (await rowForm(context)).empty({ instance: row })
    return showForm(context, form, { editable: mayChange })
  }),
)

async function post(context: FormContext, input: FormBody): Promise<Response> {
  const { request, admin, row } = context
  if (!row) return showVanished(context, input)
  const definition = await rowForm(context)
  const names = Object.keys(definition.fields)
  const before = { title: nameOf(row), key: keyOf(row), values: await snapshot(row, names) }
  const form = await definition.bind(input, { instance: row })
  try {
    if (
      (await form.isValid()) &&
      (await saved(form, async () => {
        const after = await snapshot(await form.save(), names)
        await logChange(request, row, changesBetween(admin.model, before.values, after))
      }))
    ) {
      addMessage(request, 'success', t('“{row}” was saved.', { row: nameOf(row) }))
      return redirect(afterSave(context, row, input))
    }
  } catch (error) {
    if (error instanceof RowVanishedError) return showVanished(context, input)
    throw error
  }
  return showForm(context, form, { title: before.title, key: before.key, editable: true, input })
}

/** Somebody deleted the row while it was edited: what was typed is shown, to keep it as a new row. */
async function showVanished(context: FormContext, input: FormBody): Promise<Response> {
  const { admin, access } = context
  const { verboseName } = admin.model.meta
  const mayAdd = access.may('add', admin.model)
  const fresh: FormContext = { ...context, row: null }
  const form = await (await rowForm(fresh)).bind(input)
  form.addError(
    null,
    mayAdd
      ? t('This {model} was deleted in the meantime. What you wrote is below: you can add it again.', {
          model: verboseName,
        })
      : t('This {model} was deleted in the meantime. What you wrote is below, for you to copy.', {
          model: verboseName,
        }),
  )
  return showForm(fresh, form, {
    title: t('Deleted {model}', { model: verboseName }),
    editable: true,
    input,
    vanished: true,
  })
}
