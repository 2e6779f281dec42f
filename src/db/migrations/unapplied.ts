import { migrationDatabase } from './connect.ts'
import type { MigrationDatabase } from './database.ts'
import { MigrationExecutor } from './executor.ts'
import { MigrationLoader, type MigrationProject, migrationFiles } from './loader.ts'
import { keyOf } from './migration.ts'
import { Progress } from './progress.ts'
import { Recorder } from './recorder.ts'

/**
 * Migrations that a database has not seen, in the order they would run: `library.0002_book_pages`.
 * @throws MigrationGraphError for a history that does not fit together
 */
export async function unappliedMigrations(project: MigrationProject, alias = 'default'): Promise<string[]> {
  if (await isUpToDate(project, migrationDatabase(alias))) return []
  const executor = new MigrationExecutor(await MigrationLoader.load(project), migrationDatabase(alias))
  return (await executor.plan()).map(({ migration }) => keyOf(migration.app, migration.name))
}

/**
 * Whether every file there is was applied, and none stopped half-way: told by their names alone, without reading them. A long
 * history is read only when there is something to do.
 */
export async function isUpToDate({ apps }: MigrationProject, database: MigrationDatabase): Promise<boolean> {
  const [applied, unfinished, files] = await Promise.all([
    new Recorder(database).applied(),
    new Progress(database).unfinished(),
    Promise.all(apps.map(async (app) => [app.name, await migrationFiles(app)] as const)),
  ])
  if (unfinished.length > 0) return false
  return files.every(([app, names]) => [...names.keys()].every((name) => applied.has(keyOf(app, name))))
}
