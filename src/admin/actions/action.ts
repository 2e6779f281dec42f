/** Bulk actions: what is done to the rows that were selected in a list. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { QuerySet } from '../../db/index.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import type { FieldMap, FormDefinition, Label, ValuesOf } from '../../forms/index.ts'
import type { Action } from '../access.ts'

/** What `run` is told besides the rows. */
export interface ActionContext<F> {
  readonly request: AuthenticatedRequest
  /** What was entered into `form`; empty without one. */
  readonly values: ValuesOf<F>
  /** How many rows there are. */
  readonly count: number
}

/** Text for the next page, or a response of its own (a file to download); nothing: "{label}: {n} rows". */
export type ActionResult = string | { toString(): string } | Response | undefined | void

/** Who may use an action: a permission on its model, one by name (`shop.refund_order`), or a function that decides. */
export type ActionPermission =
  | Action
  | `${string}.${string}`
  | ((request: AuthenticatedRequest) => boolean | Promise<boolean>)

/** What {@link action} takes. */
export interface ActionOptions<Rows, F> {
  /** What the menu says. */
  readonly label: Label
  /** Asked before it runs; `{n}` is the number of rows. Default: asked only for what is dangerous or has a form. */
  readonly confirm?: Label
  /** Default `change`. Who may not is not offered the action, and is refused when they send it all the same. */
  readonly permission?: ActionPermission
  /** Shown in red, and always confirmed. Default false. */
  readonly danger?: boolean
  /** Parameters, asked on the page that confirms. */
  readonly form?: (request: AuthenticatedRequest) => FormDefinition<F & FieldMap>
  /**
   * Does it, within one transaction together with its entries in the history. `rows` are those that were selected and
   * that this user may see. A ValidationError that it throws is shown, and nothing is kept.
   */
  run(rows: Rows, context: ActionContext<F>): ActionResult | Promise<ActionResult>
}

/** An action, for the option `actions` of its model. */
export interface ModelAction<T> {
  readonly model: { readonly prototype: T }
}

/** An action as the admin reads it. */
export interface RawAction extends ModelAction<object> {
  readonly model: AnyModel
  readonly options: ActionOptions<AnyModel['objects'], FieldMap>
}

/** The query set of a model: its own class where it has one. */
type RowsOf<M> = M extends { readonly objects: infer Rows }
  ? Rows
  : M extends { readonly prototype: infer T }
    ? QuerySet<T>
    : never

/**
 * Declares something that can be done to the selected rows of a list.
 *
 *     export const publish = action(Book, {
 *       label: 'Publish',
 *       confirm: 'Publish {n} books?',
 *       form: () => form({ on: dateField() }),
 *       async run(rows, { values }) {
 *         const n = await rows.update({ status: 'out', publishedOn: values.on })
 *         return `${n} books are out.`
 *       },
 *     })
 *     admin.register(Book, { actions: [publish] })
 */
export function action<M extends { readonly prototype: object }, F = {}>(
  model: M,
  options: ActionOptions<RowsOf<M>, F>,
): ModelAction<M['prototype']> {
  return Object.freeze({ model, options }) as ModelAction<M['prototype']> // the prototype is the class's own
}
