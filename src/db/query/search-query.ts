/** Searches in the language of PostgreSQL: more than what people type. */
import type { ParamNode, SqlExpr } from '../sql/nodes.ts'
import { picture, QueryValueError } from './errors.ts'
import { boundedText, checkedLanguage } from './search-text.ts'
import { MARK, type Shape } from './shape.ts'

/**
 * How a {@link SearchQuery} reads its text: `websearch` as people type it, `plain` as words that are all there, `phrase` as
 * words one after another, `prefix` as beginnings of words that are all there, `raw` in PostgreSQL's own signs
 * (`swing & !jazz`), where a sign too many is an error: never a visitor's. Of a long text the first 2,048 letters are read,
 * but for `raw`.
 */
export type SearchQueryType = 'websearch' | 'plain' | 'phrase' | 'prefix' | 'raw'

/** Options of {@link SearchQuery}. */
export interface SearchQueryOptions {
  /** Default `websearch`. */
  readonly type?: SearchQueryType
  /** Whose words, by PostgreSQL's name of a text search configuration. Default that of what is searched. */
  readonly language?: string
}

const FUNCTIONS: Readonly<Record<SearchQueryType, string>> = {
  websearch: 'WEBSEARCH_TO_TSQUERY',
  plain: 'PLAINTO_TSQUERY',
  phrase: 'PHRASETO_TSQUERY',
  prefix: 'TO_TSQUERY',
  raw: 'TO_TSQUERY',
}

type Tree =
  | { readonly t: 'text'; readonly type: SearchQueryType; readonly text: string; readonly language: string | null }
  | { readonly t: 'and' | 'or'; readonly left: Tree; readonly right: Tree }
  | { readonly t: 'not'; readonly of: Tree }

/** Beginnings of words, between quotes, where nothing is an operator. */
function prefixes(text: string): string {
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return words
    .slice(0, 64)
    .map((word) => `'${word}':*`)
    .join(' & ')
}

/**
 * A search for `SearchMatch`, `SearchRank` and `SearchHeadline` on PostgreSQL and PGlite, put together of others:
 *
 *     new SearchQuery('djang', { type: 'prefix' }).and(new SearchQuery('big band', { type: 'phrase' }).not())
 *
 * @throws QueryValueError db.invalid-value for what is no text, or no type
 */
export class SearchQuery {
  readonly #tree: Tree

  constructor(text: string, options?: SearchQueryOptions)
  /** @internal */
  constructor(tree: Tree)
  constructor(given: string | Tree, { type = 'websearch', language }: SearchQueryOptions = {}) {
    if (typeof given === 'object' && given !== null) {
      this.#tree = given
      return
    }
    if (typeof given !== 'string' || !Object.hasOwn(FUNCTIONS, type)) {
      throw new QueryValueError(
        `${picture(typeof given === 'string' ? type : given)} is no text or type of a search.`,
        {
          code: 'db.invalid-value',
          status: 400,
          hint: `Pass a string, and one of the types ${Object.keys(FUNCTIONS).join(', ')}.`,
        },
      )
    }
    const own = language === undefined ? null : checkedLanguage(language)
    this.#tree = {
      t: 'text',
      type,
      text: type === 'raw' ? given.replaceAll('\0', ' ') : boundedText(given),
      language: own,
    }
  }

  /** What both find. */
  and(other: SearchQuery): SearchQuery {
    return new SearchQuery({ t: 'and', left: this.#tree, right: other.#tree })
  }
  /** What either finds. */
  or(other: SearchQuery): SearchQuery {
    return new SearchQuery({ t: 'or', left: this.#tree, right: other.#tree })
  }
  /** What it does not find. */
  not(): SearchQuery {
    return new SearchQuery({ t: 'not', of: this.#tree })
  }

  /** @internal */
  write(shape: Shape): void {
    writeTree(this.#tree, shape)
  }
  /** @internal */
  toSql(languages: readonly string[], param: (convert: (value: unknown) => unknown) => ParamNode): SqlExpr {
    return nodeOf(this.#tree, languages, param)
  }
}

function writeTree(tree: Tree, shape: Shape): void {
  shape.key += `${tree.t}${MARK.open}`
  if (tree.t === 'text') {
    shape.key += `${tree.type}${tree.language ?? ''}`
    shape.value(tree.type === 'prefix' ? prefixes(tree.text) : tree.text)
  } else if (tree.t === 'not') writeTree(tree.of, shape)
  else {
    writeTree(tree.left, shape)
    writeTree(tree.right, shape)
  }
  shape.key += MARK.close
}

/** A text read by the rules of a language, or of several: what any of them finds. */
export function readBy(languages: readonly string[], read: string, text: ParamNode): SqlExpr {
  const parts = languages.map((language, i) => `${i === 0 ? '' : ') || '}${read}('${language}', `)
  const nodes = languages.map(() => text)
  if (languages.length === 1) return { t: 'raw', parts: [parts[0]!, ')'], nodes, kind: 'text' }
  return { t: 'raw', parts: [`(${parts[0]}`, ...parts.slice(1), '))'], nodes, kind: 'text' }
}

function nodeOf(
  tree: Tree,
  languages: readonly string[],
  param: (convert: (value: unknown) => unknown) => ParamNode,
): SqlExpr {
  if (tree.t === 'text') {
    const own = tree.language === null ? languages : [tree.language]
    return readBy(
      own,
      FUNCTIONS[tree.type],
      param((value) => value),
    )
  }
  if (tree.t === 'not')
    return { t: 'raw', parts: ['!!(', ')'], nodes: [nodeOf(tree.of, languages, param)], kind: 'text' }
  const nodes = [nodeOf(tree.left, languages, param), nodeOf(tree.right, languages, param)]
  return { t: 'raw', parts: ['(', tree.t === 'and' ? ' && ' : ' || ', ')'], nodes, kind: 'text' }
}
