import type { SessionStore } from './store.ts'

export interface SessionOptions {
  /** Default `sessionid`. */
  readonly cookieName: string
  /** Seconds a session lives after its last change; default two weeks. */
  readonly maxAge: number
  /** Forget the session when the browser closes; default false. */
  readonly expireAtBrowserClose: boolean
  /** Write the session at each request that read it, so that it lives on while used; default false. */
  readonly saveEveryRequest: boolean
  /** Send the cookie over HTTPS only. */
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly domain: string | undefined
  readonly path: string
  /** Where sessions are kept; default the database. */
  readonly store: SessionStore | undefined
}

const defaults: SessionOptions = {
  cookieName: 'sessionid',
  maxAge: 14 * 24 * 60 * 60,
  expireAtBrowserClose: false,
  saveEveryRequest: false,
  secure: false,
  sameSite: 'lax',
  domain: undefined,
  path: '/',
  store: undefined,
}

let configured: SessionOptions = defaults

/** Called once at start with the project's settings. */
export function configureSessions(options: Partial<SessionOptions>): void {
  configured = Object.freeze({ ...defaults, ...options })
}

export function sessionOptions(): SessionOptions {
  return configured
}
