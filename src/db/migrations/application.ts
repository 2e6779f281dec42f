/** One migration on its way into a database, or out of it: in one transaction, step by step, or in stages. */
import type { StatementTimeouts } from '../backends/backend.ts'
import { failedAtEnd, operationsOf, type PlanStep, runMigration } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import { isThere } from './is-there.ts'
import { type Progress, UNCLEAR, type Unfinished } from './progress.ts'
import type { Recorder } from './recorder.ts'
import { extentOf } from './restore.ts'
import { type Retries, whenFree } from './retries.ts'
import { DatabaseRun, type StatementSink } from './run.ts'
import { type ModelRename, modelsRenamed } from './signals.ts'
import { goesInStages, largeOf } from './stages.ts'
import type { ProjectState } from './state.ts'
import { Stepwise, type Unclear } from './stepwise.ts'

/** What became of a migration: its operations ran, it was only recorded, or another process had done it. */
export type Outcome = 'done' | 'faked' | 'skipped'

interface Options extends Retries {
  readonly fake?: boolean
  readonly fakeInitial?: boolean
  readonly timeouts: StatementTimeouts
  readonly onlineFrom?: number
  readonly unclear?: Unclear | undefined
  /** Where it stopped the last time. */
  readonly place: Unfinished | null
}
interface Parts {
  readonly database: MigrationDatabase
  readonly recorder: Recorder
  readonly progress: Progress
  /** What the migration is recorded by: its own name, and those it stands for. */
  readonly names: readonly (readonly [app: string, name: string])[]
}

export class Application {
  readonly #parts: Parts
  readonly #step: PlanStep
  readonly #before: ProjectState
  readonly #options: Options

  constructor(parts: Parts, step: PlanStep, before: ProjectState, options: Options) {
    this.#parts = parts
    this.#step = step
    this.#before = before
    this.#options = options
  }

  /** Again and again while others hold a lock. What ran in a transaction runs again with it, code included. */
  run(): Promise<Outcome> {
    let { place, unclear } = this.#options
    let isFirst = true
    return whenFree(async () => {
      if (!isFirst) {
        const { app, name } = this.#step.migration
        const stopped = await this.#parts.progress.unfinished()
        const before = place
        place = stopped.find((each) => each.app === app && each.name === name) ?? null
        // What a person said is of the statement that they looked at: of no later one, nor of one that was begun again.
        if (unclear === 'again' || place?.operation !== before?.operation || place?.statement !== before?.statement) {
          unclear = undefined
        }
      }
      isFirst = false
      return this.#once(place, unclear)
    }, this.#options)
  }

  async #once(place: Unfinished | null, unclear: Unclear | undefined): Promise<Outcome> {
    const { migration } = this.#step
    const { database } = this.#parts
    if (this.#options.fake) return this.#recordOnly(place)
    if (
      this.#options.fakeInitial &&
      (await this.#isAtStart(place)) &&
      (await isThere(database, this.#step, this.#before))
    ) {
      return this.#recordOnly(place)
    }
    if (migration.atomic === false || !database.backend.features.transactionalDdl)
      return this.#stepwise(place, unclear, false)
    if (place !== null || (await this.#goesInStages())) return this.#stepwise(place, unclear, true)
    return this.#inTransaction(async () => {
      if (await this.#isDone(null)) return 'skipped'
      await runMigration(this.#step, this.#before, this.#run({ execute: (sql) => database.exec(sql) }))
      await this.#record()
      return 'done' as const
    }).catch((error: unknown) => {
      throw failedAtEnd(this.#step, error)
    })
  }

  async #stepwise(place: Unfinished | null, unclear: Unclear | undefined, online: boolean): Promise<Outcome> {
    const { database, progress } = this.#parts
    const { migration, backwards } = this.#step
    if (await this.#isDone(place)) return 'skipped'
    await progress.ensureTable()
    const stepwise = await Stepwise.begin({
      database,
      progress,
      migration,
      backwards,
      operations: operationsOf(this.#step, this.#before),
      place,
      online,
      unclear,
      timeouts: database.backend.features.vendor === 'sqlite' ? null : this.#options.timeouts,
      inTransaction: (fn) => this.#inTransaction(fn),
    })
    const run = this.#run(stepwise.sink)
    const all = () => runMigration(this.#step, this.#before, run, { observer: stepwise })
    const finish = async () => {
      await this.#record()
      await progress.forget(migration.app, migration.name)
    }
    try {
      if (migration.atomic === false || online) {
        await all()
        await this.#inTransaction(finish)
      } else
        await this.#inTransaction(async () => {
          await all()
          await finish()
        })
    } catch (error) {
      await stepwise.settle().catch((reason: unknown) => {
        // What was wrong first is what has to be told; this comes up again on the next run.
        if (error instanceof Error) error.message += ` ${reason instanceof Error ? reason.message : String(reason)}`
      })
      throw error
    }
    return 'done'
  }

  #recordOnly(place: Unfinished | null): Promise<Outcome> {
    const { database, progress } = this.#parts
    const { migration } = this.#step
    return database.transaction(async () => {
      if (await this.#isDone(place)) return 'skipped'
      if (place !== null) await progress.forget(migration.app, migration.name)
      await this.#record()
      return 'faked'
    })
  }

  /** Whether nothing of it was carried out: it never began, or its first statement failed. */
  async #isAtStart(place: Unfinished | null): Promise<boolean> {
    if (place === null) return true
    const [first] = operationsOf(this.#step, this.#before)
    if (place.operation > 0 || first === undefined || place.landmark === UNCLEAR) return false
    return (await extentOf(this.#parts.database, first, place)) === 'none'
  }

  /** Two processes migrating at once: the second waited for the first, and finds it done. */
  async #isDone(place: Unfinished | null): Promise<boolean> {
    const { migration, backwards } = this.#step
    if (place !== null) return false
    return (await this.#parts.recorder.has(migration.app, migration.name)) !== backwards
  }

  async #record(): Promise<void> {
    const { recorder } = this.#parts
    const { backwards } = this.#step
    // One that stopped on the way is recorded or not by the direction it went in then.
    for (const [app, name] of this.#parts.names) {
      if (backwards) await recorder.forget(app, name)
      else if (!(await recorder.has(app, name))) await recorder.record(app, name)
    }
    const renames = renamesOf(this.#step)
    if (renames.length > 0) await modelsRenamed.send({ renames, alias: this.#parts.database.alias })
  }

  #run(sink: Pick<StatementSink, 'execute'> & Partial<StatementSink>): DatabaseRun {
    const { database } = this.#parts
    return new DatabaseRun(database.backend, database.alias, {
      comment: () => {},
      live: true,
      asDeclared: (table) => database.asDeclared(table),
      holds: (table, column) => database.holds(table, column),
      triggers: (table) => database.triggers(table),
      broken: (table) => database.broken(table),
      ...sink,
    })
  }

  /** A transaction whose statements wait and run as long as they may. */
  #inTransaction<T>(fn: () => Promise<T>): Promise<T> {
    return this.#parts.database.transaction(fn, this.#options.timeouts)
  }

  async #goesInStages(): Promise<boolean> {
    const tables = await goesInStages(this.#parts.database, this.#step, this.#before)
    const { database } = this.#parts
    return tables !== null && (await largeOf(database, tables, this.#options.onlineFrom)).length > 0
  }
}

/** Models that a step gives another name or app, in its direction. */
function renamesOf({ migration: { app, operations }, backwards }: PlanStep): ModelRename[] {
  const renames = operations.flatMap(({ type, args }): ModelRename[] => {
    if (type !== 'renameModel' && type !== 'moveModel') return []
    const [old, to] = args as readonly [string, string] // renameModel(oldName, newName), moveModel(label, name)
    const [before, from] = type === 'moveModel' ? (old.split('.', 2) as [string, string]) : [app, old]
    const [was, is] = backwards ? [app, before] : [before, app]
    const names = backwards ? { from: to, to: from } : { from, to }
    return [{ app: was, ...names, ...(was === is ? {} : { toApp: is }) }]
  })
  return backwards ? renames.reverse() : renames
}
