import type { Middleware } from '../http/index.ts'
import { setUser } from '../http/internal.ts'
import { anonymousUser, userOf } from './login.ts'

/**
 * `request.user`: whoever the session signs in. A request without a session costs nothing; with one, the user is read
 * before the view, so that `request.user` needs no await.
 */
export function authMiddleware(): Middleware {
  return (request, next) => {
    if (!request.session.has('_auth_user_id')) {
      setUser(request, anonymousUser)
      return next(request)
    }
    return userOf(request).then((user) => {
      setUser(request, user)
      return next(request)
    })
  }
}
