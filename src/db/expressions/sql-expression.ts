/** SQL of the project's own as a part of a table: `sql` with expressions between its texts. */
import { RawFragment } from '../query/raw.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { Expression, type ExpressionParts, operand, type Scope } from './expression.ts'

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

/** An expression from what a model's options may hold in its place: `sql`…``, an expression, a plain value. */
export function expressionOf(value: unknown): Expression {
  return value instanceof RawFragment ? new SqlExpression(value.parts, value.values) : operand(value)
}
