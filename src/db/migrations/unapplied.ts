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
  if ((await standing(project, migrationDatabase(alias))).isUpToDate) return []
  const executor = new MigrationExecutor(await MigrationLoader.load(project), migrationDatabase(alias))
  return (await executor.plan()).map(({ migration }) => keyOf(migration.app, migration.name))
}

/** How a database stands to the files, as far as names tell. */
export interface Standing {
  /** Every file there is was applied, and none stopped half-way. */
  readonly isUpToDate: boolean
  /** Keys of applied migrations of the project's apps that have no file. */
  readonly gone: readonly string[]
  /** Keys of first migrations that are not applied though others of the app were: a squash was finished too early. */
  readonly replaced: readonly string[]
}

/** Told without reading the files: a long history is read only when there is something to do. */
export async function standing({ apps }: MigrationProject, database: MigrationDatabase): Promise<Standing> {
  const [applied, unfinished, files] = await Promise.all([
    new Recorder(database).applied(),
    new Progress(database).unfinished(),
    Promise.all(apps.map(async (app) => [...(await migrationFiles(app)).keys()].map((name) => keyOf(app.name, name)))),
  ])
  const there = new Set(files.flat())
  const isOurs = (key: string) => apps.some(({ name }) => key.startsWith(`${name}.`))
  const gone = [...applied].filter((key) => isOurs(key) && !there.has(key))
  const first = files.flatMap((keys) => [...keys].sort().slice(0, 1))
  const isBegun = (key: string) => gone.some((each) => each.startsWith(`${key.split('.')[0]}.`))
  return {
    isUpToDate: unfinished.length === 0 && [...there].every((key) => applied.has(key)),
    gone,
    replaced: first.filter((key) => !applied.has(key) && isBegun(key)),
  }
}
