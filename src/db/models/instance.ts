/**
 * What an instance keeps besides its attributes, under symbols. A row constructor sets these four, then every column
 * by its attname in `meta.columns` order, as the model's own constructor does: one hidden class for both.
 */

/** The row as the driver gave it, in `meta.columns` order; null for an instance that was never read or saved. */
export const ROW: unique symbol = Symbol.for('nuages.row')
/** The alias of the database it came from; null for a new one. */
export const ALIAS: unique symbol = Symbol.for('nuages.alias')
/**
 * Relations that were read: by field name, an instance, null, a related set, or the list of rows that the set will have
 * when it is asked for; null until there is one.
 */
export const CACHE: unique symbol = Symbol.for('nuages.cache')
/** The instances read by the same query, for batched loading; the query room's own; null for none. */
export const PEERS: unique symbol = Symbol.for('nuages.peers')
/** True on instances, false on relations that were not read. */
export const LOADED: unique symbol = Symbol.for('nuages.loaded')

/** An instance, seen from code that does not know its model. */
export interface AnyInstance {
  [ROW]: unknown[] | null
  [ALIAS]: string | null
  [CACHE]: Record<string, unknown> | null
  [PEERS]: unknown
  readonly [LOADED]: true
  readonly pk: unknown
  [attribute: string]: unknown
}

/** Attributes that every instance has, so that no field can be called so. */
export const INSTANCE_NAMES: ReadonlySet<string> = new Set([
  'pk',
  'save',
  'delete',
  'refresh',
  'clean',
  'fullClean',
  'fromDb',
  'toString',
  'toJSON',
  'constructor',
])

/** The `fromDb()` of a model that has none of its own: rows are read without it. */
export function keepsNothing(): void {}

/** True for an instance of any model. */
export function isInstance(value: unknown): value is AnyInstance {
  return typeof value === 'object' && value !== null && (value as { [LOADED]?: unknown })[LOADED] === true
}
/** True when a relation's value can be read without a query: an instance rather than what must be awaited. */
export function isLoaded<T extends object>(value: T | { readonly [LOADED]: false }): value is T {
  return (value as { readonly [LOADED]?: boolean })[LOADED] === true
}

/** What was read for a relation: an instance, null, a related set or its list of rows; undefined when nothing was. */
export function cached(instance: AnyInstance, name: string): unknown {
  return instance[CACHE]?.[name]
}
/** Keeps what was read for a relation. */
export function setCached(instance: AnyInstance, name: string, value: unknown): void {
  // Not `{ [name]: value }`: V8 calls its runtime for a computed name in a literal, which is six times slower.
  let cache = instance[CACHE]
  if (cache === null) {
    cache = {}
    instance[CACHE] = cache
  }
  cache[name] = value
}
/** Forgets it: of one relation, or of all. */
export function clearCached(instance: AnyInstance, name?: string): void {
  if (name === undefined) instance[CACHE] = null
  else if (instance[CACHE] !== null) delete instance[CACHE][name]
}
