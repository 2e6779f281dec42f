import { type Check, type Finding, finding, runChecks } from '../../checks/index.ts'
import { describeThrown } from '../../std/describe.ts'
import { NuagesError } from '../../std/errors.ts'
import type { Project } from '../project.ts'
import { localeCheck, localeFolders } from '../rooms/locale.ts'
import { deployChecks } from './deploy.ts'

/** The checks of a project: of its settings, its routes, its models, its templates, and of its apps in order. */
export async function gatherChecks(project: Project, { database = false } = {}): Promise<Check[]> {
  const all = [
    ...deployChecks(project.settings),
    localeCheck(localeFolders(project.settings, project.apps)),
    urlsLoad(project),
  ]
  if (project.usesDatabases) {
    const { systemChecks } = await import('../../db/internal.ts')
    all.push(() => systemChecks())
    if (database) {
      const { checkMigrations } = await import('../migrations.ts')
      all.push(function migrations() {
        return checkMigrations(project)
      })
    }
  }
  // In development the page itself shows the error, and a restart should not wait for every template.
  if (project.mode !== 'development') {
    const { templatesCompile } = await import('./templates.ts')
    all.push(templatesCompile(project))
  }
  return [...all, ...(await project.apps.checks())]
}

/** Runs checks over the project. */
export function runProjectChecks(checks: readonly Check[], project: Project, deploy: boolean): Promise<Finding[]> {
  return runChecks(checks, { project, deploy })
}

/**
 * urls.E001: urls, views and templates of the project load; urls.E002: one of the files cannot be read, or throws.
 * First, as checks of apps may ask what they register.
 */
function urlsLoad(project: Project): Check {
  return async function urlsLoad() {
    try {
      await project.loadUrls()
      return []
    } catch (error) {
      if (!(error instanceof NuagesError))
        return [finding('error', 'urls.E002', `Urls or views cannot be loaded:\n${describeThrown(error)}`)]
      const hint = error.hint === undefined ? {} : { hint: error.hint }
      return [finding('error', 'urls.E001', error.message, { object: error.code, ...hint })]
    }
  }
}
