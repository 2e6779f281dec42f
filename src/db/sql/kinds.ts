/** What an expression gives, read off the tree. */
import type { Kind } from '../kinds.ts'
import type { ArithmeticNode, SqlExpr } from './nodes.ts'

/** The storage kind of an expression's value; null where the tree does not say. */
export function kindOf(expr: SqlExpr): Kind | null {
  switch (expr.t) {
    case 'param':
    case 'column':
    case 'function':
    case 'arithmetic':
    case 'extract':
    case 'trunc':
    case 'window':
    case 'case':
    case 'subquery':
      return expr.kind
    case 'raw':
      return expr.kind ?? null
    case 'literal':
      return null
    case 'collate':
      return 'text'
    case 'jsonPath':
      return expr.asType ? 'text' : 'json'
    case 'jsonPatch':
      return 'json'
    case 'cast':
      return expr.type.kind
    default:
      return 'boolean'
  }
}

/** Whether values of a kind are whole numbers. */
export function isWholeKind(kind: Kind | null): boolean {
  return kind === 'auto' || kind === 'integer' || kind === 'smallInteger' || kind === 'bigInteger'
}

/** Whether values of a kind are text to the database, too. */
export function isTextKind(kind: Kind | null): boolean {
  return kind === 'char' || kind === 'text'
}

/** Digits a 64-bit float keeps: decimals beyond are stored and compared as text. */
export const FLOAT_DIGITS = 15

/** Whether a value may be a decimal of more digits than a float keeps. */
export function isWide(expr: SqlExpr): boolean {
  switch (expr.t) {
    case 'column':
      return expr.kind === 'decimal' && (expr.type?.maxDigits ?? 0) > FLOAT_DIGITS
    case 'cast':
      return expr.type.kind === 'decimal' && (expr.type.maxDigits ?? 0) > FLOAT_DIGITS
    case 'function':
      return expr.kind === 'decimal' && expr.args.some(isWide)
    case 'arithmetic':
      return expr.kind === 'decimal' && (isWide(expr.left) || isWide(expr.right))
    case 'case':
      return expr.when.some((item) => isWide(item.then)) || (expr.otherwise !== null && isWide(expr.otherwise))
    case 'window':
      return isWide(expr.of)
    case 'subquery':
      return expr.query.columns[0] !== undefined && isWide(expr.query.columns[0].expr)
    default:
      return false
  }
}

/** Date arithmetic: an instant, date or time with a duration, or the difference of two. */
export function isTemporal(expr: ArithmeticNode): boolean {
  const dated = (side: SqlExpr): boolean => {
    const kind = kindOf(side)
    return kind === 'dateTime' || kind === 'date' || kind === 'time'
  }
  return dated(expr.left) || dated(expr.right)
}
