/**
 * The shape of a query: a key that says everything but the values, and the values. Two queries of one shape share
 * compiled text and row constructor. Marks are control characters, which no path may contain, so that no input can
 * make one shape look like another.
 */

/** Marks of a key. One character each; never printed. */
export const MARK = {
  value: '\x01',
  null: '\x02',
  expression: '\x03',
  query: '\x04',
  items: '\x05',
  empty: '\x06',
  list: '\x07',
  yes: '\x08',
  no: '\x0e',
  open: '\x0f',
  close: '\x10',
  op: '\x11',
  key: '\x12',
  part: '\x13',
} as const

/** Collects key and values, in the order that the builder reads them again. */
export class Shape {
  key: string
  readonly values: unknown[]
  /** The database that a query inside names; null where none does. */
  alias: string | null = null

  constructor(key = '', values: unknown[] = []) {
    this.key = key
    this.values = values
  }

  /** A value of a kind that the place where it stands decides. */
  value(value: unknown): void {
    this.key += MARK.value
    this.values.push(value)
  }
}

// The attack: a key of untrusted input that holds marks, and so takes the plan of another query.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f]/

/** Whether a name may stand in a key. */
export function isPlainName(name: string): boolean {
  return !CONTROL.test(name)
}
