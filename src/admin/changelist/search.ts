import { Q } from '../../db/index.ts'
import type { FieldMeta } from '../../db/models/meta.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { isMany, requireFields } from './paths.ts'

/** Longest search and most words looked at: each word is a pass over the table. */
export const MAX_LENGTH = 200
const MAX_WORDS = 8

/** `new york "rio de janeiro"` → new, york, rio de janeiro. A quote that is not closed goes on to the end. */
export function words(text: string): string[] {
  return [
    ...text
      .slice(0, MAX_LENGTH)
      .toWellFormed()
      .replaceAll('\0', ' ')
      .matchAll(/"([^"]*)(?:"|$)|([^\s"]+)/g),
  ]
    .map((match) => (match[1] ?? match[2]!).trim())
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS)
}

/** One of the option's paths. */
export interface SearchField {
  readonly path: string
  readonly field: FieldMeta
  readonly lookup: 'icontains' | 'istartswith' | 'iexact'
  readonly many: boolean
}

const lookups = { '^': 'istartswith', '=': 'iexact' } as const

/** The fields of the option `search`. */
export function resolveSearch(admin: ModelAdmin): SearchField[] {
  return admin.search.map((written) => {
    const mark = written[0] as keyof typeof lookups // any other character is no key of it
    const lookup = Object.hasOwn(lookups, mark) ? lookups[mark] : 'icontains'
    const path = lookup === 'icontains' ? written : written.slice(1)
    const fields = requireFields(admin, 'search', path)
    return { path, field: fields.at(-1)!, lookup, many: isMany(fields) }
  })
}

const isText = (field: FieldMeta) => (field.kind === 'char' || field.kind === 'text') && !field.relation

/** Where a word is in a field: texts by their lookup, everything else by the value the word means, if it means one. */
function conditionFor({ path, field, lookup }: SearchField, word: string): Record<string, unknown> | null {
  if (isText(field)) return { [`${path}__${lookup}`]: word }
  try {
    return { [path]: field.clean(word) }
  } catch {
    return null // "Paris" is no number
  }
}

/** Rows in which each word is found in at least one of the fields; null when no row can be. */
export function searchConditions(fields: readonly SearchField[], text: string): unknown[] | null {
  const all: unknown[] = []
  for (const word of words(text)) {
    const any = fields.flatMap((field) => {
      const condition = conditionFor(field, word)
      // The paths are the project's own, seen by the checks; the word is a value.
      return condition === null ? [] : [Q<object, string>(condition as never)]
    })
    if (any.length === 0) return null
    all.push(any.reduce((either, one) => either.or(one)))
  }
  return all
}
