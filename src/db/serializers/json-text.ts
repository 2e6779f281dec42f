/** JSON in which whole numbers of 64 bits stay exact, both ways. */

/** The part of the language that the compiler's library does not know yet. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): object }

function exact(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawJSON(String(value)) : value
}

/** JSON text; a bigint is written as the number it is. */
export function writeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, exact, indent)
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown
const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '')
    ? BigInt(context.source!)
    : value
/** Fewer digits are always a safe number: the slow way is left out. */
const LONG_NUMBER = /\d{16}/

/** Reads JSON text; a whole number beyond 2^53 comes as bigint. @throws SyntaxError */
export function readJson(text: string): unknown {
  return LONG_NUMBER.test(text)
    ? JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
    : JSON.parse(text)
}

/** A value of a JSON column: JavaScript's own numbers. */
export function plainJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plainJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainJson(item)]))
}
