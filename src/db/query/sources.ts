/**
 * Rows of other statements: read instead of the model's table (what union() puts together, a common table), or joined
 * beside it by join(). Their columns have names of ours in SQL and the names of their query sets here.
 */

import { NotSupportedError } from '../errors.ts'
import type { Scope } from '../expressions/expression.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import type { AnyModel } from '../models/meta.ts'
import type { ColumnNode, OrderNode, SelectNode, SqlExpr } from '../sql/nodes.ts'
import { assemble } from './assemble.ts'
import { misplacedAggregate, QueryUsageError, unknownField } from './errors.ts'
import { nextAlias } from './joins.ts'
import { and, children, hasAggregate, TRUE } from './nodes.ts'
import { orderNodes } from './order.ts'
import { type Columns, positions } from './positions.ts'
import type { Query } from './query.ts'
import { resultType } from './result-type.ts'
import type { Shape } from './shape.ts'
import { isSliced, type SourceOp, type State } from './state.ts'

/** A query set's rows. */
export interface RowsSource {
  readonly t: 'rows'
  readonly model: AnyModel
  readonly state: State
  writeShape(shape: Shape): void
}
/** Rows with a name, which several parts of a statement read; see common-table.ts. */
export interface CommonSource {
  readonly t: 'common'
  readonly name: string
  readonly first: RowsSource
  /** Null: not recursive. */
  readonly step: RowsSource | null
  readonly materialized: boolean | null
  writeShape(shape: Shape): void
}
/** Rows that are no table's own, read as if they were. */
export type Source = RowsSource | CommonSource

/** A column, and how it is called in SQL. */
interface SourceColumn {
  readonly name: string
  readonly column: string
  readonly kind: Kind
  readonly type: ColumnType | undefined
  readonly nullable: boolean
}
interface Rows {
  readonly select: SelectNode
  readonly columns: readonly SourceColumn[]
  /** Rows are the model's, with all of its columns. */
  readonly instances: boolean
}
interface Common {
  readonly name: string
  readonly columns: readonly SourceColumn[]
  readonly instances: boolean
  /** How many values it has; null while it is being built, when only its own step reads it. */
  values: number | null
}
/** The common tables of a statement, each written once. */
export type CommonTables = Map<CommonSource, Common>

// ------------------------------------------------------------------ rows of a query set

/** A column of rows, before it has a name in SQL. */
interface Given {
  readonly name: string
  readonly column: string
  readonly expr: SqlExpr
}

function givenColumns(query: Query): Given[] {
  if (query.selected !== null) return query.selected.map(({ name, node }, i) => ({ name, column: `c${i}`, expr: node }))
  const own = query.meta.columns.map((field) => {
    return { name: field.attname, column: field.column!, expr: query.column(query.base, field) as SqlExpr }
  })
  // No column of a table is called so: an annotation may have the name of a column.
  const shown = [...query.shown].map((name) => ({ name, column: `~${name}`, expr: query.annotations.get(name)! }))
  return [...own, ...shown]
}

/** The statement of a query set whose values come next. `change`: a last word before it is put together. */
function rowsOf(
  query: Query,
  { model, state }: { readonly model: AnyModel; readonly state: State },
  outer: Scope | null,
  change?: (inner: Query, given: Given[], order: () => OrderNode[]) => OrderNode[] | null,
): Rows {
  if (state.compound !== null) return compoundOf(query, state, outer)
  const inner = query.inner(model.meta, state, outer)
  const given = givenColumns(inner)
  assertSingle(inner, given)
  const asked = change?.(inner, given, () => orderNodes(inner)) ?? null
  const order = asked ?? (isSliced(state) ? orderNodes(inner) : [])
  const columns = given.map(({ expr, column }) => ({ expr, as: column }))
  const select = assemble(inner, state, columns, order)
  return { select, columns: given.map((item) => described(query, item)), instances: inner.selected === null }
}

/** A column of another statement holds one value. @throws NotSupportedError db.key-column */
function assertSingle({ meta }: Query, given: readonly Given[]): void {
  const key = given.find(({ expr }) => expr.t === 'row')
  if (key === undefined) return
  throw new NotSupportedError(
    `"${key.name}" of ${meta.label} is a key of several columns, and stands where one is needed.`,
    {
      code: 'db.key-column',
      hint: `Name its parts: values('${key.name}__…').`,
    },
  )
}

function described(query: Query, { name, column, expr }: Given): SourceColumn {
  const type = resultType(expr)
  const nullable = expr.t !== 'column' || query.context.nullable.has(expr)
  return { name, column, kind: nodeKind(expr), type, nullable }
}

function compoundOf(query: Query, state: State, outer: Scope | null): Rows {
  const { op, parts } = state.compound!
  const [first, ...others] = parts.map((part) => rowsOf(query, part, outer))
  const width = first!.columns.length
  const odd = others.find((part) => part.columns.length !== width)
  if (odd !== undefined) {
    throw new QueryUsageError(`The query sets give ${width} and ${odd.columns.length} columns.`, {
      code: 'db.compound-mismatch',
      hint: 'Name the same columns in each: values() or valuesList().',
    })
  }
  const layout: Columns = {
    meta: parts[0]!.model.meta,
    instances: first!.instances,
    columns: parts[0]!.model.meta.columns,
    extras: first!.columns.map(({ name }, index) => ({ name, index })),
  }
  const orderBy = isSliced(state) ? positions(state, layout) : []
  const limit = state.high === null ? null : query.context.param('integer')
  const offset = state.low === 0 ? null : query.context.param('integer')
  const selects = others.map((part) => part.select)
  return { ...first!, select: { ...first!.select, compound: { op, selects, orderBy, limit, offset } } }
}

// ------------------------------------------------------------------ common tables

/** A common table of this statement: made where it is first read. */
function commonOf(query: Query, source: CommonSource): Common {
  const { context } = query
  const known = context.known.get(source)
  if (known !== undefined) {
    context.cursor += known.values ?? 0
    return known
  }
  const start = context.cursor
  const { select, columns, instances } = rowsOf(query, source.first, null)
  const names = new Set([...context.known.values()].map((other) => other.name))
  let name = `with_${source.name}`
  for (let i = 2; names.has(name); i++) name = `with_${source.name}_${i}`
  const common: Common = { name, columns, instances, values: null }
  context.known.set(source, common)
  let step: SelectNode | null = null
  if (source.step !== null) {
    const more = rowsOf(query, source.step, null)
    const given = more.columns.map((column) => column.name).join(', ')
    const wanted = columns.map((column) => column.name).join(', ')
    // Rows of a union go by place; the names are for whoever wrote them. Those of ours begin with a dollar.
    if (given !== wanted && !given.startsWith('$')) {
      throw new QueryUsageError(`The steps of "${source.name}" give ${given}; its first rows have ${wanted}.`, {
        code: 'db.common-table',
        hint: 'End both in values() of the same names in the same order.',
      })
    }
    step = more.select
  }
  const { materialized } = source
  context.commonTables.push({ name, columns: columns.map((item) => item.column), query: select, step, materialized })
  common.values = context.cursor - start
  return common
}

/** A step reads its table once, at its top: no database takes it in a subquery. @throws QueryUsageError db.common-table */
function assertOwnRead(source: CommonSource, op: SourceOp): void {
  const { state } = source.step!
  const own = [state, ...(state.compound?.parts ?? []).map((part) => part.state)]
  if (own.some(({ ops }) => ops.includes(op))) return
  throw new QueryUsageError(`The step of "${source.name}" reads the table inside a subquery, which databases refuse.`, {
    code: 'db.common-table',
    hint: 'Join the table, or columns of it, and filter what is joined: Book.objects.join(table.values("id"), { parentId: "id" }).filter(…).',
  })
}

/** Where a query set only chooses columns of a common table: that table, and their names. */
function chosenFrom({ ops, low, high, empty, compound }: State): { source: CommonSource; names: string[] } | null {
  const [from, values, ...more] = ops
  if (from?.t !== 'source' || from.source.t !== 'common' || values?.t !== 'values' || more.length > 0) return null
  const names = values.columns.filter((column) => typeof column === 'string')
  const all = low === 0 && high === null && !empty && compound === null && names.length === values.columns.length
  return all ? { source: from.source, names } : null
}

// ------------------------------------------------------------------ reading and joining them

function columnOf(alias: string, { column, kind, type }: SourceColumn): ColumnNode {
  const node = { t: 'column', table: alias, column, kind } as const
  return type === undefined ? node : { ...node, type }
}

/** Rows come from a source from here on. */
export function readFrom(query: Query, op: Extract<SourceOp, { t: 'source' }>): void {
  const { context } = query
  const { source } = op
  const { outer } = query.scope(null)
  const seen: Scope | null = outer && {
    ...outer,
    path: (path) => {
      if (context.features.outerInDerived) return outer.path(path)
      throw new NotSupportedError('This database cannot read OuterRef inside the parts of a union() in a subquery.', {
        code: 'db.no-lateral',
        hint: 'Filter by OuterRef what union() gave, or join the conditions with Q(…).or(…).',
      })
    },
  }
  if (source.t === 'common' && context.known.get(source)?.values === null) assertOwnRead(source, op)
  const rows: Pick<Rows, 'columns' | 'instances'> =
    source.t === 'common' ? commonOf(query, source) : rowsOf(query, source, seen)
  query.from =
    'select' in rows
      ? { query: (rows as Rows).select, alias: query.base }
      : { table: (rows as Common).name, alias: query.base }
  for (const column of rows.columns) {
    // A model's own columns are found by path.
    if (rows.instances && !column.column.startsWith('~')) continue
    const node = columnOf(query.base, column)
    if (column.nullable) context.nullable.add(node)
    query.annotations.set(column.name, node)
    query.shown.add(column.name)
  }
  if (rows.instances) return
  query.named = rows.columns.map((column) => column.name)
  query.selected = query.named.map((name) => ({ name, node: query.annotations.get(name)! }))
}

/** Joins a source beside the tables; its columns become annotations. */
export function joinSource(query: Query, op: Extract<SourceOp, { t: 'join' }>): void {
  const { context } = query
  const { source, on } = op
  const scope = query.scope(null)
  const alias = nextAlias(context.aliases)
  const left = on.map(([path]) => query.pathNode(path, null))
  const limit = op.limited ? context.param('integer') : null
  let correlated = false
  const outer: Scope = {
    ...scope,
    path: (path) => {
      correlated = true
      return scope.path(path)
    },
  }
  const conditions: SqlExpr[] = []
  let tied = false
  const change = (inner: Query, given: Given[], order: () => OrderNode[]): OrderNode[] | null => {
    if (limit === null) return null
    const columns = on.map(([, name]) => given.find((item) => item.name === name)?.expr)
    const asked = order()
    const by =
      asked.length > 0 ? asked : inner.named === null ? inner.keyNodes().map((node) => ({ by: node, desc: false })) : []
    // Another order or another set of rows would be taken first.
    if (inner.distinct || columns.includes(undefined)) return null
    tied = context.features.lateral
    if (tied) {
      columns.forEach((column, i) => {
        inner.where.push({ t: 'compare', op: '=', left: column!, right: left[i]! })
      })
      return by
    }
    const rank: SqlExpr = { t: 'function', name: 'rowNumber', args: [], kind: 'integer' }
    const partitionBy = columns.map((column) => column!)
    const expr: SqlExpr = { t: 'window', of: rank, partitionBy, orderBy: by, frame: null, kind: 'integer' }
    given.push({ name: '~place', column: '~place', expr })
    return null
  }
  // Columns of a common table are joined as the table itself: a step may not read it in any other way.
  const chosen = source.t === 'common' || op.limited ? null : chosenFrom(source.state)
  const rows =
    chosen !== null || source.t === 'common'
      ? commonOf(query, chosen === null ? (source as CommonSource) : chosen.source)
      : rowsOf(query, source, outer, change)
  const find = (name: string, columns: readonly SourceColumn[] = all): SourceColumn => {
    const found = columns.find((column) => column.name === name)
    if (found !== undefined) return found
    const names = columns.map((column) => column.name)
    throw unknownField(name, 'the joined rows', names, name)
  }
  const all: readonly SourceColumn[] = chosen?.names.map((name) => find(name, rows.columns)) ?? rows.columns
  on.forEach(([, name], i) => {
    const right = columnOf(alias, find(name))
    if (!tied) conditions.push({ t: 'compare', op: '=', left: left[i]!, right })
  })
  const place = all.find((column) => column.name === '~place')
  if (limit !== null && place !== undefined) {
    conditions.push({ t: 'compare', op: '<=', left: columnOf(alias, place), right: limit })
  } else if (limit !== null && !tied) {
    throw new QueryUsageError('join() cannot take the first rows of distinct() rows.', {
      code: 'db.joined-limit',
      hint: 'Group them instead: values(…).annotate(…), or leave out `limit`.',
    })
  }
  if (correlated && !context.features.lateral) {
    throw new NotSupportedError(
      'This database cannot join rows that speak of the row beside them (OuterRef in join()).',
      {
        code: 'db.no-lateral',
        hint: 'Name what is equal as the second argument, with `limit` for the first few of each, or annotate() a Subquery.',
      },
    )
  }
  const condition = and(conditions)
  const type = op.left ? 'left' : 'inner'
  const joined = { type, on: condition === TRUE ? ALWAYS : condition, alias } as const
  if (!('select' in rows)) query.joined.push({ ...joined, table: rows.name })
  else {
    // The limit goes last: its slot was taken first.
    const select = tied ? { ...rows.select, limit } : rows.select
    query.joined.push({ ...joined, query: select, ...(tied || correlated ? { lateral: true } : {}) })
  }
  const equal = new Set(on.map(([, name]) => name))
  for (const column of all) {
    if (equal.has(column.name) || column === place) continue
    const nullable = op.left || column.nullable
    addColumn(query, column.name, columnOf(alias, column), {
      nullable,
      hidden: op.hidden,
      common: source.t === 'common',
    })
  }
}

const ALWAYS: SqlExpr = { t: 'literal', value: true }

interface Added {
  readonly nullable: boolean
  readonly hidden: boolean
  readonly common: boolean
}

function addColumn(query: Query, name: string, node: ColumnNode, { nullable, hidden, common }: Added): void {
  if (query.isTaken(name) || query.annotations.has(name)) {
    throw new QueryUsageError(`The joined column "${name}" has the name of another column of ${query.meta.label}.`, {
      code: 'db.annotation-conflict',
      hint: common
        ? `Join only the columns you need: join(table.values("…"), …); or give it another name where the table begins.`
        : `Give it another name before: annotate({ other: F("${name}") }).values("other").`,
    })
  }
  if (nullable) query.context.nullable.add(node)
  query.annotations.set(name, node)
  if (hidden) return
  query.shown.add(name)
  if (query.selected !== null) query.selected = [...query.selected, { name, node }]
}

/**
 * An aggregate over columns of a join() that rows have would be grouped by what it is over.
 * @throws QueryUsageError db.misplaced-aggregate
 */
export function assertHidden(query: Query, name: string, node: SqlExpr): void {
  if (query.joined.length === 0 || query.selected !== null || !hasAggregate(node)) return
  const shown = new Set([...query.shown].flatMap((each) => tableOf(query.annotations.get(each)!)))
  const joined = query.joined.map(({ alias }) => alias).filter((alias) => shown.has(alias))
  if (joined.length === 0 || !tablesIn(node).some((table) => joined.includes(table))) return
  const hint = "Hide them: join(rows, on, { hidden: true }); or say what to group by: values('id').annotate(…)."
  throw misplacedAggregate(
    `over columns of join() that rows have, in the annotation "${name}" of ${query.meta.label}`,
    hint,
  )
}

function tableOf(node: SqlExpr): string[] {
  return node.t === 'column' && node.table !== null ? [node.table] : []
}

function tablesIn(node: SqlExpr): string[] {
  return [...tableOf(node), ...children(node).flatMap(tablesIn)]
}
