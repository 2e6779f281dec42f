/**
 * Expressions: what stands for a value in a query. Each can write its shape (at the call) and become SQL nodes (once
 * per shape). Both walk its parts in the same order: that is how values find their slots.
 */
import type { Features } from '../backends/features.ts'
import { isArrayKind, type Kind } from '../kinds.ts'
import { isInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { picture, QueryUsageError, QueryValueError } from '../query/errors.ts'
import { isPlainName, MARK, type Shape } from '../query/shape.ts'
import { isRange } from '../range.ts'
import type { ArithmeticNode, ParamNode, SelectNode, SqlExpr } from '../sql/nodes.ts'
import type { Condition } from './condition.ts'
import { isNothing, kindOfValue, nodeKind, operationKind, wrongKind } from './kinds.ts'

/** What an expression may ask while it becomes nodes. */
export interface Scope {
  /** The column (or annotation) at a path, joining what is needed. */
  path(path: string): SqlExpr
  /** The field at a path, where it is a column and nothing follows it. */
  field(path: string): FieldMeta | null
  /** The next value, as a slot; `convert` turns it into what is sent. */
  param(kind: Kind | null, convert?: (value: unknown) => unknown): ParamNode
  /** The next value, an instance, as the key that the relation being written takes. @throws QueryValueError elsewhere */
  instance(): ParamNode
  /** A condition as an expression. */
  condition(condition: Condition): SqlExpr
  /** A query set's statement, inside this one. `first`: its order matters, for only its first row is taken. */
  subquery(query: SubqueryLike, first?: boolean): SelectNode
  /** The statement of `exists(…)`; null when there can be no row. */
  exists(query: SubqueryLike): SelectNode | null
  /** The query around this one, for outerRef(); null at the top. */
  readonly outer: Scope | null
  readonly features: Features
  /** Inside an upsert, whose rows that were to be inserted Excluded() names. */
  readonly upsert: boolean
  /** Zone in which parts of instants are read. Asking for it ties the plan to the zone. */
  timeZone(): string
}

/** A query set, as expressions need it. */
export interface SubqueryLike {
  readonly model: AnyModel
  writeShape(shape: Shape): void
}

/** A place in an order: an expression with a direction. Made by `.asc()` and `.desc()`. */
export class Ordering {
  readonly expression: Expression
  readonly descending: boolean
  readonly nulls: 'first' | 'last' | null

  constructor(expression: Expression, descending: boolean, nulls: 'first' | 'last' | null) {
    this.expression = expression
    this.descending = descending
    this.nulls = nulls
  }

  write(shape: Shape): void {
    shape.key += (this.descending ? '-' : '+') + (this.nulls ?? '') + MARK.open
    this.expression.write(shape)
    shape.key += MARK.close
  }
}

/** Where nulls go; by default as the database has it. */
export interface OrderingOptions {
  readonly nulls?: 'first' | 'last'
}

/** An expression as data: what a table's definition keeps of it, and a migration writes. */
export interface ExpressionParts {
  /** The function's name, an operator, or a word of ours: `cast`, `case`. */
  readonly name: string
  /** Expressions, conditions and plain values. */
  readonly args: readonly unknown[]
}

/** A value computed by the database. */
export abstract class Expression {
  /** Adds the expression's shape and values. */
  abstract write(shape: Shape): void
  /** The expression as SQL, once per shape. */
  abstract toSql(scope: Scope): SqlExpr

  /** As data; null for what cannot be part of a table: aggregates, windows, subqueries. */
  deconstruct(): ExpressionParts | null {
    return null
  }

  /** This plus a value or expression. */
  plus(other: unknown): Expression {
    return new Arithmetic('+', this, operand(other))
  }
  /** This minus a value or expression. */
  minus(other: unknown): Expression {
    return new Arithmetic('-', this, operand(other))
  }
  /** This times a value or expression. */
  times(other: unknown): Expression {
    return new Arithmetic('*', this, operand(other))
  }
  /** This divided by a value or expression; two integers divide as the database does. */
  dividedBy(other: unknown): Expression {
    return new Arithmetic('/', this, operand(other))
  }
  /** The rest of a division. */
  modulo(other: unknown): Expression {
    return new Arithmetic('%', this, operand(other))
  }
  /** This to the power of a value or expression. */
  power(other: unknown): Expression {
    return new Arithmetic('^', this, operand(other))
  }
  /** The bits that both have. */
  bitAnd(other: unknown): Expression {
    return new Arithmetic('&', this, operand(other))
  }
  /** The bits that either has. */
  bitOr(other: unknown): Expression {
    return new Arithmetic('|', this, operand(other))
  }
  /** The bits that one of both has. */
  bitXor(other: unknown): Expression {
    return new Arithmetic('#', this, operand(other))
  }
  /** The bits moved to the left, by so many places. */
  bitLeftShift(places: unknown): Expression {
    return new Arithmetic('<<', this, operand(places))
  }
  /** The bits moved to the right, by so many places. */
  bitRightShift(places: unknown): Expression {
    return new Arithmetic('>>', this, operand(places))
  }
  /**
   * A part of a text or of an array, as JavaScript's slice(): from a character or element (0 is the first) up to, not
   * including, another.
   * @throws QueryValueError db.invalid-value for negative numbers; QueryUsageError db.wrong-kind for other values
   */
  slice(from: number, to?: number): Expression {
    return new SliceExpression(this, from, to)
  }
  /** For orderBy(): smallest first. */
  asc(options: OrderingOptions = {}): Ordering {
    return new Ordering(this, false, nullsOf(options))
  }
  /** For orderBy(): largest first. */
  desc(options: OrderingOptions = {}): Ordering {
    return new Ordering(this, true, nullsOf(options))
  }
}

function nullsOf(options: OrderingOptions): 'first' | 'last' | null {
  assertOptions('asc() or desc()', options, ['nulls'])
  const { nulls = null } = options
  if (nulls === null || nulls === 'first' || nulls === 'last') return nulls
  throw new QueryUsageError(`Nulls cannot be ${picture(nulls)} in an order.`, {
    code: 'db.bad-options',
    hint: "Write { nulls: 'first' } or { nulls: 'last' }.",
  })
}

/** A part of a text or of an array: see {@link Expression.slice}. */
export class SliceExpression extends Expression {
  readonly of: Expression
  readonly from: number
  readonly to: number | undefined

  constructor(of: Expression, from: number, to: number | undefined) {
    super()
    for (const bound of [from, to ?? from]) {
      if (Number.isSafeInteger(bound) && bound >= 0) continue
      throw new QueryValueError(`slice() was given ${picture(bound)}.`, {
        code: 'db.invalid-value',
        hint: 'Characters are counted from 0; Right() gives the last ones.',
      })
    }
    this.of = of
    this.from = from
    this.to = to
  }
  write(shape: Shape): void {
    shape.key += `slice${MARK.open}`
    this.of.write(shape)
    shape.value(this.from + 1) // databases count from 1
    if (this.to !== undefined) shape.value(Math.max(0, this.to - this.from))
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    const of = this.of.toSql(scope)
    const kind = nodeKind(of)
    const first = scope.param('integer')
    const length = this.to === undefined ? null : scope.param('integer')
    if (kind === 'char' || kind === 'text') {
      return { t: 'function', name: 'substr', args: length === null ? [of, first] : [of, first, length], kind: 'text' }
    }
    if (!isArrayKind(kind)) throw wrongKind('slice()', this.of, kind, 'a text or an array')
    const last: SqlExpr =
      length === null
        ? { t: 'function', name: 'cardinality', args: [of], kind: 'integer' }
        : sum('-', sum('+', first, length), { t: 'literal', value: 1 })
    return { t: 'function', name: 'arraySlice', args: [of, first, last], kind }
  }
  override deconstruct(): ExpressionParts {
    return { name: 'slice', args: this.to === undefined ? [this.of, this.from] : [this.of, this.from, this.to] }
  }
}

function sum(op: '+' | '-', left: SqlExpr, right: SqlExpr): ArithmeticNode {
  return { t: 'arithmetic', op, left, right, kind: 'integer' }
}

/** The column at a path: `F('author__birthYear')`. */
export class PathExpression extends Expression {
  readonly path: string

  constructor(path: string) {
    super()
    if (typeof path !== 'string' || !isPlainName(path)) {
      throw new QueryValueError(`${picture(path)} is not a path.`, { code: 'db.invalid-path', status: 400 })
    }
    this.path = path
  }
  write(shape: Shape): void {
    shape.key += `F${this.path}${MARK.op}`
  }
  toSql(scope: Scope): SqlExpr {
    return scope.path(this.path)
  }
}

/** A column of the query around a subquery; of one further around for each `OuterRef()` around its path. */
export class OuterExpression extends PathExpression {
  /** How many queries away it is; the next one around is 1. */
  readonly away: number

  constructor(of: string | OuterExpression) {
    super(of instanceof OuterExpression ? of.path : of)
    this.away = of instanceof OuterExpression ? of.away + 1 : 1
  }
  override write(shape: Shape): void {
    shape.key += 'O'.repeat(this.away)
    super.write(shape)
  }
  override toSql(scope: Scope): SqlExpr {
    let around: Scope | null = scope
    for (let i = 0; i < this.away && around !== null; i++) around = around.outer
    if (around !== null) return around.path(this.path)
    throw new QueryValueError(
      `OuterRef("${this.path}") ${this.away === 1 ? 'is used outside a subquery' : `names a query ${this.away} away, and there are fewer around it`}.`,
      { code: 'db.no-outer-query' },
    )
  }
}

/** A column of the row that an upsert was to insert. */
export class ExcludedExpression extends PathExpression {
  override write(shape: Shape): void {
    shape.key += 'X'
    super.write(shape)
  }
  override toSql(scope: Scope): SqlExpr {
    const node = super.toSql(scope)
    if (scope.upsert && node.t === 'column') return { ...node, table: null, excluded: true }
    throw new QueryValueError(`Excluded("${this.path}") is ${scope.upsert ? 'no column' : 'used outside an upsert'}.`, {
      code: 'db.no-upsert',
      hint: 'It names a column of the model, in update or where of upsert().',
    })
  }
}

/** A constant, sent as a parameter. */
export class ValueExpression extends Expression {
  readonly value: unknown
  readonly kind: Kind | null
  /** It is an instant with microseconds (or a range of such), and is read as one. */
  readonly precise: boolean

  constructor(value: unknown, kind: Kind | null = kindOfValue(value)) {
    super()
    this.value = value
    this.kind = kind
    this.precise = isPreciseValue(value)
  }
  write(shape: Shape): void {
    if (this.value === null) shape.key += MARK.null
    else if (isInstance(this.value)) {
      shape.key += 'instance'
      shape.value(this.value)
    } else {
      shape.key += `${this.kind ?? ''}${this.precise ? '!' : ''}`
      shape.value(this.value)
    }
  }
  toSql(scope: Scope): SqlExpr {
    if (this.value === null) return { t: 'literal', value: null }
    if (isInstance(this.value)) return scope.instance()
    const param = scope.param(this.kind)
    return this.precise && param.t === 'param' ? { ...param, precise: true } : param
  }
}

function isPreciseValue(value: unknown): boolean {
  if (isRange(value)) return isPreciseValue(value.lower) || isPreciseValue(value.upper)
  return Object.prototype.toString.call(value) === '[object Temporal.Instant]' // native and polyfilled classes differ
}

/** Two values and an operator between them. */
export class Arithmetic extends Expression {
  readonly op: ArithmeticNode['op']
  readonly left: Expression
  readonly right: Expression

  constructor(op: ArithmeticNode['op'], left: Expression, right: Expression) {
    super()
    this.op = op
    this.left = left
    this.right = right
  }
  write(shape: Shape): void {
    shape.key += MARK.open + this.op
    this.left.write(shape)
    this.right.write(shape)
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    const left = this.left.toSql(scope)
    const right = this.right.toSql(scope)
    // Null is of any kind: of the other side's.
    const kinds = [isNothing(left) ? right : left, isNothing(right) ? left : right].map(nodeKind) as [Kind, Kind]
    return { t: 'arithmetic', op: this.op, left, right, kind: operationKind(this.op, ...kinds) }
  }
  override deconstruct(): ExpressionParts {
    return { name: this.op, args: [this.left, this.right] }
  }
}

/** An argument of a function: text is a path, as in F(); a text constant is Value('…'). */
export function argument(value: unknown): Expression {
  return typeof value === 'string' ? new PathExpression(value) : operand(value)
}

/** A value or expression as an expression. */
export function operand(value: unknown): Expression {
  if (value instanceof Expression) return value
  if (value === undefined) {
    throw new QueryValueError('undefined stands where a value or expression is needed.', { code: 'db.undefined-value' })
  }
  return new ValueExpression(value)
}
