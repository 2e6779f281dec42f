/** A registered model with every option decided: what the admin itself reads. */
import type { AuthenticatedRequest } from '../auth/index.ts'
import { AbstractUser } from '../auth/index.ts'
import { extendsModel } from '../db/internal.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import type { RawAction } from './actions/action.ts'
import type { AnyInline } from './inlines/options.ts'
import type { ComputedColumn, Fieldset } from './options.ts'

export interface ModelAdmin {
  readonly model: AnyModel
  readonly list: readonly string[]
  readonly links: readonly string[]
  readonly filters: readonly string[]
  readonly search: readonly string[]
  readonly ordering: readonly string[]
  readonly fields: readonly string[]
  readonly readonly: readonly string[]
  /** The form in groups; every name of `fields` is in one of them. */
  readonly fieldsets: readonly Fieldset[]
  readonly saveAsNew: boolean
  /** Null: the model's `absoluteUrl()`. */
  readonly viewOnSite: false | ((row: object) => string | null) | null
  readonly columns: Readonly<Record<string, ComputedColumn<object>>>
  /** Fields edited in the list. */
  readonly editable: readonly string[]
  readonly dateHierarchy: string | null
  readonly actions: readonly RawAction[]
  readonly inlines: readonly AnyInline[]
  readonly perPage: number
  readonly scope: ((request: AuthenticatedRequest) => Readonly<Record<string, unknown>>) | null
  /** The model that signs in: has passwords to set, and rights that nobody raises for themselves. */
  readonly isUser: boolean
  /** The options as written, for the checks. */
  readonly given: RawOptions
}
/** The options without their types, as the admin itself reads them. */
export interface RawOptions extends Partial<Omit<ModelAdmin, 'model' | 'given' | 'isUser'>> {}

/** The name of a row's own text as a column. */
export const SELF = '__str__'
const PER_PAGE = 100
const DEFAULT_SEARCH = 3

/** Fields of AbstractUser in the order a form shows them: who, then what they may, then when. */
const USER_RIGHTS = ['isActive', 'isStaff', 'isSuperuser', 'groups', 'userPermissions']
const USER_DATES = ['lastLogin', 'dateJoined']
const USER_FIELDS = new Set(['id', 'password', 'email', ...USER_RIGHTS, ...USER_DATES])

/** Whether a form can edit the field at all. */
function isEditable(field: FieldMeta): boolean {
  if (!field.editable || field.secret || (field.primaryKey && field.generated)) return false
  return canWrite(field)
}

/** Whether a form can write the field, when it is named. */
export function canWrite(field: FieldMeta): boolean {
  if (field.parts.length > 0) return field.kind !== 'binary'
  // A table between that somebody wrote has columns of its own: its rows are edited by themselves.
  return field.relation?.type === 'manyToMany' && field.relation.through?.auto !== false
}

const isShortText = (field: FieldMeta): boolean =>
  field.column !== null && field.kind === 'char' && !field.secret && !field.choices && !field.relation

function defaultsOf(model: AnyModel, isUser: boolean) {
  const all = [...model.meta.fields.values()]
  const editable = all.filter(isEditable).map((field) => field.name)
  const texts = all.filter(isShortText).map((field) => field.name)
  if (!isUser)
    return {
      list: [SELF],
      filters: [] as string[],
      search: texts.slice(0, DEFAULT_SEARCH),
      fields: editable,
      readonly: [] as string[],
    }
  const own = (name: string) => !USER_FIELDS.has(name)
  const ownTexts = texts.filter(own).slice(0, 2)
  return {
    list: ['email', ...ownTexts, 'isActive', 'isStaff', 'lastLogin'],
    filters: ['isActive', 'isStaff', 'isSuperuser', 'groups'],
    search: ['email', ...ownTexts],
    fields: ['email', ...editable.filter(own), ...USER_RIGHTS],
    readonly: USER_DATES,
  }
}

/** Every name in the groups of a form, in order. */
export function namesIn(fieldsets: readonly Fieldset[]): string[] {
  return fieldsets.flatMap((each) => each.fields.flat())
}

/** Decides what was left open. Secret fields are in nothing unless they are named. */
export function resolveOptions(model: AnyModel, given: RawOptions): ModelAdmin {
  const isUser = extendsModel(model, AbstractUser)
  const defaults = defaultsOf(model, isUser)
  const list = given.list ?? defaults.list
  const readonly = given.readonly ?? (given.fields || given.fieldsets ? [] : defaults.readonly)
  const named = given.fields ?? (given.fieldsets ? namesIn(given.fieldsets) : defaults.fields)
  const rest = readonly.filter((name) => !named.includes(name))
  return Object.freeze({
    model,
    list,
    links: given.links ?? list.slice(0, 1),
    filters: given.filters ?? defaults.filters,
    search: given.search ?? defaults.search,
    ordering: given.ordering ?? model.meta.ordering,
    fields: [...named, ...rest],
    readonly,
    fieldsets: [...(given.fieldsets ?? [{ fields: named }]), ...(rest.length ? [{ fields: rest }] : [])],
    saveAsNew: given.saveAsNew ?? false,
    viewOnSite: given.viewOnSite ?? null,
    columns: given.columns ?? {},
    editable: given.editable ?? [],
    dateHierarchy: given.dateHierarchy ?? null,
    actions: given.actions ?? [],
    inlines: given.inlines ?? [],
    perPage: given.perPage ?? PER_PAGE,
    scope: given.scope ?? null,
    isUser,
    given,
  })
}
