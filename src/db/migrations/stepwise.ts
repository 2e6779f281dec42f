/**
 * A migration that is not one transaction: each step is written down, so that a failure or a kill leaves a place to go
 * on from. A server that commits each change of tables commits with it what was written before: the place is written
 * right before the change, with what its table looked like, and says on the next run whether the change happened.
 */

import type { StatementTimeouts } from '../backends/backend.ts'
import type { OnlineStage } from '../backends/schema.ts'
import { type Observer, type OperationAt, runOperation } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import { MigrationError } from './errors.ts'
import { keyOf, type Migration } from './migration.ts'
import {
  appliedOperations,
  assertSame,
  changeOf,
  digestOf,
  landmarkOf,
  type Position,
  type Progress,
  UNCLEAR,
  type Unfinished,
} from './progress.ts'
import { extentOf, indexState, restore } from './restore.ts'
import { DatabaseRun, type StatementSink } from './run.ts'

/** What a person says of a statement of which it is not known whether it ran. */
export type Unclear = 'done' | 'again'

interface StepwiseOptions {
  readonly database: MigrationDatabase
  readonly progress: Progress
  readonly migration: Migration
  readonly backwards: boolean
  readonly operations: readonly OperationAt[]
  readonly place: Unfinished | null
  readonly unclear: Unclear | undefined
  readonly timeouts: StatementTimeouts | null
  /** In stages, though the migration does not say so: a failure takes all of it back. */
  readonly online: boolean
  /** What bounds the waiting of statements in a transaction. */
  readonly inTransaction: (fn: () => Promise<void>) => Promise<void>
}

/** Follows one migration. */
export class Stepwise implements Observer {
  readonly #options: StepwiseOptions
  readonly #at: Position
  #operation = 0
  #statement = 0

  private constructor(options: StepwiseOptions, at: Position) {
    this.#options = options
    this.#at = at
  }

  /**
   * From the beginning, or from where it stopped; in the other direction, too.
   * @throws MigrationError migrations.half-done, migrations.changed-meanwhile, migrations.unclear-statement
   */
  static async begin(options: StepwiseOptions): Promise<Stepwise> {
    const { place, migration, backwards, operations, database } = options
    if (place === null) {
      const fresh = new Stepwise(options, { operation: 0, statement: 0, landmark: null })
      if (fresh.#apart) await database.transaction(() => fresh.#mark(fresh.#at))
      return fresh
    }
    assertSame(migration, place)
    if (place.backwards === backwards) return new Stepwise(options, place)
    const total = operations.length
    // The operation it stopped in, in the direction it went then.
    const inside = reversed(operations)[place.operation]
    const ran = (sql: string) => hasRun(options, sql)
    const extent =
      inside === undefined ? 'none' : await extentOf(database, inside, place, { ran, online: options.online })
    if (extent === 'some') await restore(database, inside!) // there is one, or the extent would be none
    const gone = place.operation + (extent === 'all' ? 1 : 0)
    const step = new Stepwise(options, { operation: total - gone, statement: 0, landmark: null })
    await database.transaction(() => step.#mark(step.#at))
    return step
  }

  /** On a server with transactions for tables, every step is one. */
  get #apart(): boolean {
    return this.#options.migration.atomic === false || this.#options.online
  }

  get sink(): Pick<StatementSink, 'execute' | 'transaction' | 'alone' | 'online' | 'asDeclared'> {
    const { online, database } = this.#options
    return {
      execute: (sql) => this.#execute(sql),
      alone: (stage) => this.#alone(stage),
      online,
      // What was changed already does not look as before the change: nothing is to be read from it.
      asDeclared: async (table) => (this.#isPast(this.#statement) ? null : database.asDeclared(table)),
      ...(this.#apart ? { transaction: (fn) => this.#together(fn) } : {}),
    }
  }

  /** Whether the last run did it, of the operation in which it ended. */
  #isPast(statement: number): boolean {
    return this.#operation === this.#at.operation && statement < this.#at.statement
  }

  /**
   * One change of tables, with the place behind it. Where it is one transaction it counts as one step: how many statements
   * it takes depends on what the table looks like.
   */
  async #together(fn: () => Promise<void>): Promise<void> {
    const { inTransaction, database } = this.#options
    const first = this.#statement
    const whole = database.backend.features.transactionalDdl
    if (whole && this.#isPast(first)) {
      this.#statement = first + 1
      return
    }
    await inTransaction(async () => {
      await fn()
      if (whole) this.#statement = first + 1
      await this.#mark({ operation: this.#operation, statement: this.#statement, landmark: null })
    })
  }

  skips(index: number): boolean {
    return index < this.#at.operation
  }

  begin(index: number): void {
    this.#operation = index
    this.#statement = 0
  }

  async end(index: number): Promise<void> {
    if (!this.#apart) return
    await this.#mark({ operation: index + 1, statement: 0, landmark: null })
  }

  /**
   * After a failure: brings the operation that failed back to where it began, so that it can be changed. What cannot be
   * brought back stays, and is told on the next run.
   */
  async settle(): Promise<void> {
    const { database, operations, online } = this.#options
    if (online) return this.#takeBack()
    if (database.backend.features.transactionalDdl) return
    const place = await this.#place()
    const stopped = place === undefined ? undefined : operations[place.operation]
    // The operation that was written down last may be whole, and the one that failed have changed no table.
    if (place === undefined || stopped === undefined || place.operation !== this.#operation) return
    if ((await extentOf(database, stopped, place)) !== 'some') return
    await restore(database, stopped)
    await database.transaction(() => this.#mark({ operation: place.operation, statement: 0, landmark: null }))
  }

  /** In stages that the migration did not ask for: nothing of it stays. */
  async #takeBack(): Promise<void> {
    const { database, operations, progress, migration, inTransaction } = this.#options
    const place = await this.#place()
    const stopped = operations[place?.operation ?? 0]
    if (stopped !== undefined) await restore(database, stopped)
    const done = reversed(operations.slice(0, place?.operation ?? 0))
    const { app, name } = migration
    await inTransaction(async () => {
      const run = new DatabaseRun(database.backend, database.alias, {
        execute: (sql) => database.exec(sql),
        comment: () => {},
        live: true,
      })
      for (const each of done) await runOperation(each, run)
      await progress.forget(app, name)
    })
  }

  async #place(): Promise<Unfinished | undefined> {
    const { progress, migration } = this.#options
    const found = await progress.unfinished()
    return found.find(({ app, name }) => app === migration.app && name === migration.name)
  }

  /** A statement that no transaction may hold can have happened without being written down: it looks before. */
  async #alone({ sql, builds, drops }: OnlineStage): Promise<void> {
    const { database, timeouts } = this.#options
    const n = this.#statement++
    if (this.#isPast(n)) return
    const index = (builds ?? drops)!
    const state = await indexState(database, index)
    // What a failure left of it serves nobody.
    if (builds !== undefined && state === 'invalid') {
      await database.session([`DROP INDEX CONCURRENTLY IF EXISTS ${database.backend.compiler.quote(index)}`], timeouts)
    }
    const resumes = this.#options.place !== null && this.#operation === this.#at.operation && n === this.#at.statement
    // Another index of that name, which is not ours, is an error of the server's.
    if (builds === undefined || state !== 'valid' || !resumes) await database.session(sql, timeouts)
    await database.transaction(() => this.#mark({ operation: this.#operation, statement: n + 1, landmark: null }))
  }

  async #execute(sql: string): Promise<void> {
    const { database } = this.#options
    const n = this.#statement++
    if (this.#isPast(n)) return
    const resumes = this.#operation === this.#at.operation
    const commits = !database.backend.features.transactionalDdl && changeOf(sql) !== null
    if (commits) {
      const now = await landmarkOf(database, sql)
      if (resumes && n === this.#at.statement && (await this.#happened(sql, now))) return
      await this.#mark({ operation: this.#operation, statement: n, landmark: now })
    }
    await database.exec(sql)
  }

  /** Whether the statement that was begun when the last run ended did happen. */
  async #happened(sql: string, now: string): Promise<boolean> {
    const { landmark } = this.#at
    if (landmark === null) return false
    return landmark === UNCLEAR ? hasRun(this.#options, sql) : landmark !== now
  }

  async #mark(at: Position): Promise<void> {
    const { progress, migration, backwards, operations } = this.#options
    const applied = appliedOperations(operations.length, { backwards, operation: at.operation })
    const digest = digestOf(migration.operations, applied)
    await progress.mark({ ...at, app: migration.app, name: migration.name, backwards, digest })
  }
}

/** What a person says of a statement that only they can look at. @throws MigrationError migrations.unclear-statement */
function hasRun({ unclear, migration }: StepwiseOptions, sql: string): boolean {
  if (unclear !== undefined) return unclear === 'done'
  throw new MigrationError(
    `${keyOf(migration.app, migration.name)} was ended at a statement of its own, and nothing tells whether it ran: ${sql}`,
    {
      code: 'migrations.unclear-statement',
      hint:
        'Look, then say so with the same command: --resume done (it ran), or --resume again (it did not). ' +
        'Where a part of it ran, complete that part by hand first, or take it back.',
    },
  )
}

/** The same operations the other way round. */
function reversed(operations: readonly OperationAt[]): OperationAt[] {
  return operations.map((each) => ({ ...each, backwards: !each.backwards, from: each.to, to: each.from })).reverse()
}
