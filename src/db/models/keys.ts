/** Values of keys. A key of one column is that column's value; a key of several is a tuple, in the key's order. */
import type { AnyInstance } from './instance.ts'
import type { FieldMeta } from './meta.ts'

/** What an instance holds in some fields: the value of one, a tuple of several; null while any of these is missing. */
export function keyValue(instance: AnyInstance, fields: readonly FieldMeta[]): unknown {
  if (fields.length === 1) return instance[fields[0]!.attname]
  const values: unknown[] = []
  for (const { attname } of fields) {
    const value = instance[attname]
    if (value === null || value === undefined) return null
    values.push(value)
  }
  return values
}

/** Whether two values are one key. Parts that are objects (dates, decimals) count by what they say. */
export function sameKey(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!Array.isArray(a) || !Array.isArray(b)) return false
  return a.length === b.length && keyId(a) === keyId(b)
}

/** What a map may keep a key's value by: two tuples of equal parts are one. */
export function keyId(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
}

/**
 * A map by keys, where a tuple is found by its parts and not by which array it is: what `inBulk()` gives for models
 * whose key has several fields.
 */
export class KeyMap<K, V> extends Map<K, V> {
  readonly #keys = new Map<unknown, K>()

  constructor(entries: Iterable<readonly [K, V]> = []) {
    super()
    for (const [key, value] of entries) this.set(key, value)
  }

  #own(key: K): K {
    return this.#keys.get(keyId(key)) ?? key
  }
  override get(key: K): V | undefined {
    return super.get(this.#own(key))
  }
  override has(key: K): boolean {
    return super.has(this.#own(key))
  }
  override set(key: K, value: V): this {
    const id = keyId(key)
    if (!this.#keys.has(id)) this.#keys.set(id, key)
    return super.set(this.#own(key), value)
  }
  override delete(key: K): boolean {
    const own = this.#own(key)
    this.#keys.delete(keyId(key))
    return super.delete(own)
  }
  override clear(): void {
    this.#keys.clear()
    super.clear()
  }
}
