/** Applies and unapplies migrations: each in one transaction together with its record, so that a kill leaves it whole or absent. */

import type { StatementTimeouts } from '../backends/backend.ts'
import { NotSupportedError } from '../errors.ts'
import { Application } from './application.ts'
import { assertReversible, type PlanStep, runMigration } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import { MigrationError, MigrationGraphError } from './errors.ts'
import type { MigrationGraph } from './graph.ts'
import type { MigrationLoader } from './loader.ts'
import { isUserModel, keyOf, type Migration, mutateState } from './migration.ts'
import { appliedOperations, Progress, type Unfinished } from './progress.ts'
import { Recorder } from './recorder.ts'
import { isSquashed, replacedBy } from './replacements.ts'
import { whenFree } from './retries.ts'
import { DatabaseRun } from './run.ts'
import type { ProjectState } from './state.ts'
import type { Unclear } from './stepwise.ts'

export type { PlanStep }

/** Where to migrate to: everything; one app to its end; one app to a migration (by the beginning of its name) or `zero`. */
export interface MigrateTarget {
  readonly app?: string
  readonly name?: string
}

/** Options of `migrate()` and of `nuages migrate`. */
export interface MigrateOptions {
  /** Records without touching tables. */
  readonly fake?: boolean
  /** First migrations whose tables are all there are recorded without creating them. */
  readonly fakeInitial?: boolean
  /** Milliseconds that a statement waits for a lock, and that it may take (0: any). Default 5000 and 0. Not on SQLite. */
  readonly lockTimeout?: number
  readonly statementTimeout?: number
  /** How often a migration that waited too long for a lock begins again, after 1 s, 2 s … 30 s. Default 10. */
  readonly lockRetries?: number
  /** Tables from this size on, in bytes, are changed in stages on PostgreSQL where that is equivalent. Default 1 MiB. */
  readonly onlineFrom?: number
  /** What became of a statement of which that is not known. */
  readonly unclear?: Unclear | undefined
  /** Told once that another process migrates this database, and each time a lock was not free in time. */
  readonly onWaiting?: (reason: 'migration' | 'lock') => void
  /** Told before and after every migration. */
  readonly onProgress?: (event: {
    readonly step: PlanStep
    readonly state: 'start' | 'done' | 'faked' | 'skipped'
  }) => void
}

export class MigrationExecutor {
  /** The migrations that count: after {@link plan}, for what the database has applied. */
  loader: MigrationLoader
  readonly database: MigrationDatabase
  readonly recorder: Recorder
  readonly #progress: Progress

  constructor(loader: MigrationLoader, database: MigrationDatabase) {
    this.loader = loader
    this.database = database
    this.recorder = new Recorder(database)
    this.#progress = new Progress(database)
  }

  /**
   * The steps to a target from what is applied.
   * @param records   nothing but records will be changed: then a history that does not fit together may be mended
   * @throws MigrationGraphError migrations.inconsistent-history, migrations.conflict, migrations.unknown-app and those of find()
   */
  async plan(target: MigrateTarget = {}, records = false): Promise<PlanStep[]> {
    const recorded = await this.recorder.applied()
    this.loader = this.loader.forApplied(recorded)
    if (isReplaced(this.loader, target)) this.loader = this.loader.unsquashed()
    const { graph } = this.loader
    const applied = this.loader.applied(recorded)
    if (!records) assertConsistent(this.loader, applied)
    const steps: PlanStep[] = []
    const planned = new Set(applied)
    // One that stopped while it was undone is applied in part: forwards it is done again.
    const stopped = await this.#progress.unfinished()
    const partly = new Set(stopped.map(({ app, name }) => keyOf(app, name)))
    const undone = new Set(stopped.filter(({ backwards }) => backwards).map(({ app, name }) => keyOf(app, name)))
    const forwards = (migration: Migration) => {
      for (const each of graph.forwards(keyOf(migration.app, migration.name))) {
        const key = keyOf(each.app, each.name)
        if (planned.has(key) && !undone.has(key)) continue
        planned.add(key)
        undone.delete(key)
        steps.push({ migration: each, backwards: false })
      }
    }
    const backwards = (roots: readonly Migration[]) => {
      const doomed = new Set(roots.flatMap((root) => graph.backwards(keyOf(root.app, root.name))))
      for (const each of graph.all().reverse()) {
        const key = keyOf(each.app, each.name)
        if (doomed.has(each) && (planned.has(key) || partly.has(key))) steps.push({ migration: each, backwards: true })
      }
    }
    if (target.app === undefined) {
      assertNoConflicts(this.loader)
      for (const app of graph.apps()) for (const leaf of graph.leaves(app)) forwards(leaf)
      // In the graph's order, whatever app asked first.
      const place = new Map(graph.all().map((each, i) => [each, i]))
      return steps.sort((a, b) => place.get(a.migration)! - place.get(b.migration)!) // each is one of all
    }
    const { app, name } = target
    if (!this.loader.project.apps.some((each) => each.name === app)) {
      throw new MigrationGraphError(`There is no app "${app}".`, {
        code: 'migrations.unknown-app',
        hint: `Apps: ${this.loader.project.apps.map((each) => each.name).join(', ')}.`,
      })
    }
    if (graph.ofApp(app).length === 0) throw graph.none(app)
    // Not on the way back: one of two branches is undone here before it is corrected for the other.
    if (name === 'zero') backwards(graph.ofApp(app))
    else if (name === undefined) {
      assertNoConflicts(this.loader, app)
      for (const leaf of graph.leaves(app)) forwards(leaf)
    } else {
      const wanted = lastPart(this.loader, graph, app, name) ?? graph.find(app, name)
      const key = keyOf(wanted.app, wanted.name)
      if (!applied.has(key)) {
        assertNoConflicts(this.loader, app)
        forwards(wanted)
      } else {
        const after = graph
          .children(key)
          .map((child) => graph.all().find((each) => keyOf(each.app, each.name) === child)!)
        backwards(after.filter((child) => child.app === app))
      }
    }
    return steps
  }

  /**
   * Takes the steps, one transaction each.
   * @throws MigrationError migrations.failed; what was applied before stays applied. What the database cannot have is told
   *   before the first step
   * @throws IrreversibleError migrations.irreversible, before anything is unapplied
   */
  async migrate(plan: readonly PlanStep[], options: MigrateOptions = {}): Promise<void> {
    const onWaiting = () => options.onWaiting?.('migration')
    if (plan.length === 0) return this.#settle(options, onWaiting)
    for (const { migration, backwards } of plan) if (backwards && !options.fake) assertReversible(migration)
    if (!options.fake) for (const { migration } of plan) assertApart(migration, this.database)
    await this.database.exclusively(async () => {
      await this.#recordSquashed(options)
      await this.#take(plan, options)
      // What went on beside a squashed migration may have come to all of its parts.
      await this.#recordSquashed(options)
    }, onWaiting)
  }

  /**
   * What is left to do where no migration is: records of squashed ones, and the table of places, which a process that
   * ended right after its last migration left behind. Nobody is waited for where there is nothing of it.
   */
  async #settle(options: MigrateOptions, onWaiting: () => void): Promise<void> {
    if ((await this.#squashed()).length === 0 && !(await this.#progress.isLeft())) return
    await this.database.exclusively(async () => {
      await this.#recordSquashed(options)
      await whenFree(() => this.#progress.clear(), options)
    }, onWaiting)
  }

  async #take(plan: readonly PlanStep[], options: MigrateOptions): Promise<void> {
    await whenFree(() => this.recorder.ensureTable(), options)
    // Records alone may mend a history of which no state can be made.
    const states = options.fake ? new Map<Migration, ProjectState>() : await this.statesBefore(plan)
    if (!options.fake && !options.fakeInitial) await this.#assertSupported(plan, states)
    const stopped = await this.#progress.unfinished()
    const { lockTimeout = 5000, statementTimeout = 0 } = options
    const timeouts: StatementTimeouts = { lock: lockTimeout, statement: statementTimeout }
    for (const step of plan) {
      const { app, name } = step.migration
      options.onProgress?.({ step, state: 'start' })
      const place = stopped.find((each) => each.app === app && each.name === name) ?? null
      const names = namesOf(step, this.loader)
      const parts = { database: this.database, recorder: this.recorder, progress: this.#progress, names }
      const before = states.get(step.migration) ?? this.loader.emptyState()
      const application = new Application(parts, step, before, { ...options, timeouts, place })
      const outcome = await application.run()
      options.onProgress?.({ step, state: outcome })
    }
    await whenFree(() => this.#progress.clear(), options)
  }

  /** Squashed migrations all of whose parts are applied, so that they are applied, and that have no record yet. */
  async #squashed(): Promise<string[]> {
    const recorded = await this.recorder.applied()
    return [...this.loader.applied(recorded)].filter((key) => !recorded.has(key))
  }

  /** Records them, so that the parts may go. Under the lock alone: of two processes one would meet the other's record. */
  async #recordSquashed(options: MigrateOptions): Promise<void> {
    for (const key of await this.#squashed()) {
      const [app, name] = key.split('.', 2) as [string, string] // as keyOf() joins them
      await whenFree(() => this.recorder.record(app, name), options)
    }
  }

  /** Writes every statement without sending it: what the database cannot have is told before anything is changed. */
  async #assertSupported(plan: readonly PlanStep[], states: ReadonlyMap<Migration, ProjectState>): Promise<void> {
    const run = new DatabaseRun(this.database.backend, this.database.alias, {
      execute: async () => {},
      comment: () => {},
      live: false,
    })
    for (const step of plan) {
      try {
        await runMigration(step, states.get(step.migration)!, run, { ahead: true })
      } catch (error) {
        // Anything else is told where it happens, with what is there by then.
        if (error instanceof MigrationError && error.cause instanceof NotSupportedError) throw error
      }
    }
  }

  /**
   * The state before each planned migration: what is applied and stays, and the planned ones before it. Neither way can
   * one that stays need a planned one, wherever it stands in the graph's order.
   */
  async statesBefore(plan: readonly PlanStep[]): Promise<Map<Migration, ProjectState>> {
    const applied = this.loader.applied(await this.recorder.applied())
    const planned = new Set(plan.map((step) => step.migration))
    const states = new Map<Migration, ProjectState>()
    let state = this.loader.emptyState()
    const all = this.loader.graph.all()
    for (const migration of all) {
      if (applied.has(keyOf(migration.app, migration.name)) && !planned.has(migration)) {
        state = mutateState(migration, state)
      }
    }
    for (const migration of all.filter((each) => planned.has(each))) {
      states.set(migration, state)
      state = mutateState(migration, state)
    }
    return states
  }

  /** Records of migrations whose files are gone, in the order they were made. */
  async orphans(): Promise<{ app: string; name: string }[]> {
    const files = new Set(this.loader.files.map(({ app, name }) => keyOf(app, name)))
    const applied = [...(await this.recorder.applied())]
    return applied
      .filter((key) => !files.has(key))
      .map((key) => {
        const at = key.indexOf('.')
        return { app: key.slice(0, at), name: key.slice(at + 1) }
      })
  }

  /**
   * Forgets the records of an app's migrations whose files are gone, as they are after a squash. Gives their names.
   */
  async prune(app: string): Promise<string[]> {
    const gone = (await this.orphans()).filter((each) => each.app === app)
    await this.database.exclusively(
      () =>
        whenFree(() =>
          this.database.transaction(async () => {
            for (const { name } of gone) await this.recorder.forget(app, name)
          }),
        ),
      () => {},
    )
    return gone.map(({ name }) => name)
  }

  /** Migrations that stopped on the way, and how many of their operations are applied. */
  async unfinished(): Promise<(Unfinished & { readonly applied: number | null })[]> {
    const all = this.loader.graph.all()
    return (await this.#progress.unfinished()).map((place) => {
      const found = all.find(({ app, name }) => app === place.app && name === place.name)
      return { ...place, applied: found === undefined ? null : appliedOperations(found.operations.length, place) }
    })
  }
}

/** The names a step is recorded by: its own, those of what it replaces, and going back those that stood for it. */
function namesOf(
  { migration, backwards }: PlanStep,
  loader: MigrationLoader,
): (readonly [app: string, name: string])[] {
  const { files } = loader
  const key = keyOf(migration.app, migration.name)
  const replaced = replacedBy(migration, files).map((part) => part.split('.', 2) as [string, string])
  const standing = backwards ? files.filter((each) => replacedBy(each, files).includes(key)) : []
  return [...replaced, ...standing.map((each) => [each.app, each.name] as const), [migration.app, migration.name]]
}

/** Whether a target is known to the files alone: a squashed migration stands for it now. */
export function isReplaced(loader: MigrationLoader, { app, name }: MigrateTarget): boolean {
  if (app === undefined || name === undefined || name === 'zero') return false
  if (loader.graph.ofApp(app).some((each) => each.name.startsWith(name))) return false
  return loader.files.some((each) => each.app === app && each.name.startsWith(name))
}

/** Refuses to go on where a migration is applied but one it depends on is not. */
function assertConsistent(loader: MigrationLoader, applied: ReadonlySet<string>): void {
  for (const key of applied) {
    for (const parent of loader.graph.parents(key)) {
      if (applied.has(parent)) continue
      if (isOnlyUser(loader, key, parent)) throw otherUser(loader, key, parent)
      throw new MigrationGraphError(`${key} is applied, but ${parent}, which it depends on, is not.`, {
        code: 'migrations.inconsistent-history',
        hint:
          `If ${key} was given that dependency after it was applied: put its file back as it was, undo it, and change it then. ` +
          `If the tables of ${parent} are there: migrate ${parent.replace('.', ' ')} --fake. Otherwise correct the dependency.`,
      })
    }
  }
}

/** Whether one depends on the other for the user model alone, whichever that is. */
function isOnlyUser({ graph }: MigrationLoader, key: string, parent: string): boolean {
  const { dependencies = [] } = graph.forwards(key).at(-1)! // itself last
  const named = dependencies.flatMap((each) => (isUserModel(each) ? [] : [keyOf(...each)]))
  return named.length < dependencies.length && !named.includes(parent)
}

function otherUser({ project }: MigrationLoader, key: string, parent: string): MigrationGraphError {
  return new MigrationGraphError(
    `${key} is applied and refers to the user model, but ${parent}, which makes ${project.user}, is not applied.`,
    {
      code: 'migrations.inconsistent-history',
      hint: `Was another class the user? It is swapped by a rename, which keeps its rows: take the file of ${parent} and the old class away, then makemigrations --rename app.Old:${project.user}. If it was ${project.user}, and its table is there: migrate ${parent.replace('.', ' ')} --fake.`,
    },
  )
}

/** Refuses two branches that end side by side. @param app   only this one */
export function assertNoConflicts(loader: MigrationLoader, app?: string): void {
  for (const [name, leaves] of loader.graph.conflicts()) {
    if (app !== undefined && app !== name) continue
    throw new MigrationGraphError(
      `Migrations of ${name} end in several branches: ${leaves.map((leaf) => leaf.name).join(', ')}.`,
      { code: 'migrations.conflict', hint: `Join them: nuages makemigrations ${name} --merge` },
    )
  }
}

/** Refuses, before anything is changed, operations that no transaction may hold in a migration that is one. */
function assertApart(migration: Migration, { backend }: MigrationDatabase): void {
  if (migration.atomic === false) return
  const found = migration.operations.find(({ apart }) => apart === backend.features.vendor)
  if (found === undefined) return
  throw new MigrationError(
    `${keyOf(migration.app, migration.name)} is one transaction, and "${found.describe()}" cannot be part of one.`,
    {
      code: 'migrations.needs-no-transaction',
      hint: 'Put it into a migration of its own with atomic: false.',
    },
  )
}

/** Of a squashed migration whose parts count here, since some are applied: the last of them. Null for another name. */
function lastPart({ files }: MigrationLoader, graph: MigrationGraph, app: string, name: string): Migration | null {
  const isMeant = (each: Migration) => each.app === app && each.name.startsWith(name)
  if (graph.ofApp(app).some(isMeant)) return null
  const found = files.filter((each) => isMeant(each) && isSquashed(each))
  const last = found.length === 1 ? replacedBy(found[0]!, files).at(-1) : undefined
  return graph.all().find((each) => keyOf(each.app, each.name) === last) ?? null
}
