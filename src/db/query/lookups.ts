/**
 * Lookups: what may follow a column in a path, and the SQL it becomes. Parts of dates and keys of JSON come first
 * (`publishedAt__year__gte`), one comparison comes last; without one it is `exact`.
 */
import type { Operand } from '../expressions/condition.ts'
import { isNumber, nodeKind } from '../expressions/kinds.ts'
import { elementKind, isArrayKind, isRangeKind, type Kind } from '../kinds.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { DatePart, ParamNode, SelectNode, SqlExpr, Vendor } from '../sql/nodes.ts'
import { asRangeValue, collectionCondition, collectionPart } from './collection-lookups.ts'
import { comparedSlot, listedSlot } from './column-values.ts'
import { compareKeys } from './composite.ts'
import type { BuildContext, SlotOptions } from './context.ts'
import { asNumber, dateAsInstant, yearAsDate, yearAsInstant } from './converters.ts'
import { customLookup } from './custom-lookups.ts'
import { QueryUsageError, QueryValueError, unknownField, unknownLookup } from './errors.ts'
import { BASE, lookupsOf, ORDERED, partsOf, TEXT } from './lookup-names.ts'
import { and, FALSE, isNull, or } from './nodes.ts'
import { fieldNames } from './paths.ts'
import { searchCondition } from './search.ts'

/** The left side of a lookup. */
export interface Left {
  readonly node: SqlExpr
  /** The model whose key it is, and its columns there, where it is a row. */
  readonly key?: { readonly meta: ModelMeta; readonly columns: readonly FieldMeta[] }
  /** The relation that the path ends in; its values may be instances. */
  readonly relation: FieldMeta | null
  /** The column's field; null for annotations. */
  readonly field: FieldMeta | null
  /** For messages: `library.Book.pages`. */
  readonly label: string
  readonly path: string
}

/** How operands become nodes; given by the query they stand in. */
export interface Operands {
  readonly context: BuildContext
  expression(operand: Extract<Operand, { t: 'expression' }>): SqlExpr
  /** `columns`: how many it must give. */
  subquery(operand: Extract<Operand, { t: 'query' }>, columns: number): SelectNode
}

/** A condition, and whether it asks for null (true), for something (false), or neither. */
export interface Looked {
  readonly node: SqlExpr
  readonly isNull: boolean | null
}

const COMPARE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** A part of a date, or a key of JSON, of a node; null where the name is neither. */
export function transformed(
  node: SqlExpr,
  name: string,
  { timeZone, vendor, field }: { timeZone: () => string; vendor: Vendor; field: FieldMeta | null },
): SqlExpr | null {
  const kind = nodeKind(node)
  const custom = customLookup(name, kind, field)
  if (custom !== undefined && custom.gives !== null) return custom.node(vendor, [node])
  if (isArrayKind(kind) || isRangeKind(kind)) return collectionPart(node, kind, name)
  if (partsOf(kind).includes(name)) {
    const part = name as DatePart // one of partsOf
    const zone = kind === 'dateTime' ? timeZone() : 'UTC'
    return {
      t: 'extract',
      part,
      from: node,
      timeZone: zone,
      kind: part === 'date' || part === 'time' ? part : 'integer',
    }
  }
  if (kind !== 'json') return null
  const key = /^-?\d+$/.test(name) ? Number(name) : name
  return node.t === 'jsonPath' ? { ...node, path: [...node.path, key] } : { t: 'jsonPath', from: node, path: [key] }
}

/** Applies the names after a column to it, and compares. */
export function applyLookups(left: Left, rest: readonly string[], operand: Operand, operands: Operands): Looked {
  if (left.node.t === 'row') return compareKeys({ ...left, node: left.node }, rest, operand, operands)
  let node: SqlExpr = left.node
  for (let i = 0; i < rest.length; i++) {
    const name = rest[i]!
    const last = i === rest.length - 1
    const kind = nodeKind(node)
    if (left.relation !== null) {
      if (last && [...BASE, ...ORDERED].includes(name)) return compared(left, node, name, operand, operands)
      throw unknownField(
        name,
        left.relation.relation!.target.meta.label,
        fieldNames(left.relation.relation!.target.meta),
        left.path,
      )
    }
    if (name === 'search' && last && searchable(kind)) return searched(left, node, operand, operands)
    const custom = customLookup(name, kind, left.field)
    if (custom !== undefined && (last || custom.gives !== null)) {
      const { vendor } = operands.context.features
      if (custom.gives !== null) {
        node = custom.node(vendor, [node])
        continue
      }
      const value = right(custom.takes ?? kind, single(left, name, operand), operands)
      return { node: custom.node(vendor, [node, value]), isNull: null }
    }
    if (last && (isArrayKind(kind) || isRangeKind(kind))) {
      const found = collectionCondition(node, kind, name, () => collection(left, name, kind, operand, operands))
      if (found !== null) return { node: found, isNull: null }
    }
    const ranged = asRange(node, name, rest.slice(i + 1), operand, operands)
    if (ranged !== null) return { node: ranged, isNull: null }
    if (last && lookupsOf(kind).includes(name) && !partsOf(kind).includes(name)) {
      return compared(left, node, name, operand, operands)
    }
    const next = transformed(node, name, {
      timeZone: () => operands.context.timeZone(),
      vendor: operands.context.features.vendor,
      field: left.field,
    })
    if (next === null) {
      const of = left.label.slice(0, -`__${rest.slice(i).join('__')}`.length) // without what follows the column
      throw unknownLookup(name, of, lookupsOf(kind), left.path)
    }
    node = next
  }
  return compared(left, node, 'exact', operand, operands)
}

function wrongValue(left: Left, message: string, hint: string): QueryValueError {
  return new QueryValueError(`${left.label}: ${message}`, { code: 'db.invalid-value', status: 400, hint })
}

/** @throws QueryUsageError db.not-comparable for vectors, whose numbers are rounded when they are written */
function assertComparable({ field, label, path }: Left): void {
  if (field?.type?.declared?.postgres?.startsWith('vector(') !== true) return
  throw new QueryUsageError(`${label} is a vector, which is not compared with a value (in "${path}").`, {
    code: 'db.not-comparable',
    hint: 'Order or filter by how far it is: annotate({ far: L2Distance(…) }); or ask isnull.',
  })
}

function compared(left: Left, node: SqlExpr, lookup: string, operand: Operand, operands: Operands): Looked {
  const kind = nodeKind(node)
  if (lookup !== 'isnull' && node === left.node) assertComparable(left)
  if (lookup === 'isnull') {
    if (operand.t !== 'boolean') throw wrongValue(left, 'isnull takes true or false.', `Write { ${left.path}: true }.`)
    // Of a key of JSON: whether it is there at all.
    const of: SqlExpr = node.t === 'jsonPath' ? { ...node, asType: true } : node
    return { node: isNull(of, !operand.value), isNull: operand.value }
  }
  if (lookup === 'hasKey') {
    if (operand.t !== 'key')
      throw wrongValue(left, 'hasKey takes the name of a key.', `Write { ${left.path}: 'name' }.`)
    assertKeys(left, [operand.key], operands)
    return { node: hasKey(node, operand.key), isNull: null }
  }
  if (lookup === 'hasKeys' || lookup === 'hasAnyKeys') {
    if (operand.t !== 'keys')
      throw wrongValue(left, `${lookup} takes names of keys.`, `Write { ${left.path}: ['a', 'b'] }.`)
    assertKeys(left, operand.keys, operands)
    const each = operand.keys.map((key) => hasKey(node, key))
    return { node: lookup === 'hasKeys' ? and(each) : or(each), isNull: null }
  }
  if (lookup === 'containedBy' || (lookup === 'contains' && operand.t === 'part')) {
    if (kind !== 'json') throw wrongValue(left, `"${lookup}" takes one value.`, 'Lists go with "in" and "range".')
    const other = operand.t === 'part' ? operands.context.param('json') : right('json', operand, operands)
    const args = lookup === 'contains' ? [node, other] : [other, node]
    return { node: { t: 'function', name: 'jsonContains', args, kind: 'boolean' }, isNull: null }
  }
  if (operand.t === 'null' && lookup === 'exact' && node.t === 'jsonPath') {
    const type: SqlExpr = { t: 'literal', value: 'null' }
    return { node: { t: 'compare', op: '=', left: { ...node, asType: true }, right: type }, isNull: null }
  }
  if (
    operand.t === 'null' &&
    lookup === 'exact' &&
    node.t === 'column' &&
    node.type?.conversion?.nothing !== undefined
  ) {
    const nothing: SqlExpr = { t: 'literal', value: '' }
    return { node: { t: 'compare', op: '=', left: node, right: nothing }, isNull: null }
  }
  if (operand.t === 'null') {
    if (lookup === 'exact' || lookup === 'iexact') return { node: isNull(node), isNull: true }
    throw wrongValue(left, `null cannot be compared with "${lookup}".`, 'Use isnull, or exact.')
  }
  if (lookup === 'in') return { node: isIn(left, node, operand, operands), isNull: null }
  if (lookup === 'range') return { node: between(left, node, operand, operands), isNull: null }
  if (
    operand.t === 'items' ||
    operand.t === 'list' ||
    operand.t === 'empty' ||
    operand.t === 'boolean' ||
    operand.t === 'key' ||
    operand.t === 'keys' ||
    operand.t === 'part'
  ) {
    throw wrongValue(left, `"${lookup}" takes one value.`, 'Lists go with "in" and "range".')
  }
  if (TEXT.includes(lookup)) return { node: matched(left, node, lookup, operand, operands), isNull: null }
  const options = comparedSlot(node, left.relation)
  if (lookup === 'exact') {
    return { node: { t: 'compare', op: '=', left: node, right: right(kind, operand, operands, options) }, isNull: null }
  }
  const op = COMPARE[lookup as keyof typeof COMPARE] // the rest of ORDERED
  const whole = isNumber(kind) && kind !== 'float' && kind !== 'decimal' && options.convert === undefined
  const value =
    whole && operand.t === 'value'
      ? operands.context.param(null, { convert: asNumber })
      : right(kind, operand, operands, options)
  return { node: { t: 'compare', op, left: node, right: value }, isNull: null }
}

/** The array or range that another is compared with. */
function collection(left: Left, lookup: string, kind: Kind, operand: Operand, operands: Operands): SqlExpr {
  if (operand.t !== 'part') single(left, lookup, operand)
  const range = isRangeKind(kind) && lookup === 'contains'
  const node = right(kind, operand, operands, range ? { convert: asRangeValue } : {})
  // A value of another column: the database takes it for an end of the range where it is of that very type.
  const given = nodeKind(node)
  if (range && !isRangeKind(given)) return { t: 'cast', of: node, type: { kind: elementKind(kind) } }
  // Arrays are compared with those of their own type only.
  return given === kind || !isArrayKind(given) ? node : { t: 'cast', of: node, type: { kind } }
}

const searchable = (kind: Kind): boolean => kind === 'char' || kind === 'text'

/** Words that are found in a text, by the full-text search of the database. */
function searched(left: Left, node: SqlExpr, operand: Operand, { context }: Operands): Looked {
  if (operand.t !== 'value') throw wrongValue(left, 'search takes a text.', `Write { ${left.path}: 'swing guitar' }.`)
  const field = node === left.node ? left.field : null
  const param = (convert: (value: unknown) => unknown) => context.param('text', { convert })
  const found = searchCondition(context.features.vendor, { of: [{ node, field, weight: 1 }], param })
  return { node: found, isNull: null }
}

/** The value of a lookup that takes one. */
function single(left: Left, lookup: string, operand: Operand): Operand {
  if (operand.t === 'value' || operand.t === 'expression' || operand.t === 'query') return operand
  throw wrongValue(left, `"${lookup}" takes one value.`, 'Lists go with "in" and "range".')
}

/** Keys stand in the SQL text, quoted: one that the database could not have is an error of the caller, not of the text. */
function assertKeys(left: Left, keys: readonly string[], { context }: Operands): void {
  if (context.features.nulInText || !keys.some((key) => key.includes('\0'))) return
  throw wrongValue(left, 'a key has a NUL character.', 'No JSON of this database has such a key.')
}

/** Whether a JSON object has a key, whatever is there. */
function hasKey(node: SqlExpr, key: string): SqlExpr {
  const path = node.t === 'jsonPath' ? node.path : []
  const from = node.t === 'jsonPath' ? node.from : node
  return isNull({ t: 'jsonPath', from, path: [...path, key], asType: true }, true)
}

/** The right side of a comparison: a slot, an expression, or a query of one value. */
function right(kind: Kind, operand: Operand, operands: Operands, options: SlotOptions = {}): SqlExpr {
  switch (operand.t) {
    case 'expression':
      return operands.expression(operand)
    case 'query': {
      const query = operands.subquery(operand, 1)
      return { t: 'subquery', query, kind: nodeKind(query.columns[0]!.expr) }
    }
    case 'null':
      return { t: 'literal', value: null }
    default:
      return operands.context.param(kind, options)
  }
}

function isIn(left: Left, node: SqlExpr, operand: Operand, operands: Operands): SqlExpr {
  const kind = nodeKind(node)
  switch (operand.t) {
    case 'empty':
      return FALSE
    case 'list': {
      return { t: 'in', left: node, right: operands.context.param(kind, listedSlot(node, left.relation)) as ParamNode }
    }
    case 'items': {
      const options = comparedSlot(node, left.relation)
      return { t: 'in', left: node, right: operand.items.map((item) => right(kind, item, operands, options)) }
    }
    case 'query': {
      const query = operands.subquery(operand, 1)
      if (query.where === FALSE) return FALSE
      return { t: 'in', left: node, right: query }
    }
    case 'expression': {
      const given = operands.expression(operand)
      if (given.t === 'raw' && given.wrapped) return { t: 'in', left: node, right: given }
      break // no other expression gives rows
    }
  }
  throw wrongValue(left, '"in" takes an array, a set or a query set.', `Write { ${left.path}: [a, b] }.`)
}

function between(left: Left, node: SqlExpr, operand: Operand, operands: Operands): SqlExpr {
  if (operand.t !== 'items' || operand.items.length !== 2 || operand.items.some((item) => item.t === 'null')) {
    throw wrongValue(left, '"range" takes two values, the first and the last.', `Write { ${left.path}: [from, to] }.`)
  }
  const kind = nodeKind(node)
  const options = comparedSlot(node, null)
  const low = right(kind, operand.items[0]!, operands, options)
  const high = right(kind, operand.items[1]!, operands, options)
  return { t: 'between', of: node, low, high }
}

const MATCH = {
  iexact: ['iexact', 'exact'],
  contains: ['like', 'contains'],
  icontains: ['ilike', 'contains'],
  startswith: ['like', 'startswith'],
  istartswith: ['ilike', 'startswith'],
  endswith: ['like', 'endswith'],
  iendswith: ['ilike', 'endswith'],
  regex: ['regex', null],
  iregex: ['iregex', null],
} as const

function matched(left: Left, node: SqlExpr, lookup: string, operand: Operand, operands: Operands): SqlExpr {
  const [op, pattern] = MATCH[lookup as keyof typeof MATCH] // one of TEXT
  const kind = nodeKind(node)
  const text: SqlExpr =
    kind === 'char' || kind === 'text' || kind === 'json' || kind === 'uuid'
      ? node
      : { t: 'cast', of: node, type: { kind: 'text' } }
  if (operand.t === 'value') {
    const options: SlotOptions = pattern === null ? { convert: asText(left) } : { like: pattern, convert: asText(left) }
    return { t: 'match', op, left: text, right: operands.context.param('text', options) }
  }
  const value = right('text', operand, operands)
  return pattern === null
    ? { t: 'match', op, left: text, right: value }
    : { t: 'match', op, left: text, right: value, pattern }
}

const asText = (left: Left) => (value: unknown) => {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw wrongValue(left, 'text is compared with a string.', 'Pass a string.')
}

/**
 * A year, or the date of an instant, as a range of the column itself, so that an index serves it.
 * Null where it is no such lookup.
 */
function asRange(
  node: SqlExpr,
  name: string,
  rest: readonly string[],
  operand: Operand,
  operands: Operands,
): SqlExpr | null {
  const kind = nodeKind(node)
  const wanted = name === 'year' ? kind === 'date' || kind === 'dateTime' : name === 'date' && kind === 'dateTime'
  if (!wanted || operand.t !== 'value' || rest.length > 1) return null
  const lookup = rest[0] ?? 'exact'
  if (lookup !== 'exact' && !Object.hasOwn(COMPARE, lookup)) return null
  const convert = name === 'date' ? dateAsInstant : kind === 'date' ? yearAsDate : yearAsInstant
  const source = operands.context.cursor++
  const edge = (op: '>=' | '<', add: number): SqlExpr => {
    return { t: 'compare', op, left: node, right: operands.context.slot(source, kind, { convert: convert(add) }) }
  }
  switch (lookup) {
    case 'gt':
      return edge('>=', 1)
    case 'gte':
      return edge('>=', 0)
    case 'lt':
      return edge('<', 0)
    case 'lte':
      return edge('<', 1)
    default:
      return and([edge('>=', 0), edge('<', 1)])
  }
}
