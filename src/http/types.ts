import type { Registered } from '../apps/register.ts'
import type { User } from '../auth/index.ts'
import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'

/** The project's user model's instances: what `interface Register { user: User }` names, else the User of `nuages/auth`. */
export type CurrentUser = Registered<'user', User>

/** Who asks when nobody is signed in. `if (!request.user.isAuthenticated)` narrows to it. */
export interface AnonymousUser {
  readonly isAuthenticated: false
  readonly isAnonymous: true
  readonly isStaff: false
  readonly isSuperuser: false
  readonly isActive: false
  readonly id: null
  readonly pk: null
  /** Never. */
  hasPerm(permission: string): Promise<boolean>
  /** Never. */
  hasModulePerms(app: string): Promise<boolean>
  toString(): string
}

/** Values kept for one visitor between requests. Installed by the sessions middleware. */
export interface Session {
  /** What the visitor's cookie holds; null until something is kept. */
  readonly key: string | null
  /** Something changed, and will be written. Set it after changing the inside of a value. */
  modified: boolean
  /** The value kept under `key`, or undefined. */
  get<T = unknown>(key: string): T | undefined
  /** Keeps a JSON value under `key`. */
  set(key: string, value: unknown): void
  has(key: string): boolean
  /** Forgets `key`; true when it was there. */
  delete(key: string): boolean
  /** Forgets everything, and the session itself: what logging out does. */
  flush(): void
  /** Keeps the values under a new key: what logging in does, against session fixation. */
  cycleKey(): void
  /** When this session ends: seconds after its last change, 0 with the browser, a date, or null for the setting. */
  setExpiry(expiry: number | Date | null): void
}

/** What a view or a middleware gives: our own response, or any web `Response`. */
export type Reply = Response | Promise<Response>

/** A function from a request, and the parameters of its URL, to a response. */
export type View<P = {}, R = HttpRequest> = (request: R, params: P) => Reply

/** The rest of the chain. Its response is always an HttpResponse, so its headers can be changed. */
export type Next = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/**
 * Something around every view: `(request, next) => next(request)`. It may answer itself, change the request's values
 * before and the response's headers after. Errors below have become responses when `next` gives one.
 */
export type Middleware = (request: HttpRequest, next: Next) => Reply

/** The route that was found for a request; `nuages/urls` gives more (see its `RouteMatch`). */
export interface ResolverMatch {
  /** Its parameters are `any`, because they were checked where it was bound to its route. */
  readonly view: View<any> & { readonly guard?: unknown }
  readonly params: Readonly<Record<string, unknown>>
  /** `library:bookDetail` */
  readonly name: string
  /** `/library/books/<int:id>/` */
  readonly pattern: string
}

/** What finds views for paths; made by `createResolver` of `nuages/urls`. */
export interface Resolver {
  /** The first route that matches a decoded path, or null. */
  match(path: string): ResolverMatch | null
  /** The patterns in order, for the debug page. */
  patterns(): readonly string[]
}
