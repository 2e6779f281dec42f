/** Columns that are declared otherwise than their kind, by the option `dbType`: text as inet, as an enum, as a domain. */
import type { Kind } from '../../kinds.ts'
import type { CompareNode, InNode, SqlExpr } from '../../sql/nodes.ts'
import type { Encode } from '../encoders.ts'
import { postgresEncoder } from './values.ts'

/** What the project declared a column as; undefined of anything else. */
export function declaredAs(node: SqlExpr): string | undefined {
  return node.t === 'column' ? node.type?.declared?.postgres : undefined
}

/** `value` as it stands beside `of`: without a type of its own, where the column has one that no kind has. */
export function beside<T extends SqlExpr>(of: SqlExpr, value: T): T | SqlExpr {
  if (value.t === 'param') {
    const declared = declaredAs(of)
    return declared === undefined ? value : { ...value, declared }
  }
  if (of.t !== 'row' || value.t !== 'row' || of.items.every((item) => declaredAs(item) === undefined)) return value
  return { t: 'row', items: value.items.map((item, i) => beside(of.items[i]!, item)) }
}

/** A comparison whose values have the types of the columns they are compared with. */
export function besideEach(node: CompareNode): CompareNode {
  const { left, right } = node
  const [first, second] = [beside(right, left), beside(left, right)]
  return first === left && second === right ? node : { ...node, left: first, right: second }
}

/** The same for a list. */
export function amongDeclared(node: InNode): InNode {
  const { left, right } = node
  if (!('t' in left) || ('t' in right && right.t !== 'param')) return node
  return {
    ...node,
    right: 't' in right ? (beside(left, right) as typeof right) : right.map((item) => beside(left, item)),
  }
}

const encoders = new Map<Kind | null, Encode>()
/** The encoder of such a value: another than the kind's, so that a value that stands elsewhere, too, has its own placeholder there. */
export function bareEncoder(kind: Kind | null): Encode {
  const known = encoders.get(kind)
  if (known !== undefined) return known
  const encode = postgresEncoder(kind)
  const own: Encode = (value) => encode(value)
  encoders.set(kind, own)
  return own
}
