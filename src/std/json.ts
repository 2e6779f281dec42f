/**
 * What JSON says of values that have no form of their own in it, in one place: responses, scripts in pages, instances.
 * Instants are ISO texts with Z; dates, times of day and durations ISO 8601; decimals and bigints texts, so that nobody
 * rounds them; bytes base64; sets lists, maps objects; lazy texts in the language of the moment.
 */
import { toBase64Url } from './crypto.ts'
import { NuagesError } from './errors.ts'

/** Something that JSON cannot say and that would be lost silently. */
export class JsonError extends NuagesError {}

/** Deeper data is left to JSON.stringify, which tells of circles. */
const DEEP = 100

/**
 * JSON as text; undefined for what is no value (a function, undefined).
 * @param indent   spaces of each level; default none
 * @throws JsonError std.not-awaited for a promise or a query set inside of the data; TypeError for circular data
 */
export function jsonText(data: unknown, indent?: number): string | undefined {
  // A replacer makes every value slower: only where there is something for it.
  return JSON.stringify(data, needsForm(data, 'it', 0) ? inForm : undefined, indent)
}

/** For JSON.stringify, where {@link jsonText} cannot be used: `JSON.stringify(data, jsonReplacer)`. */
export function jsonReplacer(this: unknown, key: string, value: unknown): unknown {
  return inForm.call(this, key, value)
}

function inForm(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  const given = (this as Readonly<Record<string, unknown>>)[key] // before toJSON(), which Buffer has
  if (given instanceof Uint8Array) return toBase64(given)
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries(value)
  return value
}

/** Whether something inside has no form of its own. `path`: for errors. */
function needsForm(value: unknown, path: string, depth: number): boolean {
  if (typeof value !== 'object') return typeof value === 'bigint'
  if (value === null) return false
  if (value instanceof Uint8Array || value instanceof Set || value instanceof Map || depth > DEEP) return true
  if (typeof (value as { then?: unknown }).then === 'function') throw notAwaited(value, path)
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (needsForm(value[i], path, depth + 1)) return true
    return false
  }
  for (const key of Object.keys(value))
    if (needsForm((value as Readonly<Record<string, unknown>>)[key], key, depth + 1)) return true
  return false
}

function notAwaited(value: object, path: string): JsonError {
  const what = value.constructor?.name || 'object'
  return new JsonError(`JSON cannot say what is not there yet: "${path}" is a ${what} that must be awaited.`, {
    code: 'std.not-awaited',
    hint: 'Await it first: { books: await Book.objects.all() }. As it is, it would be written as {}.',
  })
}

/** Base64 with `+`, `/` and padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}
