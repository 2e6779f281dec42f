/**
 * The key of a related row as a control holds it. A key of several columns is their texts with commas between, each
 * percent-encoded: no value can look like another key, and none has a space in it.
 */
import type { AnyInstance } from '../db/models/instance.ts'
import { keyValue } from '../db/models/keys.ts'
import type { FieldMeta } from '../db/models/meta.ts'
import { t } from '../i18n/index.ts'
import { ValidationError } from '../validators.ts'

/** The name that conditions on a relation's rows use: of a key of several columns `pk`. */
export function keyPath(targets: readonly FieldMeta[]): string {
  return targets.length === 1 ? targets[0]!.attname : 'pk'
}

function partText(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : String(value).toWellFormed()
  return text === '' ? '~' : encodeURIComponent(text).replaceAll('~', '%7E')
}

/** A key, or the key of a row, as text. `targets`: the columns of the key. */
export function relatedKeyText(value: unknown, targets: readonly FieldMeta[]): string {
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value) && targets[0]!.attname in value
  const key = isRow ? keyValue(value as AnyInstance, targets) : value // it has the attribute: it is a row
  if (targets.length === 1) return String(key)
  return Array.isArray(key) ? key.map(partText).join(',') : ''
}

/** A key from text that is not trusted. @throws ValidationError */
export function readRelatedKey(raw: unknown, targets: readonly FieldMeta[]): unknown {
  if (targets.length === 1) return targets[0]!.clean(raw)
  const parts = Array.isArray(raw) ? (raw as unknown[]) : String(raw).split(',').map(decoded)
  if (parts.length !== targets.length) throw wrongKey()
  return parts.map((part, i) => (part === '' && isText(targets[i]!) ? '' : targets[i]!.clean(part)))
}

function isText({ kind }: FieldMeta): boolean {
  return kind === 'char' || kind === 'text'
}

function decoded(part: string): string {
  let text: string
  try {
    text = part === '~' ? '' : decodeURIComponent(part)
  } catch {
    throw wrongKey() // half a percent sign
  }
  if (text.includes('\0')) throw wrongKey()
  return text
}

function wrongKey(): ValidationError {
  return new ValidationError(t('Choose one of those offered.'), { kind: 'invalid_choice' })
}
