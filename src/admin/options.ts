/** What `admin.register` takes, typed against the model; and what the admin works with, checked. */

import type { AuthenticatedRequest } from '../auth/index.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import type { FieldsOf } from '../db/models/types.ts'
import type { OrderArg, PathArg } from '../db/query/types.ts'

/** A column computed from a row. */
export interface ComputedColumn<T> {
  readonly label?: string
  readonly value: (row: T) => unknown
  /** A field (or path) that orders the column; without it the column cannot be sorted. */
  readonly orderBy?: string
}

type FieldNames<T> = keyof FieldsOf<T> & string
type Paths<T, L> = { readonly [I in keyof L]: L[I] extends string ? PathArg<T, L[I]> : L[I] }
type ListPaths<T, L, C> = {
  readonly [I in keyof L]: L[I] extends keyof C & string ? L[I] : L[I] extends string ? PathArg<T, L[I]> : L[I]
}
type Orders<T, L> = { readonly [I in keyof L]: L[I] extends string ? OrderArg<T, L[I]> : L[I] }
/** `^name`: begins with; `=name`: equals; `name`: contains. */
type Unmarked<P> = P extends `^${infer R}` | `=${infer R}` ? R : P
type SearchPaths<T, L> = {
  readonly [I in keyof L]: L[I] extends string
    ? PathArg<T, Unmarked<L[I]>> extends Unmarked<L[I]>
      ? L[I]
      : PathArg<T, Unmarked<L[I]>>
    : L[I]
}

/** Options of one model in the admin. All have defaults; a model not registered at all gets these. */
export interface AdminOptions<
  T,
  L extends readonly string[] = readonly string[],
  F extends readonly string[] = readonly string[],
  S extends readonly string[] = readonly string[],
  O extends readonly string[] = readonly string[],
  C extends Record<string, ComputedColumn<T>> = Record<string, ComputedColumn<T>>,
> {
  /** Columns of the list: fields, paths over relations to one row, or names of `columns`. Default: the row as text. */
  readonly list?: ListPaths<T, L, C>
  /** Columns that lead to the row; default: the first. */
  readonly links?: readonly (L[number] & string)[]
  /** Fields (or paths) to narrow the list by, at its side. */
  readonly filters?: Paths<T, F>
  /** Fields (or paths) the search box looks in: `name` contains, `^name` begins with, `=code` equals. */
  readonly search?: SearchPaths<T, S>
  /** Order of the list; default: the model's own, then the key. */
  readonly ordering?: Orders<T, O>
  /** Fields of the form, in order; default: every editable one. */
  readonly fields?: readonly FieldNames<T>[]
  /** Shown in the form, not editable. */
  readonly readonly?: readonly FieldNames<T>[]
  /** Computed columns, by the name used in `list`. */
  readonly columns?: C
  /** Rows a page; default 100. */
  readonly perPage?: number
  /** May narrow what each user sees: gives the condition, as for `filter()`. */
  readonly scope?: (request: AuthenticatedRequest) => Readonly<Record<string, unknown>>
}

/** A registered model with every option decided. */
export interface ModelAdmin {
  readonly model: AnyModel
  readonly list: readonly string[]
  readonly links: readonly string[]
  readonly filters: readonly string[]
  readonly search: readonly string[]
  readonly ordering: readonly string[]
  readonly fields: readonly string[]
  readonly readonly: readonly string[]
  readonly columns: Readonly<Record<string, ComputedColumn<object>>>
  readonly perPage: number
  readonly scope: ((request: AuthenticatedRequest) => Readonly<Record<string, unknown>>) | null
  /** The options as written, for the checks. */
  readonly given: RawOptions
}
/** {@link AdminOptions} without their types, as the admin itself reads them. */
export interface RawOptions extends Partial<Omit<ModelAdmin, 'model' | 'given'>> {}

/** The name of a row's own text as a column. */
export const SELF = '__str__'

const isManyBehind = (field: FieldMeta): boolean => field.relation !== null && !field.relation.single

/** Decides what was left open. Secret fields are in nothing unless they are named. */
export function resolveOptions(model: AnyModel, given: RawOptions): ModelAdmin {
  const editable = [...model.meta.fields.values()].filter(
    (field) =>
      field.editable &&
      !field.secret &&
      !(field.primaryKey && field.generated) &&
      (field.column !== null || field.relation?.type === 'manyToMany'),
  )
  const list = given.list ?? [SELF]
  const pk = model.meta.pk.map((field) => `-${field.name}`)
  return {
    model,
    list,
    links: given.links ?? list.slice(0, 1),
    filters: given.filters ?? [],
    search: given.search ?? [],
    ordering: given.ordering ?? (model.meta.ordering.length ? model.meta.ordering : pk),
    fields:
      given.fields ??
      editable
        .filter((field) => field.relation?.through?.auto !== false || !isManyBehind(field))
        .map((field) => field.name),
    readonly: given.readonly ?? [],
    columns: given.columns ?? {},
    perPage: given.perPage ?? 100,
    scope: given.scope ?? null,
    given,
  }
}
