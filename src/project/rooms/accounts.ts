import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'

/**
 * Sessions, users and the admin, each where its app is part of the project. Gives the label of the user model, null
 * where there is none (a check of auth tells why).
 */
export async function configureAccounts(settings: ResolvedSettings, apps: AppRegistry): Promise<string | null> {
  if (apps.hasApp('sessions')) {
    const { configureSessions } = await import('../../sessions/index.ts')
    configureSessions(settings.sessions)
  }
  if (apps.hasApp('admin')) {
    const { configureAdmin } = await import('../../admin/index.ts')
    configureAdmin({ apps: apps.apps })
  }
  return apps.hasApp('auth') ? configureUsers(settings) : null
}

async function configureUsers({ auth }: ResolvedSettings): Promise<string | null> {
  const { AuthError, configureAuth, configurePasswordRules, userModel } = await import('../../auth/index.ts')
  const { passwordValidators, ...options } = auth
  configureAuth(options)
  configurePasswordRules(passwordValidators)
  try {
    return userModel().meta.label
  } catch (error) {
    if (error instanceof AuthError) return null
    throw error
  }
}
