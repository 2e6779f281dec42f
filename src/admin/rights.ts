/** Rights in forms: of them, one gives away those one has. */
import type { AuthenticatedRequest } from '../auth/index.ts'
import { Group, Permission } from '../auth/index.ts'
import type { FieldMeta } from '../db/models/meta.ts'
import type { Choice } from '../forms/index.ts'
import { type Rows, SELECT_LIMIT } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { capitalize } from '../std/text.ts'
import type { FormContext } from './row-form.ts'
import { projectApps } from './site.ts'

/**
 * Rights that this user can give, where a field gives them; null: not limited. Otherwise whoever may edit a group or a
 * user could grant themselves all.
 */
export async function ownRights(
  { request, admin, access }: Pick<FormContext, 'request' | 'admin' | 'access'>,
  field: FieldMeta,
): Promise<Rows | null> {
  const isRights = admin.isUser || (admin.model as unknown) === Group
  if (!isRights || access.isSuperuser) return null
  const target = field.relation!.target as unknown
  if (target === Permission) {
    const own = await ownPermissions(request)
    return () => Permission.objects.filter({ id__in: own })
  }
  if (target === Group) {
    const own = await request.user.groups.valuesList('id', { flat: true })
    return () => Group.objects.filter({ id__in: own })
  }
  return null
}

async function ownPermissions({ user }: AuthenticatedRequest): Promise<number[]> {
  const names = await user.permissions()
  const rows = await Permission.objects.valuesList('id', 'contentType__appLabel', 'codename')
  return rows.filter(([, app, codename]) => names.has(`${app}.${codename}`)).map(([id]) => id)
}

/** Permissions under the model they are about: "Atlas · city": Add, Change … */
export async function permissionChoices(rows: Rows | undefined): Promise<readonly Choice[]> {
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
