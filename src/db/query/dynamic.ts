/**
 * The door for input that no compiler checked: URLs, saved filters, the admin. Paths are resolved when called, so
 * that a wrong one is an error there and then; text becomes the kind that the field holds.
 */

import { timeZone } from '../../i18n/index.ts'
import { Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { ValidationError } from '../../validators.ts'
import type { Features } from '../backends/features.ts'
import { isQuery } from '../expressions/condition.ts'
import { nodeKind } from '../expressions/kinds.ts'
import { readList } from '../fields/lists.ts'
import { elementKind, isArrayKind, isRangeKind, type Kind } from '../kinds.ts'
import { isInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { rangeFromText } from '../range.ts'
import type { Vendor } from '../sql/nodes.ts'
import { BuildContext } from './context.ts'
import { customLookup } from './custom-lookups.ts'
import { FieldNameError, LookupNameError, picture, QueryUsageError, QueryValueError } from './errors.ts'
import { partsOf } from './lookup-names.ts'
import { transformed } from './lookups.ts'
import { orderNodes } from './order.ts'
import { manyOn, resolvePath, secretOn } from './paths.ts'
import { Query } from './query.ts'
import { featuresFor } from './rows.ts'
import { isPlainName } from './shape.ts'
import type { State } from './state.ts'
import { withFilter } from './state-ops.ts'

/** Longest path accepted: each name may be a join. */
const MAX_NAMES = 16
/** Relations to several rows on one path: `friends__friends__…` is as many rows as friends to the power of this. */
const MAX_MANY = 4
/** Paths of one call. */
const MAX_PATHS = 200

/** Keys of states that were resolved before, for databases of a kind; forgotten all at once when there are many. */
const resolved = new WeakMap<Features, Set<string>>()
const MAX_RESOLVED = 1000

function replayed(model: AnyModel, state: State, features: Features): Query {
  return new Query(model.meta, new BuildContext(features, timeZone)).replay(state, 0)
}

/** The state, once all of its names are known to be right. */
export function checkState(model: AnyModel, state: State): State {
  const features = featuresFor(model, state)
  let keys = resolved.get(features)
  if (keys === undefined || keys.size >= MAX_RESOLVED) {
    keys = new Set()
    resolved.set(features, keys)
  } else if (keys.has(state.key)) return state
  const query = replayed(model, state, features)
  orderNodes(query)
  for (const path of query.related) {
    const end = resolvePath(model.meta, path)
    if (!end.toRelation || end.rest.length > 0) {
      throw new FieldNameError(`"${path}" is not a relation of ${model.meta.label}.`, {
        code: 'db.unknown-field',
        status: 400,
      })
    }
  }
  keys.add(state.key)
  return state
}

/**
 * Names that came from outside, none of them secret: `?owner__password__startswith=a` would tell a password's hash
 * letter by letter, and so would an order. Nor does one of them make the database join without end (denial of service).
 * @throws FieldNameError db.secret-field, db.unknown-field; LookupNameError db.unsafe-lookup
 */
export function assertPublic(model: AnyModel, paths: readonly string[]): void {
  if (paths.length > MAX_PATHS) throw tooMuch(`${paths.length} paths are too many`, `At most ${MAX_PATHS} at a time.`)
  for (const path of paths) {
    if (typeof path !== 'string') continue // refused where it is read
    if (path.split('__', MAX_NAMES + 1).length > MAX_NAMES) throw notPath(path)
    if (manyOn(model.meta, path.replace(/^-/, '')) > MAX_MANY) {
      throw tooMuch(
        `${picture(path)} leads through too many relations to several rows`,
        `At most ${MAX_MANY} on a path: each multiplies the rows.`,
      )
    }
    const secret = secretOn(model.meta, path.replace(/^-/, ''))
    if (secret === null) continue
    throw new FieldNameError(`"${secret.name}" of ${secret.model.meta.label} is secret (in "${path}").`, {
      code: 'db.secret-field',
      status: 400,
      hint: 'Names from outside cannot ask for it; code of your own can, with filter(), orderBy() and values().',
    })
  }
}

function tooMuch(message: string, hint: string): LookupNameError {
  return new LookupNameError(`${message} from outside.`, { code: 'db.unsafe-lookup', status: 400, hint })
}
function notPath(path: string): FieldNameError {
  return new FieldNameError(`${JSON.stringify(path.slice(0, 100))} is not a path.`, {
    code: 'db.unknown-field',
    status: 400,
  })
}

/** filter() or exclude() with names and values checked, and text turned into values. */
export function checkedFilter(
  model: AnyModel,
  state: State,
  where: Readonly<Record<string, unknown>>,
  negated: boolean,
): State {
  if (typeof where !== 'object' || where === null || Array.isArray(where)) {
    throw new QueryUsageError(`${picture(where)} is not a record of paths and values.`, {
      code: 'db.invalid-condition',
      status: 400,
    })
  }
  assertPublic(model, Object.keys(where))
  const features = featuresFor(model, state)
  const annotates = state.ops.some((op) => op.t === 'annotate' || op.t === 'values')
  const from: Names = { model, vendor: features.vendor, annotated: annotates ? replayed(model, state, features) : null }
  const values: Record<string, unknown> = Object.create(null)
  for (const path of Object.keys(where)) {
    if (!isPlainName(path)) throw notPath(path)
    values[path] = converted(from, path, where[path])
  }
  return checkState(model, withFilter(state, values, negated))
}

/** Where paths start: the model's fields, and what the query set computes. */
interface Names {
  readonly model: AnyModel
  readonly annotated: Query | null
  /** Whose SQL the lookups of the project are asked for. */
  readonly vendor: Vendor
}

interface Ending {
  readonly kind: Kind
  readonly lookup: string
  /** The columns of a key of several. */
  readonly key?: readonly FieldMeta[]
  /** The field of the project's own whose values are asked for. */
  readonly own?: FieldMeta
}

/** The kind and the lookup that a path ends in. */
function ending({ model, annotated, vendor }: Names, path: string): Ending {
  const known = annotated?.annotationAt(path)
  let kind: Kind
  let rest: readonly string[]
  let field: FieldMeta | null = null
  if (known != null) ({ kind, rest } = { kind: nodeKind(known.node), rest: known.rest })
  else {
    const end = resolvePath(model.meta, path)
    if (end.columns.length > 1) return { kind: 'text', lookup: end.rest[0] ?? 'exact', key: end.columns }
    field = end.column
    ;({ kind, rest } = { kind: field.kind!, rest: end.rest })
    if (field.form !== null && rest.length < 2 && OF_VALUES.includes(rest[0] ?? 'exact'))
      return { kind, lookup: rest[0] ?? 'exact', own: field }
  }
  for (let i = 0; i < rest.length; i++) {
    if (kind === 'json') return { kind, lookup: rest.at(-1)! }
    const custom = customLookup(rest[i]!, kind, field)
    if (custom !== undefined) {
      if (custom.gives === null) return { kind: custom.takes ?? kind, lookup: 'exact' }
      kind = custom.gives
      continue
    }
    const name = isArrayKind(kind) && /^\d/.test(rest[i]!) ? '0' : rest[i]!
    if (!partsOf(kind).includes(name)) return { kind, lookup: rest[i]! }
    const part = transformed({ t: 'literal', value: null }, rest[i]!, { timeZone: () => 'UTC', vendor, field: null })
    kind = nodeKind(part ?? partNode(rest[i]!))
  }
  return { kind, lookup: 'exact' }
}

function partNode(part: string) {
  return {
    t: 'cast',
    of: { t: 'literal', value: null },
    type: { kind: part === 'date' || part === 'time' ? part : 'integer' },
  } as const
}

const AS_TEXT = ['iexact', 'contains', 'icontains', 'startswith', 'istartswith', 'endswith', 'iendswith']

const COMPARISONS = ['exact', 'gt', 'gte', 'lt', 'lte']
const OF_VALUES = [...COMPARISONS, 'in', 'range']

function converted(from: Names, path: string, value: unknown): unknown {
  const { kind, lookup, key, own } = ending(from, path)
  if (key !== undefined && lookup !== 'isnull') return convertedKeys(key, lookup, path, value)
  if (own !== undefined) return convertedOwn(own, lookup, path, value)
  // A pattern runs in this process and cannot be stopped: (a+)+$ in a URL would end the site for everybody (ReDoS).
  if (lookup === 'regex' || lookup === 'iregex') {
    throw new LookupNameError(`"${lookup}" is not for values from outside (in "${path}").`, {
      code: 'db.unsafe-lookup',
      status: 400,
      hint: 'Use icontains, istartswith or iendswith; a pattern of your own goes to filter().',
    })
  }
  if (lookup === 'isnull') return typeof value === 'string' ? toKind('boolean', value, path) : value
  if (isArrayKind(kind) || isRangeKind(kind)) {
    if (typeof value !== 'string' || lookup === 'in' || lookup === 'range') return value
    return toKind(
      isRangeKind(kind) && lookup === 'contains' && !/[,[(]/.test(value) ? elementKind(kind) : kind,
      value,
      path,
    )
  }
  if (AS_TEXT.includes(lookup) || kind === 'json') return value
  if (lookup === 'in' || lookup === 'range') {
    const items = typeof value === 'string' ? value.split(',') : value
    if (!Array.isArray(items)) return items
    return items.map((item) => (typeof item === 'string' ? toKind(kind, item, path) : item))
  }
  // A name that is no lookup is told by checkState, which knows what could be meant.
  if (!COMPARISONS.includes(lookup)) return value
  if (typeof value === 'string') return toKind(kind, value, path)
  if (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    !isQuery(value)
  ) {
    throw wrong(kind, value, path)
  }
  return value
}

/** A key of several columns is a list, text or not in each of its places; nothing else is one. */
function convertedKeys(key: readonly FieldMeta[], lookup: string, path: string, value: unknown): unknown {
  const one = (item: unknown): unknown => {
    if (item === null || isInstance(item)) return item
    if (!Array.isArray(item) || item.length !== key.length) throw wrong('text', item, path)
    return item.map((part, i) => (typeof part === 'string' ? toKind(key[i]!.kind!, part, path) : part))
  }
  if (typeof value === 'object' && value !== null && isQuery(value)) return value
  return lookup === 'in' && Array.isArray(value) ? value.map(one) : one(value)
}

/** Values of a field of the project's own, which reads them itself. */
function convertedOwn(field: FieldMeta, lookup: string, path: string, value: unknown): unknown {
  const one = (item: unknown): unknown => {
    if (item === null || (typeof item === 'object' && isQuery(item))) return item
    try {
      return field.clean(item)
    } catch (cause) {
      throw cause instanceof ValidationError ? wrong(field.kind!, item, path, cause) : cause
    }
  }
  if (lookup !== 'in' && lookup !== 'range') return one(value)
  const items = typeof value === 'string' ? value.split(',') : value
  return Array.isArray(items) ? items.map(one) : one(items)
}

function wrong(kind: Kind, value: unknown, path: string, cause?: unknown): QueryValueError {
  return new QueryValueError(`${picture(value)} is not a value for "${path}" (${kind}).`, {
    code: 'db.invalid-value',
    status: 400,
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Text as a value of a kind. @throws QueryValueError db.invalid-value */
function toKind(kind: Kind, text: string, path: string): unknown {
  try {
    const value = kind === 'char' || kind === 'text' ? text : parse(kind, text.trim())
    if (value !== undefined) return value
  } catch {
    // Temporal and Decimal throw their own; the answer is the same.
  }
  throw wrong(kind, text, path)
}

function parse(kind: Kind, text: string): unknown {
  if (isArrayKind(kind) || isRangeKind(kind)) {
    const one = (item: string | null): unknown => (item === null || item === '' ? null : parse(elementKind(kind), item))
    if (isArrayKind(kind)) {
      const items = readList(text)?.map(one)
      return items === undefined || items.includes(undefined) ? undefined : items
    }
    const range = rangeFromText(text)?.map(one)
    return range === undefined || range.lower === undefined || range.upper === undefined ? undefined : range
  }
  switch (kind) {
    case 'auto':
    case 'integer':
    case 'smallInteger':
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
    case 'bigInteger':
      return /^[+-]?\d{1,40}$/.test(text) ? BigInt(text) : undefined // no column holds more; bounds the work
    case 'float':
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
    case 'decimal':
      return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? new Decimal(text) : undefined
    case 'boolean':
      return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()]
    case 'date':
      return Temporal.PlainDate.from(text)
    case 'time':
      return Temporal.PlainTime.from(text)
    case 'duration':
      return Temporal.Duration.from(text)
    case 'dateTime':
      return instant(text)
    case 'uuid':
      return /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text) ? text : undefined
    default:
      return text
  }
}

/** An instant with an offset, or a wall clock's time (or a date's first moment) in the current time zone. */
function instant(text: string): Temporal.Instant {
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(text) && text.length > 10) return Temporal.Instant.from(text)
  return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone()).toInstant()
}
