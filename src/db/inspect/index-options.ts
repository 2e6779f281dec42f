/** What an index is besides its columns. */
import type { IndexSpec } from '../backends/schema.ts'
import { type Source, stringLiteral } from '../migrations/source.ts'
import type { Entry } from './columns.ts'

const text = (value: string): Source => ({ text: stringLiteral(value) })
const code = (value: string): Source => ({ text: value })
const list = (items: readonly Source[]): Source => ({ items })
const object = (entries: readonly Entry[]): Source => ({ entries })

/** Options that say what an index is besides its columns; null where some have no such form. */
export function kindOf(
  { method, language, with: settings, include = [], nullsDistinct, columns }: IndexSpec,
  fieldOf: (column: string) => string | undefined,
): Entry[] | null {
  if (nullsDistinct !== undefined || columns.some(({ nulls, collation }) => nulls || collation)) return null
  if (!include.every((column) => fieldOf(column) !== undefined)) return null
  const opclasses = columns.map(({ opclass }) => opclass)
  const some = opclasses.filter((opclass) => opclass !== undefined)
  if (some.length > 0 && some.length < columns.length) return null
  const literal = (value: string | number | boolean): Source =>
    typeof value === 'string' ? text(value) : code(String(value))
  return [
    ...(method === undefined ? [] : [['method', text(method)] as const]),
    ...(language === undefined ? [] : [['language', text(language)] as const]),
    ...(some.length === 0 ? [] : [['opclasses', list(some.map(text))] as const]),
    ...(settings === undefined
      ? []
      : [['with', object(Object.entries(settings).map(([key, value]) => [key, literal(value)] as const))] as const]),
    ...(include.length === 0 ? [] : [['include', list(include.map((each) => text(fieldOf(each)!)))] as const]),
  ]
}

/** Nothing but columns, in the usual kind of index. */
export function isPlain(index: IndexSpec): boolean {
  return (
    index.method === undefined &&
    index.include === undefined &&
    index.nullsDistinct === undefined &&
    index.with === undefined &&
    index.columns.every((part) => part.name !== undefined && !part.nulls && !part.opclass && !part.collation)
  )
}

/** An index in words, for a note. */
export function describe(index: IndexSpec): string {
  const parts = index.columns.map((part) => part.name ?? part.sql).join(', ')
  return ` of other means: ${index.method ?? ''}(${parts})${index.where === undefined ? '' : ` where ${index.where}`}`
}
