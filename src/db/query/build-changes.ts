/** Statements that change rows, from a query set's state: updates and deletes. Run once per shape. */
import type { Expression } from '../expressions/expression.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { DeleteNode, OrderNode, SelectNode, SqlExpr, UpdateNode } from '../sql/nodes.ts'
import { assemble, conditions } from './assemble.ts'
import { assigned, writtenSlot } from './column-values.ts'
import type { BuildContext } from './context.ts'
import { FieldNameError, misplacedAggregate, QueryUsageError } from './errors.ts'
import { FALSE, hasAggregate, hasWindow, TRUE } from './nodes.ts'
import { orderNodes } from './order.ts'
import { Query } from './query.ts'
import { isSliced, type State } from './state.ts'
import { asTable } from './state-ops.ts'

/** The rows a write speaks of: a condition on the table itself, or its keys from a subquery where joins are needed. */
function target(meta: ModelMeta, state: State, context: BuildContext): { query: Query; where: SqlExpr | null } {
  if (state.compound !== null || state.ops.some((op) => op.t === 'source')) return elsewhere(meta, state, context)
  const query = new Query(meta, context, null, meta.table).replay(state, 0)
  const { where, having, qualify } = conditions(query)
  if (query.joinNodes().length === 0 && query.distinctOn === null && query.group === null && qualify === TRUE)
    return { query, where: where === TRUE ? null : where }
  if (where === FALSE || having === FALSE) return { query, where: FALSE }
  const keys = query.keyNodes()
  const select = assemble(
    query,
    state,
    keys.map((expr) => ({ expr })),
    [],
  )
  return { query, where: { t: 'in', left: keys.length === 1 ? keys[0]! : keys, right: select } }
}

/** Rows that come from another statement: by their keys, in the table. */
function elsewhere(meta: ModelMeta, given: State, context: BuildContext): { query: Query; where: SqlExpr | null } {
  const state = asTable(given)
  const rows = new Query(meta, context).replay(state, 0)
  const select = finishKeys(rows, state)
  const query = new Query(meta, context, null, meta.table)
  if (select.where === FALSE) return { query, where: FALSE }
  const keys = query.keyNodes()
  return { query, where: { t: 'in', left: keys.length === 1 ? keys[0]! : keys, right: select } }
}

function finishKeys(query: Query, state: State): SelectNode {
  const keys = query.keyNodes().map((expr) => ({ expr }))
  return assemble(query, state, keys, isSliced(state) ? orderNodes(query) : [])
}

/** One change: a value (taken from the next slot), or an expression. */
export type Change = readonly [field: FieldMeta, expression: Expression | null]

/** null: no row can match. */
export function buildUpdate(
  meta: ModelMeta,
  state: State,
  context: BuildContext,
  changes: readonly Change[],
): UpdateNode | null {
  const { query, where } = target(meta, state, context)
  if (where === FALSE) return null
  const before = query.joins.usage()
  context.cursor = state.values.length
  const set = changes.map(([field, expression]) => {
    context.label = `${meta.label}.${field.name}`
    if (expression === null) {
      return { column: field.column!, value: context.param(field.kind, writtenSlot(field)) as SqlExpr }
    }
    const value = expression.toSql(query.scopeInto(field))
    if (hasAggregate(value)) {
      const hint = 'A row has no group here: use Subquery() with the aggregate inside.'
      throw misplacedAggregate(`in update(), for ${context.label}`, hint)
    }
    if (hasWindow(value)) {
      throw new QueryUsageError(`A window stands in update(), for ${context.label}.`, {
        code: 'db.misplaced-window',
        hint: 'Read the values first, and write them with bulkUpdate(); or use Subquery() over rows with the window.',
      })
    }
    return { column: field.column!, value: assigned(field, value, context) }
  })
  if (query.joins.usedSince(before).length > 0) {
    throw new FieldNameError(`update() of ${meta.label} uses a value across a relation.`, {
      code: 'db.joined-update',
      hint: 'An update sees its own columns only; use a subquery for others.',
    })
  }
  const orderBy = inOrder(query)
  return { t: 'update', table: meta.table, set, where, ...(orderBy.length > 0 ? { orderBy } : {}) }
}

/** The order that was asked for, where the database changes rows in one and the table has its columns. */
function inOrder(query: Query): OrderNode[] {
  if (!query.context.features.orderedUpdate || query.order === null || query.order.items.length === 0) return []
  const order = orderNodes(query)
  return query.joinNodes().length === 0 ? order : []
}

/** null: no row can match. */
export function buildDelete(meta: ModelMeta, state: State, context: BuildContext): DeleteNode | null {
  const { where } = target(meta, state, context)
  return where === FALSE ? null : { t: 'delete', table: meta.table, where }
}
