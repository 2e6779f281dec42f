/** Everything from one value to another: what range columns of PostgreSQL hold. */

/** Whether the ends belong to a range: `[` and `]` they do, `(` and `)` they do not. */
export type RangeBounds = '[)' | '[]' | '(]' | '()'

const RANGE: unique symbol = Symbol.for('nuages.range')

/**
 * A range: `new Range(1, 10)` holds 1 and not 10, `new Range(start, null)` has no end, `Range.empty()` holds nothing.
 * PostgreSQL gives back ranges of whole numbers and dates as `[)`, whatever they were written as.
 */
export class Range<T> {
  readonly [RANGE] = true
  /** The first value; null where there is none: everything up to `upper`. */
  readonly lower: T | null
  /** The last value, or the one after it; null where there is none. */
  readonly upper: T | null
  readonly bounds: RangeBounds
  /** It holds nothing, and has no ends. */
  readonly isEmpty: boolean

  constructor(lower: T | null, upper: T | null, bounds: RangeBounds = '[)', isEmpty = false) {
    this.lower = isEmpty ? null : lower
    this.upper = isEmpty ? null : upper
    // As the database has it: what is not there is not included.
    const open = lower === null || isEmpty ? '(' : bounds[0]
    this.bounds = `${open}${upper === null || isEmpty ? ')' : bounds[1]}` as RangeBounds // one of four
    this.isEmpty = isEmpty
    Object.freeze(this)
  }

  /** The range that holds nothing. */
  static empty<T = never>(): Range<T> {
    return new Range<T>(null, null, '()', true)
  }

  /** Whether `lower` belongs to it. */
  get lowerInc(): boolean {
    return this.bounds[0] === '['
  }
  /** Whether `upper` belongs to it. */
  get upperInc(): boolean {
    return this.bounds[1] === ']'
  }
  /** Whether it has no beginning. */
  get lowerInf(): boolean {
    return this.lower === null && !this.isEmpty
  }
  /** Whether it has no end. */
  get upperInf(): boolean {
    return this.upper === null && !this.isEmpty
  }

  /** The same with other ends. */
  map<U>(change: (end: T) => U): Range<U> {
    const end = (value: T | null): U | null => (value === null ? null : change(value))
    return new Range(end(this.lower), end(this.upper), this.bounds, this.isEmpty)
  }

  /** As PostgreSQL writes it: `[1,10)`, `[2024-01-01,)`, `empty`. */
  toString(): string {
    if (this.isEmpty) return 'empty'
    const end = (value: T | null): string =>
      value === null ? '' : value instanceof Date ? value.toISOString() : String(value)
    return `${this.bounds[0]}${end(this.lower)},${end(this.upper)}${this.bounds[1]}`
  }
}

/** True for ranges of any copy of the package. */
export function isRange(value: unknown): value is Range<unknown> {
  return typeof value === 'object' && value !== null && RANGE in value
}

const TEXT = /^\s*(?:([[(])\s*([^,]*?)\s*,\s*([^,]*?)\s*([\])])|([^,[(]*?)\s*,\s*([^,\])]*?))\s*$/

/** A range as people write it: `[1, 10)`, or `1, 10`; nothing where an end is missing. Null where it is none. */
export function rangeFromText(text: string): Range<string> | null {
  if (text.length > 200) return null
  if (text.trim() === 'empty') return Range.empty()
  const match = TEXT.exec(text)
  if (match === null) return null
  const [, open = '[', from, to, close = ')', first, last] = match
  return new Range(from ?? first ?? '', to ?? last ?? '', `${open}${close}` as RangeBounds) // the signs matched
}
