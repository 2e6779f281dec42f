/** What a user may do with the rows of an inline: by permissions of their own, never by those of the parent. */
import { Group, Permission } from '../../auth/index.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { type Access, type Action, isAccountModel } from '../access.ts'
import type { ResolvedInline } from './resolve.ts'

export interface InlineRights {
  readonly view: boolean
  readonly add: boolean
  readonly change: boolean
  readonly delete: boolean
}

/** A table between that the framework made has no permissions of its own: it is part of both of its sides. */
function mayBetween(access: Access, action: Action, model: AnyModel): boolean {
  return (
    model.meta.columns.every((field) => {
      const target = field.relation?.target
      return !target || access.may('view', target)
    }) &&
    (action === 'view' ||
      model.meta.columns.some((field) => field.relation && access.may('change', field.relation.target)))
  )
}

/** A table that gives rights: permissions or groups on one side, who has them on the other. */
function givesRights(model: AnyModel): boolean {
  const targets = model.meta.columns.flatMap((field) => field.relation?.target ?? [])
  const isRight = (target: unknown) => target === Permission || target === Group
  return targets.some(isRight) && targets.some((target) => (target as unknown) === Group || isAccountModel(target))
}

/** `editable`: whether the parent is. */
export function rightsFor({ model, admin, rules }: ResolvedInline, access: Access, editable: boolean): InlineRights {
  const allowed = (action: Action) =>
    model.meta.autoCreated ? mayBetween(access, action, model) : access.may(action, model)
  // The side of the page is no choice that could be limited to rights one has, nor is the account of a row that is there.
  const may = (action: Action) => allowed(action) && (action === 'view' || access.isSuperuser || !givesRights(model))
  const writes = admin.fields.some((name) => !admin.readonly.includes(name) && model.meta.fields.has(name))
  return {
    view: may('view'),
    add: editable && may('add') && rules.max > 0,
    change: editable && writes && may('change'),
    delete: editable && rules.canDelete && may('delete'),
  }
}
