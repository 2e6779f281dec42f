/**
 * What people type into a search field: `swing guitar`, `"swing guitar"`, `swing -guitar`, `swing or jazz`. It is read
 * here, once for all databases, and written again in the language of each, so that no text of a visitor is ever a
 * syntax error or an operator there.
 */
import { picture, QueryUsageError } from './errors.ts'

/** Words that must, or must not, be found; several: one after another. */
export interface SearchTerm {
  readonly text: string
  readonly negated: boolean
}
/** Alternatives, each of them terms that all hold. */
export type SearchTerms = readonly (readonly SearchTerm[])[]

/** Terms of one search; what follows is left out, so that a long text costs no more than a short one. */
const MOST_TERMS = 64
/**
 * Letters of one search. Denial of service: databases take square time for words, of which one term of a visitor may have
 * any number (`x,x,x,…`); PostgreSQL works for minutes on a megabyte of them, or ends at its stack's depth.
 */
const MOST_LETTERS = 2048

const PIECE = /(-?)"([^"]*)(?:"|$)|([^\s"]+)/gu
const LETTERS = /[\p{L}\p{N}]/u

/**
 * Reads a search. Nothing in it is wrong: what makes no sense is left out. An alternative that only says what must not
 * be found finds nothing, as on every search engine.
 */
export function readSearch(input: string): SearchTerms {
  const text = boundedText(input)
  const found: SearchTerm[][] = [[]]
  let count = 0
  for (const [, minus, phrase, bare] of text.matchAll(PIECE)) {
    if (bare !== undefined && /^or$/i.test(bare)) {
      found.push([])
      continue
    }
    const word = phrase ?? bare!.replace(/^-/, '')
    if (!LETTERS.test(word)) continue
    if (++count > MOST_TERMS) break
    found.at(-1)!.push({ text: word, negated: phrase === undefined ? bare!.startsWith('-') : minus === '-' })
  }
  return found.filter((terms) => terms.some((term) => !term.negated))
}

/** The text of a visitor as every database takes it. */
export function boundedText(input: string): string {
  // NUL ends a text of PostgreSQL, a lone surrogate is no text at all.
  return input.slice(0, MOST_LETTERS).toWellFormed().replaceAll('\0', ' ')
}

const split = (text: string, words: RegExp): string => (text.match(words) ?? []).join(' ')

/** For `websearch_to_tsquery()`: each term in quotes, where no word is an operator. */
export function webSearchText(terms: SearchTerms): string {
  const one = ({ text, negated }: SearchTerm) => `${negated ? '-' : ''}"${text.replaceAll('\\', ' ')}"`
  return terms.map((all) => all.map(one).join(' ')).join(' or ')
}

const FTS_WORDS = /[\p{L}\p{M}\p{N}]+/gu
/** For MATCH of FTS5: strings of letters and digits joined by its words. `columns`: only these are searched. */
export function ftsText(terms: SearchTerms, columns: readonly string[] | null): string {
  const strings = (all: readonly SearchTerm[], negated: boolean) =>
    all.filter((term) => term.negated === negated).map((term) => `"${split(term.text, FTS_WORDS)}"`)
  const each = terms.map((all) => {
    const not = strings(all, true)
    const wanted = `(${strings(all, false).join(' AND ')})`
    return not.length === 0 ? wanted : `(${wanted} NOT (${not.join(' OR ')}))`
  })
  // The empty string is a syntax error of FTS5, an empty phrase finds nothing.
  if (each.length === 0) return '""'
  if (columns === null) return each.join(' OR ')
  return `{${columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(' ')}} : (${each.join(' OR ')})`
}

const INNODB_WORDS = /[\p{L}\p{M}\p{N}_]+/gu
/** For AGAINST (… IN BOOLEAN MODE): `+swing +"big band" -jazz`; alternatives stand in parentheses. */
export function booleanModeText(terms: SearchTerms): string {
  const one = ({ text, negated }: SearchTerm) => {
    const words = split(text, INNODB_WORDS)
    return `${negated ? '-' : '+'}${words.includes(' ') ? `"${words}"` : words}`
  }
  const each = terms.map((all) => all.map(one).join(' '))
  return each.length === 1 ? each[0]! : each.map((all) => `(${all})`).join(' ')
}

/** @throws QueryUsageError db.bad-language */
export function checkedLanguage(language: string): string {
  // It is written into the text of the statement.
  if (typeof language === 'string' && /^[a-z][a-z0-9_]{0,62}$/.test(language)) return language
  throw new QueryUsageError(`${picture(language)} is not the name of a text search configuration.`, {
    code: 'db.bad-language',
    hint: "For instance 'simple', 'english', 'german'.",
  })
}
