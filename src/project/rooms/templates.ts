import { join } from 'node:path'
import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'
import { HttpRequest, respond } from '../../http/index.ts'
import { lazy } from '../../std/lazy.ts'
import { type ContextProcessor, configureTemplates } from '../../templates/index.ts'
import { reverseName } from '../../urls/internal.ts'

/**
 * Where templates are found (the project's folders first, then each app's), what `{% url %}`, `{% static %}` and
 * `{% csrf_token %}` do, which variables every page has: `user`, `messages`, `debug`. Then the tags of apps are loaded.
 *
 * @param staticUrl   the URL of a static file by its path
 */
export async function prepareTemplates(
  settings: ResolvedSettings,
  apps: AppRegistry,
  staticUrl: (path: string) => string,
): Promise<void> {
  configureTemplates({
    dirs: templateDirectories(settings, apps),
    debug: settings.debug,
    globals: {
      url: (name, parameters, request) =>
        reverseName(name, parameters, undefined, request instanceof HttpRequest ? request : undefined),
      static: staticUrl,
      staticUrl: settings.staticUrl,
      mediaUrl: settings.mediaUrl,
      csrfToken: (request) => (settings.security.csrf && request instanceof HttpRequest ? request.csrfToken : null),
    },
    processors: await processors(settings, apps),
    respond: (html) => respond(html),
  })
  for (const app of apps.apps) await app.templateTags?.()
}

/** The project's folders, then each app's: the first that has a template wins. */
export function templateDirectories(settings: ResolvedSettings, apps: AppRegistry): string[] {
  return [...settings.templateDirs, ...apps.apps.map((app) => join(app.root, 'templates'))]
}

async function processors(settings: ResolvedSettings, apps: AppRegistry): Promise<ContextProcessor[]> {
  const all: ContextProcessor[] = [() => ({ debug: settings.debug })]
  // A function: only pages that look at the user depend on the cookie (Vary).
  if (apps.hasApp('auth')) all.push(forRequests((request) => ({ user: () => request.user })))
  if (apps.hasApp('sessions')) {
    const { takeMessages } = await import('../../messages/index.ts')
    // A function: pages that show no messages leave them for the next page. Asked twice, it is one list.
    all.push(forRequests((request) => ({ messages: lazy(() => takeMessages(request)) })))
  }
  return all
}

/** Templates are rendered without a request too, for mails say. */
function forRequests(values: (request: HttpRequest) => Record<string, unknown>): ContextProcessor {
  return (request) => (request instanceof HttpRequest ? values(request) : {})
}
