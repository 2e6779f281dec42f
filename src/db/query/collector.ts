/**
 * What one deletion takes with it: rows that point at those to delete, and what `onDelete` of their relations says. What goes
 * with what, in which order, and what is counted follows django/db/models/deletion.py.
 */
import type { StoredFile } from '../../storage/stored-file.ts'
import type { Database } from '../connections.ts'
import { type AnyInstance, ROW } from '../models/instance.ts'
import { keyId, keyValue } from '../models/keys.ts'
import { type AnyModel, databaseAction, type FieldMeta, type IncomingRelation, type OnDelete } from '../models/meta.ts'
import { postDelete, preDelete } from '../signals.ts'
import type { DeleteResult } from './any-queryset.ts'
import { ProtectedError, RestrictedError } from './errors.ts'
import { fetchCount, runDelete, runUpdate } from './execute.ts'
import { fileFields } from './file-fields.ts'
import { readRows } from './rows.ts'
import { keyToSet } from './set-on-delete.ts'
import { initialState, type State } from './state.ts'
import { withFilter, withOrder, withSlice } from './state-ops.ts'

/** Nothing is done here: nobody does, or the database itself. */
function isLeft(onDelete: OnDelete | null): boolean {
  return onDelete === 'doNothing' || databaseAction(onDelete) !== undefined
}

/** Relations whose keys are columns of other rows: what a deletion has to look at. */
export function pointing(model: AnyModel): IncomingRelation[] {
  return model.meta.incoming.filter(({ field }) => field.parts.length > 0)
}

/** Whether rows may go with one statement: nobody listens, and nothing happens to other rows. */
export function isFast(model: AnyModel, from: FieldMeta | null): boolean {
  if (from !== null && from.relation!.onDelete !== 'cascade') return false
  if (preDelete.hasReceivers || postDelete.hasReceivers || cleanedUp(model).length > 0) return false
  return pointing(model).every(({ field }) => isLeft(field.relation!.onDelete))
}

/** Fields whose files go with their rows. */
function cleanedUp({ meta }: AnyModel): readonly FieldMeta[] {
  return fileFields(meta).filter((field) => field.files!.cleanup)
}

interface FieldUpdate {
  readonly field: FieldMeta
  /** What `set()` was given is asked for when rows are deleted: a look at a deletion makes no row. */
  readonly value: unknown
  readonly rows: AnyInstance[]
}

/** Ends a look at a deletion that takes more than can be read. */
export class TooManyRows extends Error {}

/** What one deletion takes with it. */
export class Collector {
  readonly db: Database
  /** Rows to delete, by model, in the order they were found; by key, so that each is there once. */
  private data = new Map<AnyModel, Map<unknown, AnyInstance>>()
  /** Models whose rows must go before a model's own. */
  private readonly dependencies = new Map<AnyModel, Set<AnyModel>>()
  /** Rows of a query that go with one statement, later. */
  private readonly fast: { model: AnyModel; state: State }[] = []
  private readonly updates: FieldUpdate[] = []
  private readonly restricted: { field: FieldMeta; row: AnyInstance }[] = []

  /** Rows that are read at most, where the deletion is only looked at. */
  private readonly most: number | null
  private read = 0

  constructor(db: Database, most: number | null = null) {
    this.db = db
    this.most = most
  }

  private state(model: AnyModel): State {
    return { ...initialState(model), alias: this.db.alias }
  }

  private pointingRows(field: FieldMeta, rows: readonly AnyInstance[]): State {
    const { targets } = field.relation!
    return withFilter(withOrder(this.state(field.model), []), {
      [`${field.attname}__in`]: rows.map((row) => keyValue(row, targets)),
    })
  }

  private add(
    model: AnyModel,
    rows: readonly AnyInstance[],
    source: AnyModel | null,
    nullable: boolean,
  ): AnyInstance[] {
    const known = this.data.get(model) ?? new Map<unknown, AnyInstance>()
    this.data.set(model, known)
    const fresh: AnyInstance[] = []
    for (const row of rows) {
      const key = keyText(model, row)
      if (known.has(key)) continue
      known.set(key, row)
      fresh.push(row)
    }
    if (source !== null && !nullable) this.depend(source, model)
    return fresh
  }

  private depend(model: AnyModel, first: AnyModel): void {
    const set = this.dependencies.get(model) ?? new Set()
    this.dependencies.set(model, set)
    set.add(first)
  }

  async collect(
    model: AnyModel,
    rows: readonly AnyInstance[],
    source: AnyModel | null = null,
    nullable = false,
  ): Promise<void> {
    const fresh = this.add(model, rows, source, nullable)
    if (fresh.length === 0) return
    const blocked: AnyInstance[] = []
    const blockers = new Set<string>()
    for (const { field, model: holder } of pointing(model)) {
      const { onDelete } = field.relation!
      if (isLeft(onDelete)) continue
      const all = this.pointingRows(field, fresh)
      if (isFast(holder, field)) {
        this.fast.push({ model: holder, state: all })
        continue
      }
      const state = this.most === null ? all : withSlice(all, 0, this.most + 1)
      const found = (await readRows(holder, state)) as AnyInstance[] // a model's rows
      this.read += found.length
      if (this.most !== null && this.read > this.most) throw new TooManyRows()
      if (found.length === 0) continue
      switch (onDelete) {
        case 'cascade':
          // References are checked with each statement: rows that go in whatever order point nowhere first.
          if (field.null && !this.db.features.deferredReferences) this.updates.push({ field, value: null, rows: found })
          await this.collect(holder, found, model, field.null)
          break
        case 'protect':
          blocked.push(...found)
          blockers.add(`${holder.meta.label}.${field.name}`)
          break
        case 'restrict':
          for (const row of found) this.restricted.push({ field, row })
          this.depend(model, holder)
          break
        case 'setNull':
          this.updates.push({ field, value: null, rows: found })
          break
        case 'setDefault':
          this.updates.push({ field, value: field.getDefault() ?? null, rows: found })
          break
        case 'set':
          this.updates.push({ field, value: field.relation!.setTo, rows: found })
          break
        case null:
          break
      }
    }
    if (blocked.length > 0) throw new ProtectedError(inTheWay(model, blocked, blockers), blocked)
  }

  /** Rows that restrict the deletion, unless they are deleted with the rest. */
  async assertUnrestricted(model: AnyModel): Promise<void> {
    const left = await this.remaining()
    if (left.length === 0) return
    const rows = left.map(({ row }) => row)
    const fields = new Set(left.map(({ field }) => `${field.model.meta.label}.${field.name}`))
    throw new RestrictedError(inTheWay(model, rows, fields), rows)
  }

  /** Of the restricted rows those that stay: neither collected nor among the rows of a statement to come. */
  private async remaining(): Promise<{ field: FieldMeta; row: AnyInstance }[]> {
    let left = this.restricted.filter(({ field, row }) => !this.data.get(field.model)?.has(keyText(field.model, row)))
    for (const { model, state } of this.fast) {
      const rows = left.flatMap(({ field, row }) => (field.model === model ? [row] : []))
      if (rows.length === 0) continue
      const keys = { pk__in: rows.map((row) => keyValue(row, model.meta.pk)) }
      const found = (await readRows(model, withFilter(state, keys))) as AnyInstance[] // a model's rows
      const gone = new Set(found.map((row) => keyText(model, row)))
      left = left.filter(({ field, row }) => field.model !== model || !gone.has(keyText(model, row)))
    }
    return left
  }

  /** Rows by model, the tables between two sides of a many-to-many left out. */
  rows(): ReadonlyMap<AnyModel, readonly AnyInstance[]> {
    return new Map([...this.data].map(([model, rows]) => [model, [...rows.values()]]))
  }

  async counts(): Promise<{ model: AnyModel; count: number }[]> {
    const found = new Map<AnyModel, number>()
    for (const [model, rows] of this.data) found.set(model, rows.size)
    for (const { model, state } of this.fast)
      found.set(model, (found.get(model) ?? 0) + (await fetchCount(model, state)))
    return [...found]
      .filter(([model, count]) => count > 0 && !model.meta.autoCreated)
      .map(([model, count]) => ({ model, count }))
  }

  private sorted(): AnyModel[] {
    const models = [...this.data.keys()]
    const order: AnyModel[] = []
    while (order.length < models.length) {
      const next = models.filter((model) => {
        if (order.includes(model)) return false
        const before = this.dependencies.get(model)
        return (
          before === undefined ||
          [...before].every((other) => other === model || !this.data.has(other) || order.includes(other))
        )
      })
      if (next.length === 0) return models // a cycle: in the order they were found, as Django
      order.push(...next)
    }
    return order
  }

  /** The changes, with the keys that `set()` gives: asked once for each relation. */
  private async settled(): Promise<readonly FieldUpdate[]> {
    const keys = new Map<FieldMeta, unknown>()
    for (const { field } of this.updates) {
      if (field.relation!.onDelete !== 'set' || keys.has(field)) continue
      const { concrete } = field.relation!.target.meta
      const gone = [...this.data].flatMap(([model, rows]) =>
        model.meta.concrete === concrete ? [...rows.values()] : [],
      )
      keys.set(field, await keyToSet(field, gone))
    }
    return this.updates.map((update) =>
      keys.has(update.field) ? { ...update, value: keys.get(update.field) } : update,
    )
  }

  async delete(): Promise<DeleteResult> {
    const counts: Record<string, number> = {}
    const count = (model: AnyModel, rows: number): void => {
      if (rows > 0) counts[model.meta.label] = (counts[model.meta.label] ?? 0) + rows
    }
    const models = this.sorted()
    const { alias } = this.db
    const updates = await this.settled()
    if (preDelete.hasReceivers) {
      for (const model of models) {
        if (model.meta.autoCreated) continue
        for (const instance of this.data.get(model)!.values()) await preDelete.send({ model, instance, alias })
      }
    }
    const files = await this.files(models)
    for (const { model, state } of this.fast) count(model, await runDelete(model, state))
    for (const { field, value, rows } of updates) {
      await runUpdate(field.model, this.keyed(field.model, rows), [[field, null]], [value])
    }
    for (const model of models) {
      const rows = [...this.data.get(model)!.values()].reverse()
      if (rows.length > 0) count(model, await runDelete(model, this.keyed(model, rows)))
      if (!postDelete.hasReceivers || model.meta.autoCreated) continue
      for (const instance of rows) await postDelete.send({ model, instance, alias })
    }
    if (files.length > 0) await (await import('./save-files.ts')).deleteLater(files, alias)
    // Only now: an error above leaves the instances as they were.
    for (const { field, value, rows } of updates) for (const row of rows) row[field.attname] = value
    for (const model of models) for (const row of this.data.get(model)!.values()) forget(model, row)
    return { total: Object.values(counts).reduce((sum, rows) => sum + rows, 0), perModel: counts }
  }

  /** Files that go with the rows. */
  private async files(models: readonly AnyModel[]): Promise<StoredFile[]> {
    const found: StoredFile[] = []
    for (const model of models) {
      const fields = cleanedUp(model)
      if (fields.length === 0) continue
      const { filesOf } = await import('./save-files.ts')
      found.push(...(await filesOf([...this.data.get(model)!.values()], model.meta, fields, this.db)))
    }
    return found
  }

  /** Rows by their keys. */
  private keyed(model: AnyModel, rows: readonly AnyInstance[]): State {
    return withFilter(this.state(model), { pk__in: rows.map((row) => keyValue(row, model.meta.pk)) })
  }
}

function keyText(model: AnyModel, row: AnyInstance): unknown {
  return keyId(keyValue(row, model.meta.pk))
}

/** An instance whose row is gone: it would be inserted again. */
function forget(model: AnyModel, row: AnyInstance): void {
  row[ROW] = null
  for (const field of model.meta.pk) if (field.generated) row[field.attname] = null
}

function inTheWay(model: AnyModel, rows: readonly AnyInstance[], fields: ReadonlySet<string>): string {
  return `${rows.length} row${rows.length === 1 ? '' : 's'} (${[...fields].join(', ')}) point${rows.length === 1 ? 's' : ''} at the ${model.meta.verboseName} to delete.`
}
