import { Buffer } from 'node:buffer'
import { type AccessEntry, errorForLog, escapeLog } from './access-log.ts'
import { compose } from './compose.ts'
import type { RequestConfig } from './config.ts'
import { runInRequest } from './current.ts'
import type { DebugInfo } from './debug/report.ts'
import { NotFound } from './errors.ts'
import { type ErrorPageContext, errorHandler } from './handle-error.ts'
import { hostChecker, proxyTrust } from './host.ts'
import { type BodyLimits, resolveLimits } from './limits.ts'
import { redirect } from './replies.ts'
import { configureRequest, type HttpRequest, setResolverMatch } from './request.ts'
import { type HttpResponse, isFileSlice } from './response.ts'
import type { Middleware, Reply, Resolver, ResolverMatch } from './types.ts'

/** Something around the view itself, inside of all middleware: unlike there, what the view throws passes through it. */
export type AroundView = (match: ResolverMatch, run: () => Reply) => Reply

/** Answers requests; what servers and the test client call. It never throws, and its promise never fails. */
export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

export interface HandlerOptions {
  /** Finds views; made by `createResolver` of `nuages/urls`. Without one every path is a 404 that no middleware took. */
  readonly resolver?: Resolver
  /** Outermost first. */
  readonly middleware?: readonly Middleware[]
  /** Around each view; default nothing. */
  readonly aroundView?: AroundView | undefined
  /** Error pages with sources and settings; default false. */
  readonly debug?: boolean
  /** `example.com`, `.example.com` with all below, `*`; default none, with `debug` localhost. */
  readonly allowedHosts?: readonly string[]
  /** Proxies whose X-Forwarded-* headers are believed; default none. */
  readonly trustedProxies?: readonly string[]
  readonly limits?: Partial<BodyLimits>
  /** Redirect GET and HEAD to the same path with a slash where only that exists; default true. */
  readonly appendSlash?: boolean
  /** Error pages of your own, in production; null for ours. */
  readonly errorPages?: (request: HttpRequest, context: ErrorPageContext) => Reply | null | undefined
  /** Told of every error that became a status of 500 or more; default: to standard error. */
  readonly onError?: (error: unknown, request: HttpRequest) => void
  /** Told of every request once it is answered; see `accessLog()`. */
  readonly onAccess?: (entry: AccessEntry, request: HttpRequest) => void
  /** Settings and queries for the debug page. */
  readonly debugInfo?: (request: HttpRequest) => DebugInfo
}

/**
 * Puts everything together, once: host check, middleware, resolver, views, error pages, log.
 * @throws ConfigurationError http.bad-proxy
 */
export function createHandler(options: HandlerOptions): Handler {
  const { debug = false, resolver, onAccess, aroundView, appendSlash = true } = options
  const config: RequestConfig = Object.freeze({
    limits: resolveLimits(options.limits),
    isHostAllowed: hostChecker(options.allowedHosts ?? [], debug),
    trustsProxy: proxyTrust(options.trustedProxies ?? []),
  })
  const onError = errorHandler({
    debug,
    resolver,
    errorPages: options.errorPages,
    onError: options.onError ?? logError,
    debugInfo: options.debugInfo,
  })
  const chain = compose(
    [checkHost, ...(options.middleware ?? [])],
    dispatcher(resolver, appendSlash, aroundView),
    onError,
  )
  const answer: Handler = (request) => {
    configureRequest(request, config)
    return runInRequest(request, () => chain(request))
  }
  return onAccess ? logged(answer, onAccess) : answer
}

/** Before anything else reads it: a Host header that is not ours must not reach links, mails or caches. */
const checkHost: Middleware = (request, next) => {
  void request.host
  return next(request)
}

function dispatcher(resolver: Resolver | undefined, appendSlash: boolean, aroundView: AroundView | undefined) {
  return (request: HttpRequest): Reply => {
    const { path } = request
    // A middleware may have had to know the view already, as that against forged requests.
    const match = request.resolverMatch ?? resolver?.match(path) ?? null
    if (match !== null) {
      setResolverMatch(request, match)
      if (aroundView === undefined) return match.view(request, match.params)
      return aroundView(match, () => match.view(request, match.params))
    }
    if (appendSlash && !path.endsWith('/') && resolver?.match(`${path}/`)) return withSlash(request)
    throw new NotFound(undefined, {
      hint: `No route matches ${path}. Routes are declared in urls.ts; \`nuages listurls\` shows them all.`,
    })
  }
}

/** The path exists with a slash at its end: say so, where nothing is lost by it. */
function withSlash(request: HttpRequest): HttpResponse {
  const { method, target, search } = request
  const path = search === '' ? target : target.slice(0, -search.length)
  if (method !== 'GET' && method !== 'HEAD') {
    throw new NotFound(undefined, {
      code: 'http.missing-slash',
      hint: `There is a route for ${request.path}/, with a slash at its end. A redirect would lose what this ${method} sends: send it to ${request.path}/.`,
    })
  }
  // Two slashes at the start would lead to another host.
  return redirect(`${path.replace(/^\/\//, '/%2F')}/${search}`, { status: 301 })
}

function logged(answer: Handler, onAccess: NonNullable<HandlerOptions['onAccess']>): Handler {
  return (request) => {
    const start = performance.now()
    const note = (response: HttpResponse): HttpResponse => {
      const { method, target, clientIp } = request
      const duration = performance.now() - start
      const length = contentLength(response)
      onAccess({ method, target, status: response.status, length, duration, clientIp }, request)
      return response
    }
    const response = answer(request)
    return response instanceof Promise ? response.then(note) : note(response)
  }
}

function contentLength({ source }: HttpResponse): number | null {
  if (source === null) return 0
  if (typeof source === 'string') return Buffer.byteLength(source)
  if (source instanceof Uint8Array || isFileSlice(source)) return source.length
  return null
}

/** Prints an error that became a page, with the request it happened in. */
export function logError(error: unknown, request: HttpRequest): void {
  console.error(`${escapeLog(`${request.method} ${request.target}`)}\n${errorForLog(error)}`)
}
