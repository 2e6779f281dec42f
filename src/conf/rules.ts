/** The rules of which a schema of settings is made. A rule reads one value, notes problems, and gives what it can. */
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest } from '../std/text.ts'
import { FAILED, type Reader } from './reader.ts'

/** Reads the value at a path. What it gives after noting a problem is never used. */
export type Rule<T = unknown> = (value: unknown, at: string, reader: Reader) => T
/** A default, or how to find it. */
export type Default<T> = T | ((reader: Reader) => T)

/**
 * A rule for one value: descriptors are resolved, absent values take the default, and `accept` gives the value in
 * its final form, or throws a RangeError whose message completes "must be".
 */
export function value<T>(fallback: Default<T>, accept: (value: unknown, reader: Reader) => T): Rule<T> {
  return (written, at, reader) => {
    const found = reader.resolve(written, at)
    const absent = typeof fallback === 'function' ? (fallback as (reader: Reader) => T)(reader) : fallback
    if (found === undefined || found === FAILED) return absent
    try {
      return accept(found, reader)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      reader.problem(at, `must be ${error.message}`, found)
      return absent
    }
  }
}

function expect(message: string): never {
  throw new RangeError(message)
}

/** Text; `test` refines it, `what` names it: `'a time zone'`. */
export function text(
  fallback: Default<string>,
  what = 'text',
  test: (text: string) => boolean = () => true,
): Rule<string> {
  return value(fallback, (found) => (typeof found === 'string' && test(found) ? found : expect(what)))
}

export function flag(fallback: Default<boolean>): Rule<boolean> {
  return value(fallback, (found) => (typeof found === 'boolean' ? found : expect('true or false')))
}

/** A whole number between two. */
export function whole(fallback: Default<number>, min = 0, max = Number.MAX_SAFE_INTEGER): Rule<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `between ${min} and ${max}`
  return value(fallback, (found) => {
    return Number.isSafeInteger(found) && (found as number) >= min && (found as number) <= max
      ? (found as number)
      : expect(`a whole number ${range}`) // an integer, as just asked
  })
}

export function oneOf<T>(fallback: Default<T>, choices: readonly T[]): Rule<T> {
  return value(fallback, (found) => {
    return choices.includes(found as T)
      ? (found as T)
      : expect(`one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`) // compared, then known
  })
}

/** Null or false where these are meant, else what the rule says. */
export function either<T, N extends null | false>(other: N, fallback: Default<T | N>, rule: Rule<T>): Rule<T | N> {
  return (written, at, reader) => {
    if (written === undefined)
      return typeof fallback === 'function' ? (fallback as (reader: Reader) => T | N)(reader) : fallback
    return written === other ? other : rule(written, at, reader)
  }
}

/** A list, frozen; each item by `rule`. */
export function list<T>(fallback: readonly unknown[], item: Rule<T>, what = 'a list'): Rule<readonly T[]> {
  return (written, at, reader) => {
    const found = value(fallback, (given) => (Array.isArray(given) ? (given as readonly unknown[]) : expect(what)))(
      written,
      at,
      reader,
    )
    const read = (entry: unknown, i: number): T => {
      if (entry === undefined)
        reader.problem(`${at}.${i}`, 'must not be undefined: do the modules import one another in a circle?')
      return item(entry, `${at}.${i}`, reader)
    }
    return Object.freeze(found.map(read))
  }
}

/** A function; `what` says of which kind. */
export function callable<T extends Function>(what: string): Rule<T> {
  return value<T>(
    () => undefined as never,
    (found) => (typeof found === 'function' ? (found as T) : expect(what)),
  ) // absent ones are handled by `either`
}

/** A file or directory, absolute from the project's root. */
export function path(fallback: string): Rule<string> {
  return value(
    (reader: Reader) => resolve(reader.root, fallback),
    (found, reader) => {
      return typeof found === 'string' && found !== '' ? toPath(found, reader.root) : expect('a path')
    },
  )
}

/** A path, `file:` URL of a directory, or name below `root`, as an absolute path. */
export function toPath(text: string, root: string): string {
  if (text.startsWith('file:')) return fileURLToPath(text)
  return isAbsolute(text) ? text : resolve(root, text)
}

/** An object with known keys, frozen; unknown ones are problems. */
export function group<T extends object>(rules: { readonly [K in keyof T]-?: Rule<T[K]> }): Rule<T> {
  return (written, at, reader) => readGroup(rules, written, at, reader)
}

/** An object with any keys, frozen; each value by `rule`. */
export function mapOf<T>(
  fallback: Readonly<Record<string, unknown>>,
  rule: Rule<T>,
  what = 'an object',
): Rule<Readonly<Record<string, T>>> {
  return (written, at, reader) => {
    const found = value(fallback, (found) => (isPlain(found) ? found : expect(what)))(written, at, reader)
    const out: Record<string, T> = {}
    for (const key of Object.keys(found)) out[key] = rule(found[key], `${at}.${key}`, reader)
    return Object.freeze(out)
  }
}

export function readGroup<T extends object>(
  rules: { readonly [K in keyof T]-?: Rule<T[K]> },
  written: unknown,
  at: string,
  reader: Reader,
): T {
  const found = reader.resolve(written, at)
  const given = found === undefined || found === FAILED ? {} : found
  if (!isPlain(given)) {
    reader.problem(at, 'must be an object', given)
    return readGroup(rules, undefined, at, reader)
  }
  const path = (key: string): string => (at === '' ? key : `${at}.${key}`)
  const names = Object.keys(rules)
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(rules, key)) continue
    const near = nearest(key, names)
    const question = near === null ? '' : `. Did you mean "${path(near)}"?`
    reader.problem(
      path(key),
      `is not a setting${question}`,
      undefined,
      'Correct the name in your settings file, or remove it.',
    )
  }
  const out: Record<string, unknown> = {}
  for (const key of names) out[key] = (rules as Readonly<Record<string, Rule>>)[key]!(given[key], path(key), reader)
  return Object.freeze(out) as T // one value for each rule
}

export function isPlain(found: unknown): found is Readonly<Record<string, unknown>> {
  if (typeof found !== 'object' || found === null) return false
  const prototype: unknown = Object.getPrototypeOf(found)
  return prototype === Object.prototype || prototype === null
}
