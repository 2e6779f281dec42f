/** Orders in which no two rows have the same place, and the rows behind a place. */
import type { Features } from '../backends/features.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { OrderNode, SqlExpr } from '../sql/nodes.ts'
import { QueryUsageError } from './errors.ts'
import { and, FALSE, isNull, or, rowParts, sameNode } from './nodes.ts'
import { orderNodes } from './order.ts'
import type { Query } from './query.ts'

/** Whether an order tells any two rows apart: it has the key, or all fields of something unique that are never null. */
export function totalOrder(query: Query, order: readonly OrderNode[]): boolean {
  // Rows that come once for each of several others are not told apart by their own columns.
  if (query.joins.hasMany() && query.group === null && !query.distinct) return false
  if (query.joined.length > 0) return false
  if (query.named !== null || Array.isArray(query.group) || (query.distinct && query.selected !== null)) {
    return query.selected!.every(({ node }) => order.some(({ by }) => sameNode(by, node)))
  }
  const { meta } = query
  const named = new Set<string>()
  for (const { by } of order) {
    if (by.t !== 'column' || by.table !== query.base) continue
    const field = meta.columns.find((column) => column.column === by.column)
    if (field !== undefined && (!field.null || meta.pk.includes(field))) named.add(field.name)
  }
  const sets = [
    meta.pk.map((field) => field.name),
    ...meta.columns.filter((field) => field.unique).map((field) => [field.name]),
    ...meta.constraints.flatMap((item) =>
      item.type === 'unique' && item.where === undefined && item.fields.length > 0 ? [item.fields] : [],
    ),
  ]
  return sets.some((fields) => fields.every((name) => named.has(name)))
}

/**
 * Keeps the first row of each that are equal in some columns: by the database's own words, or by numbering them.
 * @throws QueryUsageError db.distinct-order: what is not ordered by these columns first has no first of each
 */
export function firstOfEach(query: Query, equal: readonly SqlExpr[]): void {
  const order = orderNodes(query)
  const first = order.slice(0, equal.length)
  if (order.length > 0 && !equal.every((node) => first.some(({ by }) => sameNode(by, node)))) {
    throw new QueryUsageError(`The rows of ${query.meta.label} are not ordered by the columns of distinctOn() first.`, {
      code: 'db.distinct-order',
      hint: 'orderBy() the same paths, then what decides which row of each is taken.',
    })
  }
  if (query.context.features.distinctOn) {
    query.distinct = true
    return
  }
  const of: SqlExpr = { t: 'function', name: 'rowNumber', args: [], kind: 'integer' }
  const orderBy = order.length > 0 ? order : query.keyNodes().map((by) => ({ by, desc: false }))
  const place: SqlExpr = { t: 'window', of, partitionBy: equal, orderBy, frame: null, kind: 'integer' }
  query.where.push({ t: 'compare', op: '=', left: place, right: { t: 'literal', value: 1 } })
  query.distinctOn = null
}

/** The order of pages: as asked, and by the key behind it where that leaves rows in one place. */
export function keysetOrder(query: Query): OrderNode[] {
  const order = orderNodes(query)
  if (order.some(({ by }) => by.t === 'function' && by.name === 'random')) {
    throw new QueryUsageError('Rows in a random order have no pages.', {
      code: 'db.unpageable-order',
      hint: 'Order by columns.',
    })
  }
  if (query.distinctOn !== null) {
    throw new QueryUsageError('Rows of distinctOn() have no pages.', {
      code: 'db.unpageable-order',
      hint: 'Filter by them: filter({ id__in: rows.values("id") }).page(…).',
    })
  }
  const added: SqlExpr[] = []
  if (!totalOrder(query, order)) {
    if (query.named === null && !Array.isArray(query.group) && !(query.distinct && query.selected !== null))
      added.push(...query.keyNodes())
    // Rows that were joined, and groups, differ by what they show.
    if (query.named !== null || Array.isArray(query.group) || query.distinct || query.joined.length > 0) {
      const shown =
        query.selected?.flatMap((column) => rowParts(column.node)) ??
        [...query.shown].map((name) => query.annotations.get(name)!)
      added.push(...shown.filter((node) => nodeKind(node) !== 'json' && nodeKind(node) !== 'binary'))
    }
  }
  for (const by of added) {
    if (!order.some((item) => sameNode(item.by, by))) order.push({ by, desc: query.reversed })
  }
  return order
}

/** The condition that a row comes behind a place; `nulls` says which of its values are null, the others come next. */
export function behind(query: Query, order: readonly OrderNode[], nulls: readonly boolean[]): SqlExpr {
  const { context } = query
  const places = order.map(({ by }, i) => (nulls[i] ? null : context.param(nodeKind(by))))
  let condition: SqlExpr = FALSE
  for (let i = order.length - 1; i >= 0; i--) {
    const item = order[i]!
    const { by } = item
    const place = places[i]!
    const last = nullsLast(item, context.features)
    if (place === null) {
      const after = last ? FALSE : isNull(by, true)
      condition = or([after, and([isNull(by), condition])])
      continue
    }
    const compared = (op: '=' | '<' | '>' | '<=' | '>='): SqlExpr => ({ t: 'compare', op, left: by, right: place })
    const nullsAfter = last && mayBeNull(query, by)
    const beyond = compared(item.desc ? '<' : '>')
    const equal = condition === FALSE ? FALSE : and([compared('='), condition])
    const here = or([beyond, equal])
    // Said once more as a bound of its own, which an index can serve.
    condition = nullsAfter
      ? or([here, isNull(by)])
      : equal === FALSE
        ? beyond
        : and([compared(item.desc ? '<=' : '>='), here])
  }
  return condition
}

function nullsLast({ desc, nulls }: OrderNode, { nullsFirst }: Features): boolean {
  return nulls === undefined ? desc === nullsFirst : nulls === 'last'
}

function mayBeNull(query: Query, node: SqlExpr): boolean {
  if (node.t !== 'column' || query.context.nullable.has(node)) return true
  return node.table !== null && node.table !== query.base && query.joins.map.get(node.table)?.type !== 'inner'
}
