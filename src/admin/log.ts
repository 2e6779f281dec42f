/** The history: what was done, by whom, and how each field changed. */

import type { AuthenticatedRequest } from '../auth/index.ts'
import { contentTypeId } from '../auth/index.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { formatValue } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { humanize } from '../std/text.ts'
import { keyOf } from './keys.ts'
import { ADDITION, CHANGE, DELETION, LogEntry } from './models.ts'

/** Field name → value before and after, as text; null where it was empty. A secret field has no values. */
export type Changes = Record<string, readonly [before: string | null, after: string | null] | null>

/** Values in the history are cut here: a row's text may be megabytes. */
const MAX_VALUE = 500
const cut = (text: string | null): string | null =>
  text !== null && text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text

/** The fields of a row as text, to compare before and after. Many-to-many fields as the names of their rows. */
export async function snapshot(row: object, names: readonly string[]): Promise<Map<string, string | null>> {
  const { meta } = row.constructor as unknown as AnyModel // rows are instances of their model
  const values = new Map<string, string | null>()
  for (const name of names) {
    const field = meta.fields.get(name)
    if (field) values.set(name, await textOf(row as Record<string, any>, field)) // fields of a model not known here
  }
  return values
}

async function textOf(row: Record<string, any>, field: FieldMeta): Promise<string | null> {
  if (field.relation?.type === 'manyToMany') {
    const rows: object[] = await row[field.name].all()
    return rows.map(String).sort().join(', ') || null
  }
  const value = row[field.attname]
  if (value === null || value === undefined) return null
  if (field.relation) {
    const target = await row[field.name]
    return target ? String(target) : String(value)
  }
  return field.choices?.find((choice) => choice.value === value)?.label ?? formatValue(field.kind, value)
}

export function changesBetween(
  model: AnyModel,
  before: ReadonlyMap<string, string | null>,
  after: ReadonlyMap<string, string | null>,
): Changes {
  const changes: Changes = {}
  for (const [name, value] of after) {
    const old = before.get(name) ?? null
    if (old === value) continue
    changes[name] = model.meta.fields.get(name)?.secret ? null : [cut(old), cut(value)]
  }
  return changes
}

async function write(request: AuthenticatedRequest, row: object, flag: number, message: unknown): Promise<void> {
  await LogEntry.objects.create({
    user: request.user.id,
    contentType: await contentTypeId(row.constructor as unknown as AnyModel),
    objectId: keyOf(row),
    objectRepr: [...String(row)].slice(0, 200).join(''),
    actionFlag: flag,
    changeMessage: JSON.stringify(message),
  })
}

export const logAddition = (request: AuthenticatedRequest, row: object) =>
  write(request, row, ADDITION, [{ added: {} }])
export const logDeletion = (request: AuthenticatedRequest, row: object) =>
  write(request, row, DELETION, [{ deleted: {} }])
export function logChange(request: AuthenticatedRequest, row: object, changes: Changes): Promise<void> {
  const { meta } = row.constructor as unknown as AnyModel
  const fields = Object.keys(changes).map((name) => meta.fields.get(name)?.verboseName ?? humanize(name))
  return write(request, row, CHANGE, [{ changed: { fields, values: changes } }])
}

export interface ShownEntry {
  readonly summary: string
  readonly time: Date
  readonly iso: string
  readonly user: string
  readonly changes: readonly { label: string; before: string | null; after: string | null; shown: boolean }[]
}

interface Message {
  readonly added?: object
  readonly deleted?: object
  readonly changed?: { readonly fields?: readonly string[]; readonly values?: Changes }
}

/** Entries written by Django read too: JSON, or plain text of its early versions. */
function messagesOf(text: string): readonly Message[] | string {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? (parsed as Message[]) : text
  } catch {
    return text
  }
}

export function describeEntry(entry: LogEntry & { readonly user: unknown }, model: AnyModel | null): ShownEntry {
  const messages = messagesOf(entry.changeMessage)
  const changed =
    typeof messages === 'string' ? [] : messages.flatMap((message) => (message.changed ? [message.changed] : []))
  const fields = changed.flatMap((each) => each.fields ?? [])
  const summary =
    entry.actionFlag === ADDITION
      ? t('Added')
      : entry.actionFlag === DELETION
        ? t('Deleted')
        : typeof messages === 'string' && messages
          ? messages
          : fields.length
            ? t('Changed {fields}', { fields: fields.join(', ') })
            : t('Saved without a change')
  return {
    summary,
    time: entry.actionTime,
    iso: entry.actionTime.toISOString(),
    user: String(entry.user),
    changes: changed.flatMap((each) =>
      Object.entries(each.values ?? {}).map(([name, pair]) => ({
        label: model?.meta.fields.get(name)?.verboseName ?? humanize(name),
        before: pair?.[0] ?? null,
        after: pair?.[1] ?? null,
        shown: pair !== null,
      })),
    ),
  }
}
