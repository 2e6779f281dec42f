/**
 * Statements that read, of one query: rows, counts, aggregates. Run once per shape, by build-reads.ts, which knows of
 * several put together.
 */

import { AggregateExpression } from '../expressions/aggregates.ts'
import { type Expression, ValueExpression } from '../expressions/expression.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { SelectNode, SqlExpr } from '../sql/nodes.ts'
import { assemble, conditions, InnerColumns } from './assemble.ts'
import type { BuildContext } from './context.ts'
import { FieldNameError, misplacedAggregate, QueryUsageError, unknownRelation } from './errors.ts'
import {
  emptySelect,
  FALSE,
  hasAggregate,
  hasNested,
  hasRaw,
  hasWindow,
  isAggregate,
  rewrite,
  sameNode,
  TRUE,
} from './nodes.ts'
import { orderNodes } from './order.ts'
import { hopsOf } from './paths.ts'
import { Query } from './query.ts'
import { resultType } from './result-type.ts'
import { isSliced, type Lock, type State } from './state.ts'
import { finishExists } from './subquery.ts'

/** A column of a result that is no column of a model. */
export interface ExtraColumn {
  readonly name: string
  readonly index: number
  readonly kind: Kind
  readonly type: ColumnType | undefined
  /** Of a key of several columns: these, side by side, become one list; null where one is missing. */
  readonly parts?: readonly ExtraColumn[]
}
/** A related row inside a row. */
export interface RelatedBlock {
  readonly field: FieldMeta
  readonly meta: ModelMeta
  /** Index of its first column; null there in the key means that there is no row. */
  readonly start: number
  /** Its columns in order; fewer than the model's after only() or defer(). */
  readonly columns: readonly FieldMeta[]
  readonly children: readonly RelatedBlock[]
}
/** Where things are in a row. */
export interface RowLayout {
  readonly meta: ModelMeta
  /** Instances begin at column 0; false for values(). */
  readonly instances: boolean
  /** Columns of the instances, in order. */
  readonly columns: readonly FieldMeta[]
  readonly related: readonly RelatedBlock[]
  readonly extras: readonly ExtraColumn[]
}

/** A statement that gives rows, and what is in their columns. */
export interface BuiltRows {
  /** null: nothing can match, so nothing is sent. */
  readonly statement: SelectNode | null
  readonly layout: RowLayout
  /** Columns at the end of each row that are of no instance: the values that order a page. */
  readonly tail?: Tail
}
/** Columns at the end of a row that no instance has. */
export type Tail = readonly { readonly kind: Kind; readonly type: ColumnType | undefined }[]

export const ONE: SqlExpr = { t: 'literal', value: 1 }
export const COUNT: SqlExpr = { t: 'function', name: 'count', args: [], kind: 'integer' }

/** The query of a state whose values come next. */
function start(meta: ModelMeta, state: State, context: BuildContext): Query {
  return new Query(meta, context).replay(state, context.cursor)
}

/** `limit`: a constant limit, for get() and first(); `ordered`: false where the order of the rows is nobody's business. */
export function simpleRows(
  meta: ModelMeta,
  state: State,
  context: BuildContext,
  limit: number | null,
  ordered: boolean,
): BuiltRows {
  const query = start(meta, state, context)
  const columns: { expr: SqlExpr }[] = []
  const extras: ExtraColumn[] = []
  const related: RelatedBlock[] = []
  const extraColumn = (name: string, expr: SqlExpr): ExtraColumn => ({
    name,
    index: columns.push({ expr }) - 1,
    kind: nodeKind(expr),
    type: resultType(expr),
  })
  const extra = (name: string, expr: SqlExpr): void => {
    if (expr.t !== 'row') {
      extras.push(extraColumn(name, expr))
      return
    }
    const parts = expr.items.map((item) => extraColumn(name, item))
    extras.push({ ...parts[0]!, parts })
  }
  const read = readColumns(query, meta, '')
  if (query.selected === null) {
    for (const field of read) columns.push({ expr: query.column(query.base, field) })
    related.push(...relatedBlocks(query, columns))
    for (const name of query.shown) extra(name, query.annotations.get(name)!)
  } else for (const { name, node } of query.selected) extra(name, node)

  const order = query.keyset ?? (ordered || isSliced(state) ? orderNodes(query) : [])
  // In SELECT DISTINCT, rows are told apart by what they are ordered by, too.
  if (query.distinct && query.distinctOn === null) {
    for (const { by } of order) if (!columns.some(({ expr }) => sameNode(expr, by))) columns.push({ expr: by })
  }
  for (const expr of query.owner) columns.push({ expr })
  const tail = query.keyset?.map(({ by }) => {
    columns.push({ expr: by })
    return { kind: nodeKind(by), type: resultType(by) }
  })
  const plain = assemble(query, state, columns, order)
  const statement = query.lock === null ? plain : { ...plain, lock: lockNode(query, plain, query.lock) }
  const layout = { meta, instances: query.selected === null, columns: read, related, extras }
  const rest = tail === undefined ? { layout } : { layout, tail }
  if (statement.where === FALSE) return { statement: null, ...rest }
  return { statement: limit === null ? statement : { ...statement, limit: { t: 'literal', value: limit } }, ...rest }
}

/** @throws QueryUsageError db.lock-not-rows, db.lock-of */
function lockNode(query: Query, select: SelectNode, { of, wait, noKey }: Lock): NonNullable<SelectNode['lock']> {
  if (select.distinct || select.groupBy.length > 0 || 'query' in select.from) {
    throw new QueryUsageError('forUpdate() locks rows of tables, which are not known here.', {
      code: 'db.lock-not-rows',
      hint: 'Rows of distinct(), aggregates and filters by windows are no rows of a table: lock first, by pk__in.',
    })
  }
  const aliases = of.map((path) => {
    if (path === 'self') return query.base
    const names = path.split('__')
    if (![...query.related].some((known) => known === path || known.startsWith(`${path}__`))) {
      throw new QueryUsageError(`forUpdate({ of }): "${path}" is not read by selectRelated().`, {
        code: 'db.lock-of',
        hint: `Known here: ${['self', ...query.related].join(', ')}.`,
      })
    }
    let [alias, here] = [query.base, query.meta]
    for (const name of names) {
      const field = here.fields.get(name)! // selectRelated() resolved it
      alias = query.joins.follow([{ field, hops: hopsOf(field) }], null, alias).aliases.at(-1)!
      here = field.relation!.target.meta
    }
    if (query.joins.get(alias).type === 'left') {
      throw new QueryUsageError(`forUpdate({ of }): there may be no row behind "${path}".`, {
        code: 'db.lock-of',
        hint: `Say that there is: filter({ ${path}__isnull: false }), or lock those rows by themselves.`,
      })
    }
    return alias
  })
  return noKey ? { of: aliases, wait, noKey } : { of: aliases, wait }
}

/** Columns of a model that instances are given, after only() and defer(); the key is always among them. */
export function readColumns(query: Query, meta: ModelMeta, prefix: string): readonly FieldMeta[] {
  const { only, deferred } = query
  if (only === null && deferred.size === 0) return meta.columns
  const names = (field: FieldMeta) =>
    (field.whole === null ? [field] : [field, field.whole]).flatMap(({ name, attname }) => [
      prefix + name,
      prefix + attname,
    ])
  // only() of other tables' columns says nothing of this one's.
  const asked = only !== null && (prefix === '' || [...only].some((path) => path.startsWith(prefix)))
  return meta.columns.filter((field) => {
    if (
      meta.pk.includes(field) ||
      (prefix === '' && [...query.related].some((name) => name === (field.whole ?? field).name))
    )
      return true
    if (asked) return names(field).some((name) => only!.has(name))
    return !names(field).some((name) => deferred.has(name))
  })
}

interface Tree {
  readonly field: FieldMeta
  readonly children: Map<string, Tree>
}

function relatedBlocks(query: Query, columns: { expr: SqlExpr }[]): RelatedBlock[] {
  const root = new Map<string, Tree>()
  for (const path of query.related) {
    let level = root
    let here = query.meta
    for (const name of path.split('__')) {
      const field = here.fields.get(name)
      if (field?.relation == null) throw unknownRelation(name, here.label, relationNames(here), path)
      if (!field.relation.single) {
        throw new QueryUsageError(`selectRelated("${path}"): ${here.label}.${name} leads to several rows.`, {
          code: 'db.not-single',
          hint: 'Use prefetchRelated() for such relations.',
        })
      }
      let tree = level.get(name)
      if (tree === undefined) {
        tree = { field, children: new Map() }
        level.set(name, tree)
      }
      level = tree.children
      here = field.relation.target.meta
    }
  }
  const place = (level: Map<string, Tree>, from: string, prefix: string): RelatedBlock[] =>
    [...level.values()].map(({ field, children }) => {
      const meta = field.relation!.target.meta
      const alias = query.joins.follow([{ field, hops: hopsOf(field) }], null, from).aliases.at(-1)!
      const at = columns.length
      const path = `${prefix}${field.name}__`
      const read = readColumns(query, meta, path)
      for (const column of read) columns.push({ expr: query.column(alias, column) })
      return { field, meta, start: at, columns: read, children: place(children, alias, path) }
    })
  return place(root, query.base, '')
}

function relationNames(meta: ModelMeta): string[] {
  return [...meta.fields.values()].filter((field) => field.relation?.single).map((field) => field.name)
}

/** `select count(*)`; null when it is 0 without asking. */
export function simpleCount(meta: ModelMeta, state: State, context: BuildContext): SelectNode | null {
  const query = bare(meta, state, context)
  const { qualify } = conditions(query)
  if (!isSliced(state) && !query.distinct && query.group === null && qualify === TRUE) {
    const select = assemble(query, state, [{ expr: COUNT }], [])
    return select.where === FALSE ? null : select
  }
  const inner = new InnerColumns()
  if (query.selected !== null) for (const { node } of query.selected) inner.addAll(node)
  else {
    for (const node of query.keyNodes()) inner.add(node)
    if (query.distinct) for (const name of query.shown) inner.add(query.annotations.get(name)!)
  }
  const counted = around(query, state, inner, [{ expr: COUNT }])
  return isNothing(counted) ? null : counted
}

/** The query, without the annotations that only add columns: they are nothing to count, nor to look for. */
function bare(meta: ModelMeta, state: State, context: BuildContext): Query {
  const query = start(meta, state, context)
  const { having, qualify } = conditions(query)
  const plain = query.group === null && !query.joins.hasMany() && state.ops.some((op) => op.t === 'annotate')
  const slim =
    (query.group === 'key' || plain) &&
    having === TRUE &&
    qualify === TRUE &&
    query.selected === null &&
    !isSliced(state) &&
    !query.distinct
  if (!slim) return query
  context.restart()
  return withoutAggregates(meta, state, context) ?? again(meta, state, context)
}

function again(meta: ModelMeta, state: State, context: BuildContext): Query {
  context.restart()
  return start(meta, state, context)
}

/** The same rows without annotations that only add columns: joins and groups they needed fall away with them. */
function withoutAggregates(meta: ModelMeta, state: State, context: BuildContext): Query | null {
  try {
    const query = start(meta, { ...state, ops: state.ops.filter((op) => op.t !== 'annotate') }, context)
    if (query.joins.hasMany()) query.group = 'key'
    return query
  } catch (error) {
    // A filter speaks of an annotation: it is needed.
    if (error instanceof FieldNameError) return null
    throw error
  }
}

function around(query: Query, state: State, inner: InnerColumns, columns: SelectNode['columns']): SelectNode {
  const order = isSliced(state) ? orderNodes(query) : []
  return { ...emptySelect({ query: assemble(query, state, inner.columns, order), alias: 'q' }), columns }
}

/** Whether a statement has no rows to speak of. */
function isNothing({ from, where }: SelectNode): boolean {
  return where === FALSE || ('query' in from && from.query.where === FALSE)
}

/** A statement that gives one row of aggregates. */
export interface BuiltAggregate {
  /** null: over no rows, where all is known without asking. */
  readonly statement: SelectNode | null
  readonly extras: readonly ExtraColumn[]
}

/** Aggregates over all rows: over the table where that is the same, else over the query set as a subquery. */
export function buildAggregate(
  meta: ModelMeta,
  state: State,
  context: BuildContext,
  items: readonly (readonly [string, Expression])[],
): BuiltAggregate {
  const query = start(meta, state, context)
  const grouped = isSliced(state) || query.distinct || query.group !== null || conditions(query).qualify !== TRUE
  const slots = state.values.length
  // The slice's slots come after the aggregates' values, as they are sent.
  context.cursor = slots
  const nodes = items.map(([name, expression]) => {
    context.label = `${meta.label}.${name}`
    const expr = query.resolve(expression)
    if (!grouped && hasNested(expr)) {
      const hint = 'Name the inner one for each row first: annotate(…), then aggregate(…).'
      throw misplacedAggregate(`inside another, in "${name}" of aggregate()`, hint)
    }
    // SQL of one's own may be an aggregate: the database knows.
    if (!hasAggregate(expr) && !hasRaw(expr)) {
      throw new QueryUsageError(`aggregate(): "${name}" is a value of each row, not one of all rows.`, {
        code: 'db.invalid-annotation',
        hint: "Sum('pages'), Max('pages') and the like are values of all rows; annotate() gives each row its own.",
      })
    }
    query.annotations.set(name, expr)
    return expr
  })
  // Windows are known after the rows are: what is computed of them stands around.
  const nested = grouped || nodes.some(hasWindow)
  const inner = new InnerColumns()
  const moved = nested ? nodes.map((node) => outward(node, inner)) : nodes
  const columns = moved.map((expr) => ({ expr }))
  const extras = items.map(([name], index) => {
    const whole = nodes[index]!
    const node = whole.t === 'function' && whole.name === 'coalesce' ? whole.args[0]! : whole // beside its default
    const arg =
      node.t === 'function' && (node.name === 'min' || node.name === 'max' || node.name === 'sum')
        ? node.args[0]
        : undefined
    return { name, index, kind: nodeKind(whole), type: arg?.t === 'column' ? arg.type : resultType(whole) }
  })
  let statement: SelectNode
  if (nested) {
    if (query.selected !== null && (query.distinct || query.group !== null || query.named !== null))
      for (const { node } of query.selected) inner.addAll(node)
    else for (const node of query.keyNodes()) inner.add(node)
    statement = around(query, state, inner, columns)
  } else statement = assemble(query, state, columns, [])
  const known = isNothing(statement) && items.every(([, expression]) => emptyValue(expression) !== undefined)
  return { statement: known ? null : statement, extras }
}

/** What an aggregate is over no rows; undefined where the database has to say. */
export function emptyValue(expression: Expression): unknown {
  if (!(expression instanceof AggregateExpression)) return undefined
  if (expression.default === null) return expression.name === 'count' ? 0 : null
  return expression.default instanceof ValueExpression ? expression.default.value : undefined
}

/** An aggregate as it stands outside: what it is over becomes columns of the subquery. */
function outward(node: SqlExpr, inner: InnerColumns): SqlExpr {
  return rewrite(node, (part) => {
    if (!isAggregate(part) || part.t !== 'function') return null
    const args = part.args.map((arg) => (arg.t === 'literal' || arg.t === 'param' ? arg : inner.add(arg)))
    const orderBy = part.orderBy?.map((order) => ({ ...order, by: inner.add(order.by) }))
    const moved = orderBy === undefined ? { ...part, args } : { ...part, args, orderBy }
    if (part.filter === undefined) return moved
    const filter = rewrite(part.filter, (leaf) => (leaf.t === 'column' || isAggregate(leaf) ? inner.add(leaf) : null))
    return { ...moved, filter }
  })
}

/** `select 1 … limit 1`; null when there is none without asking. */
export function simpleExists(meta: ModelMeta, state: State, context: BuildContext): SelectNode | null {
  const query = bare(meta, state, context)
  const select = finishExists(query, state)
  if (select.where === FALSE) return null
  return { ...select, columns: [{ expr: ONE }], distinct: false, limit: ONE }
}
