/** Full-text search over several fields, and how well rows fit. */
import { argument, Expression, PathExpression, type Scope } from '../expressions/expression.ts'
import { picture, QueryValueError } from '../query/errors.ts'
import { type Search, searchCondition, searchExcerpt, searchRank } from '../query/search.ts'
import { SearchQuery } from '../query/search-query.ts'
import { checkedLanguage } from '../query/search-text.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { PathArg } from '../query/types/paths.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import type { AnyArg, Args, HomeOf, PathsIn } from './function.ts'

/** Options of {@link SearchMatch}. */
export interface SearchOptions {
  /**
   * Whose words, by PostgreSQL's name of a text search configuration (`english`). Default that of the index over the same
   * fields, else `simple`. Other databases take their index's.
   */
  readonly language?: string
}
/** Options of {@link SearchRank}. */
export interface SearchRankOptions<P extends string> extends SearchOptions {
  /** How much what is found in a field counts: `{ title: 1, body: 0.2 }`. Default 1 each. */
  readonly weights?: { readonly [K in P]?: number }
  /** Words that stand near one another count more (`ts_rank_cd`). Default false. PostgreSQL and PGlite. */
  readonly coverDensity?: boolean
  /**
   * What the rank is divided by, as PostgreSQL counts it: 1 the logarithm of the text's length, 2 its length, 4 the distance of
   * what was found, 8 how many different words it has, 16 the logarithm of that, 32 itself and 1, or a sum of these. Default 0.
   */
  readonly normalization?: number
}

class SearchExpression extends Expression {
  readonly what: 'match' | 'rank' | 'excerpt'
  readonly of: readonly Expression[]
  readonly weights: readonly number[]
  readonly text: string | SearchQuery
  /** Of an excerpt: how it is made. */
  readonly form: string | null
  readonly language: string | undefined
  readonly rank: Search['rank']

  constructor(
    what: SearchExpression['what'],
    of: unknown,
    text: string | SearchQuery,
    options: SearchRankOptions<string>,
    form: string | null = null,
  ) {
    super()
    const all: readonly unknown[] = Array.isArray(of) ? of : []
    if (all.length === 0) throw invalid(of, 'fields to search', "Write SearchMatch(['title', 'body'], text).")
    if (typeof text !== 'string' && !(text instanceof SearchQuery))
      throw invalid(text, 'a text to search for', 'Pass a string.')
    const { weights = {}, language, coverDensity = false, normalization = 0 } = options
    // It is written into the text of the statement.
    if (!Number.isInteger(normalization) || normalization < 0 || normalization > 63)
      throw invalid(normalization, 'a normalization', 'Give a sum of 1, 2, 4, 8, 16 and 32.')
    this.rank = coverDensity || normalization > 0 ? { coverDensity, normalization } : undefined
    this.what = what
    this.of = all.map(argument)
    this.weights = all.map((each) => (typeof each === 'string' ? checkedWeight(weights[each] ?? 1) : 1))
    this.text = text
    this.form = form
    this.language = language === undefined ? undefined : checkedLanguage(language)
  }
  write(shape: Shape): void {
    const { coverDensity = false, normalization = 0 } = this.rank ?? {}
    shape.key += `search${this.what}${this.language ?? ''}${coverDensity ? '!' : ''}${normalization}${MARK.open}`
    this.of.forEach((each, i) => {
      shape.key += `${this.weights[i]}${MARK.op}`
      each.write(shape)
    })
    shape.key += MARK.close
    if (typeof this.text === 'string') shape.value(this.text)
    else this.text.write(shape)
    if (this.form !== null) shape.value(this.form)
  }
  toSql(scope: Scope): SqlExpr {
    const of = this.of.map((each, i) => ({
      node: each.toSql(scope),
      field: each instanceof PathExpression ? scope.field(each.path) : null,
      weight: this.weights[i]!,
    }))
    const search: Search = {
      of,
      ...(this.language === undefined ? {} : { language: this.language }),
      ...(this.rank === undefined ? {} : { rank: this.rank }),
      param: (convert) => scope.param('text', convert),
      ...(typeof this.text === 'string' ? {} : { query: this.text }),
    }
    const { vendor } = scope.features
    if (this.what === 'match') return searchCondition(vendor, search)
    return this.what === 'rank' ? searchRank(vendor, search) : searchExcerpt(vendor, search, () => scope.param('text'))
  }
}

function checkedWeight(weight: number): number {
  // It is written into the text of the statement.
  if (typeof weight === 'number' && weight >= 0 && weight <= 1000) return weight
  throw invalid(weight, 'a weight', 'Weights are numbers from 0 to 1000.')
}
function invalid(value: unknown, what: string, hint: string): QueryValueError {
  return new QueryValueError(`${picture(value)} is not ${what}.`, { code: 'db.invalid-value', status: 400, hint })
}

/**
 * Whether words are found in these fields, taken together: `filter(SearchMatch(['title', 'body'], 'swing -jazz'))`. The
 * text is what people type: all words, `"in this order"`, `-without`, `this or that`.
 *
 * SQLite and MariaDB search by an index that the model declares over these fields: `index(['title', 'body'], { method:
 * 'fulltext' })`; PostgreSQL is faster with it.
 * @throws NotSupportedError db.no-search-index when the query runs
 */
export function SearchMatch<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  fields: Args<T, A>,
  text: string | SearchQuery,
  options: SearchOptions = {},
): Expr<HomeOf<T, A[number]>, boolean> {
  return new SearchExpression('match', fields, text, options) as unknown as Expr<HomeOf<T, A[number]>, boolean> // seen through its types
}

/**
 * How well a row fits a search: more is better, 0 is not at all. For ordering; the numbers of two databases cannot be
 * compared. `orderBy(SearchRank(['title', 'body'], text, { weights: { title: 1, body: 0.2 } }).desc())`.
 *
 * PostgreSQL has four different weights at most, and MariaDB needs an index for each field that has one of its own.
 * @throws NotSupportedError db.no-search-index, db.too-many-weights when the query runs
 */
export function SearchRank<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  fields: Args<T, A>,
  text: string | SearchQuery,
  options: SearchRankOptions<NoInfer<A[number] & string>> = {},
): Expr<HomeOf<T, A[number]>, number> {
  return new SearchExpression('rank', fields, text, options) as unknown as Expr<HomeOf<T, A[number]>, number> // seen through its types
}

/** Options of {@link SearchHeadline}. */
export interface HeadlineOptions extends SearchOptions {
  /** Signs before and after each word that was found; default `<b>` and `</b>`. */
  readonly start?: string
  readonly stop?: string
  /** Words of an excerpt at least and at most; default 15 and 35. */
  readonly minWords?: number
  readonly maxWords?: number
  /** Shorter words are left out at its ends; default up to 3 letters. */
  readonly shortWord?: number
  /** The whole text, marked. Default false. */
  readonly highlightAll?: boolean
  /** Several excerpts at most, around what was found; default 0: one, from a place with many of the words. */
  readonly maxFragments?: number
  /** What stands between excerpts; default ` ... `. */
  readonly fragmentDelimiter?: string
}

const HEADLINE: Readonly<Record<string, string>> = {
  start: 'StartSel',
  stop: 'StopSel',
  minWords: 'MinWords',
  maxWords: 'MaxWords',
  shortWord: 'ShortWord',
  highlightAll: 'HighlightAll',
  maxFragments: 'MaxFragments',
  fragmentDelimiter: 'FragmentDelimiter',
}

/** `StartSel="<b>",MaxWords=20`; it is a parameter, and each value stands in quotes. */
function headlineForm(options: HeadlineOptions): string {
  return Object.entries(HEADLINE)
    .flatMap(([name, word]) => {
      const value = options[name as keyof HeadlineOptions] // the names of the options
      return value === undefined ? [] : [`${word}="${String(value).replaceAll('\0', '').replaceAll('"', '""')}"`]
    })
    .join(',')
}

/**
 * The text of a field with marks around what a search found, or the parts of it around them:
 * `annotate({ excerpt: SearchHeadline('body', words, { maxFragments: 2 }) })`. PostgreSQL and PGlite; made for each row that
 * is read, so cut the rows first.
 *
 * The text comes as it is stored: a template that takes it for HTML would run what a visitor wrote into it (XSS). Choose
 * marks that are no HTML (`start: '\u0002', stop: '\u0003'`), escape, and exchange them then.
 * @throws QueryUsageError db.no-sql-here on other databases
 */
export function SearchHeadline<const P extends string, T = Mentions<P>>(
  field: PathArg<T, P> | Expr<T, unknown>,
  text: string | SearchQuery,
  { language, ...options }: HeadlineOptions = {},
): Expr<T, string> {
  const own = language === undefined ? {} : { language }
  return new SearchExpression('excerpt', [field], text, own, headlineForm(options)) as unknown as Expr<T, string> // seen through its types
}
