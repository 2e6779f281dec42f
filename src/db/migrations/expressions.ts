/**
 * Expressions and conditions as plain data, the way a state holds them and a migration file writes them, and back:
 * `fn('lower', F('title'))`, `Q.or({ pages__gt: 1 }, { title: '' })`.
 */
import { Condition, toCondition, type WhereInput } from '../expressions/condition.ts'
import {
  Arithmetic,
  Expression,
  Ordering,
  PathExpression,
  SliceExpression,
  ValueExpression,
} from '../expressions/expression.ts'
import { commonKind, kindOfValue, sameKind } from '../expressions/kinds.ts'
import { SearchVectorExpression, type SearchWeight } from '../expressions/search-vector.ts'
import { SqlExpression } from '../expressions/sql-expression.ts'
import { Branch, CaseExpression, CastExpression, ConditionExpression } from '../functions/comparison.ts'
import { CollateExpression, writtenFunction } from '../functions/custom.ts'
import { Extract, Trunc } from '../functions/dates.ts'
import { FunctionExpression, type ResultKind } from '../functions/function.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import { RawFragment } from '../query/raw.ts'
import { SCALAR_FUNCTIONS, type ScalarName } from '../sql/functions.ts'
import type { ArithmeticNode, DatePart } from '../sql/nodes.ts'
import { SerializeError } from './errors.ts'
import { type Call, F, type FieldReference, fn, markerName, Q, type QMarker } from './values.ts'

// ---------------------------------------------------------------- to plain data

/** Whether a value is an expression or a condition, which {@link plainExpression} makes data of. */
export function isExpression(value: unknown): value is Expression | Condition | Ordering | RawFragment {
  return (
    value instanceof Expression ||
    value instanceof Condition ||
    value instanceof Ordering ||
    value instanceof RawFragment
  )
}

/**
 * An expression as plain data. @param plain   makes data of the values inside; @param where   for errors
 * @throws SerializeError migrations.cannot-write for aggregates, windows and subqueries
 */
export function plainExpression(
  value: Expression | Condition | Ordering | RawFragment,
  plain: (value: unknown) => unknown,
  where: string,
): unknown {
  const inside = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(inside)
    return isExpression(part) ? plainExpression(part, plain, where) : plain(part)
  }
  if (value instanceof RawFragment) return fn('sql', [...value.parts], ...value.values.map(inside))
  if (value instanceof Condition) return plainCondition(value, inside)
  if (value instanceof Ordering) {
    const options = value.nulls === null ? [] : [{ nulls: value.nulls }]
    return fn(value.descending ? 'desc' : 'asc', inside(value.expression), ...options)
  }
  if (value instanceof PathExpression) return F(value.path)
  if (value instanceof ValueExpression) {
    const data = plain(value.value)
    return value.kind === kindOfValue(data) ? data : fn('value', data, value.kind)
  }
  const parts = value.deconstruct()
  if (parts === null) {
    throw new SerializeError(`${value.constructor.name} cannot be part of a table (${where}).`, {
      code: 'migrations.cannot-write',
      hint: 'A database computes indexes, constraints, defaults and columns from one row: use functions of its fields.',
    })
  }
  return fn(parts.name, ...parts.args.map(inside))
}

function plainCondition(condition: Condition, inside: (part: unknown) => unknown): unknown {
  const { connector, negated, children } = condition
  const paths = children.map((child) => (isLeaf(child) ? child.path : ''))
  const flat = connector === 'and' && children.every(isLeaf) && new Set(paths).size === children.length
  if (flat) {
    const record = Object.fromEntries(children.map((child) => [child.path, inside(child.value)]))
    return negated ? Q.not(record) : record
  }
  const parts = children.map((child) => (isLeaf(child) ? { [child.path]: inside(child.value) } : inside(child)))
  const joined = Q[connector](...parts)
  return negated ? Q.not(joined) : joined
}

function isLeaf(child: Condition['children'][number]): child is { readonly path: string; readonly value: unknown } {
  return !(child instanceof Condition) && !(child instanceof Expression)
}

// ---------------------------------------------------------------- and back

/** A condition from a state or from a model: a record of lookups, or conditions joined. */
export function liveCondition(value: unknown): Condition {
  if (value instanceof RawFragment) return textCondition(liveExpression(value))
  if (value instanceof Condition || value instanceof Expression) return toCondition(value)
  if (markerName(value) === 'Q') {
    const { connector, parts } = value as QMarker // the marker's only shape
    const conditions = parts.map(liveCondition)
    return connector === 'not' ? conditions[0]!.not() : new Condition(connector, false, conditions)
  }
  if (markerName(value) !== null) return textCondition(liveExpression(value))
  const entries = Object.entries(value as object).map(([path, item]) => [path, live(item)])
  return toCondition(Object.fromEntries(entries) as WhereInput)
}

/** An expression that is true or false; of text nobody knows what it gives but who wrote it. */
function textCondition(expression: Expression): Condition {
  const isText = expression instanceof SqlExpression
  return toCondition(isText ? new CastExpression(expression, { kind: 'boolean' }, true) : expression)
}

/** A value of a condition or an argument: markers become expressions, the rest stays. */
function live(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(live)
  return markerName(value) === 'F' || markerName(value) === 'fn' ? liveExpression(value) : value
}

/** An expression from a state or from a model; a plain value becomes a constant. */
export function liveExpression(value: unknown): Expression {
  if (value instanceof RawFragment) return new SqlExpression(value.parts, value.values)
  if (value instanceof Expression) return value
  if (markerName(value) === 'F') return new PathExpression((value as FieldReference).path) // the marker's only shape
  if (markerName(value) !== 'fn') return new ValueExpression(value)
  const { name, args } = value as Call // the marker's only shape
  const first = args[0]
  switch (name) {
    case 'value':
      return new ValueExpression(first, args[1] as Kind) // as plainExpression wrote it, here and below
    case 'cast':
    case 'typed':
      return new CastExpression(liveExpression(first), args[1] as ColumnType, name === 'typed')
    case 'is':
      return new ConditionExpression(liveCondition(first))
    case 'case': {
      const branches = (first as [unknown, unknown][]).map(
        ([condition, then]) => new Branch(liveCondition(condition), liveExpression(then)),
      )
      return new CaseExpression(branches, args.length > 1 ? liveExpression(args[1]) : null)
    }
    case 'extract':
      return asExpression(Extract(liveExpression(first) as never, args[1] as DatePart, args[2] as object))
    case 'trunc':
      return asExpression(Trunc(liveExpression(first) as never, args[1] as 'day', args[2] as object))
    case 'searchVector': {
      const parts = args[1] as readonly (readonly [SearchWeight | null, ...unknown[]])[] // as its deconstruct() wrote it
      return new SearchVectorExpression(
        String(first),
        parts.map(([weight, ...of]) => [weight, ...of.map(liveExpression)]),
        args[2] as readonly (string | null)[] | undefined,
      )
    }
    case 'slice':
      return new SliceExpression(liveExpression(first), Number(args[1]), args[2] as number | undefined) // likewise
    case 'collate':
      return new CollateExpression(liveExpression(first), String(args[1]))
    case 'template':
      return writtenFunction(first as Kind, args[1] as [string, string][], args.slice(2).map(liveExpression)) // likewise
    case 'sql':
      return new SqlExpression(first as string[], args.slice(1).map(live))
    default:
  }
  if (OPERATORS.has(name)) {
    const [left, right] = args.map(liveExpression) as [Expression, Expression]
    return new Arithmetic(name as ArithmeticNode['op'], left, right)
  }
  if ((SCALAR_FUNCTIONS as readonly string[]).includes(name)) {
    return new FunctionExpression(name as ScalarName, args.map(liveExpression), kindOf(name as ScalarName))
  }
  throw new SerializeError(`"${name}" is no function that a table may use.`, {
    code: 'migrations.unknown-function',
    hint: `Functions: ${SCALAR_FUNCTIONS.join(', ')}. For others write fn('sql', ['text']).`,
  })
}

/** The library's types say what an expression is worth; at run time it is one. */
function asExpression(value: unknown): Expression {
  return value as Expression
}

/** A part of an index: an expression and its direction. */
export function liveOrdering(value: unknown): Ordering {
  if (value instanceof Ordering) return value
  if (markerName(value) === 'fn') {
    const { name, args } = value as Call // the marker's only shape
    if (name === 'asc' || name === 'desc') {
      const options = args[1] as { readonly nulls?: 'first' | 'last' } | undefined // as plainExpression wrote it
      return new Ordering(liveExpression(args[0]), name === 'desc', options?.nulls ?? null)
    }
  }
  if (typeof value === 'string') {
    const desc = value.startsWith('-')
    return new Ordering(new PathExpression(desc ? value.slice(1) : value), desc, null)
  }
  return new Ordering(liveExpression(value), false, null)
}

const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^', '&', '|', '#', '<<', '>>'])
const SAME: ReadonlySet<ScalarName> = new Set(['abs', 'ceil', 'floor', 'round', 'sign', 'nullif'])
const COMMON: ReadonlySet<ScalarName> = new Set(['coalesce', 'greatest', 'least', 'mod'])
const WHOLE: ReadonlySet<ScalarName> = new Set(['length', 'strIndex', 'ord'])
const FLOATS: ReadonlySet<ScalarName> = new Set([
  ...(['power', 'sqrt', 'exp', 'ln', 'log', 'pi', 'random', 'degrees', 'radians', 'sin', 'cos', 'tan', 'cot'] as const),
  ...(['asin', 'acos', 'atan', 'atan2'] as const),
])

/** What a function gives, as its maker in `functions/` says. */
function kindOf(name: ScalarName): ResultKind {
  if (SAME.has(name)) return sameKind
  if (COMMON.has(name)) return commonKind
  if (WHOLE.has(name)) return 'integer'
  if (FLOATS.has(name)) return 'float'
  if (name === 'now') return 'dateTime'
  if (name === 'uuid4' || name === 'uuid7') return 'uuid'
  return name === 'jsonObject' || name === 'jsonArray' ? 'json' : 'text'
}

// ---------------------------------------------------------------- names inside

/** The same with a field renamed, wherever a path begins with it: in records of lookups and in `F()`. */
export function renamedIn(value: unknown, rename: (path: string) => string): unknown {
  const name = markerName(value)
  if (name === 'F') return F(rename((value as FieldReference).path)) // each marker's only shape
  if (name === 'fn') {
    const { name: called, args } = value as Call
    // What follows the first argument of these are types and options, not conditions.
    const [first, ...rest] = args
    if (OPTIONED.has(called)) return fn(called, renamedIn(first, rename), ...rest)
    return fn(called, ...args.map((arg) => renamedIn(arg, rename)))
  }
  if (name === 'Q') {
    const { connector, parts } = value as QMarker
    return Q[connector](...parts.map((part) => renamedIn(part, rename)))
  }
  if (Array.isArray(value)) return value.map((item) => renamedIn(item, rename))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([path, item]) => [rename(path), renamedIn(item, rename)]))
}

const OPTIONED: ReadonlySet<string> = new Set([
  ...['cast', 'typed', 'extract', 'trunc', 'asc', 'desc', 'value', 'slice', 'collate'],
])

/** Paths that an expression or condition names. */
export function pathsIn(value: unknown, found: string[] = []): string[] {
  renamedIn(value, (path) => {
    found.push(path)
    return path
  })
  return found
}
