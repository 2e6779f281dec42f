/** Conditions and expressions over the columns of one table as SQL text without parameters: DDL takes none. */
import type { Backend } from '../backends/backend.ts'
import { ModelError } from '../errors.ts'
import type { Condition } from '../expressions/condition.ts'
import type { Expression } from '../expressions/expression.ts'
import type { Kind } from '../kinds.ts'
import type { ModelMeta } from '../models/meta.ts'
import { kindOf } from '../sql/kinds.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { BuildContext } from './context.ts'
import { and, rewrite } from './nodes.ts'
import { Query } from './query.ts'
import { Shape } from './shape.ts'
import { addFilter } from './where.ts'

/** Where a text will stand. */
export interface TextPlace {
  /** Of the constraint, index or field, for errors. */
  readonly name: string
  /** `NEW` or `OLD`, in a trigger. */
  readonly row?: 'NEW' | 'OLD'
}

/** A condition as text. @throws ModelError migrations.condition-joins when it reaches beyond the table */
export function inlineCondition(backend: Backend, meta: ModelMeta, condition: Condition, place: TextPlace): string {
  return textOf(backend, meta, place, condition, (query) => {
    addFilter(query, condition, false)
    return and(query.where)
  })
}

/** What kind an expression gives; null where it does not say. */
export function inlineKind(backend: Backend, meta: ModelMeta, expression: Expression): Kind | null {
  const shape = new Shape()
  expression.write(shape)
  return kindOf(new Query(meta, new BuildContext(backend.features, () => 'UTC')).resolve(expression))
}

/** An expression as text. @throws ModelError migrations.condition-joins */
export function inlineExpression(backend: Backend, meta: ModelMeta, expression: Expression, place: TextPlace): string {
  return textOf(backend, meta, place, expression, (query) => query.resolve(expression))
}

function textOf(
  backend: Backend,
  meta: ModelMeta,
  { name, row }: TextPlace,
  written: { write(shape: Shape): void },
  build: (query: Query) => SqlExpr,
): string {
  const shape = new Shape()
  written.write(shape)
  // The text is kept for good, so it must not depend on whose time zone is current.
  const context = new BuildContext(backend.features, () => 'UTC')
  const query = new Query(meta, context)
  const bare = rewrite(build(query), (node) => {
    if (node.t !== 'column') return null
    if (node.table !== query.base) {
      throw new ModelError(`The condition of ${name} on ${meta.label} reaches into another table.`, {
        code: 'migrations.condition-joins',
        hint: "A database checks one row at a time: name the model's own fields only.",
      })
    }
    if (row === undefined) return { ...node, table: null }
    return { t: 'raw', parts: [`${row}.${backend.compiler.quote(node.column)}`], nodes: [], kind: node.kind }
  })
  const values = context.slots.map(({ source, convert }) => {
    const value = shape.values[source]
    return convert === null ? value : convert(value)
  })
  return backend.compiler.inline(bare, values)
}
