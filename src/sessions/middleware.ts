import { after, type HttpRequest, type HttpResponse, type Middleware } from '../http/index.ts'
import { setSession } from '../http/internal.ts'
import { databaseStore } from './backends/database.ts'
import { type SessionOptions, sessionOptions } from './options.ts'
import { StoredSession } from './session.ts'

/**
 * `request.session`. Without the cookie it costs nothing; with one, the session is read before the view, so that
 * `request.session.get()` needs no await. It is written after the view, only when something changed, and never when the
 * view failed (5xx). Responses that depend on it say `Vary: Cookie`.
 *
 * @param given   default: the setting `sessions`
 */
export function sessionsMiddleware(given?: Partial<SessionOptions>): Middleware {
  return function sessionsMiddleware(request, next) {
    const options = given === undefined ? sessionOptions() : { ...sessionOptions(), ...given }
    const store = options.store ?? databaseStore
    const cookie = request.cookies.get(options.cookieName)
    const answer = (session: StoredSession) => {
      setSession(request, session)
      return after(next(request), (response) => finish(request, response, session, options))
    }
    return after(cookie === undefined ? StoredSession.empty(store) : StoredSession.load(store, cookie), answer)
  }
}

function finish(
  request: HttpRequest,
  response: HttpResponse,
  session: StoredSession,
  options: SessionOptions,
): HttpResponse | Promise<HttpResponse> {
  if (session.accessed || session.modified) response.headers.addToken('vary', 'Cookie')
  if (response.status >= 500) return response
  if (!session.modified && (session.isEmpty || !options.saveEveryRequest)) {
    if (session.isEmpty) forgetCookie(request, response, options)
    return response
  }
  return session.save(options.maxAge).then((key) => {
    if (key !== null) setCookie(request, response, session, key, options)
    // Ended by another request: the browser may have been given another cookie by now, which must stay.
    else if (!session.interrupted) forgetCookie(request, response, options)
    return response
  })
}

function setCookie(
  request: HttpRequest,
  response: HttpResponse,
  session: StoredSession,
  key: string,
  options: SessionOptions,
): void {
  const { maxAge, expireAtBrowserClose, path } = options
  response.setCookie(options.cookieName, key, {
    path,
    ...domainOf(options),
    ...(session.endsWithBrowser(expireAtBrowserClose) ? {} : { maxAge: session.lifetime(maxAge) }),
    secure: isSecure(request, options),
    httpOnly: true,
    sameSite: options.sameSite,
  })
  response.headers.addToken('vary', 'Cookie')
}

/** Where the browser sent a cookie that leads nowhere. */
function forgetCookie(request: HttpRequest, response: HttpResponse, options: SessionOptions): void {
  if (!request.cookies.has(options.cookieName)) return
  const { cookieName, path, sameSite } = options
  response.deleteCookie(cookieName, { path, ...domainOf(options), secure: isSecure(request, options), sameSite })
  response.headers.addToken('vary', 'Cookie')
}

function domainOf({ domain }: SessionOptions): { domain?: string } {
  return domain === null ? {} : { domain }
}

function isSecure(request: HttpRequest, { secure }: SessionOptions): boolean {
  return secure === 'auto' ? request.isSecure : secure
}
