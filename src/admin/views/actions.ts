import type { AuthenticatedRequest } from '../../auth/index.ts'
import { atomic, DataError, IntegrityError, ProtectedError, RestrictedError } from '../../db/index.ts'
import { type FieldMap, type Form, renderErrors, renderField } from '../../forms/index.ts'
import { type FormBody, redirect } from '../../http/index.ts'
import { language, t, tn } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { escapeHtml, markSafe } from '../../std/html.ts'
import { ValidationError } from '../../validators.ts'
import type { Access } from '../access.ts'
import { denied } from '../access.ts'
import type { ActionResult } from '../actions/action.ts'
import { logAction, readBefore } from '../actions/history.ts'
import { type Offered, offeredActions } from '../actions/offered.ts'
import { ACROSS, ACTION, CONFIRMED, readSelection, SELECTED, type Selection } from '../actions/selection.ts'
import { listUrl } from '../addresses.ts'
import { isAllowed, judge, type Verdict } from '../deletion.ts'
import { page, trailTo } from '../frame.ts'
import { nameOf } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'

/** Rows named on the page that confirms. */
const MOST_NAMED = 20
/** Before the names of parameters, which may be anything. */
const PREFIX = 'parameter-'

interface Context {
  readonly request: AuthenticatedRequest
  readonly admin: ModelAdmin
  readonly access: Access
}

const backTo = ({ admin, request }: Context): string => listUrl(admin, String(request.query))

/** The action that a list's form asks for: confirmed first where it asks, then run. */
export async function performAction(context: Context, input: FormBody): Promise<Response> {
  const { request, admin, access } = context
  const name = input.get(ACTION) ?? ''
  if (name === '') return refused(context, t('Choose what to do with the rows.'))
  const action = (await offeredActions(admin, request, access)).find((each) => each.name === name)
  // Hiding an action is no protection: it could be sent all the same.
  if (!action) throw denied()
  let selection: Selection
  try {
    selection = await readSelection(admin, request, access, input)
  } catch (error) {
    if (error instanceof ValidationError) return refused(context, error.messages.join(' '))
    throw error
  }
  if (selection.count === 0) return refused(context, t('Select rows first: nothing was done.'))
  const confirmed = input.get(CONFIRMED)
  const form =
    action.form &&
    (confirmed === null ? action.form.empty({ prefix: PREFIX }) : action.form.bind(input, { prefix: PREFIX }))
  const verdict = action.judge ? await action.judge(selection) : null
  const show = (errors: readonly string[], status: number, found = verdict) =>
    confirmPage(context, action, selection, form, found, errors, status)
  if (action.asks && confirmed === null) return show([], 200)
  // All that match were counted when it was asked; since then there may be others.
  if (selection.across && confirmed !== null && confirmed !== String(selection.count))
    return show([t('The rows that match have changed in the meantime. Look again.')], 409)
  if (verdict && !isAllowed(verdict)) return show([], 409)
  if (form && !(await form.isValid())) return show([], 422)
  return run(context, action, selection, form, show)
}

function refused(context: Context, text: string): Response {
  addMessage(context.request, 'warning', text)
  return redirect(backTo(context))
}

/** Runs within one transaction with its history: what fails leaves everything as it was, and says why. */
async function run(
  context: Context,
  action: Offered,
  selection: Selection,
  form: Form<FieldMap> | null,
  show: (errors: readonly string[], status: number, verdict?: Verdict | null) => Promise<Response>,
): Promise<Response> {
  const { request, admin, access } = context
  let result: ActionResult
  try {
    result = await atomic(async () => {
      const before = await readBefore(selection)
      const done = await action.run(selection, form?.values ?? {})
      await logAction(admin, request, action, selection, before)
      return done
    })
  } catch (error) {
    if (error instanceof ValidationError) {
      const named = Object.entries(error.fields ?? {})
      const general = named.length ? [] : [...error.messages]
      for (const [name, messages] of named)
        for (const message of messages)
          if (form && name in form.fields) form.addError(name, message)
          else general.push(message)
      return show(general, 422)
    }
    if (error instanceof ProtectedError || error instanceof RestrictedError)
      return show([], 409, judge({ counts: [], blocked: error.objects as never, incomplete: null }, access)) // rows, as its class says
    if (error instanceof IntegrityError || error instanceof DataError)
      return show([t('The database refused: a rule of it would be broken. Nothing was changed.')], 409)
    throw error
  }
  if (result instanceof Response) return result
  const { missing } = selection
  if (missing > 0)
    addMessage(request, 'warning', tn('{n} row was not there any more.', '{n} rows were not there any more.', missing))
  addMessage(
    request,
    'success',
    result === undefined
      ? t('{action}: {n} rows', { action: action.label, n: write(selection.count) })
      : String(result),
  )
  return redirect(backTo(context))
}

const write = (count: number): string => count.toLocaleString(language())

async function confirmPage(
  context: Context,
  action: Offered,
  { rows, count, across, keys }: Selection,
  form: Form<FieldMap> | null,
  verdict: Verdict | null,
  errors: readonly string[],
  status: number,
): Promise<Response> {
  const { request, admin, access } = context
  await form?.prepare()
  const sample: object[] = await rows.all().slice(0, MOST_NAMED)
  const allowed = verdict === null || isAllowed(verdict)
  return page(
    request,
    'admin/actions.html',
    {
      title: action.label,
      question: action.question(count),
      danger: action.danger,
      errors: form && errors.length === 0 ? markSafe(renderErrors(form)) : errorsHtml(errors),
      fields: form ? markSafe([...form].map(renderField).join('')) : '',
      names: sample.map(nameOf),
      more: count > sample.length ? write(count - sample.length) : null,
      verdict,
      allowed,
      hidden: [
        { name: ACTION, value: action.name },
        { name: CONFIRMED, value: String(count) },
        across ? { name: ACROSS, value: '1' } : { name: SELECTED, value: keys.join(' ') },
      ],
      backUrl: backTo(context),
      trail: [...trailTo(admin, access), { label: action.label }],
    },
    { access, admin, status },
  )
}

function errorsHtml(errors: readonly string[]) {
  if (errors.length === 0) return ''
  return markSafe(
    `<div class="form-errors" role="alert">${errors.map((text) => `<p>${escapeHtml(text)}</p>`).join('')}</div>`,
  )
}
