/** What `nuages` itself offers of this room; loads the rest when called. */
import type { Settings } from '../conf/index.ts'
import type { RunningServer, ServeOptions } from '../http/index.ts'
import type { CreateOptions } from './create.ts'
import type { Project } from './project.ts'

/**
 * Puts a project together from code: for scripts, tests and platforms of your own. `nuages` commands do this by
 * themselves.
 *
 * @throws SettingsError conf.invalid-settings
 */
export async function createProject(settings: Settings, options?: CreateOptions): Promise<Project> {
  const { createProject: create } = await import('./create.ts')
  return create(settings, options)
}

/**
 * Serves a project from a program of your own, without the command line: `const server = await serve(settings)`.
 * An error outside of a request, such as a promise nobody waits for, is printed and does not end the process. Listens
 * on the settings' host and port unless `options` says otherwise. `server.close()` stops gracefully; close the
 * project's databases with `server.project.close()` after it.
 *
 * @throws ServerError http.port-in-use
 */
export async function serve(
  settings: Settings,
  options: CreateOptions & ServeOptions = {},
): Promise<RunningServer & { readonly project: Project }> {
  const project = await createProject(settings, options)
  await project.loadUrls()
  const { serveNode } = await import('../http/index.ts')
  const { surviveStrayErrors } = await import('../http/internal.ts')
  const { host, port } = project.settings
  const server = await serveNode(project.handler, { host, port, ...options })
  const stopSurviving = surviveStrayErrors()
  return { ...server, project, close: (how) => server.close(how).finally(stopSurviving) }
}
