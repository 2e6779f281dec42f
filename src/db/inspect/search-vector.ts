/** Columns of PostgreSQL that keep the words of others, as searchVector() declares them. */
import { type Source, stringLiteral } from '../migrations/source.ts'
import type { Entry } from './columns.ts'

const WORDS = String.raw`to_tsvector\('(\w+)'::regconfig, ((?:[^"']|"(?:[^"]|"")+"|'(?:[^']|'')*')*?)\)`
/** One part, weighted or not, and what is left of the expression. */
const PART = new RegExp(
  String.raw`^(?:setweight\(${WORDS}, '([ABCD])'::"char"\)|${WORDS})(?= \|\| setweight| \|\| to_tsvector|$)(?: \|\| )?(.*)$`,
  's',
)
const NAME = '("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)'
const COLUMN = new RegExp(String.raw`COALESCE\(\(?${NAME}\)?(?:::text)?, ''::(?:text|character varying)\)`, 'g')

/** The one column whose words these are, or the columns; null where they are of anything else. */
function columnsOf(words: string): string[] | null {
  const rest = words
    .replace(COLUMN, '')
    .replaceAll("|| ' '::text", '||')
    .replaceAll('::text', '')
    .replace(/[() ]|\|\|/g, '')
  if (rest !== '') return null
  return Array.from(words.matchAll(COLUMN), ([, name]) => name!.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"'))
}

/**
 * The arguments of searchVector() for the text of a computed column; null where it says something else.
 * @param fieldOf   the field of a column
 */
export function searchVectorArgs(
  sql: string,
  more: readonly Entry[],
  fieldOf: (column: string) => string | undefined,
): readonly Source[] | null {
  const weights = new Map<string, string>()
  let plain: string[] | null = null
  let language: string | null = null
  let rest = sql.startsWith('(') && sql.endsWith(')') ? sql.slice(1, -1) : sql
  while (rest !== '') {
    const match = PART.exec(rest)
    if (match === null || plain !== null) return null
    const [, weighted, words, weight, bare, bareWords, left] = match
    const own = weighted ?? bare! // one of both
    const columns = columnsOf(words ?? bareWords!)
    const names = columns?.map(fieldOf) ?? []
    if (names.length === 0 || names.includes(undefined) || own !== (language ?? own)) return null
    language = own
    if (weight === undefined) {
      if (weights.size > 0) return null
      plain = names as string[] // none is undefined
    } else {
      if (names.length > 1 || weights.has(names[0]!)) return null
      weights.set(names[0]!, weight)
    }
    rest = left!
  }
  if (language === null) return null
  const of: Source =
    plain === null
      ? { entries: [...weights].map(([name, weight]) => [name, { text: stringLiteral(weight) }]) }
      : { items: plain.map((name) => ({ text: stringLiteral(name) })) }
  const options: Entry[] = [
    ...(language === 'simple' ? [] : [['language', { text: stringLiteral(language) }] as const]),
    ...more,
  ]
  return options.length === 0 ? [of] : [of, { entries: options }]
}
