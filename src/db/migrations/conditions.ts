import type { Backend } from '../backends/backend.ts'
import { toCondition } from '../expressions/condition.ts'
import { PathExpression } from '../expressions/expression.ts'
import type { ModelMeta } from '../models/meta.ts'
import { BuildContext } from '../query/context.ts'
import { and, rewrite } from '../query/nodes.ts'
import { Query } from '../query/query.ts'
import { Shape } from '../query/shape.ts'
import { addFilter } from '../query/where.ts'
import { SerializeError } from './errors.ts'
import { type FieldReference, markerName } from './values.ts'

/**
 * The condition of a check or a partial index as SQL text, over the columns of one table.
 * @param name   of the constraint, for errors
 * @throws SerializeError migrations.condition-joins when it reaches beyond the table
 */
export function conditionText(
  backend: Backend,
  meta: ModelMeta,
  where: Readonly<Record<string, unknown>>,
  name: string,
): string {
  const entries = Object.entries(where).map(([path, value]) => [path, live(value)])
  const condition = toCondition(Object.fromEntries(entries) as Record<string, unknown>)
  const shape = new Shape()
  condition.write(shape)
  // The text is kept for good, so it must not depend on whose time zone is current.
  const context = new BuildContext(backend.features, () => 'UTC')
  const query = new Query(meta, context)
  addFilter(query, condition, false)
  const bare = rewrite(and(query.where), (node) => {
    if (node.t !== 'column') return null
    if (node.table === query.base) return { ...node, table: null }
    throw new SerializeError(`The condition of ${name} on ${meta.label} reaches into another table.`, {
      code: 'migrations.condition-joins',
      hint: "A database checks one row at a time: name the model's own fields only.",
    })
  })
  const values = context.slots.map(({ source, convert }) => {
    const value = shape.values[source]
    return convert === null ? value : convert(value)
  })
  return backend.compiler.inline(bare, values)
}

function live(value: unknown): unknown {
  return markerName(value) === 'F' ? new PathExpression((value as FieldReference).path) : value // the marker's only shape
}
