/** Lookups and parts of the project's own: what may follow a column besides what Nuages knows. */

import type { Kind } from '../kinds.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { SqlExpr, Vendor } from '../sql/nodes.ts'
import { type SqlTemplate, Templates } from '../sql/templates.ts'
import { QueryUsageError } from './errors.ts'

/** What {@link registerLookup} declares. */
export interface LookupOptions {
  /** SQL with `$1` for the column; `$2` is the value of a lookup, which is always a parameter. */
  readonly sql: SqlTemplate
  /** Kinds of columns that have it: `['char', 'text']`. */
  readonly on: readonly Kind[]
  /** Only these fields: `['library.Book.title']`. Default: every field of the kinds. */
  readonly fields?: readonly string[]
  /** It gives a value of this kind that may be looked up further, ordered by and read. Default: it is a condition. */
  readonly gives?: Kind
}

interface Known {
  readonly options: LookupOptions
  readonly templates: Templates
}
const known = new Map<string, Known>()

/**
 * Adds a lookup, or a part that gives a value, for every query of the process. Once, in a module that is always loaded:
 *
 *     registerLookup('soundsLike', { sql: 'SOUNDEX($1) = SOUNDEX($2)', on: ['char', 'text'] })
 *     registerLookup('reversed', { sql: 'REVERSE($1)', on: ['char', 'text'], gives: 'text' })
 *     declare module 'nuages/db' {
 *       interface CustomLookups<V> { soundsLike: V extends string ? string : never; reversed: LookupPart<string> }
 *     }
 *     Author.objects.filter({ name__soundsLike: 'Jango', name__reversed__startswith: 'o' })
 *
 * @throws QueryUsageError db.bad-lookup for a name that cannot stand in a path, or is taken by another SQL
 */
export function registerLookup(name: string, options: LookupOptions): void {
  const before = known.get(name)
  const same = before !== undefined && JSON.stringify(before.options) === JSON.stringify(options)
  if (!/^[a-z][A-Za-z0-9]*$/.test(name) || options.on.length === 0 || (before !== undefined && !same)) {
    throw new QueryUsageError(
      before === undefined ? `"${name}" cannot be the name of a lookup.` : `There is a lookup "${name}" already.`,
      { code: 'db.bad-lookup', hint: 'Use letters and digits, and give each lookup its name and kinds.' },
    )
  }
  if (before === undefined) known.set(name, { options, templates: new Templates(`The lookup "${name}"`, options.sql) })
}

/** A lookup of the project's for a column; undefined where there is none. */
export function customLookup(
  name: string,
  kind: Kind,
  field: FieldMeta | null,
): { readonly gives: Kind | null; node(vendor: Vendor, args: readonly SqlExpr[]): SqlExpr } | undefined {
  const found = known.get(name)
  if (found === undefined || !found.options.on.includes(kind)) return undefined
  const { fields, gives = null } = found.options
  if (fields !== undefined && (field === null || !fields.includes(`${field.model.meta.label}.${field.name}`)))
    return undefined
  return { gives, node: (vendor, args) => found.templates.node(vendor, args, gives ?? 'boolean') }
}
