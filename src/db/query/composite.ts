/** Keys of several columns in conditions: compared as one value, `(a, b) = (1, 'x')`. */
import type { Operand } from '../expressions/condition.ts'
import { isInstance } from '../models/instance.ts'
import { keyValue } from '../models/keys.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { ColumnNode, CompareNode, RowNode, SqlExpr } from '../sql/nodes.ts'
import type { BuildContext } from './context.ts'
import { picture, QueryValueError, unknownLookup } from './errors.ts'
import type { Left, Looked, Operands } from './lookups.ts'
import { and, FALSE, isNull, or } from './nodes.ts'

interface KeyLeft extends Left {
  readonly node: RowNode
}

const LOOKUPS = ['exact', 'in', 'isnull', 'gt', 'gte', 'lt', 'lte']
const OPS: Readonly<Record<string, CompareNode['op']>> = { exact: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' }

function wrong(label: string, message: string, hint: string): QueryValueError {
  return new QueryValueError(`${label}: ${message}`, { code: 'db.invalid-value', status: 400, hint })
}

/** A condition on a key of several columns. Order is the order of the columns: the first counts most. */
export function compareKeys(left: KeyLeft, rest: readonly string[], operand: Operand, operands: Operands): Looked {
  const lookup = rest[0] ?? 'exact'
  if (rest.length > 1 || !LOOKUPS.includes(lookup)) {
    throw unknownLookup(rest.find((name) => !LOOKUPS.includes(name)) ?? rest[1]!, left.label, LOOKUPS, left.path)
  }
  const { items } = left.node
  if (lookup === 'isnull' || (lookup === 'exact' && operand.t === 'null')) {
    if (lookup === 'isnull' && operand.t !== 'boolean')
      throw wrong(left.label, 'isnull takes true or false.', `Write { ${left.path}: true }.`)
    const wanted = operand.t !== 'boolean' || operand.value
    // One missing part is enough: such a key leads nowhere.
    const node = wanted ? or(items.map((item) => isNull(item))) : and(items.map((item) => isNull(item, true)))
    return { node, isNull: wanted }
  }
  if (lookup === 'in') return { node: within(left, operand, operands), isNull: null }
  return {
    node: { t: 'compare', op: OPS[lookup]!, left: left.node, right: single(left, operand, operands) },
    isNull: null,
  }
}

/** One key: a tuple, an instance, or an expression that gives as many values. */
function single(left: KeyLeft, operand: Operand, operands: Operands): SqlExpr {
  if (operand.t === 'value') {
    const { context } = operands
    const source = context.cursor++
    const items = left.key!.columns.map((column, i) =>
      context.slot(source, column.kind, { convert: (value) => tuple(left, value)[i] }),
    )
    return { t: 'row', items }
  }
  if (operand.t === 'expression') {
    const node = operands.expression(operand)
    if (node.t === 'row' && node.items.length === left.node.items.length) return node
  }
  throw wrong(left.label, 'a key of several columns is compared with another one.', tupleHint(left))
}

function within(left: KeyLeft, operand: Operand, operands: Operands): SqlExpr {
  const { items } = left.node
  if (operand.t === 'empty') return FALSE
  if (operand.t === 'query') {
    const query = operands.subquery(operand, items.length)
    return query.where === FALSE ? FALSE : { t: 'in', left: items, right: query }
  }
  if (operand.t !== 'list') throw wrong(left.label, '"in" takes a list of keys, or a query set.', tupleHint(left))
  const convert = (value: unknown) => (value as unknown[]).map((item) => tuple(left, item)) // told by its operand
  return { t: 'in', left: items, right: operands.context.param(null, { list: true, convert }) }
}

/** The parts of a key: of a tuple, or of an instance. */
function tuple(left: KeyLeft, value: unknown): readonly unknown[] {
  const { meta, columns } = left.key!
  if (isInstance(value)) {
    if (!(value instanceof meta.concrete)) {
      throw wrong(left.label, `${String(value)} is no ${meta.name}.`, `Pass a ${meta.name} or its key.`)
    }
    const key = keyValue(value, columns)
    if (Array.isArray(key)) return key
    throw new QueryValueError(`This ${meta.label} has no key yet: it was never saved.`, {
      code: 'db.unsaved-instance',
      hint: 'Save it first: await instance.save().',
    })
  }
  if (Array.isArray(value) && value.length === columns.length) {
    return value.map((part, i) => partValue(columns[i]!, part))
  }
  throw wrong(left.label, `${picture(value)} is no key of ${columns.length} values.`, tupleHint(left))
}

/** A part that is itself a foreign key takes an instance. */
function partValue({ relation }: FieldMeta, part: unknown): unknown {
  return relation !== null && isInstance(part) ? keyValue(part, relation.targets) : part
}

function tupleHint({ key, path }: KeyLeft): string {
  return `Write { ${path}: [${key?.columns.map((column) => column.attname).join(', ')}] }.`
}

/** Whether a key is one of a list, for lists that no path names. */
export function inKeys(columns: readonly ColumnNode[], context: BuildContext): SqlExpr {
  if (columns.length > 1) return { t: 'in', left: columns, right: context.param(null, { list: true }) }
  return { t: 'in', left: columns[0]!, right: context.param(columns[0]!.kind, { list: true }) }
}
