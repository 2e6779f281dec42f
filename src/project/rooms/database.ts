import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings, Settings } from '../../conf/index.ts'

/** Whether a project has to do with databases: a model somewhere, or `databases` in its settings. */
export function usesDatabases(written: Settings, apps: AppRegistry): boolean {
  return written.databases !== undefined || apps.models().length > 0
}

/** Tells the ORM its databases; none is opened before it is used. */
export async function configureDatabases(settings: ResolvedSettings): Promise<void> {
  const db = await import('../../db/internal.ts')
  await db.loadBackends(settings.databases)
  db.configureDatabases(settings.databases)
  db.configureRouters(settings.routers)
}

/** Opens every database. @throws OperationalError, ConfigurationError */
export async function openDatabases(): Promise<void> {
  const { database, databaseAliases } = await import('../../db/internal.ts')
  for (const alias of databaseAliases()) await database(alias).open()
}

/** Closes every database. */
export async function closeDatabases(): Promise<void> {
  const db = await import('../../db/internal.ts')
  await db.closeDatabases()
}
