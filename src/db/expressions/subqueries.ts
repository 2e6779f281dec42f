/** Query sets as values of another: one value of the first row, whether there is any row, and columns of the outer. */
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr } from '../query/types/expressions.ts'
import type { QuerySetLike } from '../query/types/lookups.ts'
import type { Inside, Outward } from '../query/types/outer.ts'
import type { RESULT } from '../query/types/rows.ts'
import type { COLUMNS, Values } from '../query/types/values.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { Expression, OuterExpression, type Scope, type SubqueryLike } from './expression.ts'
import { nodeKind } from './kinds.ts'

class SubqueryExpression extends Expression {
  readonly query: SubqueryLike
  readonly exists: boolean

  constructor(query: SubqueryLike, exists: boolean) {
    super()
    this.query = query
    this.exists = exists
  }
  write(shape: Shape): void {
    shape.key += (this.exists ? 'E' : 'S') + MARK.query
    this.query.writeShape(shape)
  }
  toSql(scope: Scope): SqlExpr {
    if (this.exists) {
      const query = scope.exists(this.query)
      return query === null ? { t: 'literal', value: false } : { t: 'exists', query }
    }
    const select = scope.subquery(this.query, true)
    const query = select.limit === null && select.compound === undefined ? { ...select, limit: ONE } : select
    return { t: 'subquery', query, kind: nodeKind(select.columns[0]!.expr) }
  }
}
const ONE: SqlExpr = { t: 'literal', value: 1 }

/** A query set of plain rows R with the columns C. */
interface OneColumn<R, C> {
  readonly [RESULT]: R
  readonly [COLUMNS]: C
}
/** The row of values() as one value: of its column by name, of a list of one, else the value itself. */
type OneValue<R, C> = [keyof C] extends [never] ? (R extends readonly [infer V] ? V : R) : C[keyof C]

/**
 * The value of the first row of a query set with one column, or null:
 * `annotate({ latest: Subquery(Book.objects.filter({ author: OuterRef('id') }).orderBy('-year').values('title')) })`.
 */
export function Subquery<T, R, C, N = {}>(
  query: Inside<T, N, Values<unknown, unknown, unknown> & OneColumn<R, C>>,
): Expr<T, OneValue<R, C> | null> {
  return new SubqueryExpression(query as unknown as SubqueryLike, false) as unknown as Expr<T, OneValue<R, C> | null> // both seen through their types
}

/** Whether the query set has a row: in annotate(), or in filter() as `Q` has it. */
export function Exists<T, N = {}>(query: Inside<T, N, QuerySetLike>): Expr<T, boolean> {
  return new SubqueryExpression(query as unknown as SubqueryLike, true) as unknown as Expr<T, boolean> // as above
}

/**
 * A column of the query around a subquery. The outer model is not known where this stands: where it is a value of filter() or
 * exclude(), the compiler checks the path at the Exists() or Subquery() around, else it is checked when the query is built.
 * `Book.OuterRef('author__name')` is checked at once, and so is `rows.OuterRef('n')`, which knows annotations too.
 * Inside a subquery of a subquery, `OuterRef(OuterRef('id'))` is a column of the query around both.
 */
export function OuterRef<T, V, const P extends string = never>(path: P | Expr<unknown, V>): Expr<T, V> & Outward<P> {
  // An Expr is an expression seen through its types; one that is no OuterRef is refused as no path.
  return new OuterExpression(path as string | OuterExpression) as unknown as Expr<T, V> & Outward<P>
}
