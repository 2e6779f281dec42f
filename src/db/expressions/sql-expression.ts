/** SQL of the project's own as a part of a table: `sql` with expressions between its texts. */

import { MARK, type Shape } from '../query/shape.ts'
import type { Expr } from '../query/types.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { Expression, type ExpressionParts, operand, PathExpression, type Scope } from './expression.ts'

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
 * A field of the same row, in what a model's header declares: `generated(Own('price').times(Own('count')), …)`. The
 * header cannot name its model, so that the path is not checked by the compiler; `check` does.
 */
export function Own(path: string): Expr<any, any> {
  return new PathExpression(path) as unknown as Expr<any, any> // an Expr is an expression seen through its types
}
