/** Applies and unapplies migrations: each in one transaction together with its record, so that a kill leaves it whole or absent. */
import { NuagesError } from '../../std/errors.ts'
import { IntegrityError, NotSupportedError } from '../errors.ts'
import type { MigrationDatabase } from './database.ts'
import { IrreversibleError, MigrationError, MigrationGraphError } from './errors.ts'
import type { MigrationLoader } from './loader.ts'
import { applyToState, keyOf, type Migration, mutateState } from './migration.ts'
import type { Operation } from './operations/operation.ts'
import { Recorder } from './recorder.ts'
import { replacedBy } from './replacements.ts'
import { DatabaseRun, type StatementSink } from './run.ts'
import type { ProjectState } from './state.ts'

/** One step of a plan. */
export interface PlanStep {
  readonly migration: Migration
  readonly backwards: boolean
}

/** Where to migrate to: everything; one app to its end; one app to a migration (by the beginning of its name) or `zero`. */
export interface MigrateTarget {
  readonly app?: string
  readonly name?: string
}

export interface MigrateOptions {
  /** Records without touching tables. */
  readonly fake?: boolean
  /** First migrations whose tables are all there are recorded without creating them. */
  readonly fakeInitial?: boolean
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

  constructor(loader: MigrationLoader, database: MigrationDatabase) {
    this.loader = loader
    this.database = database
    this.recorder = new Recorder(database)
  }

  /**
   * The steps to a target from what is applied.
   * @throws MigrationGraphError migrations.inconsistent-history, migrations.conflict, migrations.unknown-app and those of find()
   */
  async plan(target: MigrateTarget = {}): Promise<PlanStep[]> {
    const recorded = await this.recorder.applied()
    this.loader = this.loader.forApplied(recorded)
    if (isReplaced(this.loader, target)) this.loader = this.loader.unsquashed()
    const { graph } = this.loader
    const applied = this.loader.applied(recorded)
    assertConsistent(this.loader, applied)
    assertNoConflicts(this.loader, target.app)
    const steps: PlanStep[] = []
    const planned = new Set(applied)
    const forwards = (migration: Migration) => {
      for (const each of graph.forwards(keyOf(migration.app, migration.name))) {
        const key = keyOf(each.app, each.name)
        if (planned.has(key)) continue
        planned.add(key)
        steps.push({ migration: each, backwards: false })
      }
    }
    const backwards = (roots: readonly Migration[]) => {
      const doomed = new Set(roots.flatMap((root) => graph.backwards(keyOf(root.app, root.name))))
      for (const each of graph.all().reverse()) {
        if (doomed.has(each) && planned.has(keyOf(each.app, each.name)))
          steps.push({ migration: each, backwards: true })
      }
    }
    if (target.app === undefined) {
      for (const app of graph.apps()) for (const leaf of graph.leaves(app)) forwards(leaf)
      // In the graph's order, whatever app asked first.
      const order = graph.all()
      return steps.sort((a, b) => order.indexOf(a.migration) - order.indexOf(b.migration))
    }
    const { app, name } = target
    if (!this.loader.project.apps.some((each) => each.name === app)) {
      throw new MigrationGraphError(`There is no app "${app}".`, {
        code: 'migrations.unknown-app',
        hint: `Apps: ${this.loader.project.apps.map((each) => each.name).join(', ')}.`,
      })
    }
    if (name === undefined) for (const leaf of graph.leaves(app)) forwards(leaf)
    else if (name === 'zero') backwards(graph.ofApp(app))
    else {
      const wanted = graph.find(app, name)
      const key = keyOf(wanted.app, wanted.name)
      if (applied.has(key)) {
        const after = graph
          .children(key)
          .map((child) => graph.all().find((each) => keyOf(each.app, each.name) === child)!)
        backwards(after.filter((child) => child.app === app))
      } else forwards(wanted)
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
    await this.#recordSquashed()
    if (plan.length === 0) return
    for (const { migration, backwards } of plan) if (backwards && !options.fake) assertReversible(migration)
    await this.recorder.ensureTable()
    const states = await this.#statesBefore(plan)
    if (!options.fake && !options.fakeInitial) await this.#assertSupported(plan, states)
    for (const step of plan) {
      const before = states.get(step.migration)!
      options.onProgress?.({ step, state: 'start' })
      const outcome = await this.#take(step, before, options)
      options.onProgress?.({ step, state: outcome })
    }
  }

  /** A squashed migration all of whose parts are applied is applied: recorded, so that the parts may go. */
  async #recordSquashed(): Promise<void> {
    const recorded = await this.recorder.applied()
    for (const key of this.loader.applied(recorded)) {
      if (!recorded.has(key)) await this.recorder.record(...(key.split('.', 2) as [string, string]))
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
        await runMigration(step, states.get(step.migration)!, run, true)
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
  async #statesBefore(plan: readonly PlanStep[]): Promise<Map<Migration, ProjectState>> {
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

  async #take(step: PlanStep, before: ProjectState, options: MigrateOptions): Promise<'done' | 'faked' | 'skipped'> {
    const { migration, backwards } = step
    const key = keyOf(migration.app, migration.name)
    const work = async (): Promise<'done' | 'faked' | 'skipped'> => {
      // Two processes migrating at once: the second waited for the first, and finds it done.
      if ((await this.recorder.applied()).has(key) !== backwards) return 'skipped'
      const fake = options.fake || (options.fakeInitial && !backwards && (await this.#isThere(migration, before)))
      if (!fake) {
        const sink: StatementSink = {
          execute: (sql) => this.database.exec(sql),
          comment: () => {},
          live: true,
          triggers: (table) => this.database.triggers(table),
          ...(migration.atomic === false ? { transaction: (fn) => this.database.transaction(fn) } : {}),
        }
        await runMigration(step, before, new DatabaseRun(this.database.backend, this.database.alias, sink))
      }
      for (const [app, name] of namesOf(step, this.loader)) {
        if (backwards) await this.recorder.forget(app, name)
        else if (!(await this.recorder.applied()).has(keyOf(app, name))) await this.recorder.record(app, name)
      }
      return fake ? 'faked' : 'done'
    }
    return migration.atomic === false ? work() : this.database.transaction(work)
  }

  /** Whether a first migration's tables all exist already. */
  async #isThere(migration: Migration, before: ProjectState): Promise<boolean> {
    if ([...before.models.values()].some((model) => model.app === migration.app)) return false
    const tables = new Set(await this.database.tables())
    const created: string[] = []
    const run = new DatabaseRun(this.database.backend, this.database.alias, {
      execute: async () => {},
      comment: () => {},
      live: false,
      created: (table) => created.push(table),
    })
    await runMigration({ migration, backwards: false }, before, run)
    return created.length > 0 && created.every((table) => tables.has(table))
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
function isReplaced(loader: MigrationLoader, { app, name }: MigrateTarget): boolean {
  if (app === undefined || name === undefined || name === 'zero') return false
  if (loader.graph.ofApp(app).some((each) => each.name.startsWith(name))) return false
  return loader.files.some((each) => each.app === app && each.name.startsWith(name))
}

/** The statements of one step as text, in order: what `migrate` runs. Code is shown as a comment. */
export async function migrationSql(
  loader: MigrationLoader,
  database: MigrationDatabase,
  step: PlanStep,
): Promise<string[]> {
  const { migration } = step
  const needed = new Set(loader.graph.forwards(keyOf(migration.app, migration.name)))
  const before = loader.state((each) => each !== migration && needed.has(each))
  const lines: string[] = []
  const run = new DatabaseRun(database.backend, database.alias, {
    execute: async (sql) => void lines.push(sql.trimEnd().endsWith(';') ? sql.trimEnd() : `${sql.trimEnd()};`),
    comment: (text) => void lines.push(`-- ${text}`),
    live: false,
  })
  await runMigration(step, before, run)
  return lines
}

/** Runs the operations of one migration over a run, in the order of the direction. */
async function runMigration(step: PlanStep, before: ProjectState, run: DatabaseRun, ahead = false): Promise<void> {
  const { migration, backwards } = step
  const { app, operations } = migration
  const states = [before]
  for (const operation of operations) states.push(applyToState(migration, operation, states.at(-1)!))
  const order = operations.map((_, i) => i)
  for (const i of backwards ? order.reverse() : order) {
    const operation = operations[i]!
    const [without, applied] = [states[i]!, states[i + 1]!]
    run.comment(operation.describe() + (backwards ? ' (undone)' : ''))
    try {
      if (backwards) await operation.backwards({ app, from: applied, to: without, run })
      else await operation.forwards({ app, from: without, to: applied, run })
    } catch (error) {
      throw failed({ migration, operation, backwards, done: order.indexOf(i), kept: run.keepsChanges, ahead }, error)
    }
  }
}

/** Where a migration stopped. */
interface Stop {
  readonly migration: Migration
  readonly operation: Operation
  readonly backwards: boolean
  /** Operations that were carried out before. */
  readonly done: number
  /** They stay: the database commits each change of tables. */
  readonly kept: boolean
  /** Found before the first migration began. */
  readonly ahead: boolean
}

/** What of a migration that failed is in the database. */
function remains({ migration, done, kept, ahead }: Stop): string {
  if (ahead) return 'Nothing was changed.'
  if (!kept && migration.atomic !== false) return 'Nothing of this migration was kept.'
  if (!kept) return 'It is not atomic: what ran before this operation stays.'
  const whole = `This database commits each change of tables, so it stopped here and is not recorded as done.`
  return done === 0
    ? `${whole} Nothing ran before this operation.`
    : `${whole} The ${done === 1 ? 'operation' : `${done} operations`} before this one stay${done === 1 ? 's' : ''}: undo what they did, then migrate again.`
}

function failed(stop: Stop, error: unknown): MigrationError {
  const { migration, operation, backwards } = stop
  const reason = error instanceof Error ? error.message : String(error)
  const unfilled = error instanceof IntegrityError && error.constraint === 'notNull' && operation.type.endsWith('Field')
  const more = unfilled
    ? `Rows that exist have no value: give ${operation.type} a fill, as in { fill: 0 }.`
    : error instanceof NuagesError && error.hint
  const hint = more ? ` ${more}` : ''
  return new MigrationError(
    `${migration.app}.${migration.name} could not be ${backwards ? 'undone' : 'applied'}, at "${operation.describe()}": ${reason}`,
    {
      code: 'migrations.failed',
      hint: remains(stop) + hint,
      cause: error,
    },
  )
}

function assertReversible(migration: Migration): void {
  const stuck = migration.operations.find((operation) => !operation.reversible)
  if (stuck === undefined) return
  throw new IrreversibleError(
    `${migration.app}.${migration.name} cannot be undone: "${stuck.describe()}" has no reverse.`,
    {
      code: 'migrations.irreversible',
      hint: "Give the operation a 'reverse' (noop, or an empty string for SQL, when nothing needs undoing).",
    },
  )
}

/** Refuses to go on where a migration is applied but one it depends on is not. */
function assertConsistent(loader: MigrationLoader, applied: ReadonlySet<string>): void {
  for (const key of applied) {
    for (const parent of loader.graph.parents(key)) {
      if (applied.has(parent)) continue
      throw new MigrationGraphError(`${key} is applied, but ${parent}, which it depends on, is not.`, {
        code: 'migrations.inconsistent-history',
        hint: `If its tables are there: migrate ${parent.replace('.', ' ')} --fake. Otherwise correct the dependency.`,
      })
    }
  }
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
