export interface AuthOptions {
  /** The user model's label, needed only when several models extend AbstractUser: `accounts.User`. */
  readonly user: string | undefined
  /** Where `loginRequired` sends visitors; default: the login page of `authUrls`, where they are included. */
  readonly loginUrl: string | undefined
  /** Where a login leads without `next`; default `/`. */
  readonly loginRedirectUrl: string
  /** Where a log-out leads; default the login page. */
  readonly logoutRedirectUrl: string | undefined
}

const defaults: AuthOptions = {
  user: undefined,
  loginUrl: undefined,
  loginRedirectUrl: '/',
  logoutRedirectUrl: undefined,
}
let configured = defaults

/** Called once at start with the project's settings. */
export function configureAuth(options: Partial<AuthOptions>): void {
  configured = Object.freeze({ ...defaults, ...options })
}

export function authOptions(): AuthOptions {
  return configured
}
