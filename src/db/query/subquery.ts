/** A query set inside another query: one column, no order unless it is cut. */
import type { SelectNode, SqlExpr } from '../sql/nodes.ts'
import { QueryUsageError } from './errors.ts'
import { and, emptySelect, FALSE, groupParts, hasAggregate, sameNode, TRUE } from './nodes.ts'
import { orderNodes } from './order.ts'
import type { Query } from './query.ts'
import { isSliced, type State } from './state.ts'

/** WHERE and HAVING of a query: conditions with aggregates go to the second. */
export function conditions(query: Query): { where: SqlExpr; having: SqlExpr } {
  const where: SqlExpr[] = []
  const having: SqlExpr[] = []
  const place = (node: SqlExpr): void => {
    if (node.t === 'and') node.items.forEach(place)
    else (hasAggregate(node) ? having : where).push(node)
  }
  for (const node of query.where) place(node)
  return { where: and(where), having: and(having) }
}

/** GROUP BY: columns of the base table are settled by its key. */
export function groupNodes(
  query: Query,
  selected: readonly SqlExpr[],
  order: readonly SqlExpr[],
  having: SqlExpr,
): SqlExpr[] {
  if (query.group === null) return []
  const settled = (node: SqlExpr) => query.group === 'key' && node.t === 'column' && node.table === query.base
  const nodes: SqlExpr[] = query.group === 'key' ? query.keyNodes() : []
  const wanted = [...(query.group === 'key' ? [] : query.group), ...selected, ...order, having]
  for (const node of wanted.flatMap(groupParts)) {
    if (!settled(node) && !nodes.some((other) => sameNode(other, node))) nodes.push(node)
  }
  return nodes
}

/** Limit and offset of a state, as slots. */
export function limits(query: Query, state: State): Pick<SelectNode, 'limit' | 'offset'> {
  const limit = state.high === null ? null : query.context.param('integer')
  const offset = state.low === 0 ? null : query.context.param('integer')
  return { limit, offset }
}

/** The statement of a query set that stands inside another. `where` is FALSE when it can give nothing. */
export function finishSubquery(query: Query, state: State): SelectNode {
  const columns = query.selected?.map((column) => column.node) ?? [query.keyNode()]
  if (columns.length !== 1) {
    throw new QueryUsageError(`A subquery gives one column; this one of ${query.meta.label} gives ${columns.length}.`, {
      code: 'db.subquery-columns',
      hint: 'Name the column: .values("id").',
    })
  }
  const order = isSliced(state) ? orderNodes(query) : []
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
  return assemble(query, state, query.group === null ? [] : [{ expr: query.keyNode() }], order)
}

/** All clauses together. */
export function assemble(
  query: Query,
  state: State,
  columns: SelectNode['columns'],
  orderBy: SelectNode['orderBy'],
): SelectNode {
  const { where, having } = conditions(query)
  const orders = orderBy.map((item) => item.by)
  const groupBy = groupNodes(
    query,
    columns.map((column) => column.expr),
    orders,
    having,
  )
  const { meta } = query.joins.get(query.base)
  const empty = state.empty || where === FALSE || having === FALSE
  return {
    ...emptySelect({ table: meta.table, alias: query.base }),
    columns,
    joins: query.joins.nodes(),
    where: empty ? FALSE : where === TRUE ? null : where,
    groupBy,
    having: having === TRUE ? null : having,
    orderBy,
    distinct: query.distinct,
    ...limits(query, state),
  }
}
