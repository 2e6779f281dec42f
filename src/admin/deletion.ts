/** What deleting rows means to a user: what goes with them, what stands in the way, what they may not. One row or many. */
import { atomic, IntegrityError, ProtectedError, RestrictedError } from '../db/index.ts'
import { type AnyInstance, collectDeletion, type DeletionSummary } from '../db/internal.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { language, t } from '../i18n/index.ts'
import { type Access, isAccountModel } from './access.ts'
import { namesOf } from './addresses.ts'
import { keyOf, modelOf, nameOf } from './keys.ts'
import { adminOf, isFramework } from './site.ts'
import { adminUrls } from './urls.ts'

/** Rows that stand in the way are listed up to here. */
const MOST_SHOWN = 50

/** What a deletion means to this user. */
export interface Verdict {
  /** What goes, the rows themselves included. */
  readonly summary: readonly { readonly count: string; readonly label: string }[]
  /** Rows that keep it from being deleted. */
  readonly blocked: readonly { readonly label: string; readonly url: string | null }[]
  readonly more: number
  /** Models of which this user may delete nothing. */
  readonly missing: readonly string[]
  /** A rule of the database that would be broken, found only by trying. */
  readonly refused: boolean
  /** More goes along than could be looked at: names of what that may be; null where it is counted. */
  readonly unknown: readonly string[] | null
}

/** Puts what `collectDeletion()` found in the words of this user. `refused`: the database said no without saying why. */
export function judge({ counts, blocked, incomplete }: DeletionSummary, access: Access, refused = false): Verdict {
  const concerned = incomplete ?? counts.map(({ model }) => model)
  return {
    summary: counts.map(({ model, count }) => ({
      count: count.toLocaleString(language()),
      label: countLabel(model, count),
    })),
    blocked: blocked.slice(0, MOST_SHOWN).map((row) => blocker(row, access)),
    more: Math.max(0, blocked.length - MOST_SHOWN),
    // Deleting a country must not be a way to delete cities one may not delete.
    missing: concerned
      .filter((model) => !isFramework(model) || adminOf(model))
      .filter((model) => !access.may('delete', model))
      .map((model) => model.meta.verboseNamePlural),
    refused,
    unknown:
      incomplete?.filter((model) => !model.meta.autoCreated).map((model) => model.meta.verboseNamePlural) ?? null,
  }
}

/** Looks at what deleting these rows of one model would do, and puts it in the words of this user. */
export async function judgeDeletion(rows: readonly object[], access: Access): Promise<Verdict> {
  return judgeSummary(await collectDeletion(rows as readonly AnyInstance[]), access) // rows, all of them
}

/** {@link judge}, with the accounts among what goes: nobody deletes one that may more than they. */
export async function judgeSummary(found: DeletionSummary, access: Access): Promise<Verdict> {
  const verdict = judge(found, access)
  const stronger = await strongerAccounts(found, access)
  return stronger.length ? { ...verdict, missing: [...verdict.missing, ...stronger] } : verdict
}

/**
 * Deleting a company must not be a way to delete the superuser who belongs to it. Accounts that could not be looked at
 * count as stronger.
 */
async function strongerAccounts({ incomplete, rows }: DeletionSummary, access: Access): Promise<string[]> {
  if (access.isSuperuser) return []
  const told = ({ meta }: AnyModel) => t('{models} that may more than you', { models: meta.verboseNamePlural })
  if (incomplete) return incomplete.filter(isAccountModel).map(told)
  const found: string[] = []
  for (const [model, accounts] of rows ?? []) {
    if (!isAccountModel(model)) continue
    await access.look(accounts)
    for (const account of accounts)
      if (!(await access.mayTouch(account))) {
        found.push(told(model))
        break
      }
  }
  return found
}

/** Whether nothing stands in the way. */
export function isAllowed({ blocked, missing }: Verdict): boolean {
  return blocked.length === 0 && missing.length === 0
}

/** A model as the summary counts it: the table between two sides of a many-to-many says what it connects. */
function countLabel(model: AnyModel, count: number): string {
  if (!model.meta.autoCreated) return count === 1 ? model.meta.verboseName : model.meta.verboseNamePlural
  const names = model.meta.columns.flatMap((field) => (field.relation ? [field.relation.target.meta.verboseName] : []))
  return t('connections of {names}', { names: names.join(' – ') })
}

function blocker(row: object, access: Access): { label: string; url: string | null } {
  const model = modelOf(row)
  const admin = adminOf(model)
  // What a user may not see has no name here either.
  if (admin && !access.may('view', model)) return { label: model.meta.verboseName, url: null }
  return {
    label: `${model.meta.verboseName}: ${nameOf(row)}`,
    url: admin ? adminUrls.change({ ...namesOf(admin), key: keyOf(row) }) : null,
  }
}

/** Deletes, all or nothing; gives what stood in the way when the database, or a row that came in between, refused. */
export async function tryDelete(run: () => Promise<void>): Promise<DeletionSummary | null> {
  try {
    await atomic(run)
    return null
  } catch (error) {
    if (error instanceof ProtectedError || error instanceof RestrictedError)
      return { counts: [], blocked: error.objects as readonly AnyInstance[], incomplete: null } // rows, as its class says
    if (error instanceof IntegrityError) return { counts: [], blocked: [], incomplete: null }
    throw error
  }
}
