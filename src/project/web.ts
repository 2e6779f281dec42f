/** The web side of a project: what only serving needs. */
import { type AccessEntry, accessLog, createHandler, type Handler, type HttpRequest } from '../http/index.ts'
import type { RouteResolver } from '../urls/index.ts'
import { projectErrorPages } from './error-pages.ts'
import { noteFailure } from './failures.ts'
import type { Project } from './project.ts'
import { debugInformation } from './rooms/debug.ts'
import { mediaMiddleware } from './rooms/media.ts'
import { buildMiddleware } from './rooms/middleware.ts'
import type { RepeatWatch } from './rooms/repeats.ts'
import { prepareStatic } from './rooms/static.ts'
import { prepareTemplates } from './rooms/templates.ts'
import { requestDatabases } from './rooms/transactions.ts'
import { loadResolver } from './urls.ts'

/** What answers requests. */
export interface Web {
  readonly handler: Handler
  readonly resolver: RouteResolver
  /** Takes no notes for the debug page any more. */
  readonly stop: () => void
}

/** Loads templates, admin, urls and views, and joins them with the middleware to one handler. */
export async function loadWeb(project: Project, repeats: RepeatWatch | null): Promise<Web> {
  const { settings, apps, debug } = project
  const statics = await prepareStatic(settings, apps)
  await prepareTemplates(settings, apps, statics.url)
  if (apps.hasApp('admin')) for (const app of apps.apps) await app.admin?.()
  const resolver = await loadResolver(settings, apps)
  const requests = await requestDatabases(settings)
  const files = [statics.middleware, ...mediaMiddleware(settings)]
  const debugging = debug ? await debugInformation(project, repeats) : null
  const handler = createHandler({
    resolver,
    middleware: [
      ...(repeats === null ? [] : [repeats.middleware]),
      ...requests.middleware,
      ...(await buildMiddleware(settings, apps, resolver, files)),
    ],
    aroundView: requests.aroundView,
    debug,
    allowedHosts: settings.allowedHosts,
    trustedProxies: settings.trustedProxies,
    limits: settings.limits,
    errorPages: projectErrorPages(),
    ...(project.mode === 'test' ? { onError: noteFailure } : { onAccess: logOf(project, repeats) }),
    ...(debugging === null ? {} : { debugInfo: debugging.info }),
  })
  return { handler, resolver, stop: debugging?.stop ?? (() => {}) }
}

/** The log of requests. Development leaves out styles and scripts that were served: a page of the admin has twenty. */
function logOf(
  { mode, settings }: Project,
  repeats: RepeatWatch | null,
): (entry: AccessEntry, request: HttpRequest) => void {
  const log = noted(accessLog(), repeats)
  if (mode !== 'development') return log
  const isUsual = ({ status, target }: AccessEntry) =>
    (status === 200 || status === 304) && target.startsWith(settings.staticUrl)
  return (entry, request) => {
    if (!isUsual(entry)) log(entry, request)
  }
}

/** Lines that say where a request repeated a query. */
function noted(
  log: (entry: AccessEntry) => void,
  repeats: RepeatWatch | null,
): (entry: AccessEntry, request: HttpRequest) => void {
  if (repeats === null) return log
  return (entry, request) => {
    const found = repeats.of(request)
    if (found.length === 0) return log(entry)
    log({ ...entry, note: `repeated queries: ${found.map(({ count, place }) => `${count}× ${place}`).join(', ')}` })
  }
}
