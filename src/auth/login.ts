/** Signing in and out. */

import { getNow } from '../db/internal.ts'
import { type AnonymousUser, after, type CurrentUser, type HttpRequest, type Session } from '../http/index.ts'
import { setUser } from '../http/internal.ts'
import { rotateCsrfToken } from '../middleware/internal.ts'
import { StoredSession } from '../sessions/index.ts'
import { databaseStore, peekSession, renewSession, sessionOptions } from '../sessions/internal.ts'
import { type Signal, signal } from '../signals/index.ts'
import { BadSignature, sign, unsign } from '../signing/index.ts'
import { constantTimeEqual } from '../std/crypto.ts'
import { ValidationError } from '../validators.ts'
import { normalizeEmail } from './email.ts'
import { AuthError } from './errors.ts'
import { queued } from './hashers/queue.ts'
import { checkPassword, makePassword, pretendCheck } from './passwords.ts'
import { userModel } from './user-model.ts'

/** Names of what a session keeps; Django's. */
export const USER_ID = '_auth_user_id'
const USER_HASH = '_auth_user_hash'
/** Characters of an address that are looked at. */
const LONGEST_EMAIL = 320

/** Whoever is not signed in. */
export const anonymousUser: AnonymousUser = Object.freeze({
  isAuthenticated: false,
  isAnonymous: true,
  isStaff: false,
  isSuperuser: false,
  isActive: false,
  id: null,
  pk: null,
  hasPerm: async () => false,
  hasModulePerms: async () => false,
  toString: () => 'AnonymousUser',
})

/** Sent after a login. */
export const userLoggedIn: Signal<{ request: HttpRequest; user: CurrentUser }> = signal('auth.userLoggedIn')
/** Sent after a log-out; `user` is null when nobody was signed in. */
export const userLoggedOut: Signal<{ request: HttpRequest; user: CurrentUser | null }> = signal('auth.userLoggedOut')
/** Sent after a login that failed; never with the password. */
export const loginFailed: Signal<{ request: HttpRequest | null; email: string }> = signal('auth.loginFailed')

/**
 * The active user with this address and password, or null. Unknown addresses, inactive users and passwords that
 * nothing opens take as long as wrong passwords, so that time does not tell who has an account (CVE-2024-39329). A
 * password hashed with old parameters is hashed anew.
 *
 * @param request   told to receivers of {@link loginFailed}
 * @throws ServiceUnavailable auth.too-many-logins (503) while a hundred others wait
 */
export async function authenticate(
  credentials: { readonly email: string; readonly password: string },
  request: HttpRequest | null = null,
): Promise<CurrentUser | null> {
  const { password } = credentials
  const typed = credentials.email.slice(0, LONGEST_EMAIL).trim()
  const email = normalizeEmail(typed)
  // One query by the index, whoever asks; as typed, too, for rows that came from elsewhere with capitals.
  const user = await userCalled(email, typed)
  if (user === undefined) {
    await queued(() => pretendCheck(password))
  } else {
    const { correct, upgrade } = await queued(() => checkPassword(password, user.password))
    if (correct && user.isActive) {
      if (upgrade) {
        user.password = await makePassword(password)
        await user.save({ fields: ['password'] })
      }
      return user
    }
  }
  await loginFailed.send({ request, email })
  return null
}

/**
 * The user of an address. What the database takes for the same is compared once more: MariaDB's usual collation finds
 * mike@example.org for mıke@example.org (CVE-2019-19844), and PostgreSQL refuses to look for NUL.
 */
async function userCalled(email: string, typed: string): Promise<CurrentUser | undefined> {
  if (typed.includes('\0')) return undefined
  const found = await userModel()
    .objects.filter({ email__in: [email, typed] })
    .list()
  return found.find((each) => each.email === typed) ?? found.find((each) => normalizeEmail(each.email) === email)
}

const SESSION_SALT = 'nuages.auth.session'

/** Changes when the password does, so that sessions opened with the old one end. */
function sessionHash(user: CurrentUser): string {
  return sign(user.password, { salt: SESSION_SALT }).slice(user.password.length + 1)
}

/** Whether a session was opened with the user's present password; also under an older secret key. */
function matchesPassword(user: CurrentUser, hash: unknown): boolean {
  try {
    unsign(`${user.password}:${String(hash)}`, { salt: SESSION_SALT })
    return true
  } catch (error) {
    if (error instanceof BadSignature) return false
    throw error
  }
}

/**
 * Signs a user in: a fresh session key (against session fixation), a fresh CSRF token, `lastLogin` written. What the
 * visitor kept in the session before stays; what another user kept is forgotten.
 */
export async function login(request: HttpRequest, user: CurrentUser): Promise<void> {
  const { session } = request
  const before = session.get<string>(USER_ID)
  const isSame = before === String(user.pk) && matchesPassword(user, session.get(USER_HASH))
  if (before !== undefined && !isSame) session.flush()
  else renewSession(session)
  session.set(USER_ID, String(user.pk))
  session.set(USER_HASH, sessionHash(user))
  rotateCsrfToken(request)
  user.lastLogin = new Date()
  await user.save({ fields: ['lastLogin'] })
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

type MaybePromise<T> = T | Promise<T>

/** Who this session signs in: an active user whose password has not changed since, else nobody. */
export function userOf({ session }: HttpRequest): MaybePromise<CurrentUser | AnonymousUser> {
  return after(readUser(peekSession(session, USER_ID)), (user) => signedInBy(session, user))
}

function signedInBy(session: Session, user: CurrentUser | null): CurrentUser | AnonymousUser {
  if (user?.isActive) {
    const opened = String(peekSession(session, USER_HASH))
    const hash = sessionHash(user)
    if (constantTimeEqual(opened, hash)) return user
    if (matchesPassword(user, opened)) {
      // Signed with an older key: from now on with the present one, so that the old one can be forgotten.
      session.set(USER_HASH, hash)
      return user
    }
  }
  session.flush()
  return anonymousUser
}

function readUser(id: unknown): MaybePromise<CurrentUser | null> {
  const { objects, meta } = userModel()
  let pk: unknown
  try {
    pk = meta.pk[0]!.clean(id)
  } catch (error) {
    // The key was of another type when this session began.
    if (error instanceof ValidationError) return null
    throw error
  }
  return getNow(objects, { pk })
}

/**
 * A new session that signs a user in, for test clients. Gives what the session's cookie holds.
 * @throws AuthError auth.unknown-user
 */
export async function sessionFor({ pk }: { readonly pk: unknown }): Promise<string> {
  const { store, maxAge } = sessionOptions()
  const user = await readUser(pk)
  if (user === null)
    throw new AuthError(`There is no user ${String(pk)} to sign in.`, {
      code: 'auth.unknown-user',
      hint: 'Save the user first.',
    })
  const session = StoredSession.empty(store ?? databaseStore)
  session.set(USER_ID, String(user.pk))
  session.set(USER_HASH, sessionHash(user))
  return (await session.save(maxAge))! // there is something to keep
}
