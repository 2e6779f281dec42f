/**
 * `{{ a.b.c }}`: what a dot finds. The rules, in order: a key of a Map, a property (own, or a getter or method of its
 * class; methods without parameters are called), an index. Never the inside of the language: see {@link get}.
 */
import { held, isThenable, type RenderState, ready, settle } from './state.ts'

/** On a function: calling it changes data, so templates do not. `true` under this key. */
export const ALTERS_DATA: unique symbol = Symbol.for('nuages.altersData') as never // a registered symbol cannot be declared unique

/** Methods that write, refused on everything but plain data even where they are not marked. */
const WRITING = new Set(['save', 'delete', 'destroy', 'clear', 'truncate', 'flush', 'cycleKey'])

const BUILT_IN = new Set<object>()
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name)
  const value: unknown = descriptor?.value
  if (typeof value !== 'function' || !/^[A-Z]/.test(name)) continue
  const prototype: unknown = value.prototype
  if (typeof prototype === 'object' && prototype !== null) BUILT_IN.add(prototype)
}
for (const sample of [[][Symbol.iterator](), new Map().keys(), new Set().keys(), (function* () {})()]) {
  for (let o: object | null = Object.getPrototypeOf(sample); o !== null; o = Object.getPrototypeOf(o)) BUILT_IN.add(o)
}
BUILT_IN.add(Object.getPrototypeOf(Int8Array.prototype))
BUILT_IN.add(Function.prototype)

/** The few built-in methods that only read and need no argument. */
const READING: ReadonlyMap<object, RegExp> = new Map<object, RegExp>([
  [String.prototype, /^(?:toUpperCase|toLowerCase|trim|trimStart|trimEnd)$/],
  [Date.prototype, /^(?:get[A-Z]\w*|toISOString|toJSON|toUTCString|valueOf)$/],
  [Map.prototype, /^(?:keys|values|entries)$/],
  [Set.prototype, /^(?:keys|values|entries)$/],
])

/**
 * One dot. Gives undefined for what is missing or not allowed.
 *
 * The attack this stops: a template (or a `dictsort` argument taken from the URL, CVE-2021-45116) that walks from any
 * value to `constructor` and from there to `Function`, and runs code. So nothing is read from functions and classes
 * but a class's own data, methods of built-in prototypes are refused but for a few that only read, and `constructor`,
 * `prototype` and `__proto__` are found only where data has a key of that name.
 *
 * @param camel   the name in camelCase where it differs: tried when there is no `name`
 * @throws NEEDS_ASYNC when the value must be awaited first
 */
export function get(target: unknown, name: string, camel: string | undefined): unknown {
  let value = target
  if (typeof value === 'function') value = invoke(value, undefined)
  if (isThenable(value) && !reachesInto(value, name)) ready(value)
  return step(value, name, camel)
}

/** As {@link get}, giving a promise where the value must be awaited first. */
export function getAsync(target: unknown, name: string, camel: string | undefined, state: RenderState): unknown {
  let value = target
  if (typeof value === 'function') value = invoke(value, undefined)
  if (isThenable(value) && !reachesInto(value, name))
    return held(settle(value, state).then((v) => step(v, name, camel)))
  return step(value, name, camel)
}

/**
 * One dot that only reads: nothing is called. For names that may come from a request (`dictsort:request.query.sort`),
 * which must not choose a method.
 */
export function peek(target: unknown, name: string): unknown {
  if (target === null || target === undefined || name.startsWith('_') || name === 'constructor') return undefined
  if (target instanceof Map && target.has(name)) return target.get(name)
  if (typeof target !== 'object') return undefined
  const value: unknown = (target as never)[name]
  return typeof value === 'function' ? undefined : value
}

/** A query set's own methods (`books.count`) are asked of it, not of the rows it would give. */
function reachesInto(value: object, name: string): boolean {
  if (name === 'then' || name === 'catch' || name === 'finally' || name === 'constructor') return false
  const owner = ownerOf(value, name)
  return owner !== null && !BUILT_IN.has(owner)
}

function step(target: unknown, name: string, camel: string | undefined): unknown {
  const found = property(target, name)
  return found === undefined && camel !== undefined ? property(target, camel) : found
}

function property(target: unknown, name: string): unknown {
  if (target === null || target === undefined) return undefined
  switch (typeof target) {
    case 'string':
      return ofText(target, name)
    case 'function':
      return ofClass(target, name)
    case 'object':
      return ofObject(target, name)
    default:
      return undefined
  }
}

function ofText(target: string, name: string): unknown {
  if (name === 'length') return target.length
  if (isIndex(name)) return target[Number(name)]
  return READING.get(String.prototype)!.test(name) ? invoke((target as never)[name], target) : undefined
}

/** A class's own data (`Status.DRAFT`), never its functions. */
function ofClass(target: Function, name: string): unknown {
  if (name === 'prototype' || name === 'arguments' || name === 'caller' || !Object.hasOwn(target, name))
    return undefined
  const value: unknown = (target as never)[name]
  return typeof value === 'function' ? undefined : value
}

function ofObject(target: object, name: string): unknown {
  if (target instanceof Map) {
    if (target.has(name)) return called(target.get(name), target, name)
    if (isIndex(name) && target.has(Number(name))) return called(target.get(Number(name)), target, name)
    if (name === 'items') return [...target.entries()]
    if (name === 'keys') return [...target.keys()]
    if (name === 'values') return [...target.values()]
  }
  const owner = ownerOf(target, name)
  if (owner === null) {
    if (isPlain(target)) return ofDictionary(target, name)
    const value: unknown = (target as never)[name] // a Proxy may answer without having the key
    return typeof value === 'function' ? undefined : value
  }
  if (owner !== target && (name === 'constructor' || name === '__proto__')) return undefined
  const value: unknown = (target as never)[name]
  if (owner !== target && BUILT_IN.has(owner) && typeof value === 'function') {
    if (isPlain(target)) return ofDictionary(target, name)
    return READING.get(owner)?.test(name) ? value.call(target) : undefined
  }
  return called(value, target, name)
}

/** `{% for key, value in data.items %}`, as with a dict. */
function ofDictionary(target: object, name: string): unknown {
  if (name === 'items') return Object.entries(target)
  if (name === 'keys') return Object.keys(target)
  if (name === 'values') return Object.values(target)
  return undefined
}

function called(value: unknown, target: object, name: string): unknown {
  if (typeof value !== 'function') return value
  if (WRITING.has(name) && !isPlain(target)) return undefined
  return invoke(value, target)
}

/** Calls what takes no arguments; classes stay as they are, and what writes or needs arguments is nothing. */
function invoke(fn: Function, self: unknown): unknown {
  if (isClass(fn)) return fn
  if (fn.length > 0 || (fn as { [ALTERS_DATA]?: unknown })[ALTERS_DATA] === true) return undefined
  const value: unknown = fn.call(self)
  return typeof value === 'function' && !isClass(value) ? undefined : value
}

/** The value of a bare variable: functions are called, as at each dot. */
export function callIfFunction(value: unknown): unknown {
  return typeof value === 'function' ? invoke(value, undefined) : value
}

const classes = new WeakMap<Function, boolean>()

/** Classes, and native constructors such as Date: never called by a template. */
export function isClass(fn: Function): boolean {
  if (!Object.hasOwn(fn, 'prototype')) return false
  let known = classes.get(fn)
  if (known === undefined) {
    const text = Function.prototype.toString.call(fn)
    known = /^class\b/.test(text) || /\{\s*\[native code\]\s*\}$/.test(text)
    classes.set(fn, known)
  }
  return known
}

/** Object literals, parsed JSON and null-prototype objects: data without behaviour. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The object of the prototype chain that has the property; null when none has. */
function ownerOf(target: object, name: string): object | null {
  for (let o: object | null = target; o !== null; o = Object.getPrototypeOf(o)) if (Object.hasOwn(o, name)) return o
  return null
}

function isIndex(name: string): boolean {
  return /^\d+$/.test(name)
}
