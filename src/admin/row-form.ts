/** The form of a row: which fields this user may write, and what each offers. */
import type { AuthenticatedRequest } from '../auth/index.ts'
import { Group, Permission } from '../auth/index.ts'
import { isLoaded } from '../db/index.ts'
import { type AnyInstance, cached } from '../db/internal.ts'
import type { FieldMeta } from '../db/models/meta.ts'
import {
  type Choice,
  dynamicModelForm,
  type FormField,
  type ModelForm,
  type ModelFormDefinition,
  renderField,
} from '../forms/index.ts'
import { type Rows, SELECT_LIMIT, TOO_MANY } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { markSafe, type SafeString } from '../std/html.ts'
import { capitalize } from '../std/text.ts'
import { type Access, rowsFor } from './access.ts'
import { listUrl, namesOf } from './addresses.ts'
import { columnValue, labelOf } from './changelist/columns.ts'
import { nameOf } from './keys.ts'
import type { ModelAdmin } from './model-admin.ts'
import { showValue } from './show.ts'
import { adminOf, projectApps } from './site.ts'
import { settled } from './stale.ts'
import { adminUrls } from './urls.ts'
import { type Lookup, picker, renderValue, rowWidget, secretInput } from './widgets.ts'

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
  const lookups = new Map<string, Lookup>()
  for (const field of relations) {
    const limited = await offeredRows(context, field)
    if (limited) rows[field.name] = limited
    if (field.relation!.type !== 'manyToMany') lookups.set(field.name, lookupFor(context, field))
  }
  const definition = dynamicModelForm(admin.model, {
    fields: names,
    rows,
    adapt(field, meta) {
      const shared = sharing(context, field, meta)
      const adapted = adaptField(shared, meta, row, rows[meta.name], lookups.get(meta.name))
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
    const key = field.relation!.target.meta.pk[0]!.name
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

/** The field with its choices read once for all forms of the page. */
function sharing({ shared }: FormContext, field: FormField, { name }: FieldMeta): FormField {
  if (!shared) return field
  const choices = () => {
    const found = shared.get(name) ?? Promise.resolve(field.choices())
    shared.set(name, found)
    return found
  }
  return { ...field, choices }
}

/**
 * Rows that can be chosen for a relation; null: all. Those outside the target's scope do not exist for this user; and
 * of rights, one gives away those one has: otherwise whoever may edit a group or a user could grant themselves all.
 */
async function offeredRows({ request, admin, access }: FormContext, field: FieldMeta): Promise<Rows | null> {
  const { target } = field.relation!
  const isRights = admin.isUser || (admin.model as unknown) === Group
  if (isRights && !access.isSuperuser) {
    if ((target as unknown) === Permission) {
      const own = await ownPermissions(request)
      return () => Permission.objects.filter({ id__in: own })
    }
    if ((target as unknown) === Group) {
      const own = await request.user.groups.valuesList('id', { flat: true })
      return () => Group.objects.filter({ id__in: own })
    }
  }
  const shown = adminOf(target)
  return shown?.scope ? () => rowsFor(shown, request) : null
}

async function ownPermissions({ user }: AuthenticatedRequest): Promise<number[]> {
  const names = await user.permissions()
  const rows = await Permission.objects.valuesList('id', 'contentType__appLabel', 'codename')
  return rows.filter(([, app, codename]) => names.has(`${app}.${codename}`)).map(([id]) => id)
}

function lookupFor({ access }: FormContext, field: FieldMeta): Lookup {
  const { target } = field.relation!
  const shown = adminOf(target)
  const visible = shown !== null && access.may('view', target)
  return {
    name: target.meta.verboseName,
    listUrl: visible ? listUrl(shown) : null,
    choicesUrl: visible && shown.search.length > 0 ? adminUrls.choices(namesOf(shown)) : null,
    current: null,
  }
}

function adaptField(
  field: FormField,
  meta: FieldMeta,
  row: object | null,
  rows: Rows | undefined,
  lookup: Lookup | undefined,
): FormField {
  if (meta.relation?.type === 'manyToMany') {
    const isPermissions = (meta.relation.target as unknown) === Permission
    return { ...field, widget: picker, ...(isPermissions ? { choices: () => permissionChoices(rows) } : {}) }
  }
  if (lookup) {
    const named = { ...lookup }
    const stored = row ? (row as Record<string, unknown>)[meta.attname] : null
    const key = stored === null || stored === undefined ? null : String(stored)
    return {
      ...field,
      widget: rowWidget(named),
      async choices() {
        const found = await field.choices()
        if (found !== TOO_MANY) return key === null ? found : withCurrent(found, key)
        const { target } = meta.relation!
        const among = rows?.() ?? target.objects.all()
        const read = row && !rows ? cached(row as AnyInstance, meta.name) : null
        const isRead = typeof read === 'object' && read !== null && isLoaded(read)
        const current =
          key === null ? null : isRead ? read : await among.dynamic({ [target.meta.pk[0]!.name]: stored }).first()
        if (current) named.current = nameOf(current)
        return found
      },
      // What was there before can stay, even if this user could not choose it.
      validators: field.validators.map((check) => async (value: unknown) => {
        if (key === null || String(value) !== key) await check(value)
      }),
    }
  }
  if (meta.secret && meta.kind !== 'boolean') {
    const stored = row ? (row as Record<string, unknown>)[meta.attname] : null
    const isSet = stored !== null && stored !== undefined && stored !== ''
    if (!isSet) return { ...field, widget: secretInput }
    return {
      ...field,
      widget: secretInput,
      required: false,
      empty: stored,
      helpText: [field.helpText, t('Kept as it is when left empty.')].filter(Boolean).join(' '),
    }
  }
  return field
}

/** The choices with the row that is chosen now, though this user may not know which one it is. */
function withCurrent(choices: readonly Choice[], key: string): readonly Choice[] {
  if (choices.some((choice) => choice.value === key)) return choices
  return [...choices, { value: key, label: t('as it is now') }]
}

/** Permissions under the model they are about: "Atlas · city": Add, Change … */
async function permissionChoices(rows: Rows | undefined): Promise<readonly Choice[]> {
  const all = (rows?.() ?? Permission.objects.all()) as typeof Permission.objects // what both give
  const found = await all
    .selectRelated('contentType')
    .orderBy('contentType__appLabel', 'contentType__model', 'codename')
    .slice(0, SELECT_LIMIT + 1)
  return found.map((permission) => {
    const { appLabel, model } = permission.contentType
    const [action] = permission.codename.split('_')
    const isUsual = permission.codename === `${action}_${model}` && Object.hasOwn(actions, action!)
    return {
      value: String(permission.id),
      label: isUsual ? actions[action!]!() : permission.name,
      group: modelName(appLabel, model),
    }
  })
}

const actions: Readonly<Record<string, () => string>> = {
  add: () => t('Add'),
  change: () => t('Change'),
  delete: () => t('Delete'),
  view: () => t('View'),
}

/** App and model in words; as the database has them where the project no longer has the model. */
function modelName(app: string, name: string): string {
  for (const { name: each, verboseName, models } of projectApps())
    if (each === app)
      for (const { meta } of Object.values(models))
        if (meta.name.toLowerCase() === name) return `${capitalize(verboseName)} · ${meta.verboseName}`
  return `${capitalize(app)} · ${name}`
}

/** A field of the form as it is shown: a control, or a value. */
export interface ShownField {
  readonly html: SafeString
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
