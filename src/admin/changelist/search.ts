import { Q } from '../../db/index.ts'

/** Longest search and most words looked at: each word is a pass over the table. */
const MAX_LENGTH = 200
const MAX_WORDS = 8

/** `new york "rio de janeiro"` → new, york, rio de janeiro. */
export function words(text: string): string[] {
  return [...text.slice(0, MAX_LENGTH).matchAll(/"([^"]+)"|(\S+)/g)]
    .map((match) => match[1] ?? match[2]!)
    .slice(0, MAX_WORDS)
}

const lookups: Readonly<Record<string, string>> = { '^': 'istartswith', '=': 'iexact' }

/** Rows in which each word is found in at least one of the fields. */
export function searchConditions(fields: readonly string[], text: string): unknown[] {
  return words(text).map((word) =>
    fields
      .map((field) => {
        const lookup = lookups[field[0]!]
        // The fields are the project's own, seen by the checks; the word is a value.
        return Q<object, string>({ [`${lookup ? field.slice(1) : field}__${lookup ?? 'icontains'}`]: word } as never)
      })
      .reduce((any, one) => any.or(one)),
  )
}
