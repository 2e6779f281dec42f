/** Full-text search over several fields, and how well rows fit. */
import { argument, Expression, PathExpression, type Scope } from '../expressions/expression.ts'
import { picture, QueryValueError } from '../query/errors.ts'
import { checkedLanguage, type Search, searchCondition, searchRank } from '../query/search.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr } from '../query/types.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import type { AnyArg, Args } from './function.ts'

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
}

class SearchExpression extends Expression {
  readonly what: 'match' | 'rank'
  readonly of: readonly Expression[]
  readonly weights: readonly number[]
  readonly text: string
  readonly language: string | undefined

  constructor(what: 'match' | 'rank', of: unknown, text: string, options: SearchRankOptions<string>) {
    super()
    const all: readonly unknown[] = Array.isArray(of) ? of : []
    if (all.length === 0) throw invalid(of, 'fields to search', "Write SearchMatch(['title', 'body'], text).")
    if (typeof text !== 'string') throw invalid(text, 'a text to search for', 'Pass a string.')
    const { weights = {}, language } = options
    this.what = what
    this.of = all.map(argument)
    this.weights = all.map((each) => (typeof each === 'string' ? checkedWeight(weights[each] ?? 1) : 1))
    this.text = text
    this.language = language === undefined ? undefined : checkedLanguage(language)
  }
  write(shape: Shape): void {
    shape.key += `search${this.what}${this.language ?? ''}${MARK.open}`
    this.of.forEach((each, i) => {
      shape.key += `${this.weights[i]}${MARK.op}`
      each.write(shape)
    })
    shape.key += MARK.close
    shape.value(this.text)
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
      param: (convert) => scope.param('text', convert),
    }
    const { vendor } = scope.features
    return this.what === 'match' ? searchCondition(vendor, search) : searchRank(vendor, search)
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
export function SearchMatch<T, const A extends readonly AnyArg[]>(
  fields: Args<T, A>,
  text: string,
  options: SearchOptions = {},
): Expr<T, boolean> {
  return new SearchExpression('match', fields, text, options) as unknown as Expr<T, boolean> // seen through its types
}

/**
 * How well a row fits a search: more is better, 0 is not at all. For ordering; the numbers of two databases cannot be
 * compared. `orderBy(SearchRank(['title', 'body'], text, { weights: { title: 1, body: 0.2 } }).desc())`.
 *
 * PostgreSQL has four different weights at most, and MariaDB needs an index for each field that has one of its own.
 * @throws NotSupportedError db.no-search-index, db.too-many-weights when the query runs
 */
export function SearchRank<T, const A extends readonly AnyArg[]>(
  fields: Args<T, A>,
  text: string,
  options: SearchRankOptions<NoInfer<A[number] & string>> = {},
): Expr<T, number> {
  return new SearchExpression('rank', fields, text, options) as unknown as Expr<T, number> // seen through its types
}
