/**
 * The tables of one statement, and which joins are inner. The rules are Django's, step by step
 * (django/db/models/sql/query.py: join, trim_joins, promote_joins, demote_joins, JoinPromoter): what rows a filter
 * keeps depends on them, so they are followed exactly.
 */
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { ColumnNode, JoinNode, SqlExpr } from '../sql/nodes.ts'
import { and } from './nodes.ts'
import type { Hop, Step } from './paths.ts'

/** A table in a statement: the model's own, or one that a relation leads to. */
export interface Join {
  readonly alias: string
  readonly meta: ModelMeta
  readonly parent: string | null
  readonly hop: Hop | null
  type: 'inner' | 'left'
  /** How many places use it; joins that nothing uses are left out. */
  uses: number
}

/** Numbers aliases across a statement and its subqueries, so that none hides another. */
export interface AliasCounter {
  next: number
  /** A table that goes by its own name, as in update and delete. */
  taken: string | null
}

/** A name for one more table. */
export function nextAlias(counter: AliasCounter): string {
  const alias = `t${counter.next++}`
  return alias === counter.taken ? `t${counter.next++}` : alias
}

/** The end of a path: the table, its alias, and the joins on the way (the first is where the path began). */
export interface Route {
  readonly aliases: readonly string[]
  readonly hops: readonly Hop[]
}

export class Joins {
  readonly map = new Map<string, Join>()
  base: string
  private readonly counter: AliasCounter

  constructor(meta: ModelMeta, counter: AliasCounter, alias?: string) {
    this.counter = counter
    if (alias !== undefined) counter.taken = alias
    this.base = this.add(meta, null, null, 'inner', alias)
  }

  private add(meta: ModelMeta, parent: string | null, hop: Hop | null, type: 'inner' | 'left', as?: string): string {
    const alias = as ?? nextAlias(this.counter)
    this.map.set(alias, { alias, meta, parent, hop, type, uses: 1 })
    return alias
  }

  get(alias: string): Join {
    return this.map.get(alias)!
  }

  /** Joins along a path. `reuse`: joins to many rows may only be those in the set; null allows every one. */
  follow(steps: readonly Step[], reuse: ReadonlySet<string> | null, from = this.base): Route {
    const aliases = [from]
    const hops: Hop[] = []
    let alias = from
    for (const step of steps) {
      for (const hop of step.hops) {
        alias = this.join(alias, hop, hop.many ? reuse : null)
        aliases.push(alias)
        hops.push(hop)
      }
    }
    return { aliases, hops }
  }

  private join(parent: string, hop: Hop, reuse: ReadonlySet<string> | null): string {
    let found: Join | undefined
    for (const join of this.map.values()) {
      // The most recent wins: a relation to many rows may be joined several times.
      if (join.parent === parent && join.hop === hop && (reuse === null || reuse.has(join.alias))) found = join
    }
    if (found !== undefined) {
      found.uses++
      return found.alias
    }
    const outer = hop.nullable || this.get(parent).type === 'left'
    return this.add(hop.target, parent, hop, outer ? 'left' : 'inner')
  }

  /** Drops joins at the end of a route whose keys are already on the table before. Gives where the columns now are. */
  trim(
    route: Route,
    columns: readonly FieldMeta[],
  ): { alias: string; columns: readonly FieldMeta[]; aliases: string[] } {
    const aliases = [...route.aliases]
    let at = columns
    for (let i = route.hops.length - 1; i >= 0; i--) {
      const { direct, from, to } = route.hops[i]!
      if (aliases.length === 1 || !direct || !at.every((column) => to.includes(column))) break
      at = at === to ? from : at.map((column) => from[to.indexOf(column)]!)
      this.release(aliases.pop()!)
    }
    return { alias: aliases.at(-1)!, columns: at, aliases }
  }

  release(alias: string): void {
    this.get(alias).uses--
  }

  promote(aliases: Iterable<string>): void {
    const queue = [...aliases]
    for (let alias = queue.shift(); alias !== undefined; alias = queue.shift()) {
      const join = this.get(alias)
      if (join.hop === null || join.type === 'left') continue
      const parent = this.get(join.parent!)
      if (!join.hop.nullable && parent.type !== 'left') continue
      join.type = 'left'
      for (const other of this.map.values())
        if (other.parent === alias && !queue.includes(other.alias)) queue.push(other.alias)
    }
  }

  demote(aliases: Iterable<string>): void {
    const queue = [...aliases]
    for (let alias = queue.shift(); alias !== undefined; alias = queue.shift()) {
      const join = this.get(alias)
      if (join.type !== 'left') continue
      join.type = 'inner'
      // An inner join on an outer one needs that one inner as well.
      if (join.parent !== null) queue.push(join.parent)
    }
  }

  /** Aliases joined as inner now. */
  inner(): Set<string> {
    const set = new Set<string>()
    for (const join of this.map.values()) if (join.hop !== null && join.type === 'inner') set.add(join.alias)
    return set
  }

  /** How often each join is used now; for {@link usedSince}. */
  usage(): ReadonlyMap<string, number> {
    return new Map(Array.from(this.map.values(), ({ alias, uses }) => [alias, uses]))
  }

  /** Joins that gained a use. */
  usedSince(before: ReadonlyMap<string, number>): string[] {
    const gained: string[] = []
    for (const { alias, uses, hop } of this.map.values()) {
      if (hop !== null && uses > (before.get(alias) ?? 0)) gained.push(alias)
    }
    return gained
  }

  /** Whether a table is there at most as one row for each row of the base. */
  hasMany(): boolean {
    for (const join of this.map.values()) if (join.uses > 0 && join.hop?.many === true) return true
    return false
  }

  /** The joins in use, in order; those a used one hangs on are in use too. */
  nodes(): JoinNode[] {
    const needed = new Set<string>()
    for (const join of this.map.values()) {
      if (join.uses <= 0) continue
      for (let at: Join | undefined = join; at !== undefined && at.alias !== this.base && !needed.has(at.alias); ) {
        needed.add(at.alias)
        at = at.parent === null ? undefined : this.map.get(at.parent)
      }
    }
    const nodes: JoinNode[] = []
    for (const { alias, meta, parent, hop, type } of this.map.values()) {
      if (hop === null || !needed.has(alias)) continue
      nodes.push({ table: meta.table, alias, type, on: tied(parent!, hop.from, alias, hop.to) })
    }
    return nodes
  }
}

export function columnNode(alias: string | null, field: FieldMeta): ColumnNode {
  const node = { t: 'column', table: alias, column: field.column!, kind: field.kind! } as const
  return field.type === null ? node : { ...node, type: field.type }
}

/** The columns of two tables are equal, one by one. */
export function tied(left: string, from: readonly FieldMeta[], right: string, to: readonly FieldMeta[]): SqlExpr {
  return and(
    from.map((field, i) => ({
      t: 'compare',
      op: '=',
      left: columnNode(left, field),
      right: columnNode(right, to[i]!),
    })),
  )
}

/** Counts, over the parts of one AND or OR, which joins each part needs to have a row. */
export class JoinVotes {
  private readonly votes = new Map<string, number>()
  private readonly connector: 'and' | 'or' | 'xor'
  private readonly parts: number

  constructor(connector: 'and' | 'or' | 'xor', parts: number, negated: boolean) {
    // As in Django, the opposite of an OR or XOR needs all that its parts need.
    this.connector = negated ? (connector === 'and' ? 'or' : 'and') : connector
    this.parts = parts
  }

  add(aliases: Iterable<string>): void {
    for (const alias of aliases) this.votes.set(alias, (this.votes.get(alias) ?? 0) + 1)
  }

  /** Makes joins outer that some part of an OR does not need, and inner those that every row needs. */
  apply(joins: Joins): Set<string> {
    const promote: string[] = []
    const demote = new Set<string>()
    for (const [alias, votes] of this.votes) {
      // Of an XOR, nothing can be said: its joins stay as they are.
      if (this.connector === 'xor') continue
      if (this.connector === 'or' && votes < this.parts) promote.push(alias)
      else demote.add(alias)
    }
    joins.promote(promote)
    joins.demote(demote)
    return demote
  }
}
