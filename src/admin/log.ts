/** The history: what was done, by whom, and how each field changed. */

import type { AuthenticatedRequest } from '../auth/index.ts'
import { ContentType, contentTypeId } from '../auth/index.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { formatValue } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { humanize } from '../std/text.ts'
import { keyOf, modelOf, nameOf } from './keys.ts'
import { ADDITION, CHANGE, DELETION, LogEntry } from './models.ts'

/** Field name → value before and after, as text; null where it was empty. A secret field has no values. */
export type Changes = Record<string, readonly [before: string | null, after: string | null] | null>

/** Values in the history are cut here: a row's text may be megabytes. */
const MAX_VALUE = 500
const cut = (text: string | null): string | null =>
  text !== null && text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text

/** Fields of a row as text, by name, to compare before and after. Many-to-many fields as the names of their rows. */
export type Snapshot = ReadonlyMap<string, string | null>

/** Reads a row's fields as text. Secret ones as a mark of their value, which never leaves this file. */
export async function snapshot(row: object, names: readonly string[]): Promise<Snapshot> {
  const { meta } = modelOf(row)
  const values = new Map<string, string | null>()
  for (const name of names) {
    const field = meta.fields.get(name)
    if (field) values.set(name, await textOf(row as Record<string, any>, field)) // fields of a model not known here
  }
  return values
}

// As above.
async function textOf(row: Record<string, any>, field: FieldMeta): Promise<string | null> {
  if (field.relation?.type === 'manyToMany') {
    const rows: object[] = await row[field.name].all()
    return rows.map(nameOf).sort().join(', ') || null
  }
  const value = row[field.attname]
  if (value === null || value === undefined || value === '') return null
  if (field.relation) {
    const target: object | null = await row[field.name]
    return target ? nameOf(target) : String(value)
  }
  const choice = field.choices?.find((each) => each.value === value)
  return choice ? String(choice.label) : formatValue(field.kind, value)
}

/** The fields that differ. */
export function changesBetween(model: AnyModel, before: Snapshot, after: Snapshot): Changes {
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
    contentType: await contentTypeId(modelOf(row)),
    objectId: keyOf(row),
    objectRepr: [...nameOf(row)].slice(0, 200).join(''),
    actionFlag: flag,
    changeMessage: JSON.stringify(message),
  })
}

/** What was done to a row of an inline, as Django writes it. */
export interface InlineMessage {
  readonly added?: { readonly name: string; readonly object: string }
  readonly changed?: { readonly name: string; readonly object: string; readonly fields: readonly string[] }
  readonly deleted?: { readonly name: string; readonly object: string }
}

/** Keeps that a row was added, with rows of inlines. */
export const logAddition = (
  request: AuthenticatedRequest,
  row: object,
  inlines: readonly InlineMessage[] = [],
): Promise<void> => write(request, row, ADDITION, [{ added: {} }, ...inlines])
/** Keeps that a row is deleted; call it before the row is gone. */
export const logDeletion = (request: AuthenticatedRequest, row: object): Promise<void> =>
  write(request, row, DELETION, [{ deleted: {} }])
/** Keeps how a row was changed, and rows of its inlines. */
export function logChange(
  request: AuthenticatedRequest,
  row: object,
  changes: Changes,
  inlines: readonly InlineMessage[] = [],
): Promise<void> {
  const { meta } = modelOf(row)
  const fields = Object.keys(changes).map((name) => meta.fields.get(name)?.verboseName ?? humanize(name))
  // A row that stayed as it was, while its inlines changed, is not said to have changed.
  const own = fields.length === 0 && inlines.length > 0 ? [] : [{ changed: { fields, values: changes } }]
  return write(request, row, CHANGE, [...own, ...inlines])
}

/** A row's entries in the history, the latest first. */
export async function entriesOf(row: object, from: number, to: number) {
  const { app, name } = modelOf(row).meta
  const type = await ContentType.objects.filter({ appLabel: app, model: name.toLowerCase() }).first()
  if (!type) return []
  return LogEntry.objects
    .filter({ contentType: type.id, objectId: keyOf(row) })
    .selectRelated('user')
    .slice(from, to)
}

/** Who changed a field, and when. */
export interface Author {
  readonly user: string
  readonly time: Date
  readonly iso: string
}

/** Entries looked through for who changed a field. */
const LOOKED_THROUGH = 20

/** Who last changed each of these fields of a row since a time; a change made elsewhere than in the admin has no entry. */
export async function authorsOf(
  row: object,
  names: readonly string[],
  since: number,
): Promise<ReadonlyMap<string, Author>> {
  const found = new Map<string, Author>()
  for (const entry of await entriesOf(row, 0, LOOKED_THROUGH)) {
    const messages = messagesOf(entry.changeMessage)
    if (typeof messages === 'string' || entry.actionTime.getTime() < since) continue
    const changed = messages.flatMap((message) => changesIn(message, null)).map((change) => change.name)
    const author = { user: String(entry.user), time: entry.actionTime, iso: entry.actionTime.toISOString() }
    for (const name of names) if (changed.includes(name) && !found.has(name)) found.set(name, author)
  }
  return found
}

/** One field of an entry: a secret field is not `shown`. */
export interface ShownChange {
  readonly name: string
  readonly label: string
  readonly before: string | null
  readonly after: string | null
  readonly shown: boolean
}

/** An entry in words. */
export interface ShownEntry {
  readonly kind: 'added' | 'changed' | 'deleted'
  readonly summary: string
  readonly time: Date
  readonly iso: string
  readonly user: string
  readonly changes: readonly ShownChange[]
}

/** With a name: about a row of an inline. */
interface Message {
  readonly added?: { readonly name?: unknown; readonly object?: unknown }
  readonly changed?: {
    readonly name?: unknown
    readonly object?: unknown
    readonly fields?: unknown
    readonly values?: unknown
    readonly action?: unknown
  }
  readonly deleted?: { readonly name?: unknown; readonly object?: unknown }
}

/** Entries written by Django read too: JSON, or plain text of its early versions. */
function messagesOf(text: string): readonly Message[] | string {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed.filter((each) => typeof each === 'object' && each !== null) : text
  } catch {
    return text
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function changesIn({ changed }: Message, model: AnyModel | null): ShownChange[] {
  const values = changed?.values
  if (typeof values !== 'object' || values === null) return []
  return Object.entries(values).map(([name, pair]) => {
    const field = model?.meta.fields.get(name)
    const [before, after] = Array.isArray(pair) ? pair : []
    return {
      name,
      label: field?.verboseName ?? humanize(name),
      before: inWords(field, textOrNull(before)),
      after: inWords(field, textOrNull(after)),
      // A field that became secret since: what was written before is not shown either.
      shown: Array.isArray(pair) && !field?.secret,
    }
  })
}

function inWords(field: FieldMeta | undefined, text: string | null): string | null {
  if (field?.kind !== 'boolean') return text
  return text === 'true' ? t('Yes') : text === 'false' ? t('No') : text
}

/** Puts an entry in words. */
export function describeEntry(entry: LogEntry & { readonly user: unknown }, model: AnyModel | null): ShownEntry {
  const messages = messagesOf(entry.changeMessage)
  return {
    kind: entry.actionFlag === ADDITION ? 'added' : entry.actionFlag === DELETION ? 'deleted' : 'changed',
    summary: summaryOf(entry, messages),
    time: entry.actionTime,
    iso: entry.actionTime.toISOString(),
    user: String(entry.user),
    changes: typeof messages === 'string' ? [] : messages.flatMap((message) => changesIn(message, model)),
  }
}

function summaryOf(entry: LogEntry, messages: readonly Message[] | string): string {
  const rows = typeof messages === 'string' ? [] : messages.flatMap(inlineSummary)
  if (entry.actionFlag === ADDITION) return [t('Added'), ...rows].join('. ')
  if (entry.actionFlag === DELETION) return t('Deleted')
  if (typeof messages === 'string') return messages || t('Saved without a change')
  const fields = messages
    .flatMap(({ changed }) => (changed?.name === undefined && Array.isArray(changed?.fields) ? changed.fields : []))
    .map(String)
  const own = fields.length ? [t('Changed {fields}', { fields: fields.join(', ') })] : []
  const summary = [...own, ...rows].join('. ') || t('Saved without a change')
  const action = messages.map(({ changed }) => changed?.action).find((name) => typeof name === 'string')
  if (action === undefined) return summary
  return fields.length ? `${action}: ${summary}` : String(action)
}

/** What was done to a row of an inline, in words. */
function inlineSummary({ added, changed, deleted }: Message): string[] {
  const about = added ?? changed ?? deleted
  if (about?.name === undefined) return []
  const row = { name: String(about.name), object: String(about.object) }
  if (added) return [t('Added {name} “{object}”', row)]
  if (deleted) return [t('Deleted {name} “{object}”', row)]
  const fields = Array.isArray(changed?.fields) ? changed.fields.map(String).join(', ') : ''
  return [t('Changed {fields} of {name} “{object}”', { ...row, fields })]
}
