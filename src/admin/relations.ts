/** Relations in forms: which rows can be chosen, and how: a list of few rows, a search among many. */
import { Permission } from '../auth/index.ts'
import { isLoaded } from '../db/index.ts'
import { type AnyInstance, cached } from '../db/internal.ts'
import { choosable } from '../db/models/choice-limit.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import type { Choice, FormField } from '../forms/index.ts'
import { keyPath, type Rows, relatedKeyText, TOO_MANY } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { type Access, rowsFor } from './access.ts'
import { listUrl, namesOf } from './addresses.ts'
import { KEY_IN_ADDRESS, KEYS_IN_ADDRESS, type Lookup, picker, rowWidget } from './choosers.ts'
import { nameOf } from './keys.ts'
import type { ModelAdmin } from './model-admin.ts'
import { ownRights, permissionChoices } from './rights.ts'
import type { FormContext } from './row-form.ts'
import { adminOf } from './site.ts'
import { adminUrls } from './urls.ts'

/** More rows than this are searched for instead of listed, where their model can be searched. */
export const MOST_LISTED = 100
/** Chosen rows that are named on the page; the names of others are asked for by the browser. */
const MOST_NAMED = 200

/**
 * Rows that can be chosen for a relation; null: all. Those outside the target's scope do not exist for this user, and
 * of rights, one gives away those one has.
 */
export async function offeredRows(context: FormContext, field: FieldMeta): Promise<Rows | null> {
  const rights = await ownRights(context, field)
  if (rights) return rights
  const { target } = field.relation!
  const shown = adminOf(target)
  if (shown?.scope) return () => choosable(field, rowsFor(shown, context.request))
  return field.options.limitChoicesTo === undefined ? null : () => choosable(field, target.objects.all())
}

/**
 * Where rows of a model are found by name, for a relation of a form or the path of a filter; null for those this user
 * may not see, or that cannot be searched.
 */
export function searchUrl(access: Access, target: AnyModel, source: ModelAdmin, path: string): string | null {
  const shown = adminOf(target)
  if (!shown || !access.may('view', target) || shown.search.length === 0) return null
  const { app, model } = namesOf(source)
  return `${adminUrls.choices(namesOf(shown))}?${new URLSearchParams({ for: `${app}.${model}.${path}` })}`
}

/** What the chooser of a relation leads to, as far as this user may go there. */
function lookupFor({ access, admin }: FormContext, field: FieldMeta): Lookup {
  const { target, targets } = field.relation!
  const shown = adminOf(target)
  const visible = shown !== null && access.may('view', target)
  const names = shown && namesOf(shown)
  return {
    name: target.meta.verboseName,
    listUrl: visible ? listUrl(shown) : null,
    choicesUrl: searchUrl(access, target, admin, field.name),
    addUrl: shown !== null && access.may('add', target) ? adminUrls.add(names!) : null,
    changeUrl: visible
      ? adminUrls.change({ ...names!, key: targets.length > 1 ? KEYS_IN_ADDRESS : KEY_IN_ADDRESS })
      : null,
    names: new Map(),
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

/** The choices as a list, as far as that is short enough. */
function listed(field: FormField, meta: FieldMeta, rows: Rows | undefined, { choicesUrl }: Lookup): FormField {
  if (choicesUrl === null) return field
  const { target, targets, type } = meta.relation!
  return {
    ...field,
    async choices() {
      const found: object[] = await (rows?.() ?? target.objects.all()).slice(0, MOST_LISTED + 1)
      if (found.length > MOST_LISTED) return TOO_MANY
      const all = found.map((row) => ({ value: relatedKeyText(row, targets), label: nameOf(row) }))
      return type === 'manyToMany' ? all : [{ value: '', label: '---------' }, ...all]
    },
  }
}

/** The field of a relation: its choices, its control, and what leads to the rows themselves. */
export function relationField(context: FormContext, plain: FormField, meta: FieldMeta, rows?: Rows): FormField {
  const lookup = lookupFor(context, meta)
  const field = sharing(context, listed(plain, meta, rows, lookup), meta)
  if (meta.relation!.type !== 'manyToMany') return singleField(context, field, meta, rows, lookup)
  if ((meta.relation!.target as unknown) === Permission)
    return { ...field, widget: picker(lookup), choices: () => permissionChoices(rows) }
  return manyField(context, field, meta, rows, lookup)
}

function singleField(
  { row }: FormContext,
  field: FormField,
  meta: FieldMeta,
  rows: Rows | undefined,
  lookup: Lookup,
): FormField {
  const stored = row ? (row as Record<string, unknown>)[meta.attname] : null
  const { targets } = meta.relation!
  const key = stored === null || stored === undefined ? null : relatedKeyText(stored, targets)
  // Which row a secret leads to is not told: the control begins empty, and empty it stays as it is.
  const secret = meta.secret && key !== null
  return {
    ...field,
    ...(secret ? { required: false, empty: stored } : {}),
    helpText: secret ? keptHelp(field) : field.helpText,
    widget: secret ? { ...rowWidget(lookup), showsValue: false } : rowWidget(lookup),
    async choices() {
      const found = await field.choices()
      if (found !== TOO_MANY) return key === null || secret ? found : withCurrent(found, key)
      if (key === null || secret) return found
      const { target } = meta.relation!
      const read = row && !rows ? cached(row as AnyInstance, meta.name) : null
      const isRead = typeof read === 'object' && read !== null && isLoaded(read)
      const among = rows?.() ?? target.objects.all()
      const current: object | null = isRead ? read : await among.dynamic({ [keyPath(targets)]: stored }).first()
      if (current) lookup.names.set(key, nameOf(current))
      return found
    },
    // What was there before can stay, even if this user could not choose it.
    validators: field.validators.map((check) => async (value: unknown) => {
      if (key === null || relatedKeyText(value, targets) !== key) await check(value)
    }),
  }
}

/** Said of a secret that has a value. */
export function keptHelp(field: FormField): string {
  return [field.helpText, t('Kept as it is when left empty.')].filter(Boolean).join(' ')
}

function manyField(
  { row }: FormContext,
  field: FormField,
  meta: FieldMeta,
  rows: Rows | undefined,
  lookup: Lookup,
): FormField {
  return {
    ...field,
    widget: picker(lookup),
    async choices() {
      const found = await field.choices()
      if (found !== TOO_MANY || row === null) return found
      const { targets } = meta.relation!
      const key = keyPath(targets)
      const chosen = (row as Record<string, any>)[meta.name].all() // its accessor
      const related: object[] = await (rows
        ? rows().dynamic({ [`${key}__in`]: await chosen.valuesList(key, { flat: true }) })
        : chosen
      ).slice(0, MOST_NAMED)
      for (const each of related) lookup.names.set(relatedKeyText(each, targets), nameOf(each))
      return found
    },
  }
}

/** The choices with the row that is chosen now, though this user may not know which one it is. */
function withCurrent(choices: readonly Choice[], key: string): readonly Choice[] {
  if (choices.some((choice) => choice.value === key)) return choices
  return [...choices, { value: key, label: t('as it is now') }]
}
