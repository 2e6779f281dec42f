/** Encoders of parameters that are not one plain value: lists and LIKE patterns. Made once per kind. */
import type { Kind } from '../../kinds.ts'
import type { ParamNode } from '../../sql/nodes.ts'
import { invalidValue } from '../values.ts'
import { sqliteEncoder } from './values.ts'

type Encode = (value: unknown) => unknown

/** One encoded value as JSON text. SQLite reads integers of JSON as 64-bit, so bigints keep their digits. */
function jsonItem(encoded: unknown): string {
  if (typeof encoded === 'number' || typeof encoded === 'bigint') return String(encoded)
  if (encoded instanceof Uint8Array) return `"${Buffer.from(encoded).toString('hex')}"`
  return JSON.stringify(encoded)
}

function items(kind: string, value: unknown): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  throw invalidValue(`list of ${kind}`, value, 'an array')
}

const lists = new Map<Kind | null, Encode>()

/** An array as JSON text; null members are left out, as nothing equals null. */
export function listEncoder(kind: Kind | null): Encode {
  let encode = lists.get(kind)
  if (encode === undefined) {
    const one = sqliteEncoder(kind)!
    encode = (value) => {
      let text = ''
      for (const item of items(kind ?? 'plain', value)) {
        if (item !== null) text += (text === '' ? '' : ',') + jsonItem(one(item))
      }
      return `[${text}]`
    }
    lists.set(kind, encode)
  }
  return encode
}

/** An array of arrays as JSON text, each member by its kind; rows with a null are left out. */
export function tupleEncoder(kinds: readonly (Kind | null)[]): Encode {
  const encoders = kinds.map((kind) => sqliteEncoder(kind)!)
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

type Form = NonNullable<ParamNode['like']>
const likes = new Map<string, Encode>()

/** A LIKE pattern that matches the value itself (`exact`), or text that contains, starts or ends with it. */
export function likeEncoder(form: Form, kind: Kind | null): Encode {
  const uuid = kind === 'uuid'
  const key = uuid ? `${form} uuid` : form
  let encode = likes.get(key)
  if (encode === undefined) {
    const before = form === 'contains' || form === 'endswith' ? '%' : ''
    const after = form === 'contains' || form === 'startswith' ? '%' : ''
    const one = sqliteEncoder('text')!
    encode = (value) => {
      const plain = typeof value === 'string' ? value : String(sqliteEncoder(null)!(value))
      const text = one(uuid ? plain.replaceAll('-', '') : plain) as string // 'text' gives text
      return before + text.replace(/[\\%_]/g, '\\$&') + after
    }
    likes.set(key, encode)
  }
  return encode
}
