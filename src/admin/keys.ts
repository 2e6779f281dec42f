/** A row's key in an address: composite keys joined by commas, each part percent-encoded. */
import type { AnyModel } from '../db/models/meta.ts'
import { NotFound } from '../http/index.ts'
import { t } from '../i18n/index.ts'

export function keyOf(row: object): string {
  const { meta } = row.constructor as unknown as AnyModel // rows are instances of their model
  return meta.pk.map((field) => encodeURIComponent(String((row as Record<string, unknown>)[field.attname]))).join(',')
}

/** The condition for `dynamic()`; an address that cannot be a key is a page that does not exist. */
export function whereKey(model: AnyModel, key: string): Record<string, unknown> {
  const parts = key.split(',')
  const where: Record<string, unknown> = {}
  if (parts.length !== model.meta.pk.length) throw new NotFound(t('There is no such page in the admin.'))
  for (const [index, field] of model.meta.pk.entries()) {
    try {
      const column = field.relation ? field.relation.target.meta.pk[0]! : field
      where[field.name] = column.clean(decodeURIComponent(parts[index]!))
    } catch (cause) {
      throw new NotFound(t('There is no such page in the admin.'), { cause })
    }
  }
  return where
}
