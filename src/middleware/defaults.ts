/** The chain around every view when a project names none, and how its members are found. */
import { type Middleware, ResponseError } from '../http/index.ts'

/** What decides whether a member of the chain is needed. */
export interface MiddlewareContext {
  readonly settings: {
    readonly languages: readonly string[]
    readonly security: { readonly csrf: boolean; readonly httpsRedirect: boolean }
  }
  /** Whether an app is part of the project. */
  hasApp(name: string): boolean
}

const LOAD = Symbol.for('nuages.middleware-load')
interface Lazy extends Middleware {
  readonly [LOAD]: (context: MiddlewareContext) => Promise<Middleware | null>
}

/** A member by name, loaded at start by projects that need it. Null from `load`: not needed here. */
function lazy(name: string, load: (context: MiddlewareContext) => Promise<Middleware | null>): Middleware {
  const placeholder: Middleware = () => {
    throw new ResponseError(`The middleware ${name} is not loaded.`, {
      code: 'middleware.not-loaded',
      hint: 'Members of defaultMiddleware are loaded by the project: give the list in its settings instead of calling them.',
    })
  }
  return Object.assign(Object.defineProperty(placeholder, 'name', { value: name }), { [LOAD]: load })
}

/**
 * The default chain, outermost first; each member takes part only where the project needs it. Importing this list
 * loads none of them. To add your own:
 *
 *     middleware: [...defaultMiddleware, tenant]
 */
export const defaultMiddleware: readonly Middleware[] = Object.freeze([
  lazy('httpsRedirect', async ({ settings }) =>
    settings.security.httpsRedirect ? (await import('./https-redirect.ts')).httpsRedirect() : null,
  ),
  lazy('securityHeaders', async () => (await import('./security-headers.ts')).securityHeaders()),
  lazy('localeMiddleware', async ({ settings }) =>
    settings.languages.length > 1 ? (await import('./locale.ts')).localeMiddleware() : null,
  ),
  lazy('sessionsMiddleware', async ({ hasApp }) =>
    hasApp('sessions') ? (await import('../sessions/index.ts')).sessionsMiddleware() : null,
  ),
  lazy('csrfMiddleware', async ({ settings }) =>
    settings.security.csrf ? (await import('./csrf/csrf.ts')).csrfMiddleware() : null,
  ),
  lazy('authMiddleware', async ({ hasApp }) =>
    hasApp('auth') ? (await import('../auth/index.ts')).authMiddleware() : null,
  ),
])

/** Loads the members of a chain that are given by name; drops those the project does not need. */
export async function resolveMiddleware(
  chain: readonly Middleware[],
  context: MiddlewareContext,
): Promise<Middleware[]> {
  const loaded = await Promise.all(chain.map((item) => (LOAD in item ? (item as Lazy)[LOAD](context) : item)))
  return loaded.filter((item) => item !== null)
}
