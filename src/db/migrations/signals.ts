import { type Signal, signal } from '../../signals/index.ts'
import type { MigrationApp } from './loader.ts'
import type { Operation } from './operations/operation.ts'

/** What `preMigrate` and `postMigrate` send. */
export interface MigrateEvent {
  readonly apps: readonly MigrationApp[]
  readonly alias: string
  /** 0: print nothing; 1: normal. */
  readonly verbosity: number
  /** What is applied or undone, in order: `{ app, name, backwards, operations }`. Empty where nothing was to be done. */
  readonly plan?: readonly MigratedStep[]
}

/** One migration of a run. */
export interface MigratedStep {
  readonly app: string
  readonly name: string
  readonly backwards: boolean
  readonly operations: readonly Operation[]
}

/** Sent before `migrate` applies or undoes anything. */
export const preMigrate: Signal<MigrateEvent> = signal('db.preMigrate')

/** Sent after `migrate`, also when there was nothing to apply: rows every database must have are made here. */
export const postMigrate: Signal<MigrateEvent> = signal('db.postMigrate')

/** A model that is called otherwise now. */
export interface ModelRename {
  /** The app it was in. */
  readonly app: string
  readonly from: string
  readonly to: string
  /** The app it is in now, where it moved to another one. */
  readonly toApp?: string
}

/** Models that a migration renamed or moved to another app; where it was undone, the other way round. */
export interface ModelsRenamed {
  readonly renames: readonly ModelRename[]
  readonly alias: string
}

/** Sent inside the transaction of a migration that renames or moves models, after its operations. */
export const modelsRenamed: Signal<ModelsRenamed> = signal('db.modelsRenamed')
