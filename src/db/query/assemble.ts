/** A query's clauses put together as a select: the last step of every statement that is made of a query set. */
import { nodeKind } from '../expressions/kinds.ts'
import type { ColumnNode, SelectNode, SqlExpr } from '../sql/nodes.ts'
import { misplacedAggregate } from './errors.ts'
import {
  and,
  emptySelect,
  FALSE,
  groupParts,
  hasAggregate,
  hasWindow,
  havingParts,
  isAggregate,
  isLate,
  rewrite,
  rowParts,
  sameNode,
  TRUE,
} from './nodes.ts'
import { orderNodes } from './order.ts'
import type { Query } from './query.ts'
import { resultType } from './result-type.ts'
import type { State } from './state.ts'

/** All clauses together. */
export function assemble(
  query: Query,
  state: State,
  columns: SelectNode['columns'],
  asked: SelectNode['orderBy'],
): SelectNode {
  // Which row of each is the first, the order says.
  const { distinctOn } = query
  const orderBy = distinctOn !== null && asked.length === 0 ? orderNodes(query) : asked
  const { where, having, qualify } = conditions(query)
  const orders = orderBy.map((item) => item.by)
  if (query.group === null && (having !== TRUE || orders.some(hasAggregate))) {
    const at = having === TRUE ? 'in orderBy()' : 'in filter()'
    throw misplacedAggregate(
      `${at}, and rows are not grouped`,
      "Name it first: annotate({ n: Count('…') }) or alias().",
    )
  }
  const groupBy = groupNodes(
    query,
    columns.map((column) => column.expr),
    orders,
    having,
  )
  const empty = state.empty || where === FALSE || having === FALSE
  const select: SelectNode = {
    ...emptySelect(query.fromNode()),
    columns,
    joins: query.joinNodes(),
    where: empty ? FALSE : where === TRUE ? null : where,
    groupBy,
    having: having === TRUE ? null : having,
    orderBy,
    distinct: query.distinct && distinctOn === null,
    ...(distinctOn === null ? {} : { distinctOn }),
    ...limits(query, state),
  }
  return qualify === TRUE ? select : qualified(select, qualify)
}

/** Conditions by when they can be told: of rows, of groups, and of windows, which come last. */
export interface Conditions {
  readonly where: SqlExpr
  readonly having: SqlExpr
  readonly qualify: SqlExpr
}

export function conditions(query: Query): Conditions {
  const where: SqlExpr[] = []
  const having: SqlExpr[] = []
  const qualify: SqlExpr[] = []
  const place = (node: SqlExpr): void => {
    if (node.t === 'and') node.items.forEach(place)
    else (hasWindow(node) ? qualify : hasAggregate(node) ? having : where).push(node)
  }
  for (const node of query.where) place(node)
  return { where: and(where), having: and(having), qualify: and(qualify) }
}

/** GROUP BY: columns of the base table are settled by its key. */
function groupNodes(query: Query, selected: readonly SqlExpr[], order: readonly SqlExpr[], having: SqlExpr): SqlExpr[] {
  if (query.group === null) return []
  // The key of what is no table settles nothing.
  const settled = (node: SqlExpr) =>
    query.group === 'key' && query.from === null && node.t === 'column' && node.table === query.base
  const nodes: SqlExpr[] = query.group === 'key' ? query.keyNodes() : []
  const wanted = [...(query.group === 'key' ? [] : query.group), ...selected, ...order]
  for (const node of [...wanted.flatMap(groupParts), ...havingParts(having)]) {
    if (!settled(node) && !nodes.some((other) => sameNode(other, node))) nodes.push(node)
  }
  return nodes
}

/** Limit and offset of a state, as slots. */
function limits(query: Query, state: State): Pick<SelectNode, 'limit' | 'offset'> {
  query.context.label = `${query.meta.label}.slice()`
  const limit = state.high === null ? null : query.context.param('integer')
  const offset = state.low === 0 ? null : query.context.param('integer')
  return { limit, offset }
}

/** WHERE cannot see windows, which are computed after it: they become columns of a subquery. */
function qualified(select: SelectNode, condition: SqlExpr): SelectNode {
  const inner = new InnerColumns()
  const columns = select.columns.map((column) => ({ ...column, expr: inner.add(column.expr) }))
  const where = inner.outside(condition)
  const orderBy = select.orderBy.map((item) => ({ ...item, by: inner.add(item.by) }))
  const { limit, offset, distinct, distinctOn, ...rest } = select
  const query: SelectNode = {
    ...rest,
    columns: inner.columns,
    orderBy: [],
    distinct: false,
    limit: null,
    offset: null,
  }
  const on = distinctOn === undefined ? {} : { distinctOn: distinctOn.map((node) => inner.add(node)) }
  const outer = { ...emptySelect({ query, alias: 'q' }), ...on }
  return { ...outer, columns, where: select.where === FALSE ? FALSE : where, orderBy, distinct, limit, offset }
}

/** Columns of a subquery, by the names we give them. */
export class InnerColumns {
  readonly columns: { expr: SqlExpr; as: string }[] = []

  /** The column as seen from outside. */
  add(expr: SqlExpr): ColumnNode {
    let at = this.columns.findIndex((column) => sameNode(column.expr, expr))
    if (at === -1) at = this.columns.push({ expr, as: `c${this.columns.length}` }) - 1
    const node = { t: 'column', table: 'q', column: `c${at}`, kind: nodeKind(expr) } as const
    const type = resultType(expr)
    return type === undefined ? node : { ...node, type }
  }

  /** Each value of a row, or the one that it is. */
  addAll(expr: SqlExpr): void {
    for (const part of rowParts(expr)) this.add(part)
  }

  /** An expression with its columns, aggregates and windows taken from inside. */
  outside(expr: SqlExpr): SqlExpr {
    return rewrite(expr, (part) => (isLate(part) || part.t === 'column' || isAggregate(part) ? this.add(part) : null))
  }
}
