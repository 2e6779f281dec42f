import type { Project } from '../project/index.ts'
import { NuagesError } from '../std/errors.ts'
import { TestingError } from './errors.ts'

/** Every migration, on every database; those too that an app without any has yet to write. */
export async function migrateAll({ apps: { apps }, user }: Project): Promise<void> {
  const { loadWithUnwritten, MigrationExecutor, migrationDatabase } = await import('../db/migrations/internal.ts')
  const { postMigrate } = await import('../db/migrations/index.ts')
  const { databaseAliases } = await import('../db/internal.ts')
  const loader = await loadWithUnwritten({ apps, user })
  for (const alias of databaseAliases()) {
    const executor = new MigrationExecutor(loader, migrationDatabase(alias))
    try {
      await executor.migrate(await executor.plan())
    } catch (error) {
      throw needsServer(error) ? otherDatabase(error) : error
    }
    await postMigrate.send({ apps, alias, verbosity: 0 })
  }
}

/** Whether a model has what the database of the tests has no columns for. */
function needsServer(error: unknown): error is NuagesError & { readonly cause: NuagesError } {
  return (
    error instanceof NuagesError && error.cause instanceof NuagesError && error.cause.code === 'db.unsupported-kind'
  )
}

function otherDatabase(error: NuagesError & { readonly cause: NuagesError }): TestingError {
  return new TestingError(`The database of the tests cannot have the tables of the project: ${error.message}`, {
    code: 'testing.other-database',
    hint: 'Tests run on SQLite in memory unless they are told otherwise: NUAGES_TEST_DATABASE=postgres://… before the command, or testSite(settings, runner, { databases: { server: url } }).',
    cause: error,
  })
}
