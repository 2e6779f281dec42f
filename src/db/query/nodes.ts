/** Small makers of SQL nodes, and questions about them. Constants are folded: what can never be true sends no query. */
import { AGGREGATES } from '../sql/functions.ts'
import type { OrderNode, SelectNode, SqlExpr } from '../sql/nodes.ts'

export const TRUE: SqlExpr = Object.freeze({ t: 'literal', value: true })
export const FALSE: SqlExpr = Object.freeze({ t: 'literal', value: false })

export function and(parts: readonly SqlExpr[]): SqlExpr {
  const items = parts.filter((part) => part !== TRUE)
  if (items.includes(FALSE)) return FALSE
  return items.length === 0 ? TRUE : items.length === 1 ? items[0]! : { t: 'and', items }
}

export function or(parts: readonly SqlExpr[]): SqlExpr {
  const items = parts.filter((part) => part !== FALSE)
  if (items.includes(TRUE)) return TRUE
  return items.length === 0 ? FALSE : items.length === 1 ? items[0]! : { t: 'or', items }
}

export function not(of: SqlExpr): SqlExpr {
  return of === TRUE ? FALSE : of === FALSE ? TRUE : { t: 'not', of }
}

/** True when an odd number hold, as Django writes it: some hold, and the count of those is odd. */
export function xor(parts: readonly SqlExpr[]): SqlExpr {
  if (parts.length < 2) return and(parts)
  const one: SqlExpr = { t: 'literal', value: 1 }
  const zero: SqlExpr = { t: 'literal', value: 0 }
  const count = parts
    .map((condition): SqlExpr => ({ t: 'case', when: [{ condition, then: one }], otherwise: zero, kind: 'integer' }))
    .reduce((left, right) => ({ t: 'arithmetic', op: '+', left, right, kind: 'integer' }))
  const two: SqlExpr = { t: 'literal', value: 2 }
  const odd: SqlExpr = { t: 'arithmetic', op: '%', left: count, right: two, kind: 'integer' }
  return and([or(parts), { t: 'compare', op: '=', left: odd, right: one }])
}

export function isNull(of: SqlExpr, negated = false): SqlExpr {
  return { t: 'isNull', of, not: negated }
}

const aggregates: readonly string[] = AGGREGATES

export function isAggregate(node: SqlExpr): boolean {
  return node.t === 'function' && aggregates.includes(node.name)
}

/** The expressions directly inside one; statements inside are not looked into. */
export function children(node: SqlExpr): readonly SqlExpr[] {
  switch (node.t) {
    case 'raw':
      return node.nodes
    case 'function':
      return [
        ...node.args,
        ...(node.orderBy ?? []).map((item) => item.by),
        ...(node.filter === undefined ? [] : [node.filter]),
      ]
    case 'window':
      // What it is over is no aggregate of the statement's groups: its arguments are looked at, not itself.
      return [...children(node.of), ...node.partitionBy, ...node.orderBy.map((item) => item.by)]
    case 'arithmetic':
    case 'compare':
    case 'match':
      return [node.left, node.right]
    case 'extract':
    case 'trunc':
    case 'jsonPath':
      return [node.from]
    case 'isNull':
    case 'not':
    case 'cast':
    case 'collate':
    case 'jsonPatch':
      return [node.of]
    case 'in':
      return [
        ...('t' in node.left ? [node.left] : node.left),
        ...('t' in node.right ? (node.right.t === 'select' ? [] : [node.right]) : node.right),
      ]
    case 'between':
      return [node.of, node.low, node.high]
    case 'and':
    case 'or':
    case 'row':
      return node.items
    case 'case':
      return [
        ...node.when.flatMap((item) => [item.condition, item.then]),
        ...(node.otherwise === null ? [] : [node.otherwise]),
      ]
    default:
      return []
  }
}

/** Whether a value depends on the rows around its own, or gives rows itself: it is known only after WHERE and GROUP BY. */
export function isLate(node: SqlExpr): boolean {
  return node.t === 'window' || (node.t === 'raw' && node.givesRows === true)
}

/** Whether such a value is part of it. */
export function hasWindow(node: SqlExpr): boolean {
  return isLate(node) || children(node).some(hasWindow)
}

export function hasAggregate(node: SqlExpr): boolean {
  return isAggregate(node) || children(node).some(hasAggregate)
}

/** Whether a part of it is SQL as the project wrote it. */
export function hasRaw(node: SqlExpr): boolean {
  return node.t === 'raw' || children(node).some(hasRaw)
}

/** Whether an aggregate stands inside another: none is known before its rows are. */
export function hasNested(node: SqlExpr): boolean {
  return children(node).some((part) => (isAggregate(node) ? hasAggregate(part) : hasNested(part)))
}

/** What an expression adds to GROUP BY: itself, or, around aggregates, its parts outside them. Constants add nothing. */
export function groupParts(node: SqlExpr): readonly SqlExpr[] {
  if (isAggregate(node)) return []
  if (node.t === 'literal' || node.t === 'param') return []
  if (node.t !== 'row' && !hasAggregate(node) && !hasWindow(node)) return [node]
  return children(node).flatMap(groupParts)
}

const CONDITIONS: ReadonlySet<SqlExpr['t']> = new Set([
  ...(['and', 'or', 'not'] as const),
  ...(['compare', 'match', 'isNull', 'in', 'between'] as const),
])
/** What a condition of HAVING adds to GROUP BY: what it compares, as in Django (WhereNode.get_group_by_cols). */
export function havingParts(node: SqlExpr): readonly SqlExpr[] {
  return CONDITIONS.has(node.t) ? children(node).flatMap(havingParts) : groupParts(node)
}

/** The tree with parts exchanged: `change` gives the new node, or null to look inside. */
export function rewrite(node: SqlExpr, change: (node: SqlExpr) => SqlExpr | null): SqlExpr {
  const changed = change(node)
  if (changed !== null) return changed
  return inside(node, (part) => rewrite(part, change))
}

/** A node with each part exchanged by `next`. */
function inside(node: SqlExpr, next: (node: SqlExpr) => SqlExpr): SqlExpr {
  const orderBy = (item: OrderNode): OrderNode => ({ ...item, by: next(item.by) })
  switch (node.t) {
    case 'raw':
      return { ...node, nodes: node.nodes.map(next) }
    case 'function': {
      const copy = { ...node, args: node.args.map(next) }
      const ordered = node.orderBy === undefined ? copy : { ...copy, orderBy: node.orderBy.map(orderBy) }
      return node.filter === undefined ? ordered : { ...ordered, filter: next(node.filter) }
    }
    case 'window':
      return {
        ...node,
        of: inside(node.of, next),
        partitionBy: node.partitionBy.map(next),
        orderBy: node.orderBy.map(orderBy),
      }
    case 'arithmetic':
    case 'compare':
    case 'match':
      return { ...node, left: next(node.left), right: next(node.right) }
    case 'extract':
    case 'trunc':
    case 'jsonPath':
      return { ...node, from: next(node.from) }
    case 'isNull':
    case 'not':
    case 'cast':
    case 'collate':
    case 'jsonPatch':
      return { ...node, of: next(node.of) }
    case 'in': {
      const left = 't' in node.left ? next(node.left) : node.left.map(next)
      const { right } = node
      if (!('t' in right)) return { ...node, left, right: right.map(next) }
      return { ...node, left, right: right.t === 'raw' ? { ...right, nodes: right.nodes.map(next) } : right }
    }
    case 'between':
      return { ...node, of: next(node.of), low: next(node.low), high: next(node.high) }
    case 'and':
    case 'or':
    case 'row':
      return { ...node, items: node.items.map(next) }
    case 'case':
      return {
        ...node,
        when: node.when.map((item) => ({ condition: next(item.condition), then: next(item.then) })),
        otherwise: node.otherwise === null ? null : next(node.otherwise),
      }
    default:
      return node
  }
}

/** Whether two expressions are the same text. Slots differ, so expressions with values of their own do not match. */
export function sameNode(a: SqlExpr, b: SqlExpr): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/** The values of a row; of anything else, itself. */
export function rowParts(node: SqlExpr): readonly SqlExpr[] {
  return node.t === 'row' ? node.items : [node]
}

/** A select of nothing yet. */
export function emptySelect(from: SelectNode['from']): SelectNode {
  return {
    t: 'select',
    columns: [],
    from,
    joins: [],
    where: null,
    groupBy: [],
    having: null,
    orderBy: [],
    distinct: false,
    limit: null,
    offset: null,
  }
}
