import type { AppRegistry } from '../apps/index.ts'
import type { ResolvedSettings } from '../conf/index.ts'

/** Migrations of the apps that the default database has not seen, in the order they would run. */
export async function pendingMigrations(settings: ResolvedSettings, apps: AppRegistry): Promise<string[]> {
  const { MigrationExecutor, MigrationLoader, migrationDatabase } = await import('../db/migrations/index.ts')
  const loader = await MigrationLoader.load({ apps: apps.apps, user: settings.auth.user })
  const plan = await new MigrationExecutor(loader, migrationDatabase('default')).plan()
  return plan.map(({ migration }) => `${migration.app}.${migration.name}`)
}
