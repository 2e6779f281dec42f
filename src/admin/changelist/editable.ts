/**
 * Editing in the list. A cell belongs to its row by the row's key, never by its place; it sends what it showed along
 * with what was typed, so that only cells somebody touched are written, and only over what they were looking at.
 */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import { allowRepeats, atomic, DataError } from '../../db/index.ts'
import type { FieldMeta } from '../../db/models/meta.ts'
import { dynamicModelForm, type FormField, type ModelForm, type ModelFormDefinition } from '../../forms/index.ts'
import { type Rows as Choosable, TOO_MANY } from '../../forms/internal.ts'
import type { FormBody } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { ValidationError } from '../../validators.ts'
import { type Access, rowsFor } from '../access.ts'
import { rowsByKeys } from '../actions/selection.ts'
import { keyOf } from '../keys.ts'
import { changesBetween, logChange, snapshot } from '../log.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { adminOf } from '../site.ts'

/** Before the name of the hidden value that holds what a row showed. */
export const WAS = 'was:'
/** The name of a cell's control. */
export const cellName = (key: string, field: string): string => `cell:${key}:${field}`

/** The fields that this user edits in the list, by name. */
export interface Editable {
  readonly access: Access
  readonly fields: Readonly<Record<string, FormField>>
  /** A form of some of them, for one row. */
  formOf(names: readonly string[]): ModelFormDefinition<object>
}

/** What is edited, or null when nothing is. */
export function resolveEditable(admin: ModelAdmin, request: AuthenticatedRequest, access: Access): Editable | null {
  const names = admin.editable.filter((name) => mayWrite(admin, access, name))
  if (names.length === 0 || !access.may('change', admin.model)) return null
  const rows: Record<string, Choosable> = {}
  for (const name of names) {
    const target = admin.model.meta.fields.get(name)!.relation?.target
    const shown = target && adminOf(target)
    if (shown?.scope) rows[name] = () => rowsFor(shown, request)
  }
  const choices = new Map<string, ReturnType<FormField['choices']>>()
  const forms = new Map<string, ModelFormDefinition<object>>()
  // Choices are read once for a page, not once for each row.
  const adapt = (field: FormField, { name }: FieldMeta): FormField => ({
    ...field,
    choices() {
      const known = choices.get(name) ?? field.choices()
      choices.set(name, known)
      return known
    },
  })
  const formOf = (some: readonly string[]) => {
    const made = forms.get(some.join()) ?? dynamicModelForm(admin.model, { fields: some, rows, adapt })
    forms.set(some.join(), made)
    return made
  }
  return { access, fields: formOf(names).fields, formOf }
}

function mayWrite({ model, isUser }: ModelAdmin, access: Access, name: string): boolean {
  const field = model.meta.fields.get(name)
  if (!field || field.primaryKey || field.secret) return false
  // Nobody makes themselves a superuser.
  return !(isUser && name === 'isSuperuser' && !access.isSuperuser)
}

type Values = Readonly<Record<string, unknown>>
const asText = (shown: unknown): string =>
  shown === null || shown === undefined ? '' : String(shown).replaceAll('\r\n', '\n')

/** What a control shows for a row, as text to compare. */
export function shownText(field: FormField, meta: FieldMeta, row: object): string {
  return asText(field.format((row as Values)[meta.attname]))
}

/** What was sent, and what is wrong with it. */
export interface Edit {
  /** Rows in the order they were shown. */
  readonly keys: readonly string[]
  /** What was typed into cells, by their names. */
  readonly typed: ReadonlyMap<string, string>
  /** Messages by the name of the cell, or by the row's key. */
  readonly errors: ReadonlyMap<string, readonly string[]>
  /** Rows changed by somebody else in the meantime, or gone. */
  readonly stale: number
}

/** What became of it: rows saved, or an edit that was refused as a whole. */
export type Saved = { readonly saved: number } | { readonly refused: Edit }

interface Sent {
  readonly key: string
  readonly was: Values
  /** Fields whose cell differs from what it showed. */
  readonly changed: readonly string[]
}

function readSent({ fields }: Editable, input: FormBody, typed: Map<string, string>): Sent[] {
  const sent: Sent[] = []
  for (const name of input.keys()) {
    if (!name.startsWith(WAS)) continue
    const key = name.slice(WAS.length)
    const was = readRecord(input.get(name))
    const changed: string[] = []
    for (const [field, control] of Object.entries(fields)) {
      const raw = control.widget.read(input, cellName(key, field))
      if (raw === undefined || !Object.hasOwn(was, field)) continue
      const text = asText(raw)
      if (isSame(control, raw, text, asText(was[field]))) continue
      typed.set(cellName(key, field), text)
      changed.push(field)
    }
    sent.push({ key, was, changed })
  }
  return sent
}

function readRecord(text: string | null): Values {
  try {
    const found: unknown = JSON.parse(text ?? '')
    return typeof found === 'object' && found !== null ? (found as Values) : {}
  } catch {
    return {} // somebody changed it by hand: none of the row's cells count as shown
  }
}

/** A browser writes `10:00` for the `10:00:00` it was given: compared by what both mean. */
function isSame(field: FormField, raw: unknown, text: string, was: string): boolean {
  if (text === was) return true
  if (text === '' || was === '') return false
  try {
    return asText(field.format(field.parse(raw))) === was
  } catch {
    return false
  }
}

/** Ends the transaction; what is wrong was noted. */
class Refused extends Error {}

/** Saves what was edited: all of it within one transaction, or nothing. */
export async function saveEdit(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
  editable: Editable,
  input: FormBody,
): Promise<Saved> {
  const typed = new Map<string, string>()
  const errors = new Map<string, string[]>()
  const add = (name: string, ...messages: string[]) => errors.set(name, [...(errors.get(name) ?? []), ...messages])
  const sent = readSent(editable, input, typed)
  const changed = sent.filter((each) => each.changed.length > 0)
  let stale = 0
  try {
    await allowEach(async () => {
      const rows = new Map<string, object>()
      const found: object[] = await rowsByKeys(
        admin,
        request,
        changed.map(({ key }) => key),
      ).forUpdate()
      for (const row of found) rows.set(keyOf(row), row)
      await access.look(found)
      for (const { key, was, changed: names } of changed) {
        const row = rows.get(key)
        if (!row) {
          stale++
          add(key, t('This row is not there any more.'))
          continue
        }
        if (!(await access.mayTouch(row))) {
          add(key, t('You may not change this row.'))
          continue
        }
        const before = errors.size
        for (const name of names) {
          const now = shownText(editable.fields[name]!, admin.model.meta.fields.get(name)!, row)
          if (now !== asText(was[name])) add(cellName(key, name), await changedMeanwhile(editable.fields[name]!, now))
        }
        if (errors.size > before) stale++
        else await saveRow(admin, request, editable, key, row, names, input, add)
      }
      if (errors.size > 0) throw new Refused()
    })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { refused: { keys: sent.map(({ key }) => key), typed, errors, stale } }
  }
  return { saved: changed.length }
}

async function changedMeanwhile(field: FormField, now: string): Promise<string> {
  const choices = await field.choices()
  const label = choices === TOO_MANY ? now : (choices.find((choice) => choice.value === now)?.label ?? now)
  return now === ''
    ? t('Somebody emptied this in the meantime. Save again to write yours.')
    : t('Somebody changed this to “{value}” in the meantime. Save again to write yours.', { value: String(label) })
}

async function saveRow(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  editable: Editable,
  key: string,
  row: object,
  names: readonly string[],
  input: FormBody,
  add: (name: string, ...messages: string[]) => void,
): Promise<void> {
  const before = await snapshot(row, names)
  const form = await editable.formOf(names).bind(input, { instance: row, prefix: cellName(key, '') })
  if (await form.isValid())
    try {
      // Within a savepoint: what one row breaks is told together with what is wrong in the others.
      await atomic(async () => {
        const after = await snapshot(await form.save(), names)
        await logChange(request, row, changesBetween(admin.model, before, after))
      })
    } catch (error) {
      if (!explain(form, error)) throw error
    }
  for (const [name, messages] of Object.entries(form.errors)) add(name === '' ? key : cellName(key, name), ...messages)
}

/** Puts a refusal of the database, or of the project's own code, with the row. */
function explain(form: ModelForm<object>, error: unknown): boolean {
  if (form.explain(error)) return true
  if (error instanceof ValidationError) {
    for (const message of error.messages) form.addError(null, message)
    for (const [name, messages] of Object.entries(error.fields))
      for (const message of messages) form.addError(name in form.fields ? name : null, message)
    return true
  }
  if (!(error instanceof DataError)) return false
  form.addError(null, t('The database cannot hold one of these values: it is too large, or not of the right kind.'))
  return true
}

/** Rows were changed by somebody, each to something else: each is checked, written and logged by itself. */
function allowEach(fn: () => Promise<void>): Promise<void> {
  return allowRepeats('each row is written by itself', () => atomic(fn))
}
