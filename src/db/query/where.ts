/**
 * Conditions to SQL, joining what they need. Which rows a condition keeps is Django's to the letter
 * (django/db/models/sql/query.py: build_filter, _add_q, split_exclude), nulls and outer joins included.
 */
import { Condition, type Leaf, readOperand } from '../expressions/condition.ts'
import { Expression, type Scope } from '../expressions/expression.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { QueryUsageError } from './errors.ts'
import { columnNode, JoinVotes, type Route, tied } from './joins.ts'
import { applyLookups, type Left, type Operands } from './lookups.ts'
import { and, FALSE, isNull, not, or, rowParts, TRUE, xor } from './nodes.ts'
import type { Path } from './paths.ts'
import type { Query } from './query.ts'

interface Env {
  /** Joins to many rows that may be used again: those of this call of filter(). */
  readonly reuse: Set<string>
  readonly branchNegated: boolean
  readonly currentNegated: boolean
  /** Where F() of values is looked up; the query itself, or the one around a split exclude. */
  readonly values: Scope
  /** False inside the subquery of a split exclude. */
  readonly split: boolean
}

interface Built {
  readonly node: SqlExpr
  /** Joins that need a row for the condition to hold. */
  readonly needed: Iterable<string>
}

const NONE: readonly string[] = []

/** One call of filter() or exclude(). */
export function addFilter(query: Query, condition: Condition, negated: boolean): void {
  const inner = query.joins.inner()
  const reuse = new Set<string>()
  const env: Env = { reuse, branchNegated: false, currentNegated: false, values: query.scope(reuse), split: true }
  const { node } = junction(query, negated ? excluded(condition) : condition, env)
  query.where.push(node)
  query.joins.demote(inner)
}

/** The opposite. What is negated already stays so inside: rows of a relation to many are looked up, not joined. */
function excluded(condition: Condition): Condition {
  return condition.negated ? new Condition('and', true, [condition]) : condition.not()
}

/** A condition as a value (of when(), of an aggregate's filter). All joins may be used; what it needs stays outer. */
export function conditionNode(query: Query, condition: Condition, reuse: Set<string> | null): SqlExpr {
  const used = reuse ?? new Set(query.joins.map.keys())
  const env: Env = { reuse: used, branchNegated: false, currentNegated: false, values: query.scope(used), split: false }
  const { node, needed } = junction(query, condition, env)
  query.joins.promote(needed)
  return node
}

function junction(query: Query, condition: Condition, env: Env): Built {
  const { children, connector, negated } = condition
  if (children.length === 0) return { node: TRUE, needed: NONE }
  const currentNegated = env.currentNegated !== negated
  const inner: Env = { ...env, currentNegated, branchNegated: env.branchNegated || negated }
  const votes = new JoinVotes(connector, children.length, currentNegated)
  const parts: SqlExpr[] = []
  for (const child of children) {
    const built =
      child instanceof Condition
        ? junction(query, child, inner)
        : child instanceof Expression
          ? { node: asCondition(child.toSql(env.values)), needed: NONE }
          : leaf(query, child, inner)
    votes.add(built.needed)
    parts.push(built.node)
  }
  const needed = votes.apply(query.joins)
  const node = connector === 'and' ? and(parts) : connector === 'or' ? or(parts) : xor(parts)
  return { node: negated ? not(node) : node, needed }
}

function asCondition(node: SqlExpr): SqlExpr {
  if (nodeKind(node) === 'boolean') return node
  throw new QueryUsageError('An expression given to filter() is not a condition.', {
    code: 'db.invalid-condition',
    hint: 'Compare it: annotate() it with a name, then filter by that name.',
  })
}

function operandsOf(query: Query, values: Scope): Operands {
  return {
    context: query.context,
    expression: (operand) => operand.expression.toSql(values),
    subquery: (operand, columns) => query.subselect(operand.query, values, { columns }),
  }
}

function leaf(query: Query, { path, value }: Leaf, env: Env): Built {
  const operands = operandsOf(query, env.values)
  const operand = readOperand(path, value)
  const label = `${query.meta.label}.${path}`
  query.context.label = label
  const annotated = query.annotationAt(path)
  if (annotated !== null) {
    const left: Left = { node: annotated.node, relation: null, field: null, label, path }
    return { node: applyLookups(left, annotated.rest, operand, operands).node, needed: NONE }
  }
  const resolved = query.path(path)
  const many = resolved.steps.some((step) => step.hops.some((hop) => hop.many))
  if (many && env.branchNegated && env.split) return splitExclude(query, { path, value }, resolved, env)
  const route = query.joins.follow(resolved.steps, env.reuse)
  query.lastRoute = route
  const needed = new Set(route.aliases.slice(1))
  const end = query.joins.trim(route, resolved.columns)
  for (const alias of end.aliases) env.reuse.add(alias)
  const node = query.keyValueNode(end.alias, end.columns)
  // `authorId` takes an instance too; `pk` as well, of its own model.
  const relation = resolved.toRelation || resolved.field.relation !== null ? resolved.field : null
  const key = { meta: resolved.meta, columns: resolved.columns }
  const left: Left = { node, relation, field: resolved.column, label, path, key }
  const before = operand.t === 'expression' ? query.joins.usage() : null
  const looked = applyLookups(left, resolved.rest, operand, operands)
  if (before !== null) for (const alias of query.joins.usedSince(before)) needed.add(alias)
  const nullable = end.columns.some((column) => column.null) || query.joins.get(end.aliases.at(-1)!).type === 'left'
  return guarded(query, looked, { node, nullable, needed, negated: env.currentNegated })
}

interface Guard {
  readonly node: SqlExpr
  readonly nullable: boolean
  readonly needed: Iterable<string>
  readonly negated: boolean
}

/** Under NOT, a comparison with a null column is made false, so that its opposite is true and the row stays. */
function guarded(query: Query, looked: { node: SqlExpr; isNull: boolean | null }, guard: Guard): Built {
  if (!guard.negated) return { node: looked.node, needed: looked.isNull === true ? NONE : guard.needed }
  if (looked.isNull !== null) return { node: looked.node, needed: looked.isNull ? guard.needed : NONE }
  const parts = [looked.node]
  if (guard.nullable) parts.push(...rowParts(guard.node).map((part) => isNull(part, true)))
  const { node } = looked
  if (node.t === 'compare') {
    for (const part of rowParts(node.right)) if (query.context.nullable.has(part)) parts.push(isNull(part, true))
  }
  return { node: and(parts), needed: NONE }
}

/**
 * A condition over several rows, negated: "no such row exists" instead of "a row exists that is not such".
 * The inner query begins at the first table of the many side; what comes before is joined outside.
 */
function splitExclude(query: Query, leafOf: Leaf, path: Path, env: Env): Built {
  const inner = query.sibling(query.scope(env.reuse))
  const innerReuse = new Set<string>()
  const innerEnv: Env = {
    reuse: innerReuse,
    branchNegated: false,
    currentNegated: false,
    values: query.scope(env.reuse),
    split: true,
  }
  const condition = new Condition('and', false, [leafOf])
  inner.where.push(junction(inner, condition, innerEnv).node)

  const route = inner.lastRoute!
  const first = route.hops.findIndex((hop) => hop.many)
  const hop = route.hops[first]!
  const outerBefore = route.aliases.slice(1, first + 1).some((alias) => inner.joins.get(alias).type === 'left')
  const many = route.aliases[first + 1]!
  const startsAtMany = inner.joins.get(many).type !== 'left'
  const base = startsAtMany ? many : route.aliases[first]!
  const columns = startsAtMany ? hop.to : hop.from
  for (const alias of route.aliases.slice(0, first + 1)) if (alias !== base) inner.joins.release(alias)
  inner.joins.base = base

  // The same row as elsewhere in this call of filter(): `Q(tags__name='a') & ~Q(tags__name='b')`.
  const same = startsAtMany ? sameTable(query, route, first, env.reuse) : null
  if (same !== null) {
    const { pk } = inner.joins.get(many).meta
    inner.where.push(tied(many, pk, same, pk))
  }
  const prefix = outerColumns(query, path, env.reuse)
  for (const [i, column] of columns.entries())
    inner.where.push({ t: 'compare', op: '=', left: columnNode(base, column), right: prefix[i]! })
  const select = inner.existsSelect()
  const exists: SqlExpr = select.where === FALSE ? FALSE : { t: 'exists', query: select }
  return { node: outerBefore ? or([exists, ...prefix.map((part) => isNull(part))]) : exists, needed: NONE }
}

/** The columns of the outer query that the inner one is tied to. */
function outerColumns(query: Query, path: Path, reuse: Set<string>): SqlExpr[] {
  const steps = path.steps.slice(
    0,
    path.steps.findIndex((step) => step.hops.some((hop) => hop.many)),
  )
  const many = path.steps[steps.length]!.hops.find((hop) => hop.many)!
  const route = query.joins.follow(steps, reuse)
  const end = query.joins.trim(route, many.from)
  for (const alias of end.aliases) reuse.add(alias)
  return end.columns.map((column) => query.column(end.alias, column))
}

/** The table in the outer query that the same call of filter() joined the same way, if it did. */
function sameTable(query: Query, route: Route, first: number, reuse: ReadonlySet<string>): string | null {
  let found: string | null = null
  let parents = new Set([query.joins.base])
  for (let i = 0; i <= first; i++) {
    const next = new Set<string>()
    for (const join of query.joins.map.values()) {
      if (join.parent === null || !parents.has(join.parent) || join.hop !== route.hops[i]) continue
      next.add(join.alias)
      if (i === first && reuse.has(join.alias)) found = join.alias
    }
    parents = next
  }
  return found
}
