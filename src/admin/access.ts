/** Permissions: they decide everything the admin shows and does. Read once per request. */
import { AbstractUser, type AuthenticatedRequest } from '../auth/index.ts'
import { readPermissions } from '../auth/internal.ts'
import { extendsModel } from '../db/internal.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { type CurrentUser, PermissionDenied } from '../http/index.ts'
import { t } from '../i18n/index.ts'
import { missingPage, whereKey } from './keys.ts'
import type { ModelAdmin } from './model-admin.ts'
import { adminOf, projectApps } from './site.ts'

/** What is done to rows; permissions are named after it. */
export type Action = 'view' | 'add' | 'change' | 'delete'

/** What one user may do. */
export interface Access {
  readonly isSuperuser: boolean
  may(action: Action, model: AnyModel): boolean
  /** False for an account that may more than this user: whoever could change it would take its rights. */
  mayTouch(row: object): Promise<boolean>
  /** Reads what {@link mayTouch} will ask of each of them. */
  look(rows: readonly object[]): Promise<void>
}

const known = new WeakMap<AuthenticatedRequest, Promise<Access>>()

/** The user's rights, read once per request. */
export function accessOf(request: AuthenticatedRequest): Promise<Access> {
  let found = known.get(request)
  if (found === undefined) {
    found = readAccess(request)
    known.set(request, found)
  }
  return found
}

async function readAccess({ user }: AuthenticatedRequest): Promise<Access> {
  const isSuperuser = user.isSuperuser && user.isActive
  const names = isSuperuser || !user.isActive ? new Set<string>() : await user.permissions()
  const has = (action: Action, model: AnyModel) =>
    names.has(`${model.meta.app}.${action}_${model.meta.name.toLowerCase()}`)
  return {
    isSuperuser,
    async look(rows) {
      if (!isSuperuser)
        await readPermissions(rows.filter(isAccount) as unknown as Parameters<typeof readPermissions>[0]) // rows are instances
    },
    // Whoever may change a row may see it.
    may: (action, model) => isSuperuser || has(action, model) || (action === 'view' && has('change', model)),
    async mayTouch(row) {
      if (isSuperuser || !isAccount(row)) return true
      if (row.isSuperuser) return false
      for (const name of await row.permissions()) if (!names.has(name)) return false
      return true
    },
  }
}

/** By what it extends: accounts without a page of their own may be edited beside other rows. */
export const isAccountModel = (model: AnyModel): boolean => extendsModel(model, AbstractUser)
const isAccount = (row: object): row is CurrentUser => isAccountModel(row.constructor as unknown as AnyModel) // rows are instances of their model

/** The model an address names; unknown and hidden ones look alike. @throws NotFound */
export function findAdmin(app: string, model: string): ModelAdmin {
  for (const { name, models } of projectApps()) {
    if (name !== app) continue
    const found = Object.values(models).find((each) => each.meta.name.toLowerCase() === model)
    const shown = found ? adminOf(found) : null
    if (shown) return shown
  }
  throw missingPage()
}

/** @throws PermissionDenied */
export function demand(access: Access, action: Action, model: AnyModel): void {
  if (!access.may(action, model)) throw denied()
}

/** The error for what this user may not do. */
export function denied(): PermissionDenied {
  return new PermissionDenied(t('You may not do this. Ask somebody who manages permissions.'))
}

/** The rows of a model that exist for a user: those of the option `scope`. */
export function rowsFor(admin: ModelAdmin, request: AuthenticatedRequest) {
  const rows = admin.model.objects.all()
  return admin.scope ? rows.dynamic(admin.scope(request)) : rows
}

/** The row an address names, if this user may know of it; else null. @throws NotFound for a key that cannot be one */
export function findRow(admin: ModelAdmin, key: string, request: AuthenticatedRequest): Promise<object | null> {
  return rowsFor(admin, request).dynamic(whereKey(admin.model, key)).first()
}

/** The same row, which nobody else changes until the block ends. @throws NotFound */
export function findRowToWrite(admin: ModelAdmin, key: string, request: AuthenticatedRequest): Promise<object | null> {
  return rowsFor(admin, request).dynamic(whereKey(admin.model, key)).forUpdate().first()
}
