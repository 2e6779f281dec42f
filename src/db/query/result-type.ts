/** The type of a result's column, where its kind alone does not say how it is read. */

import { nodeKind } from '../expressions/kinds.ts'
import { type ColumnType, elementKind } from '../kinds.ts'
import type { SqlExpr } from '../sql/nodes.ts'

/** A column's own type; of what is computed from precise instants (`Max('at')`, `Trunc('at', 'day')`) that it is one, too. */
export function resultType(node: SqlExpr): ColumnType | undefined {
  if (node.t === 'column') return node.type
  const kind = nodeKind(node)
  return elementKind(kind) === 'dateTime' && isPrecise(node) ? { kind, precise: true } : undefined
}

function isPrecise(node: SqlExpr): boolean {
  switch (node.t) {
    case 'column':
      return node.type?.precise === true
    case 'raw':
    case 'cast':
      return node.type?.precise === true // said by an output field
    case 'param':
      return node.precise === true
    case 'subquery':
      return node.query.columns.some((column) => isPrecise(column.expr))
    case 'function':
      return node.args.some(isPrecise)
    case 'window':
      return isPrecise(node.of)
    case 'case':
      return [...node.when.map((item) => item.then), ...(node.otherwise === null ? [] : [node.otherwise])].some(
        isPrecise,
      )
    case 'arithmetic':
      return isPrecise(node.left) || isPrecise(node.right)
    case 'trunc':
      return isPrecise(node.from)
    default:
      return false
  }
}
