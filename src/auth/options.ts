import type { AuthSettings } from '../conf/settings.ts'
import { reverseName } from '../urls/internal.ts'
import { authUrls } from './urls.ts'

/** What signing in is like in a project: the setting `auth`, but for the rules of passwords. */
export type AuthOptions = Omit<AuthSettings, 'passwordValidators'>

const defaults: AuthOptions = { user: null, loginUrl: null, loginRedirectUrl: '/', logoutRedirectUrl: '/' }
let configured = defaults

/** Called once at start with the project's settings; what is left out has its default. */
export function configureAuth(options: Partial<AuthOptions>): void {
  configured = Object.freeze({ ...defaults, ...options })
}

/** What was configured last. */
export function authOptions(): AuthOptions {
  return configured
}

/**
 * Where `loginRequired` sends visitors: the setting `auth.loginUrl`, else the login page of {@link authUrls}.
 * @throws LinkError urls.not-bound when the project includes no authUrls and names no page of its own
 */
export function loginUrl(): string {
  const { loginUrl: given } = configured
  return given === null ? authUrls.login() : resolveUrl(given)
}

/** A path or address as it is; else a route by its name. @throws LinkError urls.unknown-name */
export function resolveUrl(target: string): string {
  return target.includes('/') ? target : reverseName(target)
}
