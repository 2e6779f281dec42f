import type { AppRegistry } from '../apps/index.ts'
import type { ResolvedSettings } from '../conf/index.ts'

/** Migrations of the apps that the default database has not seen, in the order they would run. */
export async function pendingMigrations(settings: ResolvedSettings, apps: AppRegistry): Promise<string[]> {
  const { unappliedMigrations } = await import('../db/migrations/internal.ts')
  return unappliedMigrations({ apps: apps.apps, user: settings.auth.user })
}
