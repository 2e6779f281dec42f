/** SQL of the project's own as a part of a table: `sql` with expressions between its texts. */

import { RawFragment } from '../query/raw.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Q } from '../query/types.ts'
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
 * model, so that these names are not checked by the compiler; `check` does.
 */
// `any`: the model is not declared yet where this stands, so that it fits every one.
export function Own(path: string): Expr<any, any>
export function Own(where: Readonly<Record<string, unknown>>): Q<any>
export function Own(of: string | Readonly<Record<string, unknown>>): unknown {
  return typeof of === 'string' ? new PathExpression(of) : toCondition(of)
}

/** What a model's options may hold in an expression's place, as one: sql`…`, a direction left out, a plain value. */
export function expressionOf(value: unknown): Expression {
  if (value instanceof RawFragment) return new SqlExpression(value.parts, value.values)
  return value instanceof Ordering ? value.expression : operand(value)
}
