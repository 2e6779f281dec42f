/** Encoders of params that are not one plain value: LIKE patterns, and lists as JSON. Made once per kind. */
import type { Kind } from '../kinds.ts'
import { likePattern, type PatternForm } from '../sql/patterns.ts'
import type { Encode } from './encoders.ts'
import { invalidValue } from './refusals.ts'

/** How a backend encodes a kind; null: any plain value. */
type EncoderOf = (kind: Kind | null) => Encode

/** The same answer for the same key: a value that stands twice has one placeholder. */
function kept<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) {
      value = make(key)
      known.set(key, value)
    }
    return value
  }
}

/**
 * LIKE patterns that match the value itself (`exact`), or text that contains, starts or ends with it.
 * @param hexUuids   whether columns of UUIDs hold 32 digits without dashes
 */
export function likeEncoders(
  encoderOf: EncoderOf,
  hexUuids: boolean,
): (form: PatternForm, kind: Kind | null) => Encode {
  const [text, plain] = [encoderOf('text'), encoderOf(null)]
  const any = kept((form: PatternForm): Encode => {
    return (value) => {
      const written = text(typeof value === 'string' ? value : String(plain(value))) as string // 'text' gives text
      return likePattern(written, form)
    }
  })
  const ofUuids = kept((form: PatternForm): Encode => {
    const encode = any(form)
    return (value) => encode(typeof value === 'string' ? value.replaceAll('-', '') : value)
  })
  return (form, kind) => (hexUuids && kind === 'uuid' ? ofUuids(form) : any(form))
}

function itemsOf(name: string, value: unknown): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  throw invalidValue(`list of ${name}`, value, 'an array')
}

/** One encoded value as JSON text. Integers of JSON are read as 64-bit, so bigints keep their digits. */
function jsonItem(encoded: unknown): string {
  if (typeof encoded === 'number' || typeof encoded === 'bigint') return String(encoded)
  if (encoded instanceof Uint8Array) return `"${Buffer.from(encoded).toString('hex')}"`
  return JSON.stringify(encoded)
}

/** A list's members, each encoded; null is left out, as nothing equals null. */
export function listEncoders(encoderOf: EncoderOf): (kind: Kind | null) => (value: unknown) => unknown[] {
  return kept((kind) => {
    const one = encoderOf(kind)
    return (value) => {
      const encoded: unknown[] = []
      for (const item of itemsOf(kind ?? 'values', value)) if (item !== null) encoded.push(one(item))
      return encoded
    }
  })
}

/** The same as one JSON text. */
export function jsonLists(encoderOf: EncoderOf): (kind: Kind | null) => Encode {
  const lists = listEncoders(encoderOf)
  return kept((kind) => {
    const list = lists(kind)
    return (value) => `[${list(value).map(jsonItem).join(',')}]`
  })
}

/** An array of arrays as JSON text, each member by its kind; rows with a null are left out. */
export function jsonTuples(encoderOf: EncoderOf): (kinds: readonly (Kind | null)[]) => Encode {
  return (kinds) => {
    const encoders = kinds.map(encoderOf)
    return (value) => {
      const rows: string[] = []
      for (const row of itemsOf('tuples', value)) {
        if (!Array.isArray(row) || row.length !== kinds.length) {
          throw invalidValue('tuple', row, `an array of ${kinds.length}`)
        }
        if (!row.includes(null)) rows.push(`[${row.map((item, i) => jsonItem(encoders[i]!(item))).join(',')}]`)
      }
      return `[${rows.join(',')}]`
    }
  }
}
