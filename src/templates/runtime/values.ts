/** What values mean in conditions and loops, as a Django template reads them. */
import { Decimal } from '../../std/decimal.ts'
import { SafeString } from '../../std/html.ts'
import { TemplateRenderError } from '../errors.ts'
import type { CompareOp } from '../nodes.ts'
import { isPlain } from './lookup.ts'
import { isAsyncIterable, NEEDS_ASYNC } from './state.ts'

/** Whether a value counts as true: empty text, lists, maps and plain objects do not, nor 0, null and undefined. */
export function truthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return Boolean(value)
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map || value instanceof Set) return value.size > 0
  if (value instanceof SafeString) return value.length > 0
  if (Decimal.isDecimal(value)) return !(value as Decimal).isZero()
  if (isPlain(value)) {
    for (const key in value) if (Object.hasOwn(value, key)) return true
    return false
  }
  return true
}

/** `==`: numbers of any kind by value, dates by instant, lists and plain data by content, the rest by identity. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const left = plain(a)
  const right = plain(b)
  if (left === right) return true
  if (left === null || right === null || left === undefined || right === undefined) return false
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0
  if (typeof left !== 'object' || typeof right !== 'object') return false
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime()
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => equals(item, right[i]))
  }
  const own = (left as { equals?: unknown }).equals // Temporal values compare themselves
  if (typeof own === 'function' && left.constructor === right.constructor) return own.call(left, right) === true
  if (isPlain(left) && isPlain(right)) {
    const keys = Object.keys(left)
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && equals((left as never)[key], (right as never)[key]))
    )
  }
  return false
}

/** SafeString is text here. */
function plain(value: unknown): unknown {
  return value instanceof SafeString ? value.toString() : value
}

type Numeric = number | bigint | boolean | Decimal

function isNumber(value: unknown): value is Numeric {
  return (
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || Decimal.isDecimal(value)
  )
}

function compareNumbers(a: Numeric, b: Numeric): number {
  if (Decimal.isDecimal(a) || Decimal.isDecimal(b)) {
    const left = toDecimal(a)
    const right = toDecimal(b)
    return left.lt(right) ? -1 : left.gt(right) ? 1 : left.eq(right) ? 0 : Number.NaN
  }
  const left = typeof a === 'boolean' ? Number(a) : (a as number | bigint) // what is no Decimal and no boolean
  const right = typeof b === 'boolean' ? Number(b) : (b as number | bigint)
  return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN // not `===`: 1n is 1
}

function toDecimal(value: Numeric): Decimal {
  return new Decimal(typeof value === 'bigint' ? value.toString() : typeof value === 'boolean' ? Number(value) : value)
}

/** Order of two values: negative, 0, positive; NaN for what cannot be ordered. */
export function order(a: unknown, b: unknown): number {
  const left = plain(a)
  const right = plain(b)
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right)
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime()
  if (Array.isArray(left) && Array.isArray(right)) {
    for (let i = 0; i < left.length && i < right.length; i++) {
      const found = order(left[i], right[i])
      if (found !== 0) return found
    }
    return left.length - right.length
  }
  if (typeof left === 'object' && left !== null && typeof right === 'object' && right !== null) {
    const own = (left.constructor as { compare?: unknown } | undefined)?.compare // Temporal values
    if (typeof own === 'function' && left.constructor === right.constructor) return Number(own(left, right))
  }
  return Number.NaN
}

/** An operator of `{% if %}`. What cannot be compared is false, as in Django. */
export function compare(op: CompareOp, a: unknown, b: unknown): boolean {
  switch (op) {
    case '==':
      return equals(a, b)
    case '!=':
      return !equals(a, b)
    case 'is':
      return a === b
    case 'is not':
      return a !== b
    case '<':
      return order(a, b) < 0
    case '>':
      return order(a, b) > 0
    case '<=':
      return order(a, b) <= 0
    case '>=':
      return order(a, b) >= 0
    case 'in':
      return contains(b, a) === true
    case 'not in':
      return contains(b, a) === false
  }
}

/** Whether `list` holds `value`; null when it is nothing that holds values. */
function contains(list: unknown, value: unknown): boolean | null {
  const holder = plain(list)
  const item = plain(value)
  if (typeof holder === 'string') return typeof item === 'string' ? holder.includes(item) : null
  if (typeof holder !== 'object' || holder === null) return null
  if (Array.isArray(holder)) return holder.some((one) => equals(one, item))
  if (holder instanceof Map || holder instanceof Set) return holder.has(item)
  if (Symbol.iterator in holder) return [...(holder as Iterable<unknown>)].some((one) => equals(one, item))
  return isPlain(holder) ? Object.hasOwn(holder, String(item)) : null
}

/**
 * What a loop goes through. Text by characters; maps and plain objects by key, or by entries where the loop takes two
 * names; nothing for null and undefined.
 * @throws TemplateRenderError templates.not-iterable
 * @throws NEEDS_ASYNC for what can only be read with `for await`
 */
export function toList(value: unknown, names: number, reversed: boolean): readonly unknown[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : iterate(value, names)
  return reversed ? list.slice().reverse() : list
}

function iterate(value: unknown, names: number): readonly unknown[] {
  const source = plain(value)
  if (source === null || source === undefined) return []
  if (typeof source === 'string') return Array.from(source)
  if (isAsyncIterable(source)) throw NEEDS_ASYNC
  if (typeof source === 'object') {
    if (source instanceof Map) return names > 1 ? [...source.entries()] : [...source.keys()]
    if (Symbol.iterator in source) return [...(source as Iterable<unknown>)]
    if (isPlain(source)) return names > 1 ? Object.entries(source) : Object.keys(source)
  }
  throw new TemplateRenderError(`${describe(source)} cannot be looped over.`, {
    code: 'templates.not-iterable',
    hint: 'Give a list, a query set, a map, text or a plain object.',
  })
}

/** @throws TemplateRenderError templates.cannot-unpack when an item has not as many values as the loop has names */
export function unpack(item: unknown, count: number): readonly unknown[] {
  const values = Array.isArray(item) ? (item as readonly unknown[]) : unpackable(item)
  if (values.length !== count) {
    throw new TemplateRenderError(`The loop needs ${count} values from each item, and got ${values.length}.`, {
      code: 'templates.cannot-unpack',
      hint: 'Loop over pairs, or name as many variables as each item has values.',
    })
  }
  return values
}

function unpackable(item: unknown): readonly unknown[] {
  if (typeof item === 'string') return Array.from(item)
  if (typeof item === 'object' && item !== null && Symbol.iterator in item) return [...(item as Iterable<unknown>)]
  return [item]
}

/** A value named for an error message: its kind, and itself where it is short. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return `An object (${value.constructor?.name ?? 'without class'})`
  if (typeof value === 'function') return 'A function'
  const text = String(value)
  return `The ${typeof value} ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)}`
}

/** `forloop`: where a loop is. One object per loop, moved along. */
export class Loop {
  counter0 = 0
  readonly length: number
  readonly parentloop: Loop | undefined

  constructor(length: number, parent: unknown) {
    this.length = length
    this.parentloop = parent instanceof Loop ? parent : undefined
  }

  get counter(): number {
    return this.counter0 + 1
  }

  get revcounter(): number {
    return this.length - this.counter0
  }

  get revcounter0(): number {
    return this.length - this.counter0 - 1
  }

  get first(): boolean {
    return this.counter0 === 0
  }

  get last(): boolean {
    return this.counter0 === this.length - 1
  }
}
