import { type Signal, signal } from '../../signals/index.ts'
import type { MigrationApp } from './loader.ts'

export interface MigrateEvent {
  readonly apps: readonly MigrationApp[]
  readonly alias: string
  /** 0: print nothing; 1: normal. */
  readonly verbosity: number
}

/** Sent after `migrate`, also when there was nothing to apply: rows every database must have are made here. */
export const postMigrate: Signal<MigrateEvent> = signal('db.postMigrate')
