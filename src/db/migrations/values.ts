/** Marker values: words that stand for something not known when a migration is written. */

const marker = Symbol.for('nuages.migrations.marker')

/** A word a migration file may hold instead of a value. */
export interface Marker<Name extends string = string> {
  readonly [marker]: Name
}

/** The moment a migration runs: for `fill` on date, time and dateTime fields. */
export const now: Marker<'now'> = Object.freeze({ [marker]: 'now' as const })

/**
 * The project's user model, whichever it is (`auth.user` in settings). Stands for the target of a relation, and among
 * `dependencies` for the migration that creates that model. Apps that are shared between projects use it.
 */
export const userModel: Marker<'userModel'> = Object.freeze({ [marker]: 'userModel' as const })

/** Another field of the same row, in a condition: `check({ end__gt: F('start') }, { name })`. */
export interface FieldReference extends Marker<'F'> {
  readonly path: string
}

/** See {@link FieldReference}. */
export function F(path: string): FieldReference {
  return Object.freeze({ [marker]: 'F' as const, path })
}

/** A function over fields of the row: `fn('lower', F('title'))`, `fn('+', F('pages'), 1)`. */
export interface Call extends Marker<'fn'> {
  readonly name: string
  readonly args: readonly unknown[]
}

/**
 * A function or operator, for indexes, constraints, generated columns and defaults of the database. `name`: as in
 * `nuages/db/functions`, in camelCase; or an operator; or `sql` with a list of texts and what stands between them.
 */
export function fn(name: string, ...args: readonly unknown[]): Call {
  return Object.freeze({ [marker]: 'fn' as const, name, args: Object.freeze(args) })
}

/** Conditions joined; each is a record of lookups, or joined itself. */
export interface QMarker extends Marker<'Q'> {
  readonly connector: 'and' | 'or' | 'xor' | 'not'
  readonly parts: readonly unknown[]
}
const join =
  (connector: QMarker['connector']) =>
  (...parts: readonly unknown[]): QMarker =>
    Object.freeze({ [marker]: 'Q' as const, connector, parts: Object.freeze(parts) })

/** Conditions joined: `Q.or({ pages__gt: 1 }, Q.not({ title: '' }))`. */
export const Q = Object.freeze({ and: join('and'), or: join('or'), xor: join('xor'), not: join('not') })

/** The name of a marker, or null for every other value. */
export function markerName(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  return (value as { [marker]?: string })[marker] ?? null // any object may be asked for a symbol
}

/** Whether two plain values are the same, whatever the order of keys. Dates, bigints and bytes included. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]))
  if (Array.isArray(b)) return false
  if (a instanceof Date || b instanceof Date)
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Uint8Array || b instanceof Uint8Array)
    return a instanceof Uint8Array && b instanceof Uint8Array && sameValue([...a], [...b])
  const name = markerName(a)
  const other = markerName(b)
  if (name !== other) return false
  const left = definedEntries(a)
  const right = new Map(definedEntries(b))
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)))
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined)
}
