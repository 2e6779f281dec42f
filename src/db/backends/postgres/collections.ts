/** Arrays and ranges as PostgreSQL writes them: `{"a","b",NULL}`, `["1","5")`. One text each, on every driver. */
import type { ArrayKind, RangeKind } from '../../kinds.ts'
import { isRange, Range, type RangeBounds } from '../../range.ts'
import { corrupt, invalidValue } from '../refusals.ts'

type One = (value: unknown) => unknown

/** Between quotes nothing ends an element but a quote, and both signs are escaped. */
function quoted(text: unknown): string {
  return `"${String(text).replace(/[\\"]/g, '\\$&')}"`
}

// One encoder for each kind, so that a value that stands twice has one placeholder.
const encoders = new Map<string, One>()
function kept(kind: string, make: () => One): One {
  let encoder = encoders.get(kind)
  if (encoder === undefined) {
    encoder = make()
    encoders.set(kind, encoder)
  }
  return encoder
}

/** Writes arrays of elements that `one` writes. */
export function arrayEncoder(kind: ArrayKind, one: One): One {
  return kept(kind, () => (value) => {
    if (!Array.isArray(value)) throw invalidValue(kind, value, 'an array')
    const items = value.map((item) => {
      if (item === null) return 'NULL'
      if (item === undefined || Array.isArray(item)) throw invalidValue(kind, value, 'an array of values, or null')
      return quoted(one(item))
    })
    return `{${items.join(',')}}`
  })
}

/** Writes ranges whose ends `one` writes. */
export function rangeEncoder(kind: RangeKind, one: One): One {
  return kept(kind, () => (value) => {
    if (!isRange(value)) throw invalidValue(kind, value, 'a Range')
    if (value.isEmpty) return 'empty'
    const end = (edge: unknown): string => (edge === null || edge === undefined ? '' : quoted(one(edge)))
    return `${value.bounds[0]}${end(value.lower)},${end(value.upper)}${value.bounds[1]}`
  })
}

/** Elements of an array literal: quoted text, or a word. */
const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^,{}"\\]+)/gs

/** Reads arrays of one dimension; elements come to `one` as text. */
export function arrayDecoder(kind: ArrayKind, one: (text: string) => unknown): One {
  return (value) => {
    if (value === null) return null
    if (typeof value !== 'string' || !value.startsWith('{') || value.startsWith('{{')) throw corrupt(kind, value)
    if (value === '{}') return []
    return Array.from(value.matchAll(ELEMENT), ([, text, word]) => {
      if (text !== undefined) return one(text.replace(/\\(.)/gs, '$1'))
      return word === 'NULL' ? null : one(word!)
    })
  }
}

const RANGE = /^([[(])("(?:[^"\\]|\\.|"")*"|[^,"]*),("(?:[^"\\]|\\.|"")*"|[^,"]*)([\])])$/s

/** Reads ranges; ends come to `one` as text. */
export function rangeDecoder(kind: RangeKind, one: (text: string) => unknown): One {
  const end = (text: string): unknown => {
    if (text === '') return null
    return one(text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)|""/gs, (all, sign) => sign ?? all[0]) : text)
  }
  return (value) => {
    if (value === null) return null
    if (value === 'empty') return Range.empty()
    const match = typeof value === 'string' ? RANGE.exec(value) : null
    if (match === null) throw corrupt(kind, value)
    return new Range(end(match[2]!), end(match[3]!), `${match[1]}${match[4]}` as RangeBounds) // the signs matched
  }
}
