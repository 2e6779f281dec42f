/** Permissions: they decide everything the admin shows and does. Read once per request. */
import type { AuthenticatedRequest } from '../auth/index.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { NotFound, PermissionDenied } from '../http/index.ts'
import { t } from '../i18n/index.ts'
import type { ModelAdmin } from './options.ts'
import { adminOf, projectApps } from './site.ts'

export type Action = 'view' | 'add' | 'change' | 'delete'

/** What one user may do. */
export interface Access {
  may(action: Action, model: AnyModel): boolean
}

export async function accessOf(request: AuthenticatedRequest): Promise<Access> {
  const { user } = request
  const all = user.isSuperuser && user.isActive
  const names = all || !user.isActive ? new Set<string>() : await user.permissions()
  const has = (action: Action, model: AnyModel) =>
    names.has(`${model.meta.app}.${action}_${model.meta.name.toLowerCase()}`)
  return {
    // Whoever may change a row may see it.
    may: (action, model) => all || has(action, model) || (action === 'view' && has('change', model)),
  }
}

/** The model an address names; unknown and hidden ones look alike. */
export function findAdmin(app: string, model: string): ModelAdmin {
  for (const { name, models } of projectApps()) {
    if (name !== app) continue
    const found = Object.values(models).find((each) => each.meta.name.toLowerCase() === model)
    const shown = found ? adminOf(found) : null
    if (shown) return shown
  }
  throw new NotFound(t('There is no such page in the admin.'))
}

export function demand(access: Access, action: Action, model: AnyModel): void {
  if (!access.may(action, model)) throw new PermissionDenied(t('You may not do this.'))
}
