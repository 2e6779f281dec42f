/**
 * What models ask of queries. Models never import the query room: it registers itself here when the door (or
 * `internal.ts`) is imported, and this is where the knot Model ↔ QuerySet is cut.
 */
import { ModelError } from '../errors.ts'
import type { AnyInstance } from './instance.ts'
import type { DeleteOptions, RefreshOptions, SaveOptions } from './instance-methods.ts'
import type { AnyModel, FieldMeta, ModelConstraint } from './meta.ts'

/** The query room's part of models and instances. */
export interface ModelHooks {
  /** The queryset of all rows, `Model.objects`; `like`: the one of another model, whose class and filters it has. */
  createManager(model: AnyModel, like?: unknown): unknown
  /** Reads the row behind a foreignKey, oneToOne or reverseOne, for all peers at once, and caches it. */
  loadRelated(instance: AnyInstance, field: FieldMeta): Promise<AnyInstance | null>
  /** The rows behind a manyToMany or reverse field. `items`: the rows, where they were read ahead. */
  relatedSet(instance: AnyInstance, field: FieldMeta, items?: readonly AnyInstance[]): unknown
  save(instance: AnyInstance, options: SaveOptions): Promise<void>
  /** @returns rows deleted, in all */
  delete(instance: AnyInstance, options: DeleteOptions): Promise<number>
  refresh(instance: AnyInstance, options: RefreshOptions): Promise<void>
  /** Whether an instance breaks a constraint; null where a field it looks at is in `skip`, or it is text. */
  breaks(instance: AnyInstance, constraint: ModelConstraint, skip: ReadonlySet<string>): Promise<boolean | null>
  /** The largest number of an integer column in the database where an instance is written. */
  maxInteger(instance: AnyInstance): number
  /** `Book.F('pages')` */
  makeF(model: AnyModel, path: string): unknown
  /** `Book.OuterRef('id')` */
  makeOuterRef(model: AnyModel, path: string): unknown
  /** `Book.Q({ title: 'x' })` */
  makeQ(model: AnyModel, where: unknown): unknown
}

const registered: Partial<ModelHooks> = {}

/** Registers the query room's part; called once by each file that has some. */
export function registerHooks(hooks: Partial<ModelHooks>): void {
  Object.assign(registered, hooks)
}

/** A hook by name. @throws ModelError db.no-queries when the query room was never imported */
export function hook<K extends keyof ModelHooks>(name: K): ModelHooks[K] {
  const found = registered[name]
  if (found !== undefined) return found
  throw new ModelError(`Models cannot ${name} yet: the part of nuages/db that runs queries is not loaded.`, {
    code: 'db.no-queries',
    hint: "Import from 'nuages/db'.",
  })
}
