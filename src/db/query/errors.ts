/** What can be wrong with a query: names, values, results. */
import { NuagesError } from '../../std/errors.ts'
import { nearest } from '../../std/text.ts'
import { NotSupportedError } from '../errors.ts'

/**
 * A path names a field that the model does not have, or that names from outside may not ask for. Codes db.unknown-field,
 * db.secret-field; status 400, for paths come from URLs too.
 */
export class FieldNameError extends NuagesError {}

/**
 * A path ends in a lookup that the field does not have, or that is not for input from outside. Codes db.unknown-lookup,
 * db.unsafe-lookup; status 400.
 */
export class LookupNameError extends NuagesError {}

/** A value that cannot be compared or stored where it was given. Codes db.undefined-filter, db.invalid-value, db.unsaved-instance … */
export class QueryValueError extends NuagesError {}

/** A query set used in a way that cannot be right. Codes db.sliced-query, db.empty-order … */
export class QueryUsageError extends NuagesError {}

/** No row where one was asked for. Code db.does-not-exist, status 404; `model` tells whose. */
export class DoesNotExist extends NuagesError {
  /** The model's label, `library.Book`. */
  readonly model: string

  constructor(model: string, message: string, hint?: string) {
    super(message, { code: 'db.does-not-exist', status: 404, ...(hint === undefined ? {} : { hint }) })
    this.model = model
  }
}

/** Several rows where one was asked for. Code db.multiple-objects. */
export class MultipleObjectsReturned extends NuagesError {
  /** The model's label, `library.Book`. */
  readonly model: string

  constructor(model: string, message: string) {
    super(message, {
      code: 'db.multiple-objects',
      hint: 'Filter by something unique, or use first() where any of them will do.',
    })
    this.model = model
  }
}

/** Rows with `onDelete: 'protect'` point at what was to be deleted. Code db.protected; nothing was deleted. */
export class ProtectedError extends NuagesError {
  /** The rows that stand in the way. */
  readonly objects: readonly object[]

  constructor(message: string, objects: readonly object[]) {
    super(message, {
      code: 'db.protected',
      status: 409,
      hint: 'Delete or change those rows first, or choose another onDelete for the relation.',
    })
    this.objects = objects
  }
}

/** Rows with `onDelete: 'restrict'` that are not deleted with the rest. Code db.restricted; nothing was deleted. */
export class RestrictedError extends NuagesError {
  /** The rows that stand in the way. */
  readonly objects: readonly object[]

  constructor(message: string, objects: readonly object[]) {
    super(message, {
      code: 'db.restricted',
      status: 409,
      hint: 'Delete or change those rows first, or choose another onDelete for the relation.',
    })
    this.objects = objects
  }
}

/** The row that was to be saved, refreshed or deleted is not there any more. Code db.row-vanished. */
export class RowVanishedError extends NuagesError {}

/** A relation was read as if it were loaded. Code db.not-loaded. */
export class NotLoadedError extends NuagesError {}

/** The error of a method that speaks of the rows of one query. */
export function noCompound(what: string): NotSupportedError {
  return new NotSupportedError(`${what}() was called after union(), intersection() or difference().`, {
    code: 'db.compound-query',
    hint: `Write .asTable() before it, for the rows put together; or call ${what}() on each of them first.`,
  })
}

/** Builds "… is not a field of …" with the names that could have been meant. */
export function unknownField(
  name: string,
  label: string,
  names: Iterable<string>,
  path: string,
  annotations: Iterable<string> = [],
): FieldNameError {
  const known = [...names]
  // Names with a dollar sign are ours: no row has them.
  const added = [...annotations].filter((each) => !each.startsWith('$')).sort()
  const meant = nearest(name, [...added, ...known])
  const where = path === name ? '' : ` (in "${path}")`
  const fields = `Fields: ${known.sort().join(', ')}.`
  const said = added.length === 0 ? `is not a field of ${label}` : `is neither a field of ${label} nor an annotation`
  return new FieldNameError(`"${name}" ${said}${where}.`, {
    code: 'db.unknown-field',
    status: 400,
    hint: `${meant === null ? '' : `Did you mean "${meant}"? `}${added.length === 0 ? '' : `Annotations: ${added.join(', ')}. `}${fields}`,
  })
}

/** Builds "… is not a relation of …" likewise. */
export function unknownRelation(name: string, label: string, names: readonly string[], path: string): FieldNameError {
  const meant = nearest(name, names)
  const where = path === name ? '' : ` (in "${path}")`
  return new FieldNameError(`"${name}" is not a relation of ${label}${where}.`, {
    code: 'db.unknown-field',
    status: 400,
    hint: `${meant === null ? '' : `Did you mean "${meant}"? `}Relations: ${[...names].sort().join(', ') || 'none'}.`,
  })
}

/** Builds "… is not a lookup of …" likewise. */
export function unknownLookup(name: string, of: string, lookups: readonly string[], path: string): LookupNameError {
  const meant = nearest(name, lookups)
  return new LookupNameError(`"${name}" is not a lookup of ${of} (in "${path}").`, {
    code: 'db.unknown-lookup',
    status: 400,
    hint: `${meant === null ? '' : `Did you mean "${meant}"? `}Lookups: ${[...lookups].sort().join(', ') || 'none in this place'}.`,
  })
}

/** Whole numbers beyond it are not shown: one of a million digits would fill the log. */
const MANY = 10n ** 40n

/** A short picture of a value for messages; long text is cut. */
export function picture(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'bigint') return value > MANY || value < -MANY ? 'a whole number of many digits' : `${value}n`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name ?? 'no class'}`
  return String(value)
}

/** An aggregate where there is none yet, or none at all. */
export const misplacedAggregate = (where: string, hint: string) =>
  new QueryUsageError(`An aggregate stands ${where}.`, { code: 'db.misplaced-aggregate', hint })

/** A row where a value is asked for: only a relation that is written knows which of its columns is meant. */
export function instanceHere(label: string): QueryValueError {
  return new QueryValueError(
    `${label === '' ? '' : `${label}: `}Value() was given a row of a model, which is no value.`,
    {
      code: 'db.invalid-value',
      hint: 'Give its key: Value(author.id). A relation that update() or save() writes takes the row.',
    },
  )
}

/** A query with one of another database inside. */
export function crossDatabase(databases: string): QueryUsageError {
  return new QueryUsageError(`One query cannot read ${databases}.`, {
    code: 'db.cross-database-query',
    hint: 'Read the inner rows first: const keys = await inner.valuesList("id", { flat: true }); then filter({ …__in: keys }).',
  })
}
