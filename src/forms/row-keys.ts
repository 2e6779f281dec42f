/** Keys of rows as a hidden control holds them. What comes back is looked up among the rows it may name, never trusted. */
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { ValidationError } from '../validators.ts'

/** A row's key as text; parts of a composite key joined by commas. */
export function keyText(model: AnyModel, row: object): string {
  return model.meta.pk
    .map((field) => {
      const value = (row as Record<string, unknown>)[field.attname]
      return encodeURIComponent(value instanceof Date ? value.toISOString() : String(value).toWellFormed())
    })
    .join(',')
}

/** Of a foreign key, the field it refers to. */
function valueField(field: FieldMeta): FieldMeta {
  let found = field
  while (found.relation) found = found.relation.target.meta.pk[0]!
  return found
}

/** A key as a value, a tuple of several parts; undefined for text that cannot be one. */
function keyOf(model: AnyModel, text: string): unknown {
  const { pk } = model.meta
  const parts = text.split(',')
  if (parts.length !== pk.length) return undefined
  try {
    const values = parts.map((each, i) => {
      const part = decodeURIComponent(each)
      return part.includes('\0') ? undefined : valueField(pk[i]!).clean(part)
    })
    if (values.some((value) => value === undefined || value === null)) return undefined
    return values.length === 1 ? values[0] : values
  } catch (error) {
    if (error instanceof ValidationError || error instanceof URIError) return undefined
    throw error
  }
}

/** The rows among `rows` that these keys name, in one query. */
export async function rowsByKey(
  model: AnyModel,
  rows: AnyModel['objects'],
  keys: readonly string[],
): Promise<Map<string, object>> {
  const asked = new Set(keys)
  const parts = [...asked].map((key) => keyOf(model, key)).filter((part) => part !== undefined && part !== null)
  if (parts.length === 0) return new Map()
  const found: object[] = await rows.dynamic({ pk__in: parts })
  return new Map(found.map((row) => [keyText(model, row), row] as const).filter(([key]) => asked.has(key)))
}
