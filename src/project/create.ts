/** From settings to a project: the one place where rooms, which do not know one another, are joined. */
import { type AppError, AppRegistry } from '../apps/index.ts'
import { type Finding, finding } from '../checks/index.ts'
import { boot, isEnvDescriptor, type ResolvedSettings, type Settings, type SettingsProblem } from '../conf/index.ts'
import type { Handler } from '../http/index.ts'
import { lazy } from '../std/lazy.ts'
import type { RouteResolver } from '../urls/index.ts'
import { gatherChecks, runProjectChecks } from './checks/gather.ts'
import type { Project, ProjectMode } from './project.ts'
import { configureAccounts } from './rooms/accounts.ts'
import { closeDatabases, configureDatabases, openDatabases, usesDatabases } from './rooms/database.ts'
import { configureGround } from './rooms/ground.ts'
import { watchRepeatedQueries } from './rooms/repeats.ts'
import { configureStorages } from './rooms/storage.ts'

/** How a project is started. */
export interface CreateOptions {
  /** Variables that `env.*` reads; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Folder of the project, where its settings do not say; default: the working directory. */
  readonly root?: string
  /** Default `command`. */
  readonly mode?: ProjectMode
  /** A project made before from the same apps, in this process: they are ready, and `ready()` is not run again. */
  readonly before?: Project | undefined
  /**
   * Settings and apps that cannot be used become findings of {@link Project.checks}, and the rest is looked at as well:
   * for `nuages check`. Default false: they are thrown.
   */
  readonly lenient?: boolean
}

/**
 * Puts a project together: settings, then rooms, then apps in order, each `ready()`. Urls, views and templates follow
 * when something is to be served ({@link Project.loadUrls}), so that commands start fast. Nothing is opened yet.
 *
 * Rooms are configured per process: of two projects in one process the last one counts.
 *
 * @throws SettingsError conf.invalid-settings
 * @throws AppError apps.duplicate-name and others of the registry
 */
export async function createProject(written: Settings, options: CreateOptions = {}): Promise<Project> {
  const { env = process.env, mode = 'command', lenient = false } = options
  const faults: Finding[] = []
  const settings = boot(withDebug(written, env, mode), {
    env,
    ...(options.root === undefined ? {} : { root: options.root }),
    ...(lenient ? { onProblems: (problems) => faults.push(...problems.map(settingFinding)) } : {}),
  })
  const apps = new AppRegistry(settings.apps, lenient ? (error) => faults.push(appFinding(error)) : undefined)
  configureGround(settings, apps)
  const hasDatabases = usesDatabases(written, apps)
  if (hasDatabases) await configureDatabases(isLost(faults) ? withoutDatabase(settings) : settings)
  await configureStorages(settings, mode)
  const user = await configureAccounts(settings, apps)
  const repeats = hasDatabases ? await watchRepeatedQueries(settings, mode) : null

  const web = lazy(() => startWeb())
  let answer: Handler = async (request) => {
    await web()
    return answer(request)
  }
  let stopWeb = () => {}
  async function startWeb(): Promise<RouteResolver> {
    const { loadWeb } = await import('./web.ts')
    const { handler, resolver, stop } = await loadWeb(project, repeats)
    answer = handler
    stopWeb = stop
    return resolver
  }

  const project: Project = Object.freeze({
    settings,
    apps,
    mode,
    debug: settings.debug,
    root: settings.root,
    usesDatabases: hasDatabases,
    user,
    handler: ((request) => answer(request)) as Handler,
    loadUrls: web,
    checks: async ({ deploy = false, database = false } = {}) =>
      runProjectChecks(
        [() => faults, ...(await gatherChecks(project, { database: database && !isLost(faults) }))],
        project,
        deploy,
      ),
    openDatabases: async () => {
      if (hasDatabases) await openDatabases()
    },
    pendingMigrations: async () => {
      if (!hasDatabases) return []
      const { pendingMigrations } = await import('./migrations.ts')
      return pendingMigrations(project)
    },
    migrationFindings: async () => (hasDatabases ? (await import('./migrations.ts')).checkMigrations(project) : []),
    work: <T>(fn: () => Promise<T>): Promise<T> => (repeats === null ? fn() : repeats.work(fn)),
    collectStatic: async () => (await import('./rooms/static.ts')).collectProjectStatic(settings, apps),
    shellNames: async () => (await import('./shell.ts')).shellNames(project),
    close: async () => {
      stopWeb()
      repeats?.stop()
      if (hasDatabases) await closeDatabases()
    },
  })
  // What ready() connects would be told twice.
  const done = new Set(options.before?.apps.apps)
  for (const app of apps.apps) if (!done.has(app)) await app.ready?.(project)
  return project
}

/** conf.E001 */
function settingFinding({ setting, value, message, hint }: SettingsProblem): Finding {
  const text = `${setting}${value === null ? '' : ` = ${value}`}: ${message}`
  return finding('error', 'conf.E001', text, { object: `settings.${setting}`, hint })
}

/** apps.E001 */
function appFinding({ message, hint, code }: AppError): Finding {
  return finding('error', 'apps.E001', message, { object: code, ...(hint === undefined ? {} : { hint }) })
}

/** Whether the settings of the databases are among what cannot be used: asking them would only say so again. */
function isLost(faults: readonly Finding[]): boolean {
  return faults.some(({ object }) => object?.startsWith('settings.databases'))
}

/** Models can be checked without the database whose URL cannot be read. */
function withoutDatabase(settings: ResolvedSettings): ResolvedSettings {
  return { ...settings, databases: { default: { engine: 'sqlite', url: 'sqlite::memory:' } } }
}

/** `nuages dev` turns debug on, unless the settings say a value or the environment has the variable they name. */
function withDebug(written: Settings, env: NonNullable<CreateOptions['env']>, mode: ProjectMode): Settings {
  const { debug } = written
  const undecided = debug === undefined || (isEnvDescriptor(debug) && !env[debug.name])
  return mode === 'development' && undecided ? { ...written, debug: true } : written
}
