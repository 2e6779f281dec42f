/** Stored values as people read them. */
import { writeList } from '../db/fields/lists.ts'
import { isArrayKind } from '../db/kinds.ts'
import type { FieldMeta } from '../db/models/meta.ts'
import { fileLink } from '../forms/internal.ts'
import { language, t, timeZone } from '../i18n/index.ts'
import { formatDate, Temporal } from '../std/dates.ts'
import { Decimal } from '../std/decimal.ts'
import { escapeHtml, isSafe, markSafe, type SafeString, toHtml } from '../std/html.ts'
import { truncate } from '../std/text.ts'
import { isStoredFile, type StoredFile } from '../storage/stored-file.ts'

const numericKinds: ReadonlySet<string> = new Set(['auto', 'integer', 'smallInteger', 'bigInteger', 'float', 'decimal'])
/** Text in a list is cut here; a form shows it whole. */
const LONGEST_CELL = 120

/** Whether a field's values are quantities, set flush right. */
export function isNumeric(field: FieldMeta): boolean {
  return numericKinds.has(field.kind ?? '') && !field.relation && !field.choices
}

const shortKinds: ReadonlySet<string> = new Set(['boolean', 'date', 'time', 'dateTime', 'uuid'])
/** Whether a field's values stay on one line. */
export function isShort(field: FieldMeta): boolean {
  if (field.relation) return false
  return field.choices
    ? field.choices.every((choice) => String(choice.label).length <= 24)
    : shortKinds.has(field.kind ?? '')
}

/** How a value is shown. */
export interface ShowOptions {
  /** Whole, with links; default: as a cell of a list, cut and without. */
  readonly whole?: boolean
}

const quiet = (text: string) => markSafe(`<span class="quiet">${escapeHtml(text)}</span>`)
const empty = markSafe('<span class="quiet" aria-hidden="true">–</span>')

/** A value as HTML. Secret fields are never shown, whatever they hold. */
export function showValue(value: unknown, field?: FieldMeta | null, options: ShowOptions = {}): SafeString {
  if (value === null || value === undefined || value === '') return empty
  if (field?.secret) return quiet('••••••')
  if (isSafe(value)) return markSafe(toHtml(value))
  if (value === true) return mark('yes', t('Yes'), '✓')
  if (value === false) return mark('no', t('No'), '✕')
  const choice = field?.choices?.find((each) => each.value === value)
  if (choice) return markSafe(escapeHtml(choice.label))
  if (value instanceof Temporal.Instant) return showValue(new Date(value.epochMilliseconds), field, options)
  if (isStoredFile(value)) return showFile(value, field, options)
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return empty
    return markSafe(
      `<time datetime="${value.toISOString()}">${escapeHtml(formatDate(value, 'j M Y, H:i', { timeZone: timeZone() }))}</time>`,
    )
  }
  if (typeof value === 'number' && !field?.primaryKey)
    return markSafe(escapeHtml(value.toLocaleString(language(), { maximumFractionDigits: 6 })))
  if (value instanceof Uint8Array) return quiet(t('{n} bytes', { n: value.length.toLocaleString(language()) }))
  if (Array.isArray(value) && field?.kind && isArrayKind(field.kind))
    return value.length === 0 ? empty : showText(writeList(value), field, options)
  if (field?.kind === 'json' || (typeof value === 'object' && isPlain(value))) return showJson(value, options)
  return showText(value instanceof Decimal ? value.toFixed() : String(value), field, options)
}

/** A file as a link; of an image a small picture. A cell of a list is a link already. */
function showFile(file: StoredFile, field: FieldMeta | null | undefined, { whole = false }: ShowOptions): SafeString {
  const image = field?.files?.image === true
  if (!file.isStored) return markSafe(escapeHtml(file.baseName))
  if (whole) return markSafe(`<span class="file-now">${fileLink(file, image)}</span>`)
  const picture = image ? /<img [^>]*>/.exec(fileLink(file, true)) : null
  const name = escapeHtml(truncate(file.baseName, LONGEST_CELL))
  return markSafe(picture === null ? name : `<span class="file-cell">${picture[0]}<span>${name}</span></span>`)
}

function mark(name: string, label: string, sign: string): SafeString {
  return markSafe(`<span class="${name}" role="img" aria-label="${escapeHtml(label)}">${sign}</span>`)
}

/** Objects without a text of their own; an instance of a model or a Temporal value has one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}

function showJson(value: unknown, { whole = false }: ShowOptions): SafeString {
  const text = JSON.stringify(value, null, whole ? 2 : undefined) ?? ''
  return markSafe(
    whole
      ? `<pre>${escapeHtml(text)}</pre>`
      : `<code>${escapeHtml(truncate(text.slice(0, 4 * LONGEST_CELL), LONGEST_CELL))}</code>`,
  )
}

function showText(text: string, field: FieldMeta | null | undefined, { whole = false }: ShowOptions): SafeString {
  // Cut before it is counted: a text may be megabytes.
  if (!whole) return markSafe(escapeHtml(truncate(text.slice(0, 4 * LONGEST_CELL), LONGEST_CELL)))
  if (field?.builder === 'url' && isWebAddress(text))
    return markSafe(`<a href="${escapeHtml(text)}" rel="noopener noreferrer">${escapeHtml(text)}</a>`)
  return markSafe(text.includes('\n') ? `<span class="lines">${escapeHtml(text)}</span>` : escapeHtml(text))
}

/** A link only for what a browser opens as a page: `javascript:` stored in a URL field must not run (CVE-2013-6044). */
export function isWebAddress(text: string): boolean {
  if (!/^https?:\/\/[^\s]/iu.test(text)) return false
  return URL.canParse(text)
}
