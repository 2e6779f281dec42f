/** The instances that one query gave, known to each other weakly: what lets `await book.author` load for all at once. */
import { ALIAS, type AnyInstance, CACHE, PEERS } from '../models/instance.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { FetchMode } from './state.ts'

/** Shared by the instances of one result, as their `PEERS`. */
export class Result {
  /** The list they were given in. Weak: one instance that is kept does not keep a thousand others. */
  private list: WeakRef<readonly AnyInstance[]> | null = null
  /** For rows that came with others: whose relation they are. */
  private readonly parent: Result | null
  private readonly via: string | null
  private readonly attribute: boolean
  /** How relations of these are fetched when they are awaited; null: as of what they came with. */
  private own: FetchMode | null = null
  /** Loads that are under way, and the block each reads in: what another block reads is not what this one sees. */
  pending: Map<FieldMeta, { readonly block: unknown; readonly done: Promise<void> }> | null = null
  /** Whose relation led nowhere: not asked for again with the others. */
  lost: Map<FieldMeta, WeakSet<AnyInstance>> | null = null
  /** The instances of the list, once they were asked for: the list itself may be gone while a loop is still at work. */
  private each: readonly WeakRef<AnyInstance>[] | null = null

  /** `attribute`: they are under an attribute of their owners (`toAttr`), not in a relation. */
  constructor(parent: Result | null = null, via: string | null = null, attribute = false) {
    this.parent = parent
    this.via = via
    this.attribute = attribute
  }

  /** One for instances of several, which keep their own: for what is read for them together. */
  static of(list: readonly AnyInstance[], mode: FetchMode): Result {
    const result = new Result()
    result.each = list.map((instance) => new WeakRef(instance))
    if (mode !== 'peers') result.fetches(mode)
    return result
  }

  get mode(): FetchMode {
    return this.own ?? this.parent?.mode ?? 'peers'
  }
  /** Says how relations are fetched; rows read later for these do likewise. */
  fetches(mode: FetchMode): void {
    this.own = mode
  }

  /** Says which instances these are. One alone has no peers. */
  holds(list: readonly AnyInstance[]): void {
    if (list.length > 1) this.list = new WeakRef(list)
  }

  private listed(): readonly AnyInstance[] {
    const list = this.list?.deref()
    if (list !== undefined) {
      this.each ??= list.map((instance) => new WeakRef(instance))
      return list
    }
    return this.each?.flatMap((reference) => reference.deref() ?? []) ?? []
  }

  /** Those that are still there, in order; some may come twice. */
  instances(): readonly AnyInstance[] {
    if (this.parent === null) return this.listed()
    const found: AnyInstance[] = []
    for (const owner of this.parent.instances()) {
      const value = this.attribute ? owner[this.via!] : owner[CACHE]?.[this.via!]
      if (value === null || value === undefined) continue
      // A list is what was read ahead; the set that was made of one keeps it under `items`.
      const list = Array.isArray(value) ? value : (value as { readonly items?: readonly AnyInstance[] | null }).items
      if (list === undefined) found.push(value as AnyInstance)
      else if (list !== null) for (const item of list as readonly AnyInstance[]) found.push(item)
    }
    return found
  }
}

/** The instances read together with one, itself among them, from the same database. */
export function peersOf(instance: AnyInstance): readonly AnyInstance[] {
  const result = instance[PEERS]
  if (!(result instanceof Result)) return [instance]
  const alias = instance[ALIAS]
  const peers = result.instances().filter((peer) => peer[ALIAS] === alias)
  return peers.includes(instance) ? peers : [instance]
}
