import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'

/** Sessions, users and the admin, each where its app is part of the project. */
export async function configureAccounts(settings: ResolvedSettings, apps: AppRegistry): Promise<void> {
  if (apps.hasApp('sessions')) {
    const { configureSessions } = await import('../../sessions/index.ts')
    const { domain, ...options } = settings.sessions
    configureSessions({ ...options, domain: domain ?? undefined })
  }
  if (apps.hasApp('auth')) {
    const { configureAuth } = await import('../../auth/index.ts')
    const { user, loginUrl, loginRedirectUrl, logoutRedirectUrl } = settings.auth
    configureAuth({ user: user ?? undefined, loginUrl, loginRedirectUrl, logoutRedirectUrl })
  }
  if (apps.hasApp('admin')) {
    const { configureAdmin } = await import('../../admin/index.ts')
    configureAdmin({ apps: apps.apps })
  }
}
