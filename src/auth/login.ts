/** Signing in and out. */

import type { AnonymousUser, CurrentUser, HttpRequest } from '../http/index.ts'
import { setUser } from '../http/internal.ts'
import { rotateCsrfToken } from '../middleware/internal.ts'
import { signal } from '../signals/index.ts'
import { sign } from '../signing/index.ts'
import { constantTimeEqual } from '../std/crypto.ts'
import { checkPassword, makePassword, pretendCheck } from './passwords.ts'
import { userModel } from './user-model.ts'

const USER_ID = '_auth_user_id'
const USER_HASH = '_auth_user_hash'

/** Whoever is not signed in. */
export const anonymousUser: AnonymousUser = Object.freeze({
  isAuthenticated: false,
  isAnonymous: true,
  isStaff: false,
  isSuperuser: false,
  isActive: false,
  id: null,
  pk: null,
  toString: () => 'AnonymousUser',
})

/** Sent after a login, a log-out, and a login that failed. Never with the password. */
export const userLoggedIn = signal<{ request: HttpRequest; user: CurrentUser }>('userLoggedIn')
export const userLoggedOut = signal<{ request: HttpRequest; user: CurrentUser | null }>('userLoggedOut')
export const loginFailed = signal<{ request: HttpRequest | null; email: string }>('loginFailed')

/** E-mail addresses are kept and compared in lower case: two accounts may not differ by case alone. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase()
}

/**
 * The active user with this address and password, or null. Unknown addresses take as long as wrong passwords, so that
 * time does not tell who has an account. A password hashed with old parameters is hashed anew.
 */
export async function authenticate(
  credentials: { email: string; password: string },
  request: HttpRequest | null = null,
): Promise<CurrentUser | null> {
  const email = normalizeEmail(credentials.email.slice(0, 320))
  const users = userModel().objects
  const user = (await users.dynamic({ email }).first()) ?? (await users.dynamic({ email__iexact: email }).first())
  if (!user) {
    await pretendCheck(credentials.password)
  } else {
    const { correct, upgrade } = await checkPassword(credentials.password, user.password)
    if (correct && user.isActive) {
      if (upgrade) {
        user.password = await makePassword(credentials.password)
        await user.save()
      }
      return user
    }
  }
  await loginFailed.send({ request, email })
  return null
}

/** Changes when the password does, so that sessions opened with the old one end. */
const sessionHash = (user: CurrentUser): string =>
  sign(user.password, { salt: 'nuages.auth.session' }).slice(user.password.length + 1)

/** Signs a user in: a fresh session key (against fixation), a fresh CSRF token, `lastLogin` written. */
export async function login(request: HttpRequest, user: CurrentUser): Promise<void> {
  const { session } = request
  const id = String(user.pk)
  const before = session.get<string>(USER_ID)
  if (
    before !== undefined &&
    (before !== id || !constantTimeEqual(session.get<string>(USER_HASH) ?? '', sessionHash(user)))
  )
    session.flush() // somebody else's values must not reach this user
  else session.cycleKey()
  session.set(USER_ID, id)
  session.set(USER_HASH, sessionHash(user))
  rotateCsrfToken(request)
  user.lastLogin = new Date()
  await user.save()
  setUser(request, user)
  await userLoggedIn.send({ request, user })
}

/** Signs out: the session and everything in it is forgotten. */
export async function logout(request: HttpRequest): Promise<void> {
  const user = request.user.isAuthenticated ? request.user : null
  request.session.flush()
  rotateCsrfToken(request)
  setUser(request, anonymousUser)
  await userLoggedOut.send({ request, user })
}

/** Keeps this session signed in after its user's password changed; the user's other sessions end. */
export function keepSignedIn(request: HttpRequest, user: CurrentUser): void {
  request.session.cycleKey()
  request.session.set(USER_HASH, sessionHash(user))
}

/** Who this session signs in: an active user whose password has not changed since, else nobody. */
export async function userOf(request: HttpRequest): Promise<CurrentUser | AnonymousUser> {
  const id = request.session.get<string>(USER_ID)
  if (id === undefined) return anonymousUser
  const model = userModel()
  const key = model.meta.pk[0]!
  const user: CurrentUser | null = await model.objects.dynamic({ [key.name]: key.clean(id) }).first()
  const valid = user?.isActive && constantTimeEqual(request.session.get<string>(USER_HASH) ?? '', sessionHash(user))
  if (valid) return user
  request.session.flush()
  return anonymousUser
}
