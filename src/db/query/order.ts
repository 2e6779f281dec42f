/** ORDER BY: what was asked for, or the model's own ordering. */
import { type Expression, Ordering, type Scope } from '../expressions/expression.ts'
import type { ModelMeta } from '../models/meta.ts'
import type { OrderNode, SqlExpr } from '../sql/nodes.ts'
import { FieldNameError, QueryUsageError, unknownField } from './errors.ts'
import { sameNode } from './nodes.ts'
import { fieldNames, type Path, resolvePath, type Step } from './paths.ts'
import type { Query } from './query.ts'
import { isPlainName, Shape } from './shape.ts'

const RANDOM: SqlExpr = { t: 'function', name: 'random', args: [], kind: 'float' }

/** The order's nodes. Joins are made here, after all filters, as in Django. */
export function orderNodes(query: Query): OrderNode[] {
  const asked = query.order
  const items = asked?.items ?? ownOrder(query)
  const cursor = query.context.cursor
  if (asked !== null) query.context.cursor = asked.cursor
  let nodes: OrderNode[] = []
  for (const item of items) {
    if (typeof item === 'string') pathOrder(query, item, nodes)
    else if (asked === null) nodes.push(declaredOrder(query, item, ''))
    else nodes.push(expressionOrder(query, item as Ordering)) // orderBy() takes nothing else
  }
  query.context.cursor = cursor
  if (asked === null && query.distinct && query.selected !== null)
    nodes = nodes.filter(({ by }) => isSelected(query, by))
  const seen = new Set<string>()
  const unique = nodes.filter((node) => {
    const text = JSON.stringify(node.by)
    return !seen.has(text) && seen.add(text)
  })
  return query.reversed ? unique.map(flipped) : unique
}

/** The model's order; groups, and rows that have other columns than the model, have none. */
function ownOrder(query: Query): ModelMeta['orderBy'] {
  return Array.isArray(query.group) || query.named !== null ? [] : query.meta.orderBy
}

/** Rows of values() that come once each are not told apart by an order that nobody asked for. */
function isSelected({ selected }: Query, by: SqlExpr): boolean {
  return selected!.some(({ node }) => sameNode(node, by))
}

function flipped(node: OrderNode): OrderNode {
  const desc = !node.desc
  if (node.nulls === undefined) return { ...node, desc }
  return { ...node, desc, nulls: node.nulls === 'first' ? 'last' : 'first' }
}

function expressionOrder(query: Query, item: Ordering): OrderNode {
  query.context.label = `${query.meta.label}.orderBy()`
  const by = query.resolve(item.expression)
  return item.nulls === null ? { by, desc: item.descending } : { by, desc: item.descending, nulls: item.nulls }
}

/**
 * An expression of a model's options. Its values are constants of the project, written into the text: a query that
 * nobody ordered has no values for an order.
 */
function declaredOrder(query: Query, item: object, prefix: string): OrderNode {
  const { expression, descending: desc, nulls } = item instanceof Ordering ? item : (item as Expression).asc() // by the types
  const shape = new Shape()
  expression.write(shape)
  let at = 0
  const scope = query.scope(null)
  const refused = (): never => {
    throw new QueryUsageError(
      `The ordering of ${query.meta.label} has an expression that no model can be ordered by.`,
      {
        code: 'db.bad-ordering',
        hint: 'It may have columns, functions, and numbers or plain text; give the manager an orderBy() for more.',
      },
    )
  }
  const own: Scope = {
    ...scope,
    path: (path) => scope.path(prefix + path),
    param: () => {
      const value = shape.values[at++]
      const isPlain = typeof value === 'number' || typeof value === 'boolean'
      if (!isPlain && (typeof value !== 'string' || !/^[\w .,:;#/+-]*$/.test(value))) return refused()
      return { t: 'literal', value } as never // a constant in a parameter's place
    },
    condition: refused,
    subquery: refused,
    exists: refused,
  }
  const by = expression.toSql(own)
  return nulls === null ? { by, desc } : { by, desc, nulls }
}

function pathOrder(query: Query, item: string, nodes: OrderNode[]): void {
  if (item === '?') {
    nodes.push({ by: RANDOM, desc: false })
    return
  }
  const desc = item.startsWith('-')
  const path = desc ? item.slice(1) : item
  if (path === '' || !isPlainName(path)) {
    throw new FieldNameError(`${JSON.stringify(item)} is not an order.`, {
      code: 'db.unknown-field',
      status: 400,
      hint: "Name a path, with '-' before it for descending order.",
    })
  }
  if (query.annotationAt(path) !== null) nodes.push({ by: query.pathNode(path, null), desc })
  else ordered(query, [], query.path(path), { desc, path, seen: [] }, nodes)
}

interface Following {
  readonly desc: boolean
  readonly path: string
  /** Relations whose model's ordering is being followed. */
  readonly seen: readonly Step['field'][]
}

function ordered(query: Query, before: readonly Step[], path: Path, following: Following, nodes: OrderNode[]): void {
  const { desc, seen } = following
  if (path.toRelation && path.rest.length > 0) {
    throw unknownField(path.rest[0]!, path.meta.label, fieldNames(path.meta), following.path)
  }
  const steps = [...before, ...path.steps]
  // Ordering by a relation is ordering as its model does.
  if (path.toRelation && path.meta.orderBy.length > 0) {
    if (seen.includes(path.field)) {
      throw new QueryUsageError(`The ordering of ${path.meta.label} leads back to itself.`, {
        code: 'db.ordering-loop',
      })
    }
    for (const item of path.meta.orderBy) {
      if (typeof item !== 'string') {
        const node = declaredOrder(query, item, `${steps.map((step) => step.field.name).join('__')}__`)
        nodes.push(desc ? flipped(node) : node)
        continue
      }
      const descends = item.startsWith('-')
      const next = resolvePath(path.meta, descends ? item.slice(1) : item)
      ordered(query, steps, next, { desc: descends !== desc, path: item, seen: [...seen, path.field] }, nodes)
    }
    return
  }
  if (path.rest.length > 0) {
    nodes.push({ by: query.pathNode(following.path, null), desc })
    return
  }
  const route = query.joins.follow(steps, null)
  const end = query.joins.trim(route, path.columns)
  for (const column of end.columns) nodes.push({ by: query.column(end.alias, column), desc })
}
