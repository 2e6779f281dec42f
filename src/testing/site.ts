import type { Settings } from '../conf/index.ts'
import { type HttpRequest, toFetch } from '../http/index.ts'
import type { Project } from '../project/index.ts'
import { beginTest, createProject, watchFailures } from '../project/internal.ts'
import { allOf } from './all.ts'
import { type ClientOptions, TestClient } from './client.ts'
import { rememberClock } from './clock.ts'
import {
  fileDatabases,
  memoryDatabases,
  serverDatabases,
  type TestDatabases,
  type Wanted,
  wantedDatabases,
} from './databases.ts'
import { TestingError } from './errors.ts'
import { imageKey } from './image-key.ts'
import { currentRun, ImagePlace } from './images.ts'
import { Layers, type SettingsOverride } from './layers.ts'
import { Levels } from './levels.ts'
import { makeMigrated } from './migrate.ts'
import { withDetails } from './response.ts'
import { aroundAll, aroundEach, type RunningTest, type TestRunner } from './runner.ts'

/** Options of {@link testSite}. */
export interface TestSiteOptions {
  /** Replaced in the settings, for all tests of the file. */
  readonly settings?: Partial<Settings>
  /** Variables that `env.*` reads, over those of the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Rows every test begins with: run once, after the migrations. For those of a group see {@link TestSite.data}. */
  readonly data?: () => Promise<void>
  /**
   * Default `memory`: each test runs in a transaction that is rolled back. `file`: each test finds a copy of a file in
   * a temporary folder, for tests that need real transactions, two connections or another process; some milliseconds
   * slower. `{ server }`: databases made for these tests on the server of a URL (its role must be allowed to), each test in a
   * transaction that is rolled back. The variable NUAGES_TEST_DATABASE names a server for tests that say nothing.
   */
  readonly databases?: 'memory' | 'file' | { readonly server: string }
  /**
   * Applies the migrations in this file. Default false: they are applied once in a run, and the databases of its other files
   * are copies of what came of it. For migrations that do something outside of the databases.
   */
  readonly replay?: boolean
}

/** Options of a visitor. */
export interface VisitorOptions extends Omit<ClientOptions, 'csrf' | 'origin'> {
  /** Visits by HTTPS; default false. */
  readonly secure?: boolean
  /** The host name visited; default `localhost`. */
  readonly host?: string
}

/** Whoever can be signed in: a saved user. */
export interface SavedUser {
  readonly pk: unknown
}

/** A project under test. */
export interface TestSite {
  /** The project, there once the tests run; another one within {@link withSettings}. */
  readonly project: Project
  /** A visitor without cookies, new for each test. */
  readonly client: TestClient
  /** Another visitor, without cookies. */
  visitor(options?: VisitorOptions): TestClient
  /**
   * Signs a user in, without a password. Gives the client.
   *
   *     const ada = await site.login(user, site.visitor())
   *
   * @param client   default {@link client}
   * @throws TestingError testing.no-auth where the project has no users
   * @throws AuthError auth.unknown-user
   */
  login(user: SavedUser, client?: TestClient): Promise<TestClient>
  /** Rows that the tests of a `describe()` begin with: call it inside. Made once; gone after the last of its tests. */
  data(make: () => Promise<void>): void
  /**
   * Runs `fn` with other settings; the databases and their rows stay. Of `sessions`, `csrf`, `security`, `limits` and
   * `auth` only what is named changes. Every client sees them. What was before counts again afterwards, also when `fn`
   * throws.
   *
   * @param fn   gets a new visitor
   * @throws SettingsError conf.invalid-settings
   * @throws TestingError testing.fixed-setting for `databases`, testing.settings-overlap when two run side by side
   */
  withSettings<T>(settings: SettingsOverride, fn: (client: TestClient) => T | PromiseLike<T>): Promise<T>
}

function serverOf(url: string | undefined): TestSiteOptions['databases'] {
  return url === undefined || url === '' ? 'memory' : { server: url }
}

function makeDatabases(wanted: Wanted, where: TestSiteOptions['databases']): TestDatabases | Promise<TestDatabases> {
  if (typeof where === 'object') return serverDatabases(wanted, where.server)
  return where === 'file' ? fileDatabases(wanted) : memoryDatabases(wanted)
}

/** Of this process: rooms are configured per process, so there can be one at a time. */
let active: object | null = null

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
 *
 * The settings are the project's, but for a key of its own, `debug: false`, any host, and the databases; new passwords
 * cost next to nothing. Tests that others start (`t.test()`) are undone before those go on. Tests of one file run one
 * after another.
 *
 * @throws TestingError testing.no-hooks
 */
export function testSite(settings: Settings, runner: TestRunner, options: TestSiteOptions = {}): TestSite {
  const env = { ...process.env, ...options.env }
  let databases: TestDatabases | undefined
  let project: Project | undefined
  let client: TestClient | undefined
  let failure: unknown
  let layers: Layers | undefined
  let isServing = false
  let undoHashers = (): void => undefined

  async function start(): Promise<void> {
    const wanted = wantedDatabases({ default: null, ...settings.databases, ...options.settings?.databases })
    databases = await makeDatabases(wanted, options.databases ?? serverOf(env.NUAGES_TEST_DATABASE))
    const given: Settings = {
      ...settings,
      // A key for tests: the project's own may live in an environment that tests do not have.
      secretKey: 'tests-only-tests-only-tests-only-tests-only-tests-only',
      secretKeyFallbacks: [],
      debug: false,
      allowedHosts: ['*'],
      ...options.settings,
      databases: databases.configs,
    }
    const create = async (written: Settings): Promise<void> => {
      project = await createProject(written, { env, mode: 'test', before: project })
      // Templates and middleware are configured per process, with the first page: not with an older project's.
      if (isServing) await project.loadUrls()
      else await bindLinks(project)
    }
    layers = new Layers(given, create)
    await create(given)
    await makeMigrated(running(), databases, await imagePlace(databases))
    if (hasAuth()) undoHashers = (await import('../auth/internal.ts')).hashCheaply()
    await options.data?.()
  }

  async function imagePlace({ configs }: TestDatabases): Promise<ImagePlace | null> {
    const run = options.replay ? null : currentRun()
    if (run === null) return null
    const { apps: _, databases: __, ...given } = { root: settings.root, ...options.settings }
    return ImagePlace.open(run, await imageKey(running(), { configs, given: { ...given, env: options.env } }))
  }

  async function stop(): Promise<void> {
    const [closing, made] = [project, databases]
    project = databases = undefined
    if (active === site) active = null
    await allOf([() => undoHashers(), () => closing?.close(), () => made?.remove()])
  }

  const levels = new Levels()

  /** Everything from here on is undone by what `atEnd` gets. `test` is null for a group. */
  async function mark(test: RunningTest | null, atEnd: (undo: () => Promise<void>) => void): Promise<void> {
    const undo = await levels.enter(test, () => [
      beginTest(),
      rememberClock(),
      current(layers).remember(),
      () => databases?.undo(),
      forgetContentTypes,
      rememberClient(),
    ])
    atEnd(undo)
    client = visitor()
    await current(databases).mark()
  }

  function rememberClient(): () => void {
    const before = client
    return () => {
      client = before
    }
  }

  async function forgetContentTypes(): Promise<void> {
    if (project?.apps.hasApp('contenttypes')) (await import('../auth/index.ts')).clearContentTypes()
  }

  /** What there is once the site has started. */
  function current<T>(part: T | undefined): T {
    if (part !== undefined) return part
    throw new TestingError(
      failure === undefined ? 'The site was used before its tests began.' : 'The site could not be started.',
      {
        code: 'testing.not-started',
        hint: failure === undefined ? 'Use it inside test() or beforeEach().' : 'The cause is the first error above.',
        ...(failure === undefined ? {} : { cause: failure }),
      },
    )
  }
  const running = (): Project => current(project)
  function hasAuth(): boolean {
    return running().apps.hasApp('auth')
  }

  /** Asks the project of the moment: settings may have changed since the client was made. */
  async function handle(request: Request): Promise<Response> {
    const { handler } = running()
    isServing = true
    let seen: HttpRequest | undefined
    let error: unknown
    const answer = toFetch((own) => {
      seen = own
      watchFailures(own, (thrown) => {
        error ??= thrown
      })
      return handler(own)
    })
    const response = await answer(request, { remoteAddress: '127.0.0.1' })
    return withDetails(response, { error, route: seen?.resolverMatch?.name ?? null })
  }

  function visitor({ secure = false, host = 'localhost', ...how }: VisitorOptions = {}): TestClient {
    running()
    const origin = `${secure ? 'https' : 'http'}://${host}`
    return new TestClient(handle, { ...how, origin, csrf: () => running().settings.csrf })
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
      if (!hasAuth())
        throw new TestingError('The project has no users: `auth` is not among its apps.', { code: 'testing.no-auth' })
      const { sessionFor } = await import('../auth/internal.ts')
      who.cookies.set(running().settings.sessions.cookieName, await sessionFor(user))
      return who
    },
    data(make) {
      let undo = async (): Promise<void> => undefined
      aroundAll(runner, {
        async begin() {
          await mark(null, (end) => {
            undo = end
          })
          try {
            await make()
          } catch (error) {
            await undo()
            throw error
          }
        },
        end: () => undo(),
      })
    },
    async withSettings(changes, fn) {
      return current(layers).within(changes, () => fn(visitor()))
    },
  }
  // Last: a runner that is under way already calls the first hook at once.
  aroundAll(runner, {
    async begin() {
      try {
        claim(site)
        await start()
      } catch (error) {
        failure = error
        await stop()
        throw error
      }
    },
    end: stop,
  })
  aroundEach(runner, mark)
  return site
}

function claim(site: object): void {
  if (active !== null)
    throw new TestingError('Another site is under test in this process.', {
      code: 'testing.second-site',
      hint: 'Make one testSite() per file, and let files run in processes of their own (--test-isolation=process).',
    })
  active = site
}

/**
 * Links work in tests from their first line: `site.client.get(urls.bookList())`. The table alone is read: views and
 * templates wait for the first page, which tells what is wrong with any of them.
 */
async function bindLinks({ settings }: Project): Promise<void> {
  const module = (await settings.urls?.().catch(() => null)) as { readonly urls?: unknown } | null | undefined
  if (typeof module?.urls !== 'object' || module.urls === null) return
  const { bindRoutes } = await import('../urls/index.ts')
  try {
    bindRoutes(module.urls)
  } catch {
    // loadUrls() throws it again, with what it says.
  }
}
