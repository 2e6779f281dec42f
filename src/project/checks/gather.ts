import { type Check, type Finding, finding, runChecks } from '../../checks/index.ts'
import { describeThrown } from '../../std/describe.ts'
import { NuagesError } from '../../std/errors.ts'
import { ViewBindingError } from '../../urls/index.ts'
import type { Project } from '../project.ts'
import { localeCheck, localeFolders } from '../rooms/locale.ts'
import { boundariesCheck } from './boundaries.ts'
import { deployChecks } from './deploy.ts'
import { locate } from './locate.ts'
import { settingsCheck } from './settings.ts'

/** The checks of a project: of its settings, its routes, its models, its templates, and of its apps in order. */
export async function gatherChecks(project: Project, { database = false } = {}): Promise<Check[]> {
  const all = [
    ...deployChecks(project.settings),
    settingsCheck(project.settings),
    boundariesCheck(project),
    localeCheck(localeFolders(project.settings, project.apps)),
    urlsLoad(project),
  ]
  if (project.usesDatabases) {
    const { systemChecks } = await import('../../db/internal.ts')
    all.push(() => systemChecks())
    if (database) {
      const { checkMigrations, lintMigrations } = await import('../migrations.ts')
      all.push(async function migrations({ deploy }) {
        const found = await checkMigrations(project)
        return deploy ? [...found, ...(await lintMigrations(project))] : found
      })
    }
  }
  // In development the page itself shows the error, and a restart should not wait for every template.
  if (project.mode !== 'development') {
    const { templatesCompile } = await import('./templates.ts')
    const { unlistedModels } = await import('./unlisted.ts')
    all.push(templatesCompile(project), unlistedModels(project))
  }
  return [...all, ...(await project.apps.checks())]
}

/** Runs checks over the project; what they find gets its file and line where it is written in the project. */
export async function runProjectChecks(
  checks: readonly Check[],
  project: Project,
  deploy: boolean,
): Promise<Finding[]> {
  return locate(await runChecks(checks, { project, deploy }), project)
}

/**
 * urls.E001: urls, views and templates of the project load; urls.E002: one of the files cannot be read, or throws;
 * urls.E003: a route and its view do not fit. First, as checks of apps may ask what they register.
 */
function urlsLoad(project: Project): Check {
  return async function urlsLoad() {
    try {
      await project.loadUrls()
      return []
    } catch (error) {
      return everyFault(project, error)
    }
  }
}

/** What stopped loading, and what would stop it next: the admin of each app, and the routes. */
async function everyFault({ settings, apps }: Project, first: unknown): Promise<Finding[]> {
  const errors = new Map<string, unknown>([[String(first), first]])
  const { loadResolver } = await import('../urls.ts')
  const steps = [...(apps.hasApp('admin') ? apps.apps.map((app) => () => app.admin?.()) : [])]
  for (const step of [...steps, () => loadResolver(settings, apps)]) {
    try {
      await step()
    } catch (error) {
      errors.set(String(error), error)
    }
  }
  return [...errors.values()].flatMap(told)
}

function told(error: unknown): Finding[] {
  if (error instanceof ViewBindingError && error.problems.length > 0)
    return error.problems.map(({ route, message }) =>
      finding('error', 'urls.E003', message, {
        object: route,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      }),
    )
  if (!(error instanceof NuagesError))
    return [finding('error', 'urls.E002', `Urls, views or admin cannot be loaded:\n${describeThrown(error)}`)]
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  return [finding('error', 'urls.E001', error.message, { object: error.code, ...hint })]
}
