/** Writes what a form says: the row, what is related to it and its history, together or not at all. */
import { atomic, DataError, RowVanishedError } from '../db/index.ts'
import type { ModelForm } from '../forms/index.ts'
import type { FormBody } from '../http/index.ts'
import { t } from '../i18n/index.ts'
import { ValidationError } from '../validators.ts'
import { denied, findRowToWrite } from './access.ts'
import { inlinesSentWith, validateAll } from './inlines/inlines.ts'
import { keyOf, nameOf } from './keys.ts'
import { changesBetween, logAddition, logChange, snapshot } from './log.ts'
import { type FormContext, rowForm } from './row-form.ts'
import { type Comparison, compare } from './stale.ts'

/** What became of a form that was sent for a row. */
export type Outcome =
  | { readonly result: 'saved'; readonly row: object; readonly merged: readonly string[] }
  /** Not valid, or refused by the database: the form says why. */
  | { readonly result: 'invalid'; readonly sent: SentForm }
  /** Somebody changed the same fields: nothing is saved before this user decides. */
  | { readonly result: 'stale'; readonly sent: SentForm }
  /** The row is gone. */
  | { readonly result: 'vanished' }

/** A form that was sent, with what its page needs to be shown again. */
export interface SentForm {
  readonly context: FormContext
  readonly form: ModelForm<object>
  readonly comparison: Comparison
  /** The row's name and key before the form wrote into it. */
  readonly title: string
  readonly key: string
}

/** Adds a row. False when it cannot be; the form then says why. */
export function saveNew(context: FormContext, form: ModelForm<object>, input: FormBody): Promise<boolean> {
  return explained(form, () =>
    atomic(async () => {
      if (!(await validateAll(context, form, input))) return false
      const row = await form.save()
      await logAddition(context.request, row, await inlinesSentWith(form)?.save())
      return true
    }),
  )
}

/**
 * Saves a form to the row of a key. The row is read, compared with what the form was made from, and written within one
 * transaction: nobody comes in between.
 * @throws PermissionDenied when the row has become one that this user may not touch
 */
export async function saveChange(context: FormContext, key: string, input: FormBody): Promise<Outcome> {
  let sent: SentForm | null = null
  let saved: object | null = null
  const write = async (): Promise<boolean> => {
    const row = await findRowToWrite(context.admin, key, context.request)
    if (!row) return false
    if (!(await context.access.mayTouch(row))) throw denied()
    sent = await bindSent({ ...context, row }, row, input)
    if (sent.comparison.conflicts.length > 0) return false
    saved = await writeRow(sent, row, input)
    return saved !== null
  }
  try {
    const ok = await explained(
      () => sent?.form ?? null,
      () => atomic(write),
    )
    const known = sent as SentForm | null // set within a function, which the compiler does not follow
    if (known === null) return { result: 'vanished' }
    if (ok) return { result: 'saved', row: saved!, merged: known.comparison.theirs }
    return { result: known.comparison.conflicts.length > 0 ? 'stale' : 'invalid', sent: known }
  } catch (error) {
    if (error instanceof RowVanishedError) return { result: 'vanished' }
    throw error
  }
}

async function bindSent(context: FormContext, row: object, input: FormBody): Promise<SentForm> {
  const plain = await (await rowForm(context)).bind(input, { instance: row })
  const comparison = compare(plain, row, input)
  const about = { context, comparison, title: nameOf(row), key: keyOf(row) }
  if (comparison.theirs.length === 0) return { ...about, form: plain }
  const kept = new Map(comparison.theirs.map((name) => [name, plain.initial(name)]))
  return { ...about, form: await (await rowForm(context, kept)).bind(input, { instance: row }) }
}

async function writeRow({ context, form }: SentForm, row: object, input: FormBody): Promise<object | null> {
  const { admin, request } = context
  const names = Object.keys(form.fields)
  const before = await snapshot(row, names)
  if (!(await validateAll(context, form, input))) return null
  const after = await snapshot(await form.save(), names)
  const inlines = await inlinesSentWith(form)?.save()
  await logChange(request, row, changesBetween(admin.model, before, after), inlines)
  return row
}

/** Runs what saves; what the database or a rule of the project refuses is put where a person can act on it. */
async function explained(
  form: ModelForm<object> | (() => ModelForm<object> | null),
  run: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await run()
  } catch (error) {
    const written = typeof form === 'function' ? form() : form
    if (written && explain(written, error)) return false
    throw error
  }
}

function explain(form: ModelForm<object>, error: unknown): boolean {
  // A row of an inline, when that is what was being saved.
  if (inlinesSentWith(form)?.explain(error) || form.explain(error)) return true
  if (error instanceof ValidationError) {
    // A rule of the project that spoke only while it was saved: in save(), in a signal.
    for (const message of error.messages) form.addError(null, message)
    for (const [name, messages] of Object.entries(error.fields ?? {}))
      for (const message of messages) form.addError(name in form.fields ? name : null, message)
    return true
  }
  if (error instanceof DataError) {
    form.addError(null, t('The database cannot hold one of these values: it is too large, or not of the right kind.'))
    return true
  }
  return false
}
