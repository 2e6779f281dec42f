import type { Project } from '../project/index.ts'
import { NuagesError } from '../std/errors.ts'
import type { TestDatabases } from './databases.ts'
import { TestingError } from './errors.ts'
import { type ImagePlace, removeEnded } from './images.ts'

/** Every migration, on every database; those too that an app without any has yet to write. */
export async function migrateAll(project: Project): Promise<void> {
  await applyAll(project)
  await sendMigrated(project)
}

/** Makes the databases, as {@link migrateAll} does. Where there is an image of that, from it. */
export async function makeMigrated(
  project: Project,
  databases: TestDatabases,
  place: ImagePlace | null,
): Promise<void> {
  try {
    const image = place?.find(databases.isDear) ?? null
    const restored = image !== null && (await databases.create(image).then(isDone, isNotDone))
    if (!restored) {
      await databases.create()
      await applyAll(project)
      if (place?.isMaker) await makeImage(databases, place)
    }
  } finally {
    place?.release()
  }
  // After the image: receivers belong to this process, and what they make is as cheap as asking whether it is there.
  await sendMigrated(project)
}

const isDone = (): boolean => true
/** What an image could not do is not told: it may be gone, and migrations do the same. */
const isNotDone = (): boolean => false

async function sendMigrated({ apps: { apps } }: Project): Promise<void> {
  const { databaseAliases, postMigrate } = await import('../db/internal.ts')
  for (const alias of databaseAliases()) await postMigrate.send({ apps, alias, verbosity: 0 })
}

async function applyAll({ apps: { apps }, user }: Project): Promise<void> {
  const { loadWithUnwritten, MigrationExecutor, migrationDatabase } = await import('../db/migrations/internal.ts')
  const { databaseAliases } = await import('../db/internal.ts')
  const loader = await loadWithUnwritten({ apps, user })
  for (const alias of databaseAliases()) {
    const executor = new MigrationExecutor(loader, migrationDatabase(alias))
    try {
      await executor.migrate(await executor.plan())
    } catch (error) {
      throw needsServer(error) ? otherDatabase(error) : error
    }
  }
}

/** For the other files of the run. One that cannot be made fails no test: they apply migrations. */
async function makeImage(databases: TestDatabases, place: ImagePlace): Promise<void> {
  const image = await databases.keep(place.run).catch(() => null)
  try {
    removeEnded()
    if (!place.publish(image) && image !== null) await databases.forget(image)
  } catch {
    if (image !== null) await databases.forget(image).catch(() => undefined)
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
