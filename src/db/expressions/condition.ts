/** Conditions: the record given to filter(), Q objects, and what they are made of. */
import type { AnyModel } from '../models/meta.ts'
import { FieldNameError, picture, QueryValueError } from '../query/errors.ts'
import { isPlainName, MARK, type Shape } from '../query/shape.ts'
import { Expression } from './expression.ts'

/** One entry of a record: `title__icontains` and its value. */
export interface Leaf {
  readonly path: string
  readonly value: unknown
}
/** What filter() takes: a record of paths, a condition, or an expression that is true or false. */
export type WhereInput = Readonly<Record<string, unknown>> | Condition | Expression

/** What marks a query set; not imported from there, for this file is below it. */
interface QueryLike {
  readonly model: AnyModel
  writeShape(shape: Shape): void
}

/** Several conditions joined. Immutable; arrays given as values are copied, so later changes do not reach the query. */
export class Condition {
  readonly connector: 'and' | 'or' | 'xor'
  readonly negated: boolean
  readonly children: readonly (Leaf | Condition | Expression)[]

  constructor(connector: 'and' | 'or' | 'xor', negated: boolean, children: readonly (Leaf | Condition | Expression)[]) {
    this.connector = connector
    this.negated = negated
    this.children = children
  }

  /** Both must hold. */
  and(other: WhereInput): Condition {
    return this.join('and', other)
  }
  /** Either must hold. */
  or(other: WhereInput): Condition {
    return this.join('or', other)
  }
  /** Exactly one of two must hold (an odd number of several). */
  xor(other: WhereInput): Condition {
    return this.join('xor', other)
  }
  /** The opposite. As in SQL, a comparison with null is neither; exclude() and not() keep such rows as Django does. */
  not(): Condition {
    return new Condition(this.connector, !this.negated, this.children)
  }

  private join(connector: 'and' | 'or' | 'xor', input: WhereInput): Condition {
    const other = toCondition(input)
    // As in Django: joining with nothing gives the other side.
    if (other.children.length === 0) return this
    if (this.children.length === 0) return other
    const part = (side: Condition) =>
      !side.negated && (side.connector === connector || side.children.length === 1) ? side.children : [side]
    return new Condition(connector, false, [...part(this), ...part(other)])
  }

  /** Adds shape and values. */
  write(shape: Shape): void {
    shape.key += MARK.open + (this.negated ? '!' : '') + this.connector
    for (const child of this.children) {
      if (child instanceof Condition) child.write(shape)
      else if (child instanceof Expression) {
        shape.key += MARK.expression
        child.write(shape)
      } else writeLeaf(shape, child.path, child.value)
    }
    shape.key += MARK.close
  }
}

/** A record, a condition or an expression as a condition. */
export function toCondition(input: WhereInput): Condition {
  if (input instanceof Condition) return input
  if (input instanceof Expression) return new Condition('and', false, [input])
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new QueryValueError(`${picture(input)} is not a condition.`, {
      code: 'db.invalid-condition',
      hint: "Pass a record such as { title__icontains: 'x' }, or Q(…).",
    })
  }
  const children: Leaf[] = []
  for (const path of Object.keys(input)) children.push({ path, value: checkedValue(path, input[path]) })
  return new Condition('and', false, children)
}

/**
 * The value of one entry, ready to be kept.
 * @throws QueryValueError db.undefined-filter: to drop such an entry silently would show rows that were to be hidden
 */
function checkedValue(path: string, value: unknown): unknown {
  if (value === undefined) {
    throw new QueryValueError(`The filter "${path}" is undefined.`, {
      code: 'db.undefined-filter',
      hint: `Leave the key out when there is nothing to filter by ({ ...(x === undefined ? {} : { ${path}: x }) }), or pass null for empty columns.`,
    })
  }
  if (!isPlainName(path)) {
    throw new FieldNameError(`${JSON.stringify(path)} is not a path.`, { code: 'db.unknown-field', status: 400 })
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Object.freeze(value.map((item) => checkedItem(path, item)))
  if (value instanceof Set) return Object.freeze(Array.from(value, (item) => checkedItem(path, item)))
  if (isAwaited(value)) throw awaitedValue(path, value)
  return value
}

/** JSON may have a key `then`, which is no function. */
const isAwaited = (value: object): boolean => 'then' in value && typeof value.then === 'function' && !isQuery(value)

/** What is awaited is no value yet; nor is sql`…`, which says nothing of what it gives. */
function awaitedValue(path: string, value: object): QueryValueError {
  const isSql = 'parts' in value
  return new QueryValueError(
    `The filter "${path}" is ${isSql ? 'sql`…`, which does not say what it gives' : 'a promise'}.`,
    {
      code: 'db.invalid-value',
      hint: isSql ? 'Write RawSQL(sql`…`, integer()).' : 'Await it first.',
    },
  )
}

function checkedItem(path: string, item: unknown): unknown {
  if (typeof item === 'object' && item !== null && isAwaited(item)) throw awaitedValue(path, item)
  if (item !== undefined || !/__(in|range)$/.test(path)) return item
  throw new QueryValueError(`The filter "${path}" has undefined among its values.`, { code: 'db.undefined-filter' })
}

/** Whether a value is a query set. */
export function isQuery(value: object): value is QueryLike {
  return typeof (value as Partial<QueryLike>).writeShape === 'function'
}

/** Whether a path asks for null or not null. */
export function asksNull(path: string): boolean {
  return path.endsWith('__isnull')
}

/** Whether a path asks for a key of JSON: the key is a part of the text, not a value. */
export function asksKey(path: string): boolean {
  return path.endsWith('__hasKey')
}

/** Whether a path asks for several. */
function asksKeys(path: string, value: readonly unknown[]): value is readonly string[] {
  return (path.endsWith('__hasKeys') || path.endsWith('__hasAnyKeys')) && value.every((key) => typeof key === 'string')
}

/** Whether an object or a list is compared with JSON as a part of it: text is looked for in text. */
export function asksPart(path: string): boolean {
  return path.endsWith('__contains') || path.endsWith('__containedBy')
}

/** Adds one entry's shape and value. The builder reads it back in {@link readOperand}. */
function writeLeaf(shape: Shape, path: string, value: unknown): void {
  shape.key += path
  writeOperand(shape, path, value)
}

function writeOperand(shape: Shape, path: string, value: unknown): void {
  if (value === null) shape.key += MARK.null
  else if (typeof value === 'string' && asksKey(path)) shape.key += MARK.key + JSON.stringify(value)
  else if (typeof value === 'object') writeObject(shape, path, value)
  else if (typeof value === 'boolean' && asksNull(path)) shape.key += value ? MARK.yes : MARK.no
  else {
    shape.key += MARK.value
    shape.values.push(value)
  }
}

function writeObject(shape: Shape, path: string, value: object): void {
  if (value instanceof Expression) {
    shape.key += MARK.expression
    value.write(shape)
  } else if (isQuery(value)) {
    shape.key += MARK.query
    value.writeShape(shape)
  } else if (Array.isArray(value) && path.endsWith('__in')) {
    const list = value.filter((item) => item !== null)
    if (list.length === 0) shape.key += MARK.empty
    else if (list.some((item) => item instanceof Expression)) {
      shape.key += MARK.items + MARK.open
      for (const item of list) writeOperand(shape, '', item)
      shape.key += MARK.close
    } else {
      shape.key += MARK.list
      shape.values.push(list)
    }
  } else if (Array.isArray(value) && asksKeys(path, value)) {
    shape.key += MARK.key + JSON.stringify(value)
  } else if (asksPart(path)) {
    shape.key += MARK.part
    shape.values.push(value)
  } else if (Array.isArray(value) && path.endsWith('__range') && value.length === 2) {
    shape.key += MARK.items + MARK.open
    for (const item of value) writeOperand(shape, '', item)
    shape.key += MARK.close
  } else {
    shape.key += MARK.value
    shape.values.push(value)
  }
}

/** An entry's value as the builder sees it: `slot` values are still to be taken, one for each. */
export type Operand =
  | { readonly t: 'null' }
  | { readonly t: 'boolean'; readonly value: boolean }
  | { readonly t: 'value' }
  | { readonly t: 'key'; readonly key: string }
  | { readonly t: 'keys'; readonly keys: readonly string[] }
  /** A value, to be looked for as a part of JSON. */
  | { readonly t: 'part' }
  | { readonly t: 'expression'; readonly expression: Expression }
  | { readonly t: 'query'; readonly query: QueryLike }
  | { readonly t: 'items'; readonly items: readonly Operand[] }
  | { readonly t: 'empty' }
  | { readonly t: 'list' }

/** The same decisions as {@link writeOperand}, without the values. */
export function readOperand(path: string, value: unknown): Operand {
  if (value === null) return { t: 'null' }
  if (typeof value === 'boolean' && asksNull(path)) return { t: 'boolean', value }
  if (typeof value === 'string' && asksKey(path)) return { t: 'key', key: value }
  if (typeof value !== 'object') return { t: 'value' }
  if (value instanceof Expression) return { t: 'expression', expression: value }
  if (isQuery(value)) return { t: 'query', query: value }
  if (Array.isArray(value) && path.endsWith('__in')) {
    const list = value.filter((item) => item !== null)
    if (list.length === 0) return { t: 'empty' }
    if (list.some((item) => item instanceof Expression))
      return { t: 'items', items: list.map((item) => readOperand('', item)) }
    return { t: 'list' }
  }
  if (Array.isArray(value) && asksKeys(path, value)) return { t: 'keys', keys: value }
  if (asksPart(path)) return { t: 'part' }
  if (Array.isArray(value) && path.endsWith('__range') && value.length === 2) {
    return { t: 'items', items: value.map((item) => readOperand('', item)) }
  }
  return { t: 'value' }
}
