import type { AuthenticatedRequest } from '../auth/index.ts'
import { withNext } from '../auth/internal.ts'
import { type HttpRequest, redirect } from '../http/index.ts'
import { adminUrls } from './urls.ts'

/** Active members of staff pass; everybody else is asked to sign in, wherever they wanted to go. */
export function staffOnly(request: HttpRequest): AuthenticatedRequest | Response {
  const { user } = request
  if (user.isAuthenticated && user.isActive && user.isStaff) return request as AuthenticatedRequest // just checked
  return redirect(withNext(adminUrls.login(), request.target))
}
