/**
 * Plans: what is worked out once per shape. Compiled text, where each value goes, and what becomes of the rows.
 * They are kept by key, up to a number; the least used go first.
 */
import { timeZone } from '../../i18n/index.ts'
import type { Backend, Compiled, MaybePromise, NamedRows, RunResult, SqlRow } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { DataError, TransactionError } from '../errors.ts'
import type { ModelMeta } from '../models/meta.ts'
import { allowsMigrate, hasRouters, routedTo } from '../routers.ts'
import type { SqlExpr, Statement } from '../sql/nodes.ts'
import type { Tail } from './build.ts'
import { BuildContext, type SlotSource } from './context.ts'
import { crossDatabase, QueryValueError } from './errors.ts'
import type { Hydrate } from './hydrate.ts'
import { rewrite } from './nodes.ts'

/** A compiled query of one shape: it is asked again with other values. */
export interface Plan {
  /** null: the answer is known without asking. */
  readonly compiled: Compiled | null
  /** Where slots take their values. */
  readonly sources: readonly SlotSource[]
  /** Slots are the values as they are. */
  readonly direct: boolean
  /** The time zone the text depends on; null when it depends on none. */
  readonly zone: string | null
  readonly hydrate: Hydrate | null
  /** Columns behind those of the rows; see {@link BuiltRows}. */
  readonly tail: Tail | null
  /** Its rows are locked, which only a transaction can do. */
  readonly locks: boolean
  /** Models of statements inside; see {@link BuildContext.inside}. */
  readonly inside: BuildContext['inside']
}

/** What a builder gives. */
export interface Built {
  readonly statement: Statement | null
  readonly hydrate?: Hydrate
  readonly tail?: Tail | undefined
}

/** Plans of one process; see {@link setPlanCacheSize}. */
const DEFAULT_SIZE = 1000
let half = DEFAULT_SIZE / 2

/**
 * Two generations: a hit in the old one moves to the young; when the young is full it becomes the old, and what the
 * old held is forgotten. Keeps at most `size`, and a hit in the young costs one look-up.
 */
class PlanCache {
  private young = new Generation()
  private old = new Generation()

  get(key: string, tail: string): Plan | undefined {
    const plan = this.young.get(key, tail)
    if (plan !== undefined) return plan
    const older = this.old.get(key, tail)
    if (older !== undefined) this.set(key, tail, older)
    return older
  }

  set(key: string, tail: string, plan: Plan): void {
    if (this.young.size >= half) {
      this.old = this.young
      this.young = new Generation()
    }
    this.young.set(key, tail, plan)
  }

  get size(): number {
    return this.young.size + this.old.size
  }
}

/** Plans by tail, of which there are few, and then by key: the two are never written as one text. */
class Generation {
  private readonly byTail = new Map<string, Map<string, Plan>>()
  size = 0

  get(key: string, tail: string): Plan | undefined {
    return this.byTail.get(tail)?.get(key)
  }

  set(key: string, tail: string, plan: Plan): void {
    let plans = this.byTail.get(tail)
    if (plans === undefined) {
      plans = new Map()
      this.byTail.set(tail, plans)
    }
    if (!plans.has(key)) this.size++
    plans.set(key, plan)
  }
}

const caches = new WeakMap<Backend, PlanCache>()

/** Most projects have one kind of database: that which was asked for last, and its plans. */
let lastBackend: Backend | null = null
let lastCache = new PlanCache()

function cacheOf(backend: Backend): PlanCache {
  if (backend === lastBackend) return lastCache
  let cache = caches.get(backend)
  if (cache === undefined) {
    cache = new PlanCache()
    caches.set(backend, cache)
  }
  lastBackend = backend
  lastCache = cache
  return cache
}

/** How many plans are kept for each kind of database; default 1_000. */
export function setPlanCacheSize(size: number): void {
  half = Math.max(1, Math.ceil(size / 2))
}

/** How many plans a backend has now. */
export function planCount(backend: Backend): number {
  return cacheOf(backend).size
}

/** The plan of a key on a database, made on first use. `tail`: what is done with what the key says; see {@link tailOf}. */
export function planFor(db: Database, key: string, build: (context: BuildContext) => Built, tail = ''): Plan {
  const cache = cacheOf(db.backend)
  const plan = cache.get(key, tail)
  if (plan === undefined) return keep(cache, key, tail, make(db, build))
  if (plan.zone === null || plan.zone === timeZone()) return plan
  // Text that reads hours and days depends on the zone; each zone has its own.
  const zoned = `${key}@${timeZone()}`
  return cache.get(zoned, tail) ?? keep(cache, zoned, tail, make(db, build))
}

/** The plan, if it was made before and holds in every zone. */
export function knownPlan(db: Database, key: string, tail: string): Plan | undefined {
  const plan = cacheOf(db.backend).get(key, tail)
  return plan === undefined || plan.zone === null ? plan : undefined
}

function keep(cache: PlanCache, key: string, tail: string, plan: Plan): Plan {
  cache.set(key, tail, plan)
  return plan
}

function make(db: Database, build: (context: BuildContext) => Built): Plan {
  const context = new BuildContext(db.features, timeZone)
  const { statement: plain, hydrate = null, tail = null } = build(context)
  const statement = plain && withCommonTables(plain, context)
  const compiled = statement === null ? null : db.backend.compiler.compile(statement)
  const direct = context.slots.every((slot, i) => slot.source === i && slot.convert === null)
  const locks = statement?.t === 'select' && statement.lock !== undefined
  return {
    compiled,
    sources: context.slots,
    direct,
    zone: context.usedZone,
    hydrate,
    tail,
    locks,
    inside: context.inside,
  }
}

/** The statement with the common tables it reads. */
function withCommonTables(statement: Statement, { commonTables, features }: BuildContext): Statement {
  if (commonTables.length === 0) return statement
  const own = { with: commonTables }
  if (statement.t === 'select') return { ...statement, ...own }
  if (statement.t !== 'update' && statement.t !== 'delete') return statement // no other is made of query sets
  if (features.commonTablesInWrites) return { ...statement, ...own }
  const inside = (node: SqlExpr): SqlExpr =>
    rewrite(node, (part) => {
      if (part.t === 'exists' || part.t === 'subquery') return { ...part, query: { ...part.query, ...own } }
      if (part.t === 'in' && 't' in part.right && part.right.t === 'select')
        return { ...part, right: { ...part.right, ...own } }
      return null
    })
  const where = statement.where && inside(statement.where)
  if (statement.t === 'delete') return { ...statement, where }
  return { ...statement, where, set: statement.set.map((item) => ({ ...item, value: inside(item.value) })) }
}

/** Values by slot, as they are sent to a database. */
export function planValues(plan: Plan, values: readonly unknown[], alias: string): readonly unknown[] {
  if (plan.inside.length > 0 && hasRouters()) assertTogether(plan.inside, alias)
  if (plan.direct) return values
  const { sources } = plan
  const length = sources.length
  const slots: unknown[] = new Array(length)
  for (let i = 0; i < length; i++) {
    const { source, convert, nothing } = sources[i]!
    const value = values[source]
    if (value === undefined) throw missingValue(sources[i]!)
    slots[i] = convert === null ? value : value === null ? nothing : convert(value, alias)
  }
  return slots
}

/** What routers keep out of a database has no table there. @throws QueryUsageError db.cross-database-query */
function assertTogether(inside: BuildContext['inside'], alias: string): void {
  const isThere = ({ app, name }: ModelMeta): boolean => allowsMigrate(alias, app, { model: name })
  // A copy that no migration touches has what its original has.
  const apart = inside.find(([around, inner]) => !isThere(inner) && isThere(around))
  if (apart === undefined) return
  const { label, model } = apart[1]
  const home = routedTo(model)
  const where = home === null || home === alias ? '' : `; they are in "${home}"`
  throw crossDatabase(`other databases than "${alias}": routers keep ${label} out of it${where}`)
}

function missingValue({ label }: SlotSource): QueryValueError {
  return new QueryValueError(`${label} has no value.`, { code: 'db.undefined-filter' })
}

/** Rows of a plan. At once where the driver can. */
export function planRows(db: Database, plan: Plan, values: readonly unknown[]): MaybePromise<SqlRow[]> {
  if (plan.locks) assertInBlock(db)
  return plan.compiled === null ? [] : filled(db, plan, values, (slots) => db.rows(plan.compiled!, slots))
}

/** Runs a plan for its effect. */
export function planRun(db: Database, plan: Plan, values: readonly unknown[]): MaybePromise<RunResult> {
  if (plan.compiled === null) return { changes: 0, lastId: null }
  const slots = planValues(plan, values, db.alias)
  try {
    return db.run(plan.compiled, slots)
  } catch (error) {
    throw labelled(plan, slots, error)
  }
}

/** Raw SQL: rows with the names of their columns. */
export function planNamed(db: Database, plan: Plan, values: readonly unknown[]): MaybePromise<NamedRows> {
  return filled(db, plan, values, (slots) => db.named(plan.compiled!, slots)) // raw SQL is always a statement
}

/** Rows of a plan in chunks. */
export function planIterate(
  db: Database,
  plan: Plan,
  values: readonly unknown[],
  chunk: number,
): AsyncIterable<SqlRow[]> | null {
  if (plan.locks) assertInBlock(db)
  return plan.compiled === null ? null : filled(db, plan, values, (slots) => db.iterate(plan.compiled!, slots, chunk))
}

/** Sends with values by slot. They are encoded before anything is waited for, so that complaints about them come here. */
function filled<T>(db: Database, plan: Plan, values: readonly unknown[], send: (slots: readonly unknown[]) => T): T {
  const slots = planValues(plan, values, db.alias)
  try {
    return send(slots)
  } catch (error) {
    throw labelled(plan, slots, error)
  }
}

/** An encoder's complaint, with the name of what the value was given for. */
function labelled(plan: Plan, slots: readonly unknown[], error: unknown): unknown {
  if (!(error instanceof DataError) || error.code !== 'db.invalid-value') return error
  const { slots: order, encoders } = plan.compiled!
  for (let i = 0; i < order.length; i++) {
    const value = slots[order[i]!]
    if (value === null) continue
    try {
      encoders[i]?.(value)
    } catch (own) {
      const label = plan.sources[order[i]!]?.label ?? ''
      return new QueryValueError(`${label}: ${(own as Error).message}`, {
        code: 'db.invalid-value',
        status: 400,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      })
    }
  }
  return error
}

/** A lock ends with its transaction; outside of one that is at once. */
function assertInBlock(db: Database): void {
  if (db.currentBlock() !== null) return
  throw new TransactionError('forUpdate() was used outside of atomic().', {
    code: 'db.not-in-block',
    hint: 'Read and write the rows inside one atomic(async () => { … }).',
    alias: db.alias,
  })
}
