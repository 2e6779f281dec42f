/** A function of the database over expressions, and the types its arguments have where it stands. */
import type { Decimal } from '../../std/decimal.ts'
import { argument, Expression, type ExpressionParts, type Scope } from '../expressions/expression.ts'
import { assertTakes, isNothing, nodeKind } from '../expressions/kinds.ts'
import type { Kind } from '../kinds.ts'
import { QueryUsageError } from '../query/errors.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { HasValue } from '../query/types/kinds.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import type { FunctionName } from '../sql/functions.ts'
import type { SqlExpr } from '../sql/nodes.ts'

/** The kind of a function's value, from the kinds of its arguments. */
export type ResultKind = Kind | ((kinds: readonly Kind[]) => Kind)

/** The shape of a call. */
export function writeCall(shape: Shape, name: string, args: readonly Expression[]): void {
  shape.key += `${name}${MARK.open}`
  for (const arg of args) {
    arg.write(shape)
    shape.key += MARK.op
  }
  shape.key += MARK.close
}

/** `NAME(arguments)`. */
export class FunctionExpression extends Expression {
  readonly name: FunctionName
  readonly args: readonly Expression[]
  readonly kind: ResultKind

  constructor(name: FunctionName, args: readonly unknown[], kind: ResultKind) {
    super()
    this.name = name
    this.args = args.map(argument)
    this.kind = kind
  }

  write(shape: Shape): void {
    writeCall(shape, this.name, this.args)
  }

  toSql(scope: Scope): SqlExpr {
    const args = this.args.map((arg) => arg.toSql(scope))
    const something = args.filter((arg) => !isNothing(arg))
    for (const arg of something) assertTakes(this.name, this.args[args.indexOf(arg)], nodeKind(arg))
    const kind = typeof this.kind === 'function' ? this.kind(something.map(nodeKind)) : this.kind
    return { t: 'function', name: this.name, args, kind }
  }
  override deconstruct(): ExpressionParts {
    return { name: this.name, args: this.args }
  }
}

/** Makes a function; the types are the caller's. */
export function call<R>(name: FunctionName, args: readonly unknown[], kind: ResultKind): R {
  return new FunctionExpression(name, args, kind) as unknown as R // an Expr is an expression seen through its types
}

/** @throws QueryUsageError db.wrong-arguments */
export function atLeast(count: number, name: string, { length }: { readonly length: number }): void {
  if (length >= count) return
  throw new QueryUsageError(`${name}() was given ${length} of at least ${count} arguments.`, {
    code: 'db.wrong-arguments',
    hint: 'Give it paths, expressions and constants.',
  })
}

// ---------------------------------------------------------------- types

// An argument is `PathArg<T, P> | Expr<T, unknown>` wherever it is taken: of an alias a diagnostic shows the name alone.

/** V; or null, where the path may be null (of an expression, it may). */
export type Over<T, P extends string, V> = string extends P ? V | null : V | Extract<ValueAt<T, P>, null>
/** A constant that cannot be taken for a path. */
export type Constant = number | bigint | boolean | Date | Decimal
/** One of several arguments. Of an expression the value alone: where no model is named, what stands there learns it. */
export type AnyArg = string | Constant | HasValue
/** Several arguments, each path checked. Named as an Expr too, what stands inside it learns the model. */
export type Args<T, A extends readonly unknown[]> = [A] extends [never]
  ? readonly Expr<T, unknown>[]
  : { readonly [I in keyof A]: (A[I] extends string ? PathArg<T, A[I]> : A[I] & Constant) | Expr<T, unknown> }
/** The paths among arguments, and those that {@link Mentions} of them has. */
export type PathsIn<A> = A extends string ? A : A extends { readonly '~model': infer M } ? Mentioned<M> : never
type Mentioned<M> = M extends Mentions<infer P> ? P : never
/** The model of an expression over arguments: T, or where nothing tells it, the paths among them. */
export type HomeOf<T, A> = [T] extends [Mentions<unknown>] ? Mentions<PathsIn<A>> : T
/** The value of one of several arguments. */
export type ArgValue<T, A> = A extends string
  ? ValueAt<T, A>
  : A extends { readonly '~value': infer V }
    ? V
    : A extends number
      ? number
      : A extends boolean
        ? boolean
        : A
