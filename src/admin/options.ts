/** What `admin.register` takes, typed against the model. What the admin makes of it is in `model-admin.ts`. */

import type { AuthenticatedRequest } from '../auth/index.ts'
import type { FieldsOf } from '../db/models/types.ts'
import type { AnyExpr } from '../db/query/types/expressions.ts'
import type { Day, MomentArg, OrderArg, PathArg } from '../db/query/types/paths.ts'
import type { Label } from '../forms/index.ts'
import type { ModelAction } from './actions/action.ts'
import type { InlineOf } from './inlines/options.ts'

/** A column computed from a row. `O` is what was written as `orderBy`. */
export interface ComputedColumn<T, O = string> {
  /** Heading; default: the name in words. */
  readonly label?: Label
  /**
   * What the column shows: text, a number, a date, `html`; true and false are drawn as marks. A promise is awaited;
   * relations it awaits are read for all rows of the page at once. An expression (`Count('legs')`) is computed by the
   * database, with one query a page, and orders the column.
   */
  readonly value: ((row: T) => unknown) | AnyExpr<T>
  /** A field (or path) that orders the column, `-` before it for the opposite; without it a function cannot be sorted. */
  readonly orderBy?: string extends O ? string : O extends string ? OrderArg<T, O> : O
  /** Shown where there is no value; default: a dash. */
  readonly empty?: Label
}

/**
 * Fields a form can show: not the other side of a relation, not the raw key of one (`authorId`). Where it is used it is mapped,
 * `{ [N in K]: N }[K]`: of an alias the compiler would print the name, not the fields.
 */
export type FormNames<T> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends { readonly '~kind': 'reverse' | 'reverseOne' }
    ? never
    : K extends `${infer R}Id`
      ? R extends keyof FieldsOf<T>
        ? FieldsOf<T>[R] extends { readonly '~kind': 'fk' | 'o2o' }
          ? never
          : K
        : K
      : K]: 1
} &
  string
type Paths<T, L> = { readonly [I in keyof L]: L[I] extends string ? PathArg<T, L[I]> : L[I] }
type ListPaths<T, L, C extends string> = {
  readonly [I in keyof L]: L[I] extends C | '__str__' ? L[I] : L[I] extends string ? PathArg<T, L[I]> : L[I]
}
export type Orders<T, L> = { readonly [I in keyof L]: L[I] extends string ? OrderArg<T, L[I]> : L[I] }
/** `^name`: begins with; `=name`: equals; `name`: contains. */
type Unmarked<P> = P extends `^${infer R}` | `=${infer R}` ? R : P
type SearchPaths<T, L> = {
  readonly [I in keyof L]: L[I] extends string
    ? PathArg<T, Unmarked<L[I]>> extends Unmarked<L[I]>
      ? L[I]
      : PathArg<T, Unmarked<L[I]>>
    : L[I]
}

/** A group of fields in a form. `N` are the names that may stand in it. */
export interface Fieldset<N extends string = string> {
  /** Heading; without one, the fields just follow. */
  readonly title?: Label
  /** A sentence below the heading. */
  readonly description?: Label
  /** Closed at first; it opens by itself where one of its fields has an error. Needs a title to open it by. */
  readonly collapsed?: boolean
  /** In order; an inner list is one line: `['name', ['startsOn', 'endsOn']]`. */
  readonly fields: readonly (N | readonly N[])[]
}

/** Options of one model in the admin. All have defaults; a model that is not registered gets these. */
export interface AdminOptions<
  T,
  L extends readonly string[] = readonly string[],
  F extends readonly string[] = readonly string[],
  S extends readonly string[] = readonly string[],
  O extends readonly string[] = readonly string[],
  C extends string = string, // names of columns: what is inferred from keys leaves the rows of `value` typed
  X = Record<C, string>, // what each column is ordered by
  D = string,
> {
  /**
   * Columns of the list: fields, paths over relations to one row, names of `columns`, or `__str__`, the row as text,
   * which is the default.
   */
  readonly list?: ListPaths<T, L, NoInfer<C>>
  /** Columns that lead to the row; default: the first. */
  readonly links?: readonly (NoInfer<L>[number] & string)[]
  /** Fields (or paths) to narrow the list by, at its side. Default: none. */
  readonly filters?: Paths<T, F>
  /**
   * Fields (or paths) the search box looks in: `name` contains, `^name` begins with, `=code` equals. Default: the first
   * three short texts of the model; `[]` for no search.
   */
  readonly search?: SearchPaths<T, S>
  /** Order of the list; default: the model's own, then the key. */
  readonly ordering?: Orders<T, O>
  /**
   * The form, in order: fields, and names of `columns`, which are shown as values. Default: every editable field, then
   * those of `readonly`. A secret field is written but never shown.
   */
  readonly fields?: readonly { [N in FormNames<T> | NoInfer<C>]: N }[FormNames<T> | NoInfer<C>][]
  /**
   * The form in groups, instead of `fields`. Fields of `readonly` that no group names follow at the end.
   *
   *     fieldsets: [{ fields: ['name'] }, { title: 'Dates', collapsed: true, fields: [['startsOn', 'endsOn']] }]
   */
  readonly fieldsets?: readonly Fieldset<{ [N in FormNames<T> | NoInfer<C>]: N }[FormNames<T> | NoInfer<C>]>[]
  /** A button that saves what the form says as a new row, for those who may add one; default false. */
  readonly saveAsNew?: boolean
  /**
   * The public page of a row: a path, or an address that begins with `http`; null: this row has none. Default: what the
   * model's `absoluteUrl()` gives, where it has one; false: no link.
   */
  readonly viewOnSite?: false | ((row: T) => string | null)
  /** Shown in the form, not editable. */
  readonly readonly?: readonly { [N in FormNames<T> | NoInfer<C>]: N }[FormNames<T> | NoInfer<C>][]
  /** Computed columns, by the name used in `list`, `fields` and `readonly`. */
  readonly columns?: { readonly [K in C]: ComputedColumn<T> } & {
    readonly [K in keyof X]: { readonly orderBy?: ComputedColumn<T, X[K]>['orderBy'] }
  }
  /**
   * Columns that are edited in the list itself, by users who may change the rows: fields of `list` that are not in
   * `links`. A row that somebody else changed in the meantime is not overwritten.
   */
  readonly editable?: readonly (NoInfer<L>[number] & FormNames<T>)[]
  /**
   * A date or date and time (or a path to one) that the list is narrowed by: years, months, days, in the time zone of the
   * reader. Give the field an index where the table is large.
   */
  readonly dateHierarchy?: D extends string ? MomentArg<T, D, Day> : D
  /** What can be done to the selected rows, besides deleting them: see `action()`. */
  readonly actions?: readonly ModelAction<T>[]
  /** Rows of other models, edited on the page of a row and saved with it: see `inline()`. */
  readonly inlines?: readonly InlineOf<T>[]
  /** Rows a page, 1 to 1,000; default 100. */
  readonly perPage?: number
  /**
   * Narrows what each user sees, finds and can relate to: gives the condition, as for `filter()`. Rows outside of it do
   * not exist for that user.
   */
  readonly scope?: (request: AuthenticatedRequest) => Readonly<Record<string, unknown>>
}
