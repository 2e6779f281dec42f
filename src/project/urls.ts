/** The project's routes with the views of its apps. */
import type { App, AppRegistry } from '../apps/index.ts'
import type { ResolvedSettings } from '../conf/index.ts'
import { bindRoutes, createResolver, type RouteResolver, routes } from '../urls/index.ts'
import { tableOf } from '../urls/internal.ts'
import { ProjectError } from './errors.ts'

/** What a project's `urls.ts` exports. */
interface UrlsModule {
  /** The root table. */
  readonly urls?: unknown
  /** Views of the root table's own routes: `export const views = () => import('./views.ts')`. */
  readonly views?: unknown
}

/**
 * Imports the project's table and the views of every table that is included in it. An app whose urls are not
 * included costs nothing.
 *
 * @throws ProjectError project.bad-urls
 * @throws ViewBindingError, UrlPatternError
 */
export async function loadResolver(settings: ResolvedSettings, apps: AppRegistry): Promise<RouteResolver> {
  if (settings.urls === null) return createResolver(routes({}), [])
  const module = (await settings.urls()) as UrlsModule
  const root = rootTable(module.urls)
  const included = new Set(bindRoutes(root).mounts.map((mount) => mount.definition.table))
  const shown = apps.apps.filter((app) => isTable(app.urls) && included.has(tableOf(app.urls)))
  const views = await Promise.all(shown.map(async (app) => [app.urls as object, await viewsOf(app)] as const))
  if (module.views !== undefined) views.push([root, await rootViews(module.views)])
  return createResolver(root, views)
}

function isTable(urls: unknown): urls is object {
  return typeof urls === 'object' && urls !== null
}

async function viewsOf(app: App): Promise<object> {
  return (await app.views?.()) ?? {}
}

async function rootViews(views: unknown): Promise<object> {
  const loaded: unknown = typeof views === 'function' ? await views() : views
  if (typeof loaded === 'object' && loaded !== null) return loaded
  throw new ProjectError('The views that urls.ts exports are no module.', {
    code: 'project.bad-urls',
    hint: "Write: export const views = () => import('./views.ts')",
  })
}

function rootTable(urls: unknown): object {
  if (isTable(urls)) return urls
  throw new ProjectError(
    `The module of settings.urls exports no table: urls is ${urls === undefined ? 'missing' : typeof urls}.`,
    {
      code: 'project.bad-urls',
      hint: 'Write: export const urls = routes({ … })',
    },
  )
}
