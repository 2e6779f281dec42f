/** The actions of a list that a user may use: the project's, then "Delete selected". */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { FieldMap, FormDefinition } from '../../forms/index.ts'
import { language, t } from '../../i18n/index.ts'
import type { Access } from '../access.ts'
import type { Verdict } from '../deletion.ts'
import type { ModelAdmin } from '../model-admin.ts'
import type { ActionResult, RawAction } from './action.ts'
import { deletion } from './delete.ts'
import type { Selection } from './selection.ts'

/** An action for one user. */
export interface Offered {
  /** What the form sends. */
  readonly name: string
  readonly label: string
  readonly danger: boolean
  /** Whether it is asked for before it runs. */
  readonly asks: boolean
  /** Whether rows are only read: nothing is kept in the history. */
  readonly reads: boolean
  question(count: number): string
  readonly form: FormDefinition<FieldMap> | null
  /** What stands in the way, for a deletion. */
  judge?(selection: Selection): Promise<Verdict>
  run(selection: Selection, values: Readonly<Record<string, unknown>>): Promise<ActionResult>
}

/** The actions offered to this user. */
export async function offeredActions(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
): Promise<Offered[]> {
  const offered: Offered[] = []
  for (const action of admin.actions)
    if (await isAllowed(action, admin, request, access)) offered.push(offer(action, request))
  if (access.may('delete', admin.model)) offered.push(deletion(admin, access))
  return offered
}

const kinds: ReadonlySet<string> = new Set(['view', 'add', 'change', 'delete'])

async function isAllowed(
  { options }: RawAction,
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
): Promise<boolean> {
  const { permission = 'change' } = options
  if (typeof permission === 'function') return permission(request)
  if (kinds.has(permission)) return access.may(permission as 'change', admin.model) // one of the four
  return access.isSuperuser || (await request.user.permissions()).has(permission)
}

function offer({ options }: RawAction, request: AuthenticatedRequest): Offered {
  const { danger = false, confirm } = options
  const label = String(options.label)
  const form = options.form?.(request) ?? null
  return {
    name: label,
    label,
    danger,
    asks: danger || confirm !== undefined || form !== null,
    reads: options.permission === 'view',
    question: (count) =>
      confirm === undefined
        ? t('{action}: {n} rows?', { action: label, n: write(count) })
        : numbered(String(confirm), count),
    form,
    run: async ({ rows, count }, values) => options.run(rows.all(), { request, values, count }),
  }
}

const write = (count: number): string => count.toLocaleString(language())
const numbered = (text: string, count: number): string => text.replaceAll('{n}', write(count))
