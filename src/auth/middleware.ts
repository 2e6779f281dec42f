import { after, type Middleware } from '../http/index.ts'
import { setUser } from '../http/internal.ts'
import { peekSession, touchSession } from '../sessions/internal.ts'
import { anonymousUser, USER_ID, userOf } from './login.ts'

/**
 * `request.user`: whoever the session signs in. Without a session it costs nothing; with one, the user is read before
 * the view, so that `request.user` needs no await. Only pages that look at it depend on the cookie (`Vary`).
 */
export function authMiddleware(): Middleware {
  return function authMiddleware(request, next) {
    const { session } = request
    if (peekSession(session, USER_ID) === undefined) {
      setUser(request, () => {
        touchSession(session)
        return anonymousUser
      })
      return next(request)
    }
    return after(userOf(request), (user) => {
      setUser(request, () => {
        touchSession(session)
        return user
      })
      return next(request)
    })
  }
}
