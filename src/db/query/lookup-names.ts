/** Which names may follow a column of a kind in a path, of those that Nuages knows. */
import { isArrayKind, isRangeKind, type Kind } from '../kinds.ts'
import { collectionLookups, collectionParts } from './collection-lookups.ts'

export const TEXT = [
  'iexact',
  'contains',
  'icontains',
  'startswith',
  'istartswith',
  'endswith',
  'iendswith',
  'regex',
  'iregex',
]
const JSON_LOOKUPS = ['hasKey', 'hasKeys', 'hasAnyKeys', 'containedBy']
export const ORDERED = ['gt', 'gte', 'lt', 'lte', 'range']
export const BASE = ['exact', 'in', 'isnull']
const DATE_PARTS = ['year', 'isoYear', 'month', 'day', 'week', 'weekDay', 'isoWeekDay', 'quarter']
const TIME_PARTS = ['hour', 'minute', 'second']

/** Parts that an expression of a kind has. */
export function partsOf(kind: Kind): readonly string[] {
  if (kind === 'date') return DATE_PARTS
  if (kind === 'time') return TIME_PARTS
  if (isArrayKind(kind) || isRangeKind(kind)) return collectionParts(kind)
  return kind === 'dateTime' ? [...DATE_PARTS, ...TIME_PARTS, 'date', 'time'] : []
}

/** Names that may follow an expression of a kind. Text lookups are for every kind, as in Django: numbers are read as text. */
export function lookupsOf(kind: Kind): readonly string[] {
  if (kind === 'json') return [...BASE, ...JSON_LOOKUPS, ...TEXT, ...ORDERED]
  if (kind === 'binary') return BASE
  if (kind === 'boolean') return BASE
  if (isArrayKind(kind) || isRangeKind(kind))
    return [...BASE, ...ORDERED, ...collectionLookups(kind), ...collectionParts(kind)]
  return [...BASE, ...ORDERED, ...TEXT, ...partsOf(kind)]
}
