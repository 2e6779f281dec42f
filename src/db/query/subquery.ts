/** A query set inside another query: one column, no order unless it is cut. */
import type { SelectNode } from '../sql/nodes.ts'
import { assemble } from './assemble.ts'
import { QueryUsageError } from './errors.ts'
import { rowParts } from './nodes.ts'
import { orderNodes } from './order.ts'
import type { Query } from './query.ts'
import { isSliced, type State } from './state.ts'

/** The statement of a query set that stands inside another. `where` is FALSE when it can give nothing. */
export function finishSubquery(
  query: Query,
  state: State,
  { first = false, columns: wanted = 1 }: { readonly first?: boolean; readonly columns?: number },
): SelectNode {
  const columns = query.selected?.flatMap((column) => rowParts(column.node)) ?? query.keyNodes()
  if (columns.length !== wanted) {
    const expected = wanted === 1 ? 'one column' : `${wanted} columns`
    throw new QueryUsageError(
      `A subquery here gives ${expected}; this one of ${query.meta.label} gives ${columns.length}.`,
      {
        code: 'db.subquery-columns',
        hint: wanted === 1 ? 'Name the column: .values("id").' : 'Name the columns of the key, in its order.',
      },
    )
  }
  const order = first || isSliced(state) ? orderNodes(query) : []
  return assemble(
    query,
    state,
    columns.map((expr) => ({ expr })),
    order,
  )
}

/** The statement of `exists(queryset)`. */
export function finishExists(query: Query, state: State): SelectNode {
  const order = isSliced(state) ? orderNodes(query) : []
  return assemble(query, state, query.group === null ? [] : query.keyNodes().map((expr) => ({ expr })), order)
}
