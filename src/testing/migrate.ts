import type { Project } from '../project/index.ts'

/** Every migration, on every database; those too that an app without any has yet to write. */
export async function migrateAll({ apps: { apps }, user }: Project): Promise<void> {
  const { loadWithUnwritten, MigrationExecutor, migrationDatabase } = await import('../db/migrations/internal.ts')
  const { postMigrate } = await import('../db/migrations/index.ts')
  const { databaseAliases } = await import('../db/internal.ts')
  const loader = await loadWithUnwritten({ apps, user })
  for (const alias of databaseAliases()) {
    const executor = new MigrationExecutor(loader, migrationDatabase(alias))
    await executor.migrate(await executor.plan())
    await postMigrate.send({ apps, alias, verbosity: 0 })
  }
}
