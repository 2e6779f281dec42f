/** Lookups and parts of the project's own: what may follow a column besides what Nuages knows. */

import type { Kind } from '../kinds.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { SqlExpr, Vendor } from '../sql/nodes.ts'
import { type SqlTemplate, Templates } from '../sql/templates.ts'
import { QueryUsageError } from './errors.ts'
import { lookupsOf } from './lookup-names.ts'

/** What {@link registerLookup} declares. */
export interface LookupOptions {
  /** SQL with `$1` for the column; `$2` is the value of a lookup, which is always a parameter. */
  readonly sql: SqlTemplate
  /** Kinds of columns that have it: `['char', 'text']`. */
  readonly on: readonly Kind[]
  /** Only these fields: `['library.Book.title']`. Default: every field of the kinds. */
  readonly fields?: readonly string[]
  /** The kind of its value where that is not the column's: `'integer'` of a lookup that compares the length of a text. */
  readonly takes?: Kind
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
 *     registerLookup('longer', { sql: 'LENGTH($1) > $2', on: ['char', 'text'], takes: 'integer' })
 *     registerLookup('reversed', { sql: 'REVERSE($1)', on: ['char', 'text'], gives: 'text' })
 *     declare module 'nuages/db' {
 *       interface CustomLookups<V> {
 *         soundsLike: V extends string ? string : never
 *         longer: V extends string ? number : never
 *         reversed: LookupPart<string>
 *       }
 *     }
 *     Author.objects.filter({ name__soundsLike: 'Jango', name__reversed__startswith: 'o' })
 *
 * @throws QueryUsageError db.bad-lookup for a name that cannot stand in a path, that Nuages has, or that is taken by
 *   another SQL
 */
export function registerLookup(name: string, options: LookupOptions): void {
  const before = known.get(name)
  const same = before !== undefined && JSON.stringify(before.options) === JSON.stringify(options)
  const ours = options.on.some((kind) => lookupsOf(kind).includes(name))
  if (!/^[a-z][A-Za-z0-9]*$/.test(name) || options.on.length === 0 || ours || (before !== undefined && !same)) {
    throw new QueryUsageError(
      before !== undefined || ours
        ? `There is a lookup "${name}" already.`
        : `"${name}" cannot be the name of a lookup.`,
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
):
  | {
      readonly gives: Kind | null
      readonly takes: Kind | null
      node(vendor: Vendor, args: readonly SqlExpr[]): SqlExpr
    }
  | undefined {
  const found = known.get(name)
  if (found === undefined || !found.options.on.includes(kind)) return undefined
  const { fields, gives = null, takes = null } = found.options
  if (fields !== undefined && (field === null || !fields.includes(`${field.model.meta.label}.${field.name}`)))
    return undefined
  return { gives, takes, node: (vendor, args) => found.templates.node(vendor, args, gives ?? 'boolean') }
}
