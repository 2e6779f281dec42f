/** SQL of the project's own as a part of a table: `sql` with expressions between its texts. */

import { RawFragment } from '../query/raw.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { OwnQOf } from '../query/types/named.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { toCondition } from './condition.ts'
import { Expression, type ExpressionParts, Ordering, operand, PathExpression, type Scope } from './expression.ts'

/** Text with expressions between its parts. */
export class SqlExpression extends Expression {
  readonly parts: readonly string[]
  readonly args: readonly Expression[]

  constructor(parts: readonly string[], args: readonly unknown[]) {
    super()
    this.parts = parts
    this.args = args.map(operand)
  }
  write(shape: Shape): void {
    shape.key += `sql${MARK.open}${JSON.stringify(this.parts)}`
    for (const arg of this.args) arg.write(shape)
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    return { t: 'raw', parts: this.parts, nodes: this.args.map((arg) => arg.toSql(scope)) }
  }
  override deconstruct(): ExpressionParts {
    return { name: 'sql', args: [this.parts, ...this.args] }
  }
}

/**
 * A field of the same row, in what a model's header declares: `generated(Own('price').times(Own('count')), …)`; or a
 * condition to join others with: `check(Own({ row: 'A' }).or({ number__lte: 50 }))`. The header cannot name its
 * model: it looks at the names that were written.
 */
// `any`, because the model is not declared yet where this stands: the value is of any type, a condition of any model.
export function Own<const P extends string>(path: P): Expr<Mentions<P>, any>
export function Own<const W extends Readonly<Record<string, unknown>>>(where: W): OwnQOf<W>
export function Own(of: string | Readonly<Record<string, unknown>>): unknown {
  return typeof of === 'string' ? new PathExpression(of) : toCondition(of)
}

/** What a model's options may hold in an expression's place, as one: sql`…`, a direction left out, a plain value. */
export function expressionOf(value: unknown): Expression {
  if (value instanceof RawFragment) return new SqlExpression(value.parts, value.values)
  return value instanceof Ordering ? value.expression : operand(value)
}
