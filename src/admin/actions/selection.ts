/** Which rows an action is for: those ticked, or all that match. Whatever was sent, only rows this user may see. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import { type FormBody, NotFound } from '../../http/index.ts'
import { language, t } from '../../i18n/index.ts'
import { ValidationError } from '../../validators.ts'
import { type Access, denied, rowsFor } from '../access.ts'
import { narrow, type Rows } from '../changelist/query.ts'
import { whereKey } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'

/** Names of the form around a list. */
export const SELECTED = '_selected'
export const ACROSS = '_across'
export const ACTION = '_action'
export const CONFIRMED = '_confirmed'

/** Rows up to this number are kept by their keys: what the action changes does not change which rows it is for. */
export const MOST_KEPT = 10_000
/** Accounts a user with limited rights may handle at once: each is looked at. */
const MOST_ACCOUNTS = 1000
/** Rows of one page, at most. */
const MOST_TICKED = 1000
/** Rows with a key of several parts, each a condition of its own. */
const _MOST_PAIRS = 400

/** The rows of an action. */
export interface Selection {
  readonly rows: Rows
  readonly count: number
  /** All that match, on whichever page. */
  readonly across: boolean
  /** The keys that were ticked, as they were sent. */
  readonly keys: readonly string[]
  /** How many of those are not there, or not for this user. */
  readonly missing: number
}

/** Rows by the keys of a form; what cannot be a key is no row. */
export function rowsByKeys(admin: ModelAdmin, request: AuthenticatedRequest, keys: readonly string[]): Rows {
  const wheres = keys.flatMap((key) => {
    try {
      return [whereKey(admin.model, key)]
    } catch (error) {
      if (error instanceof NotFound) return []
      throw error
    }
  })
  const rows: Rows = rowsFor(admin, request)
  const { pk } = admin.model.meta
  if (wheres.length === 0) return rows.none()
  const sent = wheres.map((where) => pk.map(({ name }) => where[name]))
  return rows.dynamic({ pk__in: pk.length === 1 ? sent.flat() : sent })
}

/** Reads what was selected. @throws PermissionDenied for accounts that may more than this user */
export async function readSelection(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
  input: FormBody,
): Promise<Selection> {
  const across = input.get(ACROSS) === '1'
  // A field for each box, or one for all of them: a form may send only so many. No key has a space in it.
  const keys = across
    ? []
    : [...new Set(input.getAll(SELECTED).flatMap((sent) => sent.split(' ')))].slice(0, MOST_TICKED)
  let rows: Rows = across ? narrow(admin, request).rows : rowsByKeys(admin, request, keys)
  let count: number = await rows.count()
  if (admin.isUser && !access.isSuperuser) await assertTouchable(access, rows, count)
  if (across && count <= MOST_KEPT) {
    const found = await kept(admin, request, rows)
    rows = found.rows
    count = await rows.count()
  }
  return { rows, count, across, keys, missing: across ? 0 : Math.max(0, keys.length - count) }
}

/** The same rows, by their keys. In an object: a query set that a promise gives would be read. */
async function kept(admin: ModelAdmin, request: AuthenticatedRequest, rows: Rows): Promise<{ rows: Rows }> {
  const keys: unknown[] = await rows.dynamicOrderBy().valuesList('pk', { flat: true })
  return { rows: rowsFor(admin, request).dynamic({ pk__in: keys }) }
}

/** Whoever could change an account that may more would take its rights. */
async function assertTouchable(access: Access, rows: Rows, count: number): Promise<void> {
  if (count > MOST_ACCOUNTS)
    throw new ValidationError(
      t('Select at most {n} accounts at once.', { n: MOST_ACCOUNTS.toLocaleString(language()) }),
    )
  const accounts: object[] = await rows
  await access.look(accounts)
  for (const account of accounts) if (!(await access.mayTouch(account))) throw denied()
}
