/** What `defineApp` refuses: facts about several models, which no header can check. */

import type { RelationFamily, Reverse } from '../fields/types.ts'
import type { QuerySet } from '../query/queryset.ts'
import type { FieldsOf, Target } from './types.ts'

/** Shown when `Model<X>()` names another class than the one it is the base of. */
export interface WrongSelf<Message extends string> {
  readonly '~wrong self type': Message
}
/** Shown when `reverse(Book, 'x')` names no foreign key of Book that leads here. */
export interface BadReverse<Name, Message extends string> {
  readonly '~bad reverse relation': Name
  readonly '~because': Message
}
/** `unknown`, or the first complaint about a model class: what `defineApp` intersects each model with. */
export type CheckModel<C> = C extends { readonly prototype: infer P; readonly objects: QuerySet<infer S> }
  ? [S] extends [P]
    ? [P] extends [S]
      ? CheckReverse<P, FieldsOf<P>>
      : WrongSelf<'write class X extends Model<X>()(...)'>
    : WrongSelf<'write class X extends Model<X>()(...)'>
  : unknown
// Relations of `any` are those of whatever model, as in ValueOf of types.ts.
type CheckReverse<P, F> = {
  [K in keyof F]: F[K] extends Reverse<infer R, infer Via, any>
    ? R extends { readonly prototype: infer T }
      ? Via extends keyof FieldsOf<T>
        ? FieldsOf<T>[Via] extends { readonly '~kind': RelationFamily }
          ? [Target<FieldsOf<T>[Via]>] extends [P]
            ? never
            : [P] extends [Target<FieldsOf<T>[Via]>] // a proxy has the relations of its model
              ? never
              : BadReverse<K, `'${Via}' does not point here`>
          : BadReverse<K, `'${Via}' is not a relation there`>
        : BadReverse<K, `no field '${Via}' there`>
      : never
    : never
}[keyof F] extends infer E
  ? [E] extends [never]
    ? unknown
    : E
  : never
