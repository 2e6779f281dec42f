/** What `nuages check` says of migrations. Needs the database, so that `serve` and tests do not ask for it. */
import { existsSync } from 'node:fs'
import { type Finding, finding } from '../../checks/index.ts'
import { NuagesError } from '../../std/errors.ts'
import { assertUsable, sqlitePath } from '../backends/sqlite/open.ts'
import { database } from '../connections.ts'
import { detectChanges } from './autodetector.ts'
import { migrationDatabase } from './connect.ts'
import { assertNoConflicts, MigrationExecutor } from './executor.ts'
import { computedDefaults, hasTable, modelState, renameHints, spentHints } from './from-models.ts'
import { latestProblem } from './latest.ts'
import { MigrationLoader, type MigrationProject } from './loader.ts'
import { keyOf } from './migration.ts'
import { FlagQuestioner } from './questioner.ts'
import { ProjectState } from './state.ts'

/**
 * migrations.E001: files that do not fit together. migrations.E002: `latest.txt` names another migration than the last. migrations.W001: not applied to the default database.
 * migrations.W002: models changed since. migrations.W003: the database could not be asked. migrations.I001: a
 * `renamedFrom` that has done its work.
 */
export async function migrationFindings(project: MigrationProject): Promise<Finding[]> {
  let loader: MigrationLoader
  try {
    loader = await MigrationLoader.load(project)
  } catch (error) {
    return [told('error', 'migrations.E001', error)]
  }
  const branches = conflicts(loader)
  // With two ends of one app there is no order to run them in; models can be compared with what both make.
  const rest = branches.length > 0 ? [] : await pending(loader)
  return [
    ...branches,
    ...lastNames(project, loader),
    ...(await changedModels(project, loader)),
    ...hints(project, loader),
    ...rest,
  ]
}

function conflicts(loader: MigrationLoader): Finding[] {
  return loader.graph.apps().flatMap((app) => {
    try {
      assertNoConflicts(loader, app)
      return []
    } catch (error) {
      return [told('error', 'migrations.E001', error, app)]
    }
  })
}

async function changedModels(project: MigrationProject, loader: MigrationLoader): Promise<Finding[]> {
  let what: string[]
  try {
    const from = loader.state()
    const drafts = await detectChanges({
      from,
      to: modelsAsFarAsKnown(project, from),
      graph: loader.graph,
      questioner: new FlagQuestioner({ hints: renameHints(project) }),
      computedDefault: computedDefaults(project),
      at: new Date(),
    })
    what = drafts.flatMap(({ app, operations }) => operations.map((each) => `${app}: ${each.describe()}`))
  } catch (error) {
    if (!(error instanceof NuagesError)) throw error
    if (!error.code.startsWith('migrations.')) return [] // a model that cannot be: the checks of models say so
    what = [error.message] // a question that makemigrations will ask
  }
  if (what.length === 0) return []
  return [
    finding(
      'warning',
      'migrations.W002',
      `Models have changes that no migration makes:\n${what.slice(0, 5).join('\n')}`,
      {
        hint: 'Run: npx nuages migrate --make',
      },
    ),
  ]
}

function hints(project: MigrationProject, loader: MigrationLoader): Finding[] {
  let spent: string[]
  try {
    spent = spentHints(project, loader.state())
  } catch (error) {
    if (error instanceof NuagesError) return [] // told by what compares the models
    throw error
  }
  return spent.map((hint) => {
    const [old, to] = hint.split(':') as [string, string] // as renameHints() writes it
    const [app, model, field] = old.split('.')
    const object = field === undefined ? (to.includes('.') ? to : `${app}.${to}`) : `${app}.${model}.${to}`
    return finding(
      'info',
      'migrations.I001',
      `renamedFrom has done its work: migrations know ${object} by its new name.`,
      {
        object,
        hint: 'Remove it from the model once every branch has the migration.',
      },
    )
  })
}

/** Of apps without branches: those say more than the line that names one of them. */
function lastNames(project: MigrationProject, loader: MigrationLoader): Finding[] {
  return project.apps.flatMap((app) => {
    const leaves = loader.graph.leaves(app.name).map(({ name }) => name)
    const problem = leaves.length > 1 ? null : latestProblem(app, leaves)
    if (problem === null) return []
    const hint =
      'Write the name of the last migration into the file, or, of two branches: nuages makemigrations --merge'
    return [finding('error', 'migrations.E002', problem, { object: app.name, hint })]
  })
}

/** One model that cannot be (the checks of models say so) must not hide what changed in the others: it stays as it was. */
function modelsAsFarAsKnown(project: MigrationProject, before: ProjectState): ProjectState {
  const states = project.apps.flatMap((app) =>
    Object.entries(app.models).flatMap(([name, model]) => {
      try {
        return hasTable(model) ? [modelState(model)] : []
      } catch (error) {
        if (!(error instanceof NuagesError)) throw error
        if (error.code.startsWith('migrations.')) throw error
        return before.find(`${app.name}.${name}`) ?? []
      }
    }),
  )
  return new ProjectState(states, project.user)
}

async function pending(loader: MigrationLoader): Promise<Finding[]> {
  let keys: string[]
  try {
    keys = isMissing('default')
      ? loader.graph.all().map(({ app, name }) => keyOf(app, name))
      : (await new MigrationExecutor(loader, migrationDatabase('default')).plan()).map(({ migration }) =>
          keyOf(migration.app, migration.name),
        )
  } catch (error) {
    return [told('warning', 'migrations.W003', error)]
  }
  if (keys.length === 0) return []
  const names = keys.length > 3 ? `${keys.slice(0, 3).join(', ')} …` : keys.join(', ')
  const count = keys.length === 1 ? '1 migration is' : `${keys.length} migrations are`
  return [
    finding('warning', 'migrations.W001', `${count} not applied (${names}).`, { hint: 'Run: npx nuages migrate' }),
  ]
}

/** Asking would make the file: looking for mistakes must leave nothing behind. @throws OperationalError */
export function isMissing(alias: string): boolean {
  const { config } = database(alias)
  if (config.engine !== 'sqlite') return false
  const path = sqlitePath(config)
  if (path === ':memory:') return true
  if (existsSync(path)) return false
  assertUsable(path) // where it cannot be made, say so now
  return true
}

function told(level: 'error' | 'warning', id: string, error: unknown, object?: string): Finding {
  if (!(error instanceof NuagesError)) throw error
  return finding(level, id, error.message, {
    object: object ?? error.code,
    ...(error.hint ? { hint: error.hint } : {}),
  })
}

/**
 * For `check --deploy`: what the migrations that are not applied would lock, and what of code that still runs they break.
 * migrations.W004: a risk that nobody has {@link reviewed}.
 */
export async function lintFindings(project: MigrationProject): Promise<Finding[]> {
  if (isMissing('default')) return []
  try {
    const executor = new MigrationExecutor(await MigrationLoader.load(project), migrationDatabase('default'))
    const { lintPlan } = await import('./lint/index.ts')
    const found = await lintPlan(executor, await executor.plan())
    return found
      .filter(({ level, reviewed }) => level === 'risk' && reviewed === null)
      .map((each) =>
        finding('warning', 'migrations.W004', `${each.operation}: ${each.message}`, {
          object: keyOf(each.app, each.migration),
          hint: each.hint || 'See nuages migrate --lint.',
        }),
      )
  } catch (error) {
    if (!(error instanceof NuagesError)) throw error
    return [] // files that do not fit, a database that does not answer: the other checks say so
  }
}
