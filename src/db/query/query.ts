/**
 * A statement while it is built: a state's ops replayed, in order, over tables and joins. What comes out is read by
 * `build.ts` and put together by `assemble.ts`. Made once per shape.
 */
import { toCondition } from '../expressions/condition.ts'
import type { Expression, Ordering, Scope, SubqueryLike } from '../expressions/expression.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { ColumnNode, JoinNode, OrderNode, SelectNode, SqlExpr } from '../sql/nodes.ts'
import type { BuildContext } from './context.ts'
import { keyConverter } from './converters.ts'
import {
  instanceHere,
  misplacedAggregate,
  noCompound,
  picture,
  QueryUsageError,
  unknownField,
  unknownLookup,
} from './errors.ts'
import { columnNode, Joins, type Route } from './joins.ts'
import { partsOf } from './lookup-names.ts'
import { transformed } from './lookups.ts'
import { and, emptySelect, FALSE, groupParts, hasAggregate, hasNested, TRUE } from './nodes.ts'
import { behindField, sliceOfEach } from './owners.ts'
import { fieldNames, type Path, resolvePath } from './paths.ts'
import { assertHidden, joinSource, readFrom } from './sources.ts'
import type { Lock, Op, State } from './state.ts'
import { asTable } from './state-ops.ts'
import { finishExists, finishSubquery } from './subquery.ts'
import { behind, firstOfEach, keysetOrder } from './total-order.ts'
import { addFilter, conditionNode } from './where.ts'

/** A column of values(). */
export interface SelectedColumn {
  readonly name: string
  readonly node: SqlExpr
}

/** Asked for order: items and where their values begin. */
export interface AskedOrder {
  readonly items: readonly (string | Ordering)[]
  readonly cursor: number
}

export class Query {
  readonly meta: ModelMeta
  readonly context: BuildContext
  readonly joins: Joins
  /** All must hold; those with aggregates go to HAVING. */
  readonly where: SqlExpr[] = []
  readonly annotations = new Map<string, SqlExpr>()
  /** Annotations that instances get, or rows of values(). */
  readonly shown = new Set<string>()
  /** Columns of values(); null for instances. */
  selected: SelectedColumn[] | null = null
  /** Rows are grouped by the key, by expressions, or not at all. */
  group: 'key' | SqlExpr[] | null = null
  order: AskedOrder | null = null
  reversed = false
  distinct = false
  /** Of rows equal in these, the first in order. */
  distinctOn: readonly SqlExpr[] | null = null
  /** Paths of selectRelated(). */
  readonly related = new Set<string>()
  /** Columns that are read: paths of only(), or null for all but those of defer(). */
  only: Set<string> | null = null
  readonly deferred = new Set<string>()
  /** How rows are locked; null: they are not. */
  lock: Lock | null = null
  /** It is the changing half of an upsert. */
  upsert = false
  /** Joins made by the last condition on a field. */
  lastRoute: Route | null = null
  /** The columns that say whose row it is; see prefetch.ts. */
  owner: readonly ColumnNode[] = []
  /** Where rows come from; null: the model's own table. */
  from: SelectNode['from'] | null = null
  /** The order of a page, whose values rows have behind all columns; null: no page. */
  keyset: readonly OrderNode[] | null = null
  /** Rows have these columns and no others: they are no rows of the model. */
  named: readonly string[] | null = null
  /** Statements joined by join(), after all tables. */
  readonly joined: JoinNode[] = []
  private readonly outer: Scope | null

  /** `alias`: of the model's own table; default the next free one. */
  constructor(meta: ModelMeta, context: BuildContext, outer: Scope | null = null, alias?: string) {
    this.meta = meta
    this.context = context
    this.outer = outer
    this.joins = new Joins(meta, context.aliases, alias)
  }

  /** Another query of the same model inside this one. */
  sibling(outer: Scope): Query {
    return new Query(this.meta, this.context, outer)
  }

  get base(): string {
    return this.joins.base
  }

  /** Replays the ops. `origin`: where the state's values begin among the statement's. */
  replay(state: State, origin: number): this {
    for (const op of state.ops) {
      this.context.cursor = origin + op.at
      this.apply(op)
    }
    this.context.cursor = origin + state.values.length
    if (this.distinctOn !== null) firstOfEach(this, this.distinctOn)
    return this
  }

  private apply(op: Op): void {
    switch (op.t) {
      case 'filter':
        addFilter(this, toCondition(op.condition), op.negated)
        return
      case 'annotate':
        this.annotate(op.items, op.select)
        return
      case 'values':
        this.select(op.columns)
        return
      case 'order':
        this.order = { items: op.items, cursor: this.context.cursor }
        this.reversed = false
        return
      case 'reverse':
        this.reversed = !this.reversed
        return
      case 'distinct':
        this.distinct = op.on
        this.distinctOn = null
        return
      case 'distinctOn':
        this.distinctOn = op.paths.map((path) => this.pathNode(path, null))
        return
      case 'related':
        if (op.paths === null) this.related.clear()
        else for (const path of op.paths) this.related.add(path)
        return
      case 'defer':
        this.defer(op.paths, op.only)
        return
      case 'lock':
        if (this.from !== null) throw noCompound('forUpdate')
        this.lock = op.lock
        return
      case 'sliceOfEach':
        sliceOfEach(this, op.by, op.ends)
        return
      case 'keyset':
        this.keyset = keysetOrder(this)
        if (op.nulls !== null) this.where.push(behind(this, this.keyset, op.nulls))
        return
      case 'source':
        readFrom(this, op)
        return
      case 'join':
        joinSource(this, op)
        return
      case 'via':
        behindField(this, op.field, op.shown)
        return
    }
  }

  private defer(paths: readonly string[] | null, only: boolean): void {
    if (paths === null) {
      this.only = null
      this.deferred.clear()
      return
    }
    for (const path of paths) resolvePath(this.meta, path)
    if (only) {
      this.only = new Set(paths)
      this.deferred.clear()
    } else for (const path of paths) if (this.only === null || !this.only.delete(path)) this.deferred.add(path)
  }

  private annotate(items: readonly (readonly [string, Expression])[], shown: boolean): void {
    let aggregates = false
    for (const [name, expression] of items) {
      const method = shown && this.selected === null && name in this.meta.model.prototype
      if (this.isTaken(name) || method) {
        const what = method && !this.isTaken(name) ? 'something that instances' : 'a field'
        throw new QueryUsageError(
          `The annotation "${name}" has the name of ${what} of ${this.meta.label}${what === 'a field' ? '' : ' have'}.`,
          { code: 'db.annotation-conflict', hint: 'Choose another name.' },
        )
      }
      this.context.label = `${this.meta.label}.${name}`
      const node = this.resolve(expression)
      aggregates ||= hasAggregate(node)
      assertHidden(this, name, node)
      if (hasNested(node)) {
        const hint =
          'Rows have one value each: aggregate() takes those of all rows together, Subquery() those of others.'
        throw misplacedAggregate(`inside another, in the annotation "${name}" of ${this.meta.label}`, hint)
      }
      this.annotations.set(name, node)
      if (!shown) continue
      this.shown.add(name)
      if (this.selected !== null) this.selected = [...this.selected, { name, node }]
    }
    if (!aggregates) return
    if (this.selected === null) this.group ??= 'key'
    else if (this.group !== 'key') this.group = this.selected.flatMap((column) => groupParts(column.node))
  }

  /** Whether rows have the name already: a field of an instance, a column of values(). */
  isTaken(name: string): boolean {
    if (this.selected !== null) return this.selected.some((column) => column.name === name)
    return this.meta.fields.has(name) || this.meta.byAttname.has(name)
  }

  private select(columns: readonly (string | { name: string; expression: Expression })[]): void {
    const selected: SelectedColumn[] = []
    if (columns.length === 0) {
      // All columns are those that may be shown: a secret one is there when it is named.
      for (const field of this.meta.columns)
        if (!field.secret) selected.push({ name: field.attname, node: this.column(this.base, field) })
      for (const name of this.shown) selected.push({ name, node: this.annotations.get(name)! })
    }
    for (const column of columns) {
      if (typeof column === 'string') {
        selected.push({ name: column, node: this.annotations.get(column) ?? this.pathNode(column, null) })
      } else {
        this.context.label = `${this.meta.label}.${column.name}`
        const node = this.resolve(column.expression)
        this.annotations.set(column.name, node)
        selected.push({ name: column.name, node })
      }
    }
    this.selected = selected
    this.shown.clear()
  }

  /** An expression as nodes; every join may be used. */
  resolve(expression: Expression): SqlExpr {
    return expression.toSql(this.scope(null))
  }

  /** Of what a field is set to: where it is a relation, instances stand for their keys. */
  scopeInto(field: FieldMeta): Scope {
    const scope = this.scope(null)
    if (field.relation === null) return scope
    return { ...scope, instance: () => this.context.param(field.kind, { convert: keyConverter(field) }) }
  }

  column(alias: string, field: FieldMeta): ColumnNode {
    const node = columnNode(alias, field)
    if (field.null) this.context.nullable.add(node)
    return node
  }

  /** An annotation that a path names, and the names after it. The longest name wins. */
  annotationAt(path: string): { node: SqlExpr; rest: readonly string[] } | null {
    if (this.annotations.size === 0) return null
    const names = path.split('__')
    for (let n = names.length; n > 0; n--) {
      const node = this.annotations.get(names.slice(0, n).join('__'))
      if (node !== undefined) return { node, rest: names.slice(n) }
    }
    return null
  }

  /** A path from the model. */
  path(path: string): Path {
    if (this.named !== null) throw unknownField(path.split('__')[0]!, 'these rows', this.named, path)
    return resolvePath(this.meta, path, this.annotations)
  }

  /** What a path stands for as a value: a column, an annotation, a part of a date, a key of JSON. */
  pathNode(path: string, reuse: Set<string> | null): SqlExpr {
    const annotated = this.annotationAt(path)
    if (annotated !== null) return this.withTransforms(annotated.node, annotated.rest, path, null)
    const resolved = this.path(path)
    if (resolved.toRelation && resolved.rest.length > 0) {
      throw unknownField(resolved.rest[0]!, resolved.meta.label, fieldNames(resolved.meta), path)
    }
    const route = this.joins.follow(resolved.steps, reuse)
    const end = this.joins.trim(route, resolved.columns)
    if (reuse !== null) for (const alias of end.aliases) reuse.add(alias)
    return this.withTransforms(this.keyValueNode(end.alias, end.columns), resolved.rest, path, resolved.column)
  }

  /** The field a path ends in; null for annotations, keys of several columns, and what has parts or lookups behind it. */
  private fieldAt(path: string): FieldMeta | null {
    if (this.annotationAt(path) !== null) return null
    const { columns, column, rest } = this.path(path)
    return columns.length === 1 && rest.length === 0 ? column : null
  }

  /** A column, or several as a row. */
  keyValueNode(alias: string, fields: readonly FieldMeta[]): SqlExpr {
    if (fields.length === 1) return this.column(alias, fields[0]!)
    return { t: 'row', items: fields.map((field) => this.column(alias, field)) }
  }

  private withTransforms(node: SqlExpr, names: readonly string[], path: string, field: FieldMeta | null): SqlExpr {
    const { vendor } = this.context.features
    const timeZone = () => this.context.timeZone()
    let at = node
    for (const name of names) {
      const next = transformed(at, name, { timeZone, vendor, field })
      if (next === null) throw unknownLookup(name, `${this.meta.label}.${path}`, partsOf(nodeKind(at)), path)
      at = next
    }
    return at
  }

  /** What expressions may ask of this query. */
  scope(reuse: Set<string> | null): Scope {
    return {
      path: (path) => this.pathNode(path, reuse),
      field: (path) => this.fieldAt(path),
      param: (kind, convert) => this.context.param(kind, convert === undefined ? {} : { convert }),
      instance: () => {
        throw instanceHere(this.context.label)
      },
      condition: (condition) => conditionNode(this, condition, reuse),
      subquery: (query, first = false) => this.subselect(query, this.scope(reuse), { first }),
      exists: (query) => this.subexists(query, this.scope(reuse)),
      outer: this.outer,
      features: this.context.features,
      upsert: this.upsert,
      timeZone: () => this.context.timeZone(),
    }
  }

  /** A query set as a statement inside this one: its column, or its key. */
  subselect(query: SubqueryLike, outer: Scope, options: { first?: boolean; columns?: number } = {}): SelectNode {
    const state = asTable(stateOf(query))
    return finishSubquery(this.inner(query.model.meta, state, outer), state, options)
  }

  /** A query set as `exists(…)`; null when it can have no row. */
  private subexists(query: SubqueryLike, outer: Scope): SelectNode | null {
    const state = asTable(stateOf(query))
    const select = finishExists(this.inner(query.model.meta, state, outer), state)
    return select.where === FALSE ? null : select
  }

  /** A query inside this statement, whose values come next. */
  inner(meta: ModelMeta, state: State, outer: Scope | null): Query {
    if (meta !== this.meta) this.context.inside.push([this.meta, meta])
    return new Query(meta, this.context, outer).replay(state, this.context.cursor)
  }

  /** `select 1 from …`: whether there is such a row. */
  existsSelect(): SelectNode {
    const where = and(this.where)
    const { meta } = this.joins.get(this.base)
    const select = emptySelect({ table: meta.table, alias: this.base })
    return { ...select, joins: this.joins.nodes(), where: where === TRUE ? null : where }
  }

  /** The table that rows come from. */
  fromNode(): SelectNode['from'] {
    return this.from ?? { table: this.joins.get(this.base).meta.table, alias: this.base }
  }

  /** All that is joined to it. */
  joinNodes(): JoinNode[] {
    return [...this.joins.nodes(), ...this.joined]
  }

  /** The key's columns. */
  keyNodes(): ColumnNode[] {
    return this.meta.pk.map((field) => this.column(this.base, field))
  }
}

function stateOf(query: SubqueryLike): State {
  const { state } = query as SubqueryLike & { readonly state: State } // every query set has one
  if (state === undefined)
    throw new QueryUsageError(`${picture(query)} is not a query set.`, { code: 'db.not-a-query' })
  return state
}
