/** The form of a row: which fields this user may write, and what each offers. */

import type { AuthenticatedRequest } from '../auth/index.ts'
import type { FieldMeta } from '../db/models/meta.ts'
import {
  type Choice,
  dynamicModelForm,
  type FormField,
  type ModelForm,
  type ModelFormDefinition,
  renderField,
} from '../forms/index.ts'
import type { Rows } from '../forms/internal.ts'
import { keyPath } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { markSafe, type SafeString } from '../std/html.ts'
import type { Access } from './access.ts'
import { columnValue, labelOf } from './changelist/columns.ts'
import { nameOf } from './keys.ts'
import type { ModelAdmin } from './model-admin.ts'
import { keptHelp, offeredRows, relationField } from './relations.ts'
import { showValue } from './show.ts'
import { settled } from './stale.ts'
import { renderValue, secretInput, secretSelect } from './widgets.ts'

/** Who fills in the form, and for which row. */
export interface FormContext {
  readonly request: AuthenticatedRequest
  readonly admin: ModelAdmin
  readonly access: Access
  /** Null for a new row. */
  readonly row: object | null
  /** Choices by field, read once where a page has several forms of one model. */
  readonly shared?: Map<string, Promise<readonly Choice[]>>
}

/** The fields this user writes; the others of the option `fields` are shown as values. */
export function writtenFields({ admin, access, row }: FormContext): string[] {
  const { meta } = admin.model
  return admin.fields.filter((name) => {
    const field = meta.fields.get(name)
    if (!field || Object.hasOwn(admin.columns, name) || admin.readonly.includes(name)) return false
    // A key that changes would be another row, with everything that refers to this one left behind.
    if (row && field.primaryKey) return false
    // Related rows are shown by the control that changes them.
    if (field.secret && field.relation?.type === 'manyToMany') return false
    // Nobody makes themselves a superuser.
    return !(admin.isUser && name === 'isSuperuser' && !access.isSuperuser)
  })
}

/**
 * The form, with the choices of this user.
 * @param kept   fields that stay as they are, whatever is sent: their values, by name
 */
export async function rowForm(
  context: FormContext,
  kept: ReadonlyMap<string, unknown> = new Map(),
): Promise<ModelFormDefinition<object>> {
  const { admin, row } = context
  const names = writtenFields(context)
  const relations = names.map((name) => admin.model.meta.fields.get(name)!).filter((field) => field.relation)
  const rows: Record<string, Rows> = {}
  for (const field of relations) {
    const limited = await offeredRows(context, field)
    if (limited) rows[field.name] = limited
  }
  const definition = dynamicModelForm(admin.model, {
    fields: names,
    rows,
    adapt(field, meta) {
      const adapted = meta.relation
        ? relationField(context, field, meta, rows[meta.name])
        : adaptField(field, meta, row)
      return kept.has(meta.name) ? settled(adapted, kept.get(meta.name)) : adapted
    },
  })
  const initial = await offeredNow(context, relations, rows)
  return initial ? withInitial(definition, initial) : definition
}

/** Of related rows, those this user is offered: a box of keys must not tell the others. They stay when it is saved. */
async function offeredNow({ row }: FormContext, relations: readonly FieldMeta[], rows: Record<string, Rows>) {
  const many = relations.filter((field) => field.relation!.type === 'manyToMany' && Object.hasOwn(rows, field.name))
  if (row === null || many.length === 0) return null
  const initial: Record<string, unknown> = {}
  for (const field of many) {
    const key = keyPath(field.relation!.targets)
    const chosen: unknown[] = await (row as Record<string, any>)[field.name].valuesList(key, { flat: true }) // its accessor
    initial[field.name] = await rows[field.name]!()
      .dynamic({ [`${key}__in`]: chosen })
      .valuesList(key, { flat: true })
  }
  return initial
}

function withInitial(
  definition: ModelFormDefinition<object>,
  initial: Readonly<Record<string, unknown>>,
): ModelFormDefinition<object> {
  const add = <O extends { initial?: unknown }>(options: O) => ({ ...options, initial })
  return {
    ...definition,
    empty: (options = {}) => definition.empty(add(options)),
    bind: (input, options = {}) => definition.bind(input, add(options)),
  }
}

function adaptField(field: FormField, meta: FieldMeta, row: object | null): FormField {
  if (!meta.secret) return field
  const stored = row ? (row as Record<string, unknown>)[meta.attname] : null
  if (meta.kind === 'boolean' || meta.choices) return secretChoice(field, meta, row === null, stored)
  const isSet = stored !== null && stored !== undefined && stored !== ''
  if (!isSet) return { ...field, widget: secretInput }
  return { ...field, widget: secretInput, required: false, empty: stored, helpText: keptHelp(field) }
}

/** A secret that is chosen: what is chosen now is not among what the control shows. */
function secretChoice(field: FormField, meta: FieldMeta, isNew: boolean, stored: unknown): FormField {
  if (isNew) return field
  const offered =
    meta.kind === 'boolean'
      ? [
          { value: 'true', label: t('Yes') },
          { value: 'false', label: t('No') },
        ]
      : meta.choices!.map(({ value, label }) => ({ value: String(value), label }))
  return {
    ...field,
    widget: secretSelect,
    required: false,
    empty: stored,
    parse: (raw) => meta.clean(raw),
    choices: () => [{ value: '', label: t('as it is now') }, ...offered],
  }
}

/** A field of the form as it is shown: a control, or a value. */
export interface ShownField {
  readonly html: SafeString
}

/** A group of the form as it is shown. */
export interface ShownFieldset {
  readonly title: string | null
  readonly description: string | null
  readonly collapsed: boolean
  /** A closed group with an error opens: what is wrong must be seen. */
  readonly open: boolean
  readonly lines: readonly (readonly ShownField[])[]
}

/** The form in its groups. */
export async function shownFieldsets(
  context: FormContext,
  form: ModelForm<object>,
  editable: boolean,
): Promise<ShownFieldset[]> {
  const shown: ShownFieldset[] = []
  for (const { title, description, collapsed = false, fields } of context.admin.fieldsets) {
    const lines: (readonly ShownField[])[] = []
    for (const line of fields) {
      const admin = { ...context.admin, fields: typeof line === 'string' ? [line] : line }
      const drawn = await shownFields({ ...context, admin }, form, editable)
      if (drawn.length > 0) lines.push(drawn)
    }
    if (lines.length === 0) continue
    shown.push({
      title: title === undefined ? null : String(title),
      description: description === undefined ? null : String(description),
      collapsed: collapsed && title !== undefined,
      open: fields.flat().some((name) => (form.errors[name] ?? []).length > 0),
      lines,
    })
  }
  return shown
}

/** The fields in the order of the options: controls where this user writes (`editable`), values elsewhere. */
export async function shownFields(
  { admin, row }: FormContext,
  form: ModelForm<object>,
  editable: boolean,
): Promise<ShownField[]> {
  await form.prepare()
  const shown: ShownField[] = []
  for (const name of admin.fields) {
    if (editable && Object.hasOwn(form.fields, name)) shown.push({ html: markSafe(renderField(form.field(name))) })
    else if (row) shown.push({ html: await fieldValue(admin, row, name) })
  }
  return shown
}

async function fieldValue(admin: ModelAdmin, row: object, name: string): Promise<SafeString> {
  const column = Object.hasOwn(admin.columns, name) ? admin.columns[name]! : null
  if (column) return renderValue(labelOf(name, column), await columnValue(admin, name, row))
  const field = admin.model.meta.fields.get(name)!
  const values = row as Record<string, any> // fields of a model not known here
  const show = async () => {
    if (field.secret) return showValue('-', field)
    if (!field.relation) return showValue(values[field.attname], field, { whole: true })
    if (field.relation.single) {
      const target: object | null = await values[name]
      return showValue(target && nameOf(target))
    }
    const targets: object[] = await values[name].all().slice(0, MOST_NAMED + 1)
    const names = targets.slice(0, MOST_NAMED).map(nameOf).join(', ')
    return showValue(targets.length > MOST_NAMED ? `${names} …` : names, null, { whole: true })
  }
  return renderValue(field.verboseName, await show(), field.helpText)
}

/** Related rows that are named where they cannot be edited. */
const MOST_NAMED = 100

/** `?country=3` as the first values of a new row: only for fields of the form, only values that could be. */
export function prefilled(definition: ModelFormDefinition<object>, query: URLSearchParams): Record<string, unknown> {
  const { meta } = definition.model
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(definition.fields)) {
    const field = meta.fields.get(name)
    const given = query.getAll(name).filter((text) => !text.includes('\0'))
    if (!field || field.secret || given.length === 0) continue
    if (field.relation?.type === 'manyToMany') values[name] = given.flatMap((text) => text.split(','))
    else if (field.kind === 'boolean') values[name] = /^(1|true|on|yes)$/i.test(given[0]!)
    else {
      try {
        values[name] = field.relation ? given[0] : field.clean(given[0])
      } catch {
        // A link that somebody wrote by hand: the form begins without it.
      }
    }
  }
  return values
}
