import type { AppRegistry } from '../apps/index.ts'
import type { Finding } from '../checks/index.ts'
import type { ResolvedSettings } from '../conf/index.ts'
import type { Handler } from '../http/index.ts'
import type { RouteResolver } from '../urls/index.ts'

/**
 * What a project is put together for. `development` is `nuages dev`: debug is on unless said otherwise. `command` is
 * any other command, `serve` included; `test` is for `nuages/testing`.
 */
export type ProjectMode = 'development' | 'command' | 'test'

/** A project, put together: rooms configured, apps ready. What serves and what commands work with. */
export interface Project {
  readonly settings: ResolvedSettings
  readonly apps: AppRegistry
  readonly mode: ProjectMode
  readonly debug: boolean
  /** The project's directory. */
  readonly root: string
  /** Whether there are models or databases; without them the ORM is never loaded. */
  readonly usesDatabases: boolean
  /** Label of the user model, `accounts.User`; null without auth. Migrations of apps that refer to it depend on it. */
  readonly user: string | null
  /**
   * Answers a request; an error becomes an error page. Loads urls and views before the first one: call
   * {@link loadUrls} to have their mistakes at start.
   */
  readonly handler: Handler
  /**
   * The routes and their views, loaded once: commands that serve no page do without.
   *
   * @throws ProjectError project.bad-urls, UrlPatternError, ViewBindingError
   */
  loadUrls(): Promise<RouteResolver>
  /**
   * Everything the checks find, the gravest first.
   *
   * @param options.deploy   also what matters in production only
   * @param options.database   also what only the default database knows: migrations that are not applied
   */
  checks(options?: { readonly deploy?: boolean; readonly database?: boolean }): Promise<Finding[]>
  /** Opens every database now, so that one that cannot be reached is told before work begins. */
  openDatabases(): Promise<void>
  /** Migrations not applied to the default database: `library.0002_book_pages`. */
  pendingMigrations(): Promise<string[]>
  /** What the checks find about migrations: not applied, missing, in several branches. */
  migrationFindings(): Promise<Finding[]>
  /**
   * Runs one piece of work, such as a command: queries that it repeats are told, where they are looked for (the setting
   * `repeatedQueries`).
   */
  work<T>(fn: () => Promise<T>): Promise<T>
  /** Fills the setting `staticRoot`. */
  collectStatic(): Promise<{ readonly copied: number; readonly unchanged: number }>
  /** What `nuages shell` has at hand: models by name, settings, the names of `nuages/db`. */
  shellNames(): Promise<Record<string, unknown>>
  /** Closes databases and whatever else is open. The project cannot be used afterwards. */
  close(): Promise<void>
}
