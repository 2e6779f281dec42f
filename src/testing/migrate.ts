import type { Project } from '../project/index.ts'

/** Every migration, on every database. */
export async function migrateAll({ apps: { apps }, user }: Project): Promise<void> {
  const { MigrationExecutor, MigrationLoader, migrationDatabase } = await import('../db/migrations/internal.ts')
  const { postMigrate } = await import('../db/migrations/index.ts')
  const { databaseAliases } = await import('../db/internal.ts')
  const loader = await MigrationLoader.load({ apps, user })
  for (const alias of databaseAliases()) {
    const executor = new MigrationExecutor(loader, migrationDatabase(alias))
    await executor.migrate(await executor.plan())
    await postMigrate.send({ apps, alias, verbosity: 0 })
  }
}
