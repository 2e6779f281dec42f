/** What every instance can do, and the options of it. */

import type { UpdateInput } from './inputs.ts'
import type { LOADED } from './instance.ts'
import type { AnyModel } from './meta.ts'
import type { FIELDS, OPTIONS } from './types.ts'

/** How {@link Instance.save} writes. */
export interface SaveOptions {
  /** Database alias; default: where the instance came from, else the current one. */
  readonly using?: string
  /** Only these fields; default: what changed. */
  readonly fields?: readonly string[]
  /** Insert even if the key is set; fails when the row exists. Not together with `fields`. */
  readonly forceInsert?: boolean
  /** Update only, by the key; fails when there is no such row (`db.row-vanished`), also when nothing was changed. */
  readonly forceUpdate?: boolean
}
/** {@link SaveOptions} of a model T. */
export interface SaveWith<T> extends SaveOptions {
  /**
   * Values to give it first. They may be expressions over the row's own columns, which the database computes when it
   * writes: `save({ set: { plays: Song.F('plays').plus(1) } })`; the instance then has what came of it.
   */
  readonly set?: UpdateInput<T>
}
/** How {@link Instance.delete} deletes. */
export interface DeleteOptions {
  readonly using?: string
}
/** How {@link Instance.refresh} reads. */
export interface RefreshOptions {
  readonly using?: string
  /** Only these fields; default all. */
  readonly fields?: readonly string[]
  /**
   * Rows to read it from: a query set of its model, whose filters count (`Book.objects.filter({ deleted: false })`), and whose
   * selectRelated() is loaded. Default: all rows.
   */
  readonly from?: { readonly model: AnyModel }
}
/** How {@link Instance.fullClean} checks. */
export interface CleanOptions {
  /** Fields not to look at. */
  readonly exclude?: readonly string[]
  /** Ask the database about unique fields and constraints. Default true. */
  readonly unique?: boolean
  /** Call the instance's own `clean()`. Default true. */
  readonly clean?: boolean
}

/** What every instance can do, whatever its fields. */
export interface InstanceMethods {
  readonly [LOADED]: true
  /** Inserts a new row, or updates the columns that changed. */
  save(options?: SaveOptions): Promise<this>
  /** Deletes the row, and what `onDelete` says about rows that point to it. @returns rows deleted, in all */
  delete(options?: DeleteOptions): Promise<number>
  /** Reads the row again; forgets loaded relations. */
  refresh(options?: RefreshOptions): Promise<this>
  /** Checks of your own across fields: throw ValidationError. Called by {@link fullClean}. */
  clean(): void | Promise<void>
  /**
   * Called with each instance that a query reads, when its columns (and annotations) are there, and nothing of its relations:
   * to keep what was read beside what is changed later, or to make a value of several columns once. Override it; until
   * then it is never called. It is synchronous and asks the database nothing; columns that `only()` left out are not there.
   */
  fromDb(): void
  /** Cleans each field, then calls `clean()`, then checks what must be unique. @throws ValidationError by field */
  fullClean(options?: CleanOptions): Promise<void>
  /** For people: `Book(3)` unless overridden. */
  toString(): string
  /** Columns by field name, relations as keys; secret fields left out. */
  toJSON(): Record<string, unknown>
}

/** The instance side of every model. */
export interface Instance<F, O, Self = unknown> extends InstanceMethods {
  readonly [FIELDS]: F
  readonly [OPTIONS]: O
  /** Inserts a new row, or updates the columns that changed, those of `set` included. */
  save(options?: SaveWith<Self>): Promise<this>
  /** The primary key; null before the row is inserted, whatever the type says. */
  readonly pk: O extends { readonly '~key': infer K } ? K : never
}
