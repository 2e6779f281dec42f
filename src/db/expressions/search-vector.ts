/** The words of a row, as PostgreSQL searches them: a value of the type tsvector. */
import { NotSupportedError } from '../errors.ts'
import { joined } from '../query/search.ts'
import { checkedLanguage } from '../query/search-text.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { Expression, type ExpressionParts, type Scope } from './expression.ts'

/** How much words count, from A, the most, to D. */
export type SearchWeight = 'A' | 'B' | 'C' | 'D'

const WEIGHTS: readonly string[] = ['A', 'B', 'C', 'D']

/** Values whose words count alike, and are of one language; null: as D. */
export type SearchPart = readonly [weight: SearchWeight | null, ...of: Expression[]]

export class SearchVectorExpression extends Expression {
  readonly language: string
  readonly parts: readonly SearchPart[]
  /** Of each part; null where it has the language of all. */
  readonly languages: readonly (string | null)[]

  constructor(language: string, parts: readonly SearchPart[], languages: readonly (string | null)[] = []) {
    super()
    this.language = checkedLanguage(language)
    this.languages = parts.map((_, i) => (languages[i] == null ? null : checkedLanguage(languages[i])))
    // They are written into the text of the statement.
    this.parts = parts.map(([weight, ...of]) => [WEIGHTS.includes(String(weight)) ? weight : null, ...of])
  }
  /** The languages there are words of, each once. */
  get spoken(): readonly string[] {
    return [...new Set(this.languages.map((own) => own ?? this.language))]
  }
  write(shape: Shape): void {
    shape.key += `tsvector${this.language}${MARK.open}`
    this.parts.forEach(([weight, ...of], i) => {
      shape.key += `${weight ?? ''}${this.languages[i] ?? ''}${MARK.op}`
      for (const each of of) each.write(shape)
    })
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    if (scope.features.vendor !== 'postgres') {
      throw new NotSupportedError('This database keeps no words of rows in a column of their own.', {
        code: 'db.unsupported-kind',
        hint: "searchVector() is for PostgreSQL and PGlite; index([…], { method: 'fulltext' }) is searched everywhere.",
      })
    }
    const nodes = this.parts.map(([weight, ...of], i): SqlExpr => {
      const words = joined(
        of.map((each) => each.toSql(scope)),
        this.languages[i] ?? this.language,
      )
      return weight === null
        ? words
        : { t: 'raw', parts: ['SETWEIGHT(', `, '${weight}')`], nodes: [words], kind: 'text' }
    })
    if (nodes.length === 1) return nodes[0]!
    return { t: 'raw', parts: ['(', ...nodes.slice(1).map(() => ' || '), ')'], nodes, kind: 'text' }
  }
  override deconstruct(): ExpressionParts {
    const own = this.languages.some((language) => language !== null) ? [this.languages] : []
    return { name: 'searchVector', args: [this.language, this.parts, ...own] }
  }
}
