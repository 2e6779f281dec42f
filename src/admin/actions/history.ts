/** What an action did, in the history: an entry for each row that was changed or deleted, written together. */
import { type AuthenticatedRequest, contentTypeId } from '../../auth/index.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import type { Rows } from '../changelist/query.ts'
import { keyOf, modelOf, nameOf } from '../keys.ts'
import { type Changes, changesBetween, type Snapshot, snapshot } from '../log.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { CHANGE, DELETION, LogEntry } from '../models.ts'
import { MOST_KEPT, type Selection } from './selection.ts'

/** Rows whose fields are compared before and after; of more, only that the action was done is kept. */
const MOST_COMPARED = 1000

interface Before {
  readonly key: string
  readonly name: string
  readonly id: unknown
  readonly values: Snapshot | null
}

const columnsOf = (model: AnyModel): string[] => model.meta.columns.map((field) => field.name)

const idOf = (row: object): unknown => (row as { readonly pk: unknown }).pk

/** Reads the rows, to tell afterwards what became of them. */
export async function readBefore({ rows, count }: Selection): Promise<readonly Before[]> {
  if (count > MOST_KEPT) return []
  const found: object[] = await rows.all()
  const before: Before[] = []
  for (const row of found) {
    const values = count > MOST_COMPARED ? null : await snapshot(row, columnsOf(modelOf(row)))
    before.push({ key: keyOf(row), name: nameOf(row), id: idOf(row), values })
  }
  return before
}

interface Entry {
  readonly objectId: string | null
  readonly objectRepr: string
  readonly actionFlag: number
  readonly changeMessage: string
}

/** Writes the entries. */
export async function logAction(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  { label, reads }: { readonly label: string; readonly reads: boolean },
  { count }: Selection,
  before: readonly Before[],
): Promise<void> {
  const entries =
    count > MOST_KEPT ? (reads ? [] : [summary(admin, label, count)]) : await compare(admin, label, reads, before)
  if (entries.length === 0) return
  const contentType = await contentTypeId(admin.model)
  await LogEntry.objects.bulkCreate(entries.map((entry) => ({ ...entry, user: request.user.id, contentType })))
}

const changed = (action: string, fields: string[], values: Changes): string =>
  JSON.stringify([{ changed: { action, fields, values } }])

function summary({ model }: ModelAdmin, label: string, count: number): Entry {
  return {
    objectId: null,
    objectRepr: `${count} ${model.meta.verboseNamePlural}`.slice(0, 200),
    actionFlag: CHANGE,
    changeMessage: changed(label, [], {}),
  }
}

/** Of a column that no page of the admin shows, the history says that it changed, not from what to what. */
function shownOf({ fields, list }: ModelAdmin, changes: Changes): Changes {
  const entries = Object.entries(changes)
  return Object.fromEntries(
    entries.map(([name, pair]) => [name, fields.includes(name) || list.includes(name) ? pair : null]),
  )
}

async function compare(admin: ModelAdmin, label: string, reads: boolean, before: readonly Before[]): Promise<Entry[]> {
  const { model } = admin
  const asked: Rows = model.objects.dynamic({ pk__in: before.map(({ id }) => id) })
  const after = new Map<string, object>()
  for (const row of (await asked) as object[]) after.set(keyOf(row), row)
  const entries: Entry[] = []
  for (const { key, name, values } of before) {
    const row = after.get(key)
    const entry = { objectId: key, objectRepr: [...name].slice(0, 200).join('') }
    if (!row) entries.push({ ...entry, actionFlag: DELETION, changeMessage: JSON.stringify([{ deleted: {} }]) })
    else if (values) {
      const changes = shownOf(admin, changesBetween(model, values, await snapshot(row, columnsOf(model))))
      const fields = Object.keys(changes).map((field) => model.meta.fields.get(field)!.verboseName)
      if (fields.length) entries.push({ ...entry, actionFlag: CHANGE, changeMessage: changed(label, fields, changes) })
    } else if (!reads) entries.push({ ...entry, actionFlag: CHANGE, changeMessage: changed(label, [], {}) })
  }
  return entries
}
