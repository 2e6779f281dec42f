/** What one statement's parts share while it is built: the slots of its values, and the names of its tables. */
import type { Features } from '../backends/features.ts'
import type { Kind } from '../kinds.ts'
import type { ModelMeta } from '../models/meta.ts'
import type { CommonTableNode, ParamNode, SqlExpr } from '../sql/nodes.ts'
import type { AliasCounter } from './joins.ts'
import type { CommonTables } from './sources.ts'

/** Where a slot's value comes from: `values[source]` of the query set, converted; `label` names it in errors. */
export interface SlotSource {
  readonly source: number
  readonly convert: ((value: unknown, alias?: string) => unknown) | null
  /** What is sent for null. */
  readonly nothing: unknown
  readonly label: string
}

/** How a value goes into its slot. */
export interface SlotOptions {
  readonly list?: boolean
  readonly like?: NonNullable<ParamNode['like']>
  readonly convert?: ((value: unknown, alias?: string) => unknown) | null
  readonly nothing?: unknown
}

export class BuildContext {
  readonly aliases: AliasCounter = { next: 0, taken: null }
  readonly slots: SlotSource[] = []
  readonly features: Features
  /** Common tables by what they were made of, and their statements in the order they are written. */
  readonly known: CommonTables = new Map()
  readonly commonTables: CommonTableNode[] = []
  /** Columns that may be null, as they stand in expressions. */
  readonly nullable = new WeakSet<SqlExpr>()
  /** Models whose rows a statement inside reads, each behind the model around it. */
  readonly inside: (readonly [around: ModelMeta, inner: ModelMeta])[] = []
  /** The next of the query set's values that a part will take. */
  cursor = 0
  /** What is being built, for errors about values: `library.Book.pages__gte`. */
  label = ''
  private readonly zone: () => string
  /** The time zone the text depends on; null when it depends on none. */
  usedZone: string | null = null

  constructor(features: Features, zone: () => string) {
    this.features = features
    this.zone = zone
  }

  /** Forgets what was built, to build it another way. */
  restart(): void {
    this.aliases.next = 0
    this.slots.length = 0
    this.known.clear()
    this.commonTables.length = 0
    this.inside.length = 0
    this.cursor = 0
  }

  timeZone(): string {
    this.usedZone ??= this.zone()
    return this.usedZone
  }

  /** A slot for the value at `source`; several slots may come from one value. */
  slot(source: number, kind: Kind | null, options: SlotOptions = {}): ParamNode {
    const slot = this.slots.length
    this.slots.push({ source, convert: options.convert ?? null, nothing: options.nothing ?? null, label: this.label })
    const node: ParamNode = { t: 'param', slot, kind }
    if (options.list === true) return { ...node, list: true }
    return options.like === undefined ? node : { ...node, like: options.like }
  }

  /** A slot for the next value. */
  param(kind: Kind | null, options: SlotOptions = {}): ParamNode {
    return this.slot(this.cursor++, kind, options)
  }
}
