/** Rows that belong to others, as `prefetchRelated()` and related sets read them: of which owners, and how many of each. */
import type { FieldMeta } from '../models/meta.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { inKeys } from './composite.ts'
import { QueryUsageError } from './errors.ts'
import { rowParts } from './nodes.ts'
import { orderNodes } from './order.ts'
import { backwardHop, hopsOf } from './paths.ts'
import type { Query } from './query.ts'

/** Rows behind a many-to-many field: joins the table between its two sides, from the far side. */
export function behindField(query: Query, field: FieldMeta, shown: boolean): void {
  const hops = hopsOf(field)
  const hop = backwardHop(hops[1]!.key)
  const alias = query.joins.follow([{ field, hops: [hop] }], new Set()).aliases.at(-1)!
  query.joins.demote([alias])
  const columns = hops[0]!.to.map((from) => query.column(alias, from))
  query.context.label = `${field.model.meta.label}.${field.name}`
  query.where.push(inKeys(columns, query.context))
  if (shown) query.owner = columns
}

/** Keeps a slice of each owner's rows. `by`: what says whose they are; null: what {@link behindField} joined. */
export function sliceOfEach(query: Query, by: string | null, ends: boolean): void {
  const low = query.context.param('integer')
  const high = ends ? query.context.param('integer') : null
  if (query.distinct) {
    throw new QueryUsageError('The slice of a Prefetch cannot be of distinct() rows.', {
      code: 'db.bad-prefetch',
      hint: 'Leave out distinct(): the rows of one relation come once each.',
    })
  }
  const asked = orderNodes(query)
  const orderBy = asked.length > 0 ? asked : query.keyNodes().map((node) => ({ by: node, desc: false }))
  const of: SqlExpr = { t: 'function', name: 'rowNumber', args: [], kind: 'integer' }
  const owner = by === null ? query.owner : rowParts(query.pathNode(by, null))
  const node: SqlExpr = { t: 'window', of, partitionBy: owner, orderBy, frame: null, kind: 'integer' }
  query.where.push({ t: 'compare', op: '>', left: node, right: low })
  if (high !== null) query.where.push({ t: 'compare', op: '<=', left: node, right: high })
}
