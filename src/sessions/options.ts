import type { SessionSettings } from '../conf/settings.ts'
import type { SessionStore } from './store.ts'

/** What the sessions of a project are like: the setting `sessions`, and where they are kept. */
export interface SessionOptions extends SessionSettings {
  /** Where sessions are kept; null: the table `django_session` of the default database. */
  readonly store: SessionStore | null
}

const defaults: SessionOptions = {
  cookieName: 'sessionid',
  maxAge: 14 * 24 * 60 * 60,
  expireAtBrowserClose: false,
  saveEveryRequest: false,
  secure: 'auto',
  sameSite: 'lax',
  domain: null,
  path: '/',
  store: null,
}

let configured: SessionOptions = defaults

/** Called once at start with the project's settings; what is left out has its default. */
export function configureSessions(options: Partial<SessionOptions>): void {
  configured = Object.freeze({ ...defaults, ...options })
}

/** What was configured last. */
export function sessionOptions(): SessionOptions {
  return configured
}
