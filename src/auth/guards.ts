/** Guards: put before a view, they narrow the request or answer instead. */
import { type CurrentUser, type HttpRequest, PermissionDenied, redirect } from '../http/index.ts'
import { t } from '../i18n/index.ts'
import { loginUrl } from './options.ts'
import { withNext } from './redirects.ts'

/** A request whose user is signed in. */
export interface AuthenticatedRequest extends HttpRequest {
  readonly user: CurrentUser
}

/**
 * Sends visitors to the login page and back. After it `request.user` is the project's user.
 *
 *     export const bookEdit = urls.bookEdit.view(loginRequired, async (request, { id }) => …)
 */
export function loginRequired(request: HttpRequest): AuthenticatedRequest | Response {
  if (request.user.isAuthenticated) return request as AuthenticatedRequest // just checked
  return redirect(withNext(loginUrl(), request.target))
}

/**
 * Asks for permissions: `permissionRequired('library.change_book')`. A signed-in user without them gets a 403.
 * @throws PermissionDenied
 */
export function permissionRequired(
  ...permissions: readonly [string, ...string[]]
): (request: HttpRequest) => Promise<AuthenticatedRequest | Response> {
  return async (request) => {
    const signedIn = loginRequired(request)
    if (signedIn instanceof Response) return signedIn
    for (const permission of permissions)
      if (!(await signedIn.user.hasPerm(permission))) throw new PermissionDenied(t('You may not do this.'))
    return signedIn
  }
}

/** Asks for an active member of staff; other signed-in users get a 403. @throws PermissionDenied */
export function staffRequired(request: HttpRequest): AuthenticatedRequest | Response {
  const signedIn = loginRequired(request)
  if (signedIn instanceof Response || (signedIn.user.isStaff && signedIn.user.isActive)) return signedIn
  throw new PermissionDenied(t('This page is for members of staff.'))
}
