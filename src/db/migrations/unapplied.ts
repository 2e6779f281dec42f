import { migrationDatabase } from './connect.ts'
import { MigrationExecutor } from './executor.ts'
import { MigrationLoader, type MigrationProject } from './loader.ts'
import { keyOf } from './migration.ts'

/**
 * Migrations that a database has not seen, in the order they would run: `library.0002_book_pages`.
 * @throws MigrationGraphError for a history that does not fit together
 */
export async function unappliedMigrations(project: MigrationProject, alias = 'default'): Promise<string[]> {
  const executor = new MigrationExecutor(await MigrationLoader.load(project), migrationDatabase(alias))
  return (await executor.plan()).map(({ migration }) => keyOf(migration.app, migration.name))
}
