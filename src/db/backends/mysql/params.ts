/** Encoders of patterns and lists. */
import type { Kind } from '../../kinds.ts'
import type { ParamNode } from '../../sql/nodes.ts'
import { invalidValue } from '../values.ts'
import { mysqlEncoder } from './values.ts'

type Encode = (value: unknown) => unknown

/** One member of a list, as JSON. */
function jsonItem(value: unknown): string {
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('hex')}"`
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

function items(kind: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (value instanceof Set) return [...value]
  throw invalidValue(`list of ${kind}`, value, 'an array')
}

const lists = new Map<Kind | null, Encode>()

/** An array as JSON text; null members are left out, as nothing equals null. */
export function listEncoder(kind: Kind | null): Encode {
  let encode = lists.get(kind)
  if (encode === undefined) {
    const one = mysqlEncoder(kind)!
    encode = (value) => {
      const known = items(kind ?? 'values', value).filter((item) => item !== null)
      return `[${known.map((item) => jsonItem(one(item))).join(',')}]`
    }
    lists.set(kind, encode)
  }
  return encode
}

/** An array of arrays as JSON text, each member by its kind; rows with a null are left out. */
export function tupleEncoder(kinds: readonly (Kind | null)[]): Encode {
  const encoders = kinds.map((kind) => mysqlEncoder(kind)!)
  return (value) => {
    const rows: string[] = []
    for (const row of items('tuples', value)) {
      if (!Array.isArray(row) || row.length !== kinds.length)
        throw invalidValue('tuple', row, `an array of ${kinds.length}`)
      if (!row.includes(null)) rows.push(`[${row.map((item, i) => jsonItem(encoders[i]!(item))).join(',')}]`)
    }
    return `[${rows.join(',')}]`
  }
}

const likes = new Map<string, Encode>()

/** A LIKE pattern that matches the value itself (`exact`), or text that contains, starts or ends with it. */
export function likeEncoder(form: NonNullable<ParamNode['like']>, kind: Kind | null): Encode {
  const uuid = kind === 'uuid'
  const key = uuid ? `${form} uuid` : form
  let encode = likes.get(key)
  if (encode === undefined) {
    const before = form === 'contains' || form === 'endswith' ? '%' : ''
    const after = form === 'contains' || form === 'startswith' ? '%' : ''
    const one = mysqlEncoder('text')!
    encode = (value) => {
      const plain = typeof value === 'string' ? value : String(mysqlEncoder(null)!(value))
      const text = one(uuid ? plain.replaceAll('-', '') : plain) as string // 'text' gives text
      return before + text.replace(/[\\%_]/g, '\\$&') + after
    }
    likes.set(key, encode)
  }
  return encode
}
