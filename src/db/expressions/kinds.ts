/**
 * Which kind a constant has, and an expression, from the kinds of its parts: the same one is kept, numbers become the wider one, instants
 * and durations add up as on a calendar, and everything else is refused before a database is asked. They do not agree on
 * it: SQLite counts a text as 0, MariaDB a day as 20260301, PostgreSQL refuses both.
 */
import { Decimal } from '../../std/decimal.ts'
import { isArrayKind, isRangeKind, type Kind } from '../kinds.ts'
import { QueryUsageError } from '../query/errors.ts'
import { type FunctionName, PAIR_AGGREGATES } from '../sql/functions.ts'
import { isTextKind, isWholeKind, kindOf } from '../sql/kinds.ts'
import type { ArithmeticNode, SqlExpr } from '../sql/nodes.ts'

/** From the narrowest to the widest. */
const NUMBERS: readonly Kind[] = ['auto', 'smallInteger', 'integer', 'bigInteger', 'float', 'decimal']
const DATED: ReadonlySet<Kind> = new Set<Kind>(['dateTime', 'date', 'time'])

/** Whether values of a kind are numbers. */
export function isNumber(kind: Kind): boolean {
  return NUMBERS.includes(kind)
}

/** The wider of two kinds of numbers. */
function wider(left: Kind, right: Kind): Kind {
  return NUMBERS.indexOf(left) > NUMBERS.indexOf(right) ? left : right
}

/**
 * What `left op right` is of.
 * @throws QueryUsageError db.mixed-kinds
 */
export function operationKind(op: ArithmeticNode['op'], left: Kind, right: Kind): Kind {
  if (isNumber(left) && isNumber(right)) {
    const both = wider(left, right)
    if (op === '^') return both === 'decimal' ? 'decimal' : isWholeKind(both) ? 'integer' : 'float'
    const bits = op === '&' || op === '|' || op === '#' || op === '<<' || op === '>>'
    if (!bits || isWholeKind(both)) return both === 'auto' || both === 'smallInteger' ? 'integer' : both
  }
  const adds = op === '+' || op === '-'
  if (op === '-' && DATED.has(left) && DATED.has(right) && (left === 'time') === (right === 'time')) return 'duration'
  if (adds && DATED.has(left) && right === 'duration') return left
  if (op === '+' && left === 'duration' && DATED.has(right)) return right
  if (adds && left === 'duration' && right === 'duration') return 'duration'
  if ((op === '*' || op === '/') && left === 'duration' && isNumber(right)) return 'duration'
  if (op === '*' && isNumber(left) && right === 'duration') return 'duration'
  // PostgreSQL joins, cuts and subtracts ranges with these.
  if ((adds || op === '*') && left === right && isRangeKind(left)) return left
  throw new QueryUsageError(`A value of kind ${left} and one of kind ${right} have no "${op}".`, {
    code: 'db.mixed-kinds',
    hint:
      isTextKind(left) && isTextKind(right) ? "Concat('…', '…') joins texts." : castHint(isNumber(left) ? right : left),
  })
}

const castHint = (kind: Kind): string => `Say what it is to count as: Cast('…', integer()) instead of the ${kind}.`

/** The kind of the first. */
export const sameKind = (kinds: readonly Kind[]): Kind => (kinds[0] === 'auto' ? 'integer' : (kinds[0] ?? 'text'))

/**
 * The kind of one of several: the widest of numbers, else the one that all have.
 * @throws QueryUsageError db.mixed-kinds
 */
export const commonKind = (kinds: readonly Kind[]): Kind => {
  const plain = kinds.map((kind) => (kind === 'auto' ? 'integer' : kind))
  if (plain.length > 0 && plain.every(isNumber)) return plain.reduce<Kind>(wider, 'smallInteger')
  const first = sameKind(plain)
  const other = plain.find((kind) => kind !== first && !(isTextKind(kind) && isTextKind(first)))
  if (other === undefined) return first
  throw new QueryUsageError(
    `One value is of kind ${first}, another of kind ${other}: it is not known which comes of them.`,
    {
      code: 'db.mixed-kinds',
      hint: "Make them of one kind: Cast('…', text()), or Value(…, uuid()) for a constant.",
    },
  )
}

/** Functions whose arguments are numbers, all of them. */
const OF_NUMBERS: ReadonlySet<FunctionName> = new Set<FunctionName>([
  ...(['abs', 'ceil', 'floor', 'round', 'sign', 'mod', 'power', 'sqrt', 'exp', 'ln', 'log'] as const),
  ...(['degrees', 'radians', 'sin', 'cos', 'tan', 'cot', 'asin', 'acos', 'atan', 'atan2'] as const),
  ...(['stdDev', 'stdDevSample', 'variance', 'varianceSample'] as const),
  ...PAIR_AGGREGATES,
])
const OF_BITS: ReadonlySet<FunctionName> = new Set<FunctionName>(['bitAnd', 'bitOr', 'bitXor'])

/** What a function takes where it takes not everything; null where it takes a value of the kind. */
function refused(name: FunctionName, kind: Kind): string | null {
  if (name === 'boolAnd' || name === 'boolOr') return kind === 'boolean' ? null : 'true and false'
  if (OF_BITS.has(name)) return isWholeKind(kind) ? null : 'whole numbers'
  if (name === 'sum' || name === 'avg') return isNumber(kind) || kind === 'duration' ? null : 'numbers or durations'
  if (OF_NUMBERS.has(name)) return isNumber(kind) ? null : 'numbers'
  if (name !== 'min' && name !== 'max') return null
  return kind === 'json' || isArrayKind(kind) ? 'values that have an order' : null
}

/**
 * Refuses a value that a function cannot be of: `Sum('title')`.
 * @throws QueryUsageError db.wrong-kind
 */
export function assertTakes(name: FunctionName, of: unknown, kind: Kind): void {
  const wanted = refused(name, kind)
  if (wanted === null) return
  throw wrongKind(publicName(name), of, kind, `${wanted}`)
}

/** As it is imported: `StdDev`, `ATan2`. */
export function publicName(name: FunctionName): string {
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
  const plain = name === 'covarSample' ? 'covarPop' : name.replace(/Sample$/, '')
  return /^a(sin|cos|tan)/.test(plain) ? `A${capital(plain.slice(1))}` : capital(plain)
}

/** `of`: what was given, whose path is named where it has one. */
export function wrongKind(what: string, of: unknown, kind: Kind, wanted: string): QueryUsageError {
  const path = (of as { readonly path?: unknown }).path
  const given = typeof path === 'string' ? `"${path}", which is of kind ${kind}` : `a value of kind ${kind}`
  const cast = `Cast(${typeof path === 'string' ? `'${path}'` : '…'}, ${isTextKind(kind) || kind === 'json' ? 'integer()' : 'text()'})`
  const hint =
    kind === 'boolean' ? "To count rows: Count('*', { filter: … })." : `It takes ${wanted}: ${cast} makes it one.`
  return new QueryUsageError(`${what} was given ${given}.`, { code: 'db.wrong-kind', hint })
}

/** The kind a constant is sent as, told by its type alone. */
export function kindOfValue(value: unknown): Kind | null {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'float'
    case 'bigint':
      return 'bigInteger'
    case 'string':
      return 'text'
    case 'boolean':
      return 'boolean'
    case 'object':
      break
    default:
      return null
  }
  if (value === null) return null
  if (value instanceof Date) return 'dateTime'
  if (Decimal.isDecimal(value)) return 'decimal'
  if (value instanceof Uint8Array) return 'binary'
  return TEMPORAL[Object.prototype.toString.call(value).slice(8, -1)] ?? 'json'
}

const TEMPORAL: Record<string, Kind> = {
  'Temporal.Instant': 'dateTime',
  'Temporal.PlainDate': 'date',
  'Temporal.PlainTime': 'time',
  'Temporal.Duration': 'duration',
}

/** Whether a node is the constant null, which is of no kind. */
export function isNothing(node: SqlExpr): boolean {
  return node.t === 'literal' && node.value === null
}

/** The kind of a node's value; text where the tree does not say. */
export function nodeKind(node: SqlExpr): Kind {
  if (node.t !== 'literal') return kindOf(node) ?? 'text'
  return typeof node.value === 'number' ? 'integer' : typeof node.value === 'boolean' ? 'boolean' : 'text'
}
