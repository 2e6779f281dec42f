/** Common tables: query sets with a name, written once before a statement (`with … as`) and read anywhere in it. */
import { PathExpression } from '../expressions/expression.ts'
import { commonSource } from './common-source.ts'
import { QuerySet } from './queryset.ts'
import type { CommonSource } from './sources.ts'
import { initialState, type State } from './state.ts'
import { withSource, withValues } from './state-ops.ts'
import type { Expr } from './types/expressions.ts'
import type { RESULT } from './types/rows.ts'
import type { Values } from './types/values.ts'

/** Options of {@link CommonTable}. */
export interface CommonTableOptions {
  /**
   * Whether the database computes the rows once and keeps them (true), or reads through them as if they were written
   * where they are used (false). Default null: as it thinks best. PostgreSQL and SQLite take the hint.
   */
  readonly materialized?: boolean | null
}

/** Columns as steps may change them: `Value(0)` begins a number. */
type Growing<R> = { [K in keyof R]: R[K] extends number ? number : R[K] }

/**
 * A query set of values() with a name, for others to join and to read from. The statement that uses it is one query;
 * used several times, it is written (and, where the database thinks so, computed) once.
 *
 *     const busy = new CommonTable('busy', Book.objects.values('authorId').annotate({ n: Count('id') }))
 *     await Author.objects.join(busy, { id: 'authorId' }).filter({ n__gt: 3 })
 *     await Company.objects.filter({ authors__in: busy.values('authorId') })
 */
export class CommonTable<R extends object> {
  declare readonly [RESULT]: R
  /** @internal */
  readonly source: CommonSource

  /**
   * `name`: letters, digits and underscores, for those who read the SQL.
   * @throws QueryUsageError db.common-table
   */
  constructor(name: string, rows: Values<R>, { materialized = null }: CommonTableOptions = {}) {
    this.source = commonSource(name, rows, materialized, null)
  }

  /**
   * A table that grows: `first` gives its first rows; `step`, given the table, the rows that follow from the last ones,
   * until there are none. Both end in values() of the same names. A step joins the table, or `table.values(…)` of it;
   * databases do not take it in a subquery. A step must come to an end by itself: count a depth
   * and filter by it, or keep the path as `QuerySet.walk()` does, which is made of this.
   */
  static recursive<R extends object>(
    name: string,
    first: Values<R>,
    step: (table: CommonTable<Growing<R>>) => Values<Growing<R>>,
    { materialized = null }: CommonTableOptions = {},
  ): CommonTable<Growing<R>> {
    // Its source is given when the step asks for it, which commonSource() does once.
    const table = Object.create(CommonTable.prototype) as { source: CommonSource } & CommonTable<Growing<R>>
    commonSource(name, first, materialized, (source) => {
      table.source = source
      return step(table)
    })
    return table
  }

  /** A column of it, in expressions: `table.F('depth').plus(1)`. */
  F<K extends keyof R & string>(column: K): Expr<never, R[K]> {
    return new PathExpression(column) as unknown as Expr<never, R[K]> // an Expr is an expression seen through its types
  }

  /** Its rows, or some columns of them: a query set to filter, order and count; of one column, what `in` takes. */
  values<K extends keyof R & string = keyof R & string>(...columns: K[]): Values<Pick<R, K>> {
    const { model } = this.source.first
    const names = columns.length > 0 ? columns : null
    const all: State = { ...withSource(initialState(model), this.source), mode: 'values' }
    const state = names === null ? all : withValues(all, names, 'values')
    const { alias, owner } = this.source.first.state
    // One class does both; Values is its other face.
    return new QuerySet(model as never, { ...state, alias, owner }) as unknown as Values<Pick<R, K>>
  }
}
