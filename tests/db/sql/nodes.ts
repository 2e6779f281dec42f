/** Short names for SQL nodes in tests. */
import type { ColumnType, Kind } from '../../../src/db/kinds.ts'
import type { ColumnNode, DeleteNode, InsertNode, ParamNode, SelectNode, SqlExpr } from '../../../src/db/sql/nodes.ts'

export const column = (name: string, kind: Kind, type?: ColumnType): ColumnNode => ({
  t: 'column',
  table: 'item',
  column: name,
  kind,
  ...(type && { type }),
})
export const param = (slot: number, kind: Kind | null, more: Partial<ParamNode> = {}): ParamNode => ({
  t: 'param',
  slot,
  kind,
  ...more,
})
export const compare = (left: SqlExpr, op: '=' | '<>' | '<' | '<=' | '>' | '>=', right: SqlExpr): SqlExpr => ({
  t: 'compare',
  op,
  left,
  right,
})
export function select(columns: readonly SqlExpr[], more: Partial<SelectNode> = {}): SelectNode {
  return {
    t: 'select',
    columns: columns.map((expr) => ({ expr })),
    from: { table: 'item', alias: 'item' },
    joins: [],
    where: null,
    groupBy: [],
    having: null,
    orderBy: [],
    distinct: false,
    limit: null,
    offset: null,
    ...more,
  }
}
export function insert(columns: Readonly<Record<string, Kind>>, more: Partial<InsertNode> = {}): InsertNode {
  return {
    t: 'insert',
    table: 'item',
    columns: Object.keys(columns),
    rows: [Object.values(columns).map((kind, slot) => param(slot, kind))],
    returning: [],
    ...more,
  }
}
export function bulkInsert(
  columns: Readonly<Record<string, Kind>>,
  count: number,
  more: Partial<InsertNode> = {},
): InsertNode {
  return { ...insert(columns, more), rows: [], bulk: { count, kinds: Object.values(columns) } }
}
export const remove = (where: SqlExpr | null): DeleteNode => ({ t: 'delete', table: 'item', where })
export const count: SqlExpr = { t: 'function', name: 'count', args: [], kind: 'integer' }
