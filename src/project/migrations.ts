import type { Finding } from '../checks/index.ts'
import type { Project } from './project.ts'

/** Migrations of the apps that the default database has not seen, in the order they would run. */
export async function pendingMigrations({ apps, user }: Project): Promise<string[]> {
  const { unappliedMigrations } = await import('../db/migrations/internal.ts')
  return unappliedMigrations({ apps: apps.apps, user })
}

/** What is wrong with migrations: not applied, missing, in several branches. */
export async function checkMigrations({ apps, user }: Project): Promise<Finding[]> {
  const { migrationFindings } = await import('../db/migrations/internal.ts')
  return migrationFindings({ apps: apps.apps, user })
}

/** What migrations that are not applied would lock or break in production. */
export async function lintMigrations({ apps, user }: Project): Promise<Finding[]> {
  const { lintFindings } = await import('../db/migrations/internal.ts')
  return lintFindings({ apps: apps.apps, user })
}
