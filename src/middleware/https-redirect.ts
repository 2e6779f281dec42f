import { type Middleware, redirect } from '../http/index.ts'

/** Options of {@link httpsRedirect}. */
export interface HttpsRedirectOptions {
  /** Host to send visitors to; default: the one they asked for. */
  readonly host?: string
  /** Paths answered over HTTP too, such as a balancer's health check: `[/^\/health\//]`. */
  readonly except?: readonly RegExp[]
}

/** Sends visitors who come over HTTP to the same page over HTTPS, for good (301; 308 for requests with a body). */
export function httpsRedirect({ host, except = [] }: HttpsRedirectOptions = {}): Middleware {
  return function httpsRedirect(request, next) {
    if (request.isSecure || !request.target.startsWith('/') || except.some((pattern) => pattern.test(request.path)))
      return next(request)
    const keepsMethod = request.method !== 'GET' && request.method !== 'HEAD'
    // `request.host` was checked against allowedHosts: a forged Host header cannot choose the target.
    return redirect(`https://${host ?? request.host}${request.target}`, { status: keepsMethod ? 308 : 301 })
  }
}
