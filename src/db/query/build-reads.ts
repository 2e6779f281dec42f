/**
 * Statements that read: of one query, or of several put together by union(), intersection() and difference().
 */
import type { ModelMeta } from '../models/meta.ts'
import type { SelectNode, SqlExpr } from '../sql/nodes.ts'
import { type BuiltRows, COUNT, ONE, type RowLayout, simpleCount, simpleExists, simpleRows } from './build.ts'
import type { BuildContext } from './context.ts'
import { QueryUsageError } from './errors.ts'
import { emptySelect } from './nodes.ts'
import { positions } from './positions.ts'
import { type Compound, isSliced, type State } from './state.ts'

/** The rows. `limit`: a constant limit, for get() and first(). */
export function buildRows(meta: ModelMeta, state: State, context: BuildContext, limit: number | null): BuiltRows {
  if (state.compound !== null) return compoundRows(state, state.compound, context, limit)
  return simpleRows(meta, state, context, limit, true)
}

/** `select count(*)`; null when it is 0 without asking. */
export function buildCount(meta: ModelMeta, state: State, context: BuildContext): SelectNode | null {
  if (state.compound !== null) return aroundCompound(state, state.compound, context, COUNT)
  return simpleCount(meta, state, context)
}

/** `select 1 … limit 1`; null when there is none without asking. */
export function buildExists(meta: ModelMeta, state: State, context: BuildContext): SelectNode | null {
  if (state.compound === null) return simpleExists(meta, state, context)
  const select = aroundCompound(state, state.compound, context, ONE)
  return select && { ...select, limit: ONE }
}

interface Together {
  /** Null: no row can come of it. */
  readonly select: SelectNode | null
  readonly layout: RowLayout
}

/** The parts side by side, without order and limits of their own. */
function together({ op, parts }: Compound, context: BuildContext): Together {
  const built = parts.map(({ model, state }) => {
    const part =
      state.compound === null
        ? simpleRows(model.meta, state, context, null, false)
        : buildRows(model.meta, state, context, null)
    return state.empty ? { ...part, statement: null } : part
  })
  const { layout } = built[0]!
  const width = (part: BuiltRows) => part.statement?.columns.length
  const first = built[0]!.statement
  const rest = built.slice(1).map((part) => part.statement)
  const widths = new Set(built.map(width).filter((count) => count !== undefined))
  if (widths.size > 1) {
    throw new QueryUsageError(`The query sets give ${[...widths].join(' and ')} columns.`, {
      code: 'db.compound-mismatch',
      hint: 'Name the same columns in each: values() or valuesList().',
    })
  }
  if (op === 'intersect' && (first === null || rest.includes(null))) return { select: null, layout }
  if (op === 'except' && first === null) return { select: null, layout }
  const [one, ...others] = [first, ...rest].filter((select) => select !== null)
  if (one === undefined) return { select: null, layout }
  return { select: { ...one, compound: { op, selects: others, orderBy: [], limit: null, offset: null } }, layout }
}

/** The rows: ordered by columns of the first, and cut, as one list. */
function compoundRows(state: State, compound: Compound, context: BuildContext, limit: number | null): BuiltRows {
  const { select, layout } = together(compound, context)
  if (select === null) return { statement: null, layout }
  const orderBy = positions(state, layout)
  const high = state.high === null ? null : context.param('integer')
  const offset = state.low === 0 ? null : context.param('integer')
  const most: SqlExpr | null = limit === null ? high : { t: 'literal', value: limit }
  return { statement: { ...select, compound: { ...select.compound!, orderBy, limit: most, offset } }, layout }
}

/** Something over all rows: their count, whether there is one. */
function aroundCompound(state: State, compound: Compound, context: BuildContext, column: SqlExpr): SelectNode | null {
  const { statement } = compoundRows(isSliced(state) ? state : { ...state, ops: [] }, compound, context, null)
  if (statement === null) return null
  const columns = statement.columns.map(({ expr }, i) => ({ expr, as: `c${i}` }))
  return { ...emptySelect({ query: { ...statement, columns }, alias: 'q' }), columns: [{ expr: column }] }
}
