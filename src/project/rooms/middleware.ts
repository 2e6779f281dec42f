import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'
import type { HttpRequest, Middleware } from '../../http/index.ts'
import { setResolverMatch } from '../../http/internal.ts'
import { configureMiddleware, defaultMiddleware } from '../../middleware/index.ts'
import { isCsrfExempt, resolveMiddleware } from '../../middleware/internal.ts'
import type { RouteResolver } from '../../urls/index.ts'

/**
 * The chain around every view, configured and loaded, the outermost first. Static files and uploads are answered as soon
 * as the security headers are around them: they need no session.
 */
export async function buildMiddleware(
  settings: ResolvedSettings,
  apps: AppRegistry,
  resolver: RouteResolver,
  files: readonly Middleware[],
): Promise<Middleware[]> {
  const { security, csp, csrf, languages, sessions } = settings
  configureMiddleware({
    security: { ...security, csp },
    csrf: { ...csrf, domain: sessions.domain, isExempt: (request) => isExempt(resolver, request) },
    languages,
  })
  const context = { settings, hasApp: (name: string) => apps.hasApp(name) }
  const chain = await resolveMiddleware(settings.middleware ?? defaultMiddleware, context)
  return chain.toSpliced(chain.findIndex(({ name }) => name === 'securityHeaders') + 1, 0, ...files)
}

/** The check runs before the view is reached; asked for unsafe methods only. The route is looked for once. */
function isExempt(resolver: RouteResolver, request: HttpRequest): boolean {
  const match = request.resolverMatch ?? resolver.match(request.path)
  if (match === null) return false
  setResolverMatch(request, match)
  const { view } = match
  return 'guard' in view && isCsrfExempt(view.guard)
}
