/** Paths into JSON and changes inside it, as SQLite says them. */
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { jsonPathText, quoteText } from '../../sql/quoting.ts'

/** A path as a quoted constant. */
export function jsonPathLiteral(path: readonly (string | number)[]): string {
  return quoteText(jsonPathText(path, (index) => `[#${index}]`))
}

/** How changes inside JSON are said. */
export const JSON_WORDS: JsonPatchWords = {
  constant: (json) => `JSON('${json}')`,
  is: (type) => ['json_type(', `) = '${type}'`],
  at: (step) => ['(', ` -> ${jsonPathLiteral([step])})`],
  without: (steps) => ['json_remove(', `${steps.map((step) => `, ${jsonPathLiteral([step])}`).join('')})`],
  put: (step, existing) => [existing ? 'json_replace(' : 'json_set(', `, ${jsonPathLiteral([step])}, JSON(`, '))'],
  append: ['json_insert(', ", '$[#]', JSON(", '))'],
}
