/** How far vectors are from one another, and texts. */
import { argument, Expression, type Scope, ValueExpression } from '../expressions/expression.ts'
import { type VectorInput, vectorText } from '../fields/vectors.ts'
import { registerLookup } from '../query/custom-lookups.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { PathArg } from '../query/types/paths.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { Templates } from '../sql/templates.ts'

/** A function of PostgreSQL's extensions over a column and a value. */
class Measure extends Expression {
  readonly name: keyof typeof FORMS
  readonly of: Expression
  readonly value: Expression

  constructor(name: keyof typeof FORMS, of: unknown, value: Expression) {
    super()
    this.name = name
    this.of = argument(of)
    this.value = value
  }
  write(shape: Shape): void {
    shape.key += `${this.name}${MARK.open}`
    this.of.write(shape)
    this.value.write(shape)
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    const of = this.of.toSql(scope)
    return FORMS[this.name].node(scope.features.vendor, [of, this.value.toSql(scope)], 'float')
  }
}

const postgres = (name: string, sql: string) => new Templates(name, { postgres: sql })
const FORMS = {
  l2: postgres('L2Distance', '$1 <-> $2::vector'),
  cosine: postgres('CosineDistance', '$1 <=> $2::vector'),
  inner: postgres('MaxInnerProduct', '$1 <#> $2::vector'),
  similarity: postgres('TrigramSimilarity', 'SIMILARITY($1::text, $2)::double precision'),
  trigram: postgres('TrigramDistance', '($1::text <-> $2)::double precision'),
} as const

function measure<R>(name: keyof typeof FORMS, of: unknown, value: string): R {
  return new Measure(name, of, new ValueExpression(value, 'text')) as unknown as R // an Expr is an expression seen through its types
}

/** A number, or null where the column is. */
type Distance<T> = Expr<T, number | null>

/**
 * How far a vector is from another in a straight line: `orderBy(L2Distance('embedding', query).asc())`. Served by an index
 * with the operator class `vector_l2_ops`.
 * @throws QueryUsageError db.no-sql-here on databases other than PostgreSQL
 */
export function L2Distance<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  to: VectorInput,
): Distance<T> {
  return measure('l2', of, vectorText(to))
}
/** The angle between two vectors, as 1 minus its cosine: 0 in the same direction, 2 in the opposite. Index: `vector_cosine_ops`. */
export function CosineDistance<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  to: VectorInput,
): Distance<T> {
  return measure('cosine', of, vectorText(to))
}
/** The inner product of two vectors with a minus before it, so that the largest comes first. Index: `vector_ip_ops`. */
export function MaxInnerProduct<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  to: VectorInput,
): Distance<T> {
  return measure('inner', of, vectorText(to))
}
/**
 * How many groups of three letters two texts share, 0 to 1: finds what is misspelt. Needs the extension `pg_trgm`.
 * @throws QueryUsageError db.no-sql-here on databases other than PostgreSQL
 */
export function TrigramSimilarity<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  text: string,
): Distance<T> {
  return measure('similarity', of, text)
}
/** 1 minus {@link TrigramSimilarity}; a GiST index with `gist_trgm_ops` gives rows in its order. */
export function TrigramDistance<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  text: string,
): Distance<T> {
  return measure('trigram', of, text)
}

// `%` is true from a similarity of 0.3 (the setting pg_trgm.similarity_threshold), and is served by GIN and GiST.
registerLookup('trigramSimilar', { sql: { postgres: '$1 % $2' }, on: ['char', 'text'] })
registerLookup('unaccent', { sql: { postgres: 'UNACCENT($1::text)' }, on: ['char', 'text'], gives: 'text' })
