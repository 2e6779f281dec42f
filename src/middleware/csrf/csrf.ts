import { after, type HttpRequest, type HttpResponse, type Middleware } from '../../http/index.ts'
import { setCsrfToken } from '../../http/internal.ts'
import { guardParts } from '../../urls/internal.ts'
import { type CsrfOptions, middlewareOptions } from '../options.ts'
import { forbidden } from './forbidden.ts'
import { type CsrfReason, checkSource, checkToken, isSafeMethod, readTrusted, type Trusted } from './rules.ts'
import { isWellFormed, maskSecret, newSecret, secretOf } from './token.ts'

/** Name of the hidden field in forms, as Django's. */
export const CSRF_FIELD = 'csrfmiddlewaretoken'

const FORMS = new Set(['application/x-www-form-urlencoded', 'multipart/form-data'])

/** The secret of a request, and whether its cookie must be sent. */
interface State {
  secret: string | null
  send: boolean
}
/** Kept on the request itself: a weak map with an entry for each request is work for every garbage collection. */
const STATE = Symbol('csrf')
type Marked = HttpRequest & { [STATE]?: State }

function stateOf(request: Marked, cookieName = middlewareOptions().csrf.cookieName): State {
  let state = request[STATE]
  if (!state) {
    const cookie = request.cookies.get(cookieName)
    // A malformed secret is replaced: a page would otherwise hold tokens that can never match.
    state = { secret: cookie !== undefined && isWellFormed(cookie) ? secretOf(cookie) : null, send: false }
    request[STATE] = state
  }
  return state
}

/**
 * The token for forms and scripts of this response: another text at every call, all good for the visitor's secret.
 * Asking for it sends the cookie, and makes the response depend on it (`Vary: Cookie`).
 */
export function csrfToken(request: HttpRequest): string {
  const state = stateOf(request)
  state.secret ??= newSecret()
  state.send = true
  return maskSecret(state.secret)
}

/**
 * A new secret, so that tokens given out before are worth nothing: called at login, where whoever shared the browser
 * before must not keep one.
 */
export function rotateCsrfToken(request: HttpRequest): void {
  const state = stateOf(request)
  state.secret = newSecret()
  state.send = true
}

const EXEMPT = Symbol.for('nuages.csrf-exempt')

/**
 * A guard that takes a view out of the check, for callers that are no browsers and prove themselves otherwise, such as
 * signed webhooks: `urls.paid.view(csrfExempt, async (request) => …)`. Beside another: `guards(csrfExempt, loginRequired)`.
 */
export function csrfExempt<R extends HttpRequest>(request: R): R {
  return request
}
csrfExempt[EXEMPT] = true

/** Whether a guard is {@link csrfExempt}, or one of several is. */
export function isCsrfExempt(guard: unknown): boolean {
  return guardParts(guard).some(
    (part) => typeof part === 'function' && (part as { [EXEMPT]?: unknown })[EXEMPT] === true,
  )
}

/**
 * Refuses requests that another site made a visitor's browser send (cross-site request forgery). Unsafe methods must
 * come from this site (Origin, or Referer under HTTPS) and carry the token of the visitor's cookie, in the field
 * `csrfmiddlewaretoken` or the header `X-CSRFToken`.
 *
 * @param given   default: the setting `csrf`
 * @throws PermissionDenied csrf.no-token and so on: see {@link CsrfReason}
 */
export function csrfMiddleware(given?: Partial<CsrfOptions>): Middleware {
  let options: CsrfOptions | undefined
  let trusted: Trusted | undefined
  return function csrfMiddleware(request, next) {
    options ??= { ...middlewareOptions().csrf, ...given }
    trusted ??= readTrusted(options.trustedOrigins, options.domain)
    const used = options
    // A name of its own is known here only: whoever asks for a token later would look for the project's.
    if (given?.cookieName !== undefined) stateOf(request, given.cookieName)
    setCsrfToken(request, () => csrfToken(request))
    const answer = () => after(next(request), (response) => sendCookie(request, response, used))
    if (isSafeMethod(request.method) || used.isExempt(request)) return answer()
    return findReason(request, used, trusted).then((reason) => {
      if (reason !== null) throw forbidden(reason)
      return answer()
    })
  }
}

async function findReason(request: HttpRequest, options: CsrfOptions, trusted: Trusted): Promise<CsrfReason | null> {
  const source = {
    secure: request.isSecure,
    host: request.host,
    origin: request.headers.get('origin'),
    referer: request.headers.get('referer'),
  }
  const cookie = request.cookies.get(options.cookieName)
  // Without a cookie nothing that is sent can match: the body stays unread.
  return (
    checkSource(source, trusted) ??
    checkToken(cookie, cookie === undefined ? '' : await sentToken(request, options.headerName))
  )
}

/** The token of a form's field; else of the header. Only bodies that are forms are read. */
async function sentToken(request: HttpRequest, headerName: string): Promise<string> {
  if (request.method === 'POST' && FORMS.has(request.contentType)) {
    const field = (await request.form()).get(CSRF_FIELD)
    if (typeof field === 'string' && field !== '') return field
  }
  return request.headers.get(headerName) ?? ''
}

function sendCookie(request: Marked, response: HttpResponse, options: CsrfOptions): HttpResponse {
  const state = request[STATE]
  if (!state?.send || state.secret === null) return response
  response.setCookie(options.cookieName, state.secret, {
    maxAge: options.maxAge,
    path: '/',
    secure: options.secure === 'auto' ? request.isSecure : options.secure,
    sameSite: 'lax',
    // Scripts read it to fill the header; what they could steal is useless to other sites.
    httpOnly: false,
    ...(options.domain === null ? {} : { domain: options.domain }),
  })
  response.headers.addToken('vary', 'Cookie')
  return response
}
