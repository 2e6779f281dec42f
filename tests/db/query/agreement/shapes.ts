/**
 * What a value is, said once for the compiler and for the run: a shape's type parameter is compared with the static type of
 * a query, its `look` with what the database gave.
 */
import { Decimal, Temporal } from 'nuages/db'

/** What was found at the places of a shape: whether each of its alternatives came. */
export type Found = Map<string, Set<string>>

/** A type, and how its values are told at run time. */
export interface Shape<T> {
  /** Throws where `value` is none of these. */
  look(value: unknown, at: string, found: Found): void
  /** For the compiler alone. */
  readonly type?: T
}
type TypeOf<S> = S extends Shape<infer T> ? T : never

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value)
  return `${value.constructor?.name} ${JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each))}`
}
/** What a test of its own tells. */
export function leaf<T>(name: string, is: (value: unknown) => boolean): Shape<T> {
  return {
    look(value, at) {
      if (!is(value)) throw new TypeError(`${at} is no ${name} but ${show(value)}`)
    },
  }
}

export const string = leaf<string>('string', (value) => typeof value === 'string')
export const number = leaf<number>('number', (value) => typeof value === 'number' && !Number.isNaN(value))
export const bigint = leaf<bigint>('bigint', (value) => typeof value === 'bigint')
export const boolean = leaf<boolean>('boolean', (value) => typeof value === 'boolean')
export const unknown = leaf<unknown>('unknown', () => true)
export const decimal = leaf<Decimal>('Decimal', (value) => value instanceof Decimal)
export const date = leaf<Date>('Date', (value) => value instanceof Date && !Number.isNaN(value.getTime()))
export const bytes = leaf<Uint8Array>('Uint8Array', (value) => value instanceof Uint8Array)
export const plainDate = leaf<Temporal.PlainDate>('PlainDate', (value) => value instanceof Temporal.PlainDate)
export const plainTime = leaf<Temporal.PlainTime>('PlainTime', (value) => value instanceof Temporal.PlainTime)
export const instant = leaf<Temporal.Instant>('Instant', (value) => value instanceof Temporal.Instant)
export const duration = leaf<Temporal.Duration>('Duration', (value) => value instanceof Temporal.Duration)

/** One of these, each of which comes. */
export function literal<const L extends readonly (string | number | boolean)[]>(...values: L): Shape<L[number]> {
  return {
    look(value, at, found) {
      if (!values.includes(value as L[number])) throw new TypeError(`${at} is none of ${values} but ${show(value)}`)
      note(found, at, String(value), values.map(String))
    },
  }
}
/** One of these, of which not all come. */
export function oneOf<L extends string>(...values: readonly L[]): Shape<L> {
  return leaf<L>(values.join(' or '), (value) => values.includes(value as L))
}
/** One or the other: which, the compiler does not know. */
export function either<A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> {
  return {
    look(value, at, found) {
      try {
        one.look(value, at, found)
      } catch {
        other.look(value, at, found)
      }
    },
  }
}
/** An object of any keys. */
export function record<T>(of: Shape<T>): Shape<Record<string, T>> {
  return {
    look(value, at, found) {
      if (typeof value !== 'object' || value === null) throw new TypeError(`${at} is no object but ${show(value)}`)
      for (const each of Object.values(value)) of.look(each, `${at}{}`, found)
    },
  }
}
/** Null, and not: both come. A type that promises a null which never comes asks for checks that nobody needs. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return {
    look(value, at, found) {
      note(found, `${at}?`, value === null ? 'null' : 'value', ['null', 'value'])
      if (value !== null) shape.look(value, at, found)
    },
  }
}
/** Null or not; only one of them comes here. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  return {
    look(value, at, found) {
      if (value !== null) shape.look(value, at, found)
    },
  }
}
function note(found: Found, at: string, what: string, all: readonly string[]): void {
  const missing = found.get(at) ?? new Set(all)
  missing.delete(what)
  found.set(at, missing)
}
/** An object of these keys and no other, in any order. */
export function row<R extends Record<string, Shape<unknown>>>(shapes: R): Shape<{ [K in keyof R]: TypeOf<R[K]> }> {
  return {
    look(value, at, found) {
      if (typeof value !== 'object' || value === null) throw new TypeError(`${at} is no object but ${show(value)}`)
      const keys = Object.keys(value).sort().join(', ')
      const wanted = Object.keys(shapes).sort().join(', ')
      if (keys !== wanted) throw new TypeError(`${at} has the keys ${keys}, not ${wanted}`)
      for (const [key, shape] of Object.entries(shapes))
        shape.look((value as Record<string, unknown>)[key], `${at}.${key}`, found)
    },
  }
}
/** A list of so many. */
export function tuple<const S extends readonly Shape<unknown>[]>(
  ...shapes: S
): Shape<{ -readonly [I in keyof S]: TypeOf<S[I]> }> {
  return {
    look(value, at, found) {
      if (!Array.isArray(value) || value.length !== shapes.length)
        throw new TypeError(`${at} is no list of ${shapes.length} but ${show(value)}`)
      for (const [i, shape] of shapes.entries()) shape.look(value[i], `${at}.${i}`, found)
    },
  }
}
/** A list with something in it. */
export function list<T>(shape: Shape<T>): Shape<T[]> {
  return {
    look(value, at, found) {
      if (!Array.isArray(value) || value.length === 0) throw new TypeError(`${at} is no list of any but ${show(value)}`)
      for (const each of value) shape.look(each, `${at}[]`, found)
    },
  }
}
/** A list, which may be empty. */
export function list0<T>(shape: Shape<T>): Shape<T[]> {
  return {
    look(value, at, found) {
      if (!Array.isArray(value)) throw new TypeError(`${at} is no list but ${show(value)}`)
      for (const each of value) shape.look(each, `${at}[]`, found)
    },
  }
}
/** A Map with something in it. */
export function map<K, V>(key: Shape<K>, of: Shape<V>): Shape<Map<K, V>> {
  return {
    look(value, at, found) {
      if (!(value instanceof Map) || value.size === 0) throw new TypeError(`${at} is no Map of any but ${show(value)}`)
      for (const [k, v] of value) {
        key.look(k, `${at} key`, found)
        of.look(v, `${at} of`, found)
      }
    },
  }
}
/** An instance of a class, for the compiler exactly that. */
export function instance<T>(of: abstract new (...args: never[]) => T): Shape<T> {
  return leaf<T>(of.name, (value) => value instanceof of)
}

/** True only for the same type: `any`, optional keys and readonly are told apart. */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false

/** What the compiler tells: the columns that are other, with what the query gives and what the shape says. */
type Differing<T, S> = T extends readonly (infer R)[]
  ? S extends readonly (infer Q)[]
    ? Differing<R, Q>
    : [gives: T, says: S]
  : {
      [K in keyof (T & S) as K extends keyof T & keyof S ? (Same<T[K], S[K]> extends true ? never : K) : K]: [
        gives: K extends keyof T ? T[K] : 'nothing',
        says: K extends keyof S ? S[K] : 'nothing',
      ]
    }
/** A query (or several of one type) with what it gives; compiles only where that is the static type. */
export interface Case {
  readonly ask: () => PromiseLike<unknown>
  readonly shape: Shape<unknown>
}
export function gives<T, S>(
  ask: () => PromiseLike<T>,
  shape: Shape<S>,
  ...differs: Same<T, S> extends true ? [] : [Differing<T, S>]
): Case {
  void differs // told by the compiler alone
  return { ask, shape }
}
