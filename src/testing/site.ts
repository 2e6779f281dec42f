import type { Settings } from '../conf/index.ts'
import { toFetch } from '../http/index.ts'
import { createProject, type Project } from '../project/index.ts'
import { TestClient } from './client.ts'
import { clock } from './clock.ts'
import { TestingError } from './errors.ts'

/** What a test runner offers: `node:test` has `before` and `after`, vitest `beforeAll` and `afterAll`. */
export interface TestRunner {
  readonly before?: (fn: () => Promise<void>) => unknown
  readonly after?: (fn: () => Promise<void>) => unknown
  readonly beforeAll?: (fn: () => Promise<void>, timeout?: number) => unknown
  readonly afterAll?: (fn: () => Promise<void>) => unknown
  readonly beforeEach: (fn: () => Promise<void>) => unknown
  readonly afterEach: (fn: () => Promise<void>) => unknown
}

export interface TestSiteOptions {
  /** Replaced in the settings, for all tests of the file. */
  readonly settings?: Partial<Settings>
  /** Variables that `env.*` reads, over those of the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Rows every test begins with: run once, after the migrations. */
  readonly data?: () => Promise<void>
}

/** A project under test. */
export interface TestSite {
  /** The project; there once the tests run. */
  readonly project: Project
  /** A visitor without cookies, new for each test. */
  readonly client: TestClient
  /** Another visitor. */
  visitor(options?: { readonly checkCsrf?: boolean }): TestClient
  /** Signs a user in without a password. */
  login(user: { readonly pk: unknown }, client?: TestClient): Promise<void>
  /** Runs `fn` with other settings; the database and its rows stay. */
  withSettings<T>(settings: Partial<Settings>, fn: (client: TestClient) => T | Promise<T>): Promise<T>
}

/**
 * A project for the tests of a file: a migrated database of its own, in memory, which each test finds as the one
 * before did not touch it.
 *
 *     import * as runner from 'node:test'
 *     import { testSite } from 'nuages/testing'
 *     import settings from '../settings.ts'
 *
 *     const site = testSite(settings, runner)
 *     runner.test('the home page answers', async () => {
 *       assert.equal((await site.client.get('/')).status, 200)
 *     })
 */
export function testSite(settings: Settings, runner: TestRunner, options: TestSiteOptions = {}): TestSite {
  const given: Settings = {
    ...settings,
    // A key for tests: the project's own may live in an environment that tests do not have.
    secretKey: 'tests-only-tests-only-tests-only-tests-only-tests-only',
    databases: Object.fromEntries(
      Object.keys(settings.databases ?? { default: 0 }).map((alias) => [alias, 'sqlite::memory:']),
    ),
    allowedHosts: ['*'],
    ...options.settings,
  }
  const env = { ...process.env, ...options.env }
  let project: Project | undefined
  let client: TestClient | undefined

  const begin = runner.beforeAll ?? runner.before
  const end = runner.afterAll ?? runner.after
  if (!begin || !end)
    throw new TestingError('The test runner has neither beforeAll nor before.', {
      code: 'testing.no-hooks',
      hint: "Pass the module itself: `import * as runner from 'node:test'`, or from 'vitest'.",
    })

  begin(async () => {
    project = await createProject(given, { env, mode: 'test' })
    await migrateAll(project)
    await options.data?.()
  }, 60_000)
  runner.beforeEach(async () => {
    for (const database of await databases()) await database.pin()
    client = visitor()
  })
  runner.afterEach(async () => {
    clock.restore()
    for (const database of await databases()) await database.unpin()
    if (project?.apps.hasApp('contenttypes')) (await import('../auth/index.ts')).clearContentTypes()
  })
  end(async () => project?.close())

  function running(): Project {
    if (project) return project
    throw new TestingError('The site was used before its tests began.', {
      code: 'testing.not-started',
      hint: 'Use it inside test() or beforeEach().',
    })
  }
  function visitor(how: { readonly checkCsrf?: boolean } = {}): TestClient {
    const { handler, settings } = running()
    return new TestClient(toFetch(handler), { csrfCookie: settings.csrf.cookieName, ...how })
  }
  const site: TestSite = {
    get project() {
      return running()
    },
    get client() {
      client ??= visitor()
      return client
    },
    visitor,
    async login(user, who = site.client) {
      const { sessionFor } = await import('../auth/internal.ts')
      who.cookies.set(running().settings.sessions.cookieName, await sessionFor(user))
    },
    async withSettings(changes, fn) {
      running()
      project = await createProject({ ...given, ...changes, databases: given.databases! }, { env, mode: 'test' })
      try {
        return await fn(visitor())
      } finally {
        // Rooms are configured per process: the settings of before are told to them again.
        project = await createProject(given, { env, mode: 'test' })
      }
    },
  }
  return site
}

async function databases() {
  const { database, databaseAliases } = await import('../db/internal.ts')
  return databaseAliases().map((alias) => database(alias))
}

async function migrateAll(project: Project): Promise<void> {
  const { MigrationExecutor, MigrationLoader, migrationDatabase } = await import('../db/migrations/internal.ts')
  const { postMigrate } = await import('../db/migrations/index.ts')
  const { databaseAliases } = await import('../db/internal.ts')
  const { apps } = project.apps
  const loader = await MigrationLoader.load({ apps, user: project.user })
  for (const alias of databaseAliases()) {
    const executor = new MigrationExecutor(loader, migrationDatabase(alias))
    await executor.migrate(await executor.plan())
    await postMigrate.send({ apps, alias, verbosity: 0 })
  }
}
