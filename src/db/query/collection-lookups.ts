/** Lookups of arrays and ranges: `tags__contains`, `tags__0`, `period__overlap`, `period__startswith`. */
import { type ArrayKind, elementKind, isArrayKind, isRangeKind, type Kind, type RangeKind } from '../kinds.ts'
import { isRange, Range } from '../range.ts'
import type { ScalarName } from '../sql/functions.ts'
import type { SqlExpr } from '../sql/nodes.ts'

/** Conditions that take an array, and how they are called in SQL. */
const ARRAY: Readonly<Record<string, ScalarName>> = {
  contains: 'contains',
  containedBy: 'containedBy',
  overlap: 'overlaps',
}
/** Conditions that take a range. */
const RANGE: Readonly<Record<string, ScalarName>> = {
  ...ARRAY,
  fullyLt: 'fullyLt',
  fullyGt: 'fullyGt',
  notLt: 'notLt',
  notGt: 'notGt',
  adjacentTo: 'adjacentTo',
}
/** Parts of a range. */
const RANGE_PARTS: Readonly<Record<string, ScalarName>> = {
  startswith: 'rangeLower',
  endswith: 'rangeUpper',
  isempty: 'isEmptyRange',
  lowerInc: 'lowerInc',
  lowerInf: 'lowerInf',
  upperInc: 'upperInc',
  upperInf: 'upperInf',
}

/** Names of conditions that arrays or ranges have besides those of every column. */
export function collectionLookups(kind: Kind): readonly string[] {
  return Object.keys(isArrayKind(kind) ? ARRAY : isRangeKind(kind) ? RANGE : {})
}

/** Names of parts; `0` stands for every number. */
export function collectionParts(kind: Kind): readonly string[] {
  return isArrayKind(kind) ? ['len', '0'] : isRangeKind(kind) ? Object.keys(RANGE_PARTS) : []
}

/** A part of an array or range; null where the name is none. */
export function collectionPart(node: SqlExpr, kind: ArrayKind | RangeKind, name: string): SqlExpr | null {
  if (isRangeKind(kind)) {
    const part = Object.hasOwn(RANGE_PARTS, name) ? RANGE_PARTS[name]! : null
    if (part === null) return null
    const ofEnds = part === 'rangeLower' || part === 'rangeUpper'
    return { t: 'function', name: part, args: [node], kind: ofEnds ? elementKind(kind) : 'boolean' }
  }
  if (name === 'len') return { t: 'function', name: 'cardinality', args: [node], kind: 'integer' }
  const match = /^(\d{1,9})(?:_(\d{1,9}))?$/.exec(name)
  if (match === null) return null
  // The database counts from 1.
  const index = (text: string, add: number): SqlExpr => ({ t: 'literal', value: Number(text) + add })
  if (match[2] === undefined) {
    return { t: 'function', name: 'arrayItem', args: [node, index(match[1]!, 1)], kind: elementKind(kind) }
  }
  return { t: 'function', name: 'arraySlice', args: [node, index(match[1]!, 1), index(match[2], 0)], kind }
}

/** What a range is compared with: a range, or one value as the range of it alone. */
export function asRangeValue(value: unknown): unknown {
  return isRange(value) ? value : new Range(value, value, '[]')
}

/**
 * A condition of arrays or ranges; null where the name is none.
 * @param other   the right side as a node: an array or range
 */
export function collectionCondition(
  node: SqlExpr,
  kind: ArrayKind | RangeKind,
  name: string,
  other: () => SqlExpr,
): SqlExpr | null {
  const known = isArrayKind(kind) ? ARRAY : RANGE
  if (!Object.hasOwn(known, name)) return null
  return { t: 'function', name: known[name]!, args: [node, other()], kind: 'boolean' }
}
