/**
 * Signals of rows: told before and after an instance is saved or deleted. Without receivers they cost nothing;
 * `update()`, `bulkCreate()` and deletes of one statement send none of these, but `preBulkWrite` and `postBulkWrite`.
 */
import { type Signal, signal } from '../signals/index.ts'
import type { AnyModel, FieldMeta } from './models/meta.ts'

/** Before and after save(). */
export interface SaveEvent {
  readonly model: AnyModel
  readonly instance: object
  /** Whether a row is (or was) inserted. */
  readonly created: boolean
  /** Names of the fields that save() was limited to; null for what changed. */
  readonly fields: readonly string[] | null
  readonly alias: string
  /** A row of a fixture, written as it is: do not change other rows, which may not be there yet. Absent is false. */
  readonly raw?: boolean
}
/** Before and after an instance is deleted, by itself or by a cascade. */
export interface DeleteEvent {
  readonly model: AnyModel
  readonly instance: object
  readonly alias: string
}
/** A many-to-many relation changed. */
export interface RelationEvent {
  readonly action: 'preAdd' | 'postAdd' | 'preRemove' | 'postRemove' | 'preClear' | 'postClear'
  /** The row whose relation it is, and the field it was changed through. */
  readonly instance: object
  readonly field: FieldMeta
  /** Keys on the other side; empty for clear. */
  readonly keys: readonly unknown[]
  readonly alias: string
  /** As {@link SaveEvent.raw}. */
  readonly raw?: boolean
}

/** Before and after a write of a query set: many rows, no instance of which is saved or deleted by itself. */
export interface BulkWriteEvent {
  readonly action: 'update' | 'delete' | 'bulkCreate' | 'bulkUpdate' | 'upsert'
  readonly model: AnyModel
  /**
   * The query set of `update` and `delete` (also of `updateReturning`, `deleteReturning`); null for the others. Before, its rows
   * are those that will change; after, it may find others.
   */
  readonly queryset: object | null
  /** What was given to the others: instances or values before, instances after. Null for `update` and `delete`. */
  readonly rows: readonly object[] | null
  /** Fields that are written in rows that are there; null for whole rows. */
  readonly fields: readonly string[] | null
  /** Rows written, as the database counts them; null before. */
  readonly count: number | null
  readonly alias: string
}

/** Before an instance is saved. An error thrown stops it. */
export const preSave: Signal<SaveEvent> = signal('db.preSave')
/** After an instance is saved, inside the same transaction. */
export const postSave: Signal<SaveEvent> = signal('db.postSave')
/** Before an instance is deleted. */
export const preDelete: Signal<DeleteEvent> = signal('db.preDelete')
/** After an instance is deleted, inside the same transaction. */
export const postDelete: Signal<DeleteEvent> = signal('db.postDelete')
/** Before and after a many-to-many relation changes. */
export const m2mChanged: Signal<RelationEvent> = signal('db.m2mChanged')
/** Before a query set writes. An error thrown stops it. */
export const preBulkWrite: Signal<BulkWriteEvent> = signal('db.preBulkWrite')
/** After a query set wrote, inside the same transaction: an error thrown undoes it. */
export const postBulkWrite: Signal<BulkWriteEvent> = signal('db.postBulkWrite')
