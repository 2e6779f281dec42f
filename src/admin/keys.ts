/**
 * A row's key in an address: parts of a composite key joined by commas, each percent-encoded, so that `/`, `,` and `%`
 * in a key are no parts of the address. The empty text is `~`; `.` and `..` are encoded, for browsers resolve them.
 */
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { NotFound } from '../http/index.ts'
import { t } from '../i18n/index.ts'

/** The model of a row. */
export function modelOf(row: object): AnyModel {
  return row.constructor as unknown as AnyModel // rows are instances of their model
}

function encodePart(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : String(value).toWellFormed()
  if (text === '') return '~'
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E')
  return encodeURIComponent(text).replaceAll('~', '%7E')
}

/** The text that stands for a row in addresses and in the history. */
export function keyOf(row: object): string {
  return modelOf(row)
    .meta.pk.map((field) => encodePart((row as Record<string, unknown>)[field.attname]))
    .join(',')
}

/** The field that holds a key's values: of a foreign key, what it refers to. */
export function valueField(field: FieldMeta): FieldMeta {
  let found = field
  while (found.relation) found = found.relation.target.meta.pk[0]!
  return found
}

/** The condition for `dynamic()`; an address that cannot be a key is a page that does not exist. @throws NotFound */
export function whereKey(model: AnyModel, key: string): Record<string, unknown> {
  const parts = key.split(',')
  const where: Record<string, unknown> = {}
  if (parts.length !== model.meta.pk.length) throw missingPage()
  for (const [index, field] of model.meta.pk.entries()) {
    try {
      const part = parts[index]!
      const text = part === '~' ? '' : decodeURIComponent(part)
      if (text.includes('\0')) throw missingPage()
      const column = valueField(field)
      where[field.name] = text === '' && column.kind === 'char' ? '' : column.clean(text)
    } catch (cause) {
      throw missingPage(cause)
    }
  }
  return where
}

/** The error for an address that leads nowhere. */
export function missingPage(cause?: unknown): NotFound {
  return new NotFound(t('There is no such page in the admin.'), cause === undefined ? {} : { cause })
}

/** A row in one line, for titles and messages; never empty, never long. */
export function nameOf(row: object): string {
  const text = String(row).replace(/\s+/gu, ' ').trim()
  if (text === '') return `${modelOf(row).meta.verboseName} ${keyOf(row)}`
  const letters = [...text.slice(0, 400)]
  return letters.length > 120 || text.length > 400 ? `${letters.slice(0, 120).join('')}…` : text
}
