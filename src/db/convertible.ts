/** Types that values can change between: everywhere the same, whatever one database or another would make of the rest. */
import { type ColumnType, elementKind, isArrayKind, isRangeKind, type Kind } from './kinds.ts'

const NUMBERS: ReadonlySet<Kind> = new Set([
  'auto',
  'integer',
  'smallInteger',
  'bigInteger',
  'float',
  'decimal',
  'boolean',
])
const DAYS: ReadonlySet<Kind> = new Set(['date', 'dateTime'])
const TEXTS: ReadonlySet<Kind> = new Set(['char', 'text'])
/** Each database keeps them in its own way, and what one calls their text is another's number. */
const OWN: ReadonlySet<Kind> = new Set(['duration', 'binary'])

/**
 * Whether values of one type have a meaning as another: numbers among themselves, days and moments, and nearly everything
 * as text and back. A moment has none as a number. Single values may still be refused, a text that is no number. A type
 * declared for a database is that database's matter.
 */
export function converts(from: ColumnType, to: ColumnType): boolean {
  return from.declared !== undefined || to.declared !== undefined || convertsKind(from.kind, to.kind)
}

function convertsKind(from: Kind, to: Kind): boolean {
  if (from === to) return true
  if (isArrayKind(from) && isArrayKind(to)) {
    const [a, b] = [elementKind(from), elementKind(to)]
    return a !== 'boolean' && b !== 'boolean' && convertsKind(a, b)
  }
  if (OWN.has(from) || OWN.has(to)) return false
  if (TEXTS.has(from) || TEXTS.has(to)) return true
  if (isArrayKind(from) || isArrayKind(to) || isRangeKind(from) || isRangeKind(to)) return false
  return [NUMBERS, DAYS].some((family) => family.has(from) && family.has(to))
}
