/** Databases by alias: which there are, which is the current one. */
import { contextKey, current, runWith } from '../std/context.ts'
import { ConfigurationError } from '../std/errors.ts'
import { nearest } from '../std/text.ts'
import type { Backend, DatabaseConfig } from './backends/backend.ts'
import type { Features } from './backends/features.ts'
import { sqliteBackend } from './backends/sqlite/index.ts'
import { Database } from './database.ts'
import { DatabaseNotFoundError } from './errors.ts'
import { onPrimary, started } from './replicas.ts'

export { Database }

const backends = new Map<string, Backend>([['sqlite', sqliteBackend]])
let databases: ReadonlyMap<string, Database> = new Map()
/** The primary of each replica. */
let primaries: ReadonlyMap<string, string> = new Map()
/** Aliases that tests lead to another database. */
let mirrors: ReadonlyMap<string, string> = new Map()
const DEFAULT = 'default'
/** The alias that using() names; null outside. */
const aliasKey = contextKey<string | null>('db.alias', null)

/** Adds a backend, or replaces one; its name is the `engine` of a database's configuration. */
export function registerBackend(backend: Backend): void {
  backends.set(backend.name, backend)
}

/** Backends that are loaded when a database of theirs is configured: their code and drivers cost others nothing. */
const lazy: Readonly<Record<string, () => Promise<Backend>>> = {
  postgres: async () => (await import('./backends/postgres/index.ts')).postgresBackend,
  mysql: async () => (await import('./backends/mysql/index.ts')).mysqlBackend,
  pglite: async () => (await import('./backends/pglite/index.ts')).pgliteBackend,
}

/** Loads the backends that these databases need; before {@link configureDatabases}. */
export async function loadBackends(configs: Readonly<Record<string, DatabaseConfig>>): Promise<void> {
  const engines = new Set(Object.values(configs).map((config) => config.engine))
  for (const engine of engines) {
    if (!backends.has(engine) && Object.hasOwn(lazy, engine)) registerBackend(await lazy[engine]!())
  }
}

/** The backend of a configuration, loaded if need be. @throws DatabaseNotFoundError db.unknown-engine */
export async function backendOf(config: DatabaseConfig): Promise<Backend> {
  await loadBackends({ default: config })
  return backends.get(config.engine) ?? createDatabase('default', config).backend
}

/** Makes a database without listing it under its alias. @throws DatabaseNotFoundError db.unknown-engine */
export function createDatabase(alias: string, config: DatabaseConfig): Database {
  const backend = backends.get(config.engine)
  if (backend === undefined) {
    throw new DatabaseNotFoundError(
      `No backend for the engine ${JSON.stringify(config.engine)} of database "${alias}".`,
      {
        code: 'db.unknown-engine',
        hint: `Engines: ${[...new Set([...backends.keys(), ...Object.keys(lazy)])].join(', ')}.`,
      },
    )
  }
  assertOptions(alias, config, backend)
  return new Database(alias, withLockTimeout(alias, config), backend)
}

/**
 * Among the options, where people look for it, `lockTimeout` is the same as beside them.
 * @throws ConfigurationError db.invalid-option
 */
function withLockTimeout(alias: string, config: DatabaseConfig): DatabaseConfig {
  const { lockTimeout, ...options } = config.options ?? {}
  if (lockTimeout === undefined) return config
  const given = Number(lockTimeout)
  if (!Number.isSafeInteger(given) || given < 0) {
    throw new ConfigurationError(`lockTimeout of the database "${alias}" is ${JSON.stringify(lockTimeout)}.`, {
      code: 'db.invalid-option',
      hint: 'Milliseconds: { lockTimeout: 2000 }, or ?lockTimeout=2000.',
    })
  }
  return { ...config, lockTimeout: config.lockTimeout ?? given, options }
}

/** What a URL asks for and nobody reads would be believed: `?sslmode=require` leaves a connection without TLS. */
function assertOptions(alias: string, config: DatabaseConfig, { options: known }: Backend): void {
  if (known === undefined) return
  const name = Object.keys(config.options ?? {}).find((each) => !known.includes(each))
  if (name === undefined) return
  const meant = nearest(name, known)
  throw new ConfigurationError(
    `The database "${alias}" has an option ${JSON.stringify(name)}, which ${config.engine} has not.`,
    {
      code: 'db.unknown-option',
      hint: `${meant === null ? '' : `Did you mean "${meant}"? `}Options: ${known.join(', ')}.`,
    },
  )
}

/**
 * Says which databases there are, by alias; called once at start. Nothing is opened yet. A database configured before in
 * the same way stays as it is, open or not; others stay open for who holds them: close them first.
 * @throws ConfigurationError db.bad-replica
 */
export function configureDatabases(configs: Readonly<Record<string, DatabaseConfig>>): void {
  const before = databases
  const kept = (alias: string, config: DatabaseConfig): Database | null => {
    const open = before.get(alias)
    return open && JSON.stringify(open.config) === JSON.stringify(withLockTimeout(alias, config)) ? open : null
  }
  const own = Object.entries(configs).filter(([, { mirror }]) => mirror === undefined)
  const found = new Map(own.map(([alias, config]) => [alias, kept(alias, config) ?? createDatabase(alias, config)]))
  for (const primary of found.values()) {
    primary.replicas = (primary.config.replicas ?? []).flatMap((alias) => {
      const replica = configs[alias]?.mirror === primary.alias ? null : (found.get(alias) ?? badReplica(primary, alias))
      if (replica === primary || (replica?.config.replicas?.length ?? 0) > 0) badReplica(primary, alias)
      if (replica !== null && replica.backend !== primary.backend) badReplica(primary, alias)
      return replica ?? []
    })
  }
  primaries = new Map(
    [...found.values()].flatMap(({ alias, config }) => (config.replicas ?? []).map((replica) => [replica, alias])),
  )
  mirrors = new Map(Object.entries(configs).flatMap(([alias, { mirror }]) => (mirror ? [[alias, mirror]] : [])))
  databases = found
}

function badReplica(primary: Database, alias: string): never {
  throw new ConfigurationError(`"${alias}" cannot be a replica of the database "${primary.alias}".`, {
    code: 'db.bad-replica',
    hint: 'Name another alias of `databases`, of the same engine, that has no replicas itself.',
  })
}

/** What using() takes for the primary of the current database, where no alias is called so. */
const PRIMARY = 'primary'

/** The database of an alias; default the current one (see {@link using}). @throws DatabaseNotFoundError db.unknown-database */
export function database(alias: string = currentAlias()): Database {
  const found = databases.get(alias) ?? databases.get(mirrors.get(alias) ?? alias)
  if (found !== undefined) return found
  const names = [...databases.keys(), ...mirrors.keys()]
  const meant = nearest(alias, names)
  throw new DatabaseNotFoundError(`There is no database "${alias}".`, {
    code: 'db.unknown-database',
    hint:
      names.length === 0
        ? 'No database is configured: set `databases` in the settings.'
        : `${meant === null ? '' : `Did you mean "${meant}"? `}Databases: ${names.join(', ')}.`,
  })
}

/** What the database of an alias can; while there is none, in modules that are loaded before the settings, what SQLite can. */
export function featuresOf(alias: string): Features {
  return databases.size === 0 ? sqliteBackend.features : database(alias).features
}

/** The primary whose replica an alias is; null for other databases. */
export function primaryOf(alias: string): string | null {
  return primaries.get(alias) ?? null
}

/** Aliases of all databases; not those that only mirror another. */
export function databaseAliases(): string[] {
  return [...databases.keys()]
}

/** Closes every database, waiting for blocks that still run. */
export async function closeDatabases(): Promise<void> {
  await Promise.all([...databases.values()].map((database) => database.close()))
}

/**
 * Runs `fn` with another database as the current one: queries, atomic() and onCommit() in it use `alias`, whatever
 * routers say. `'primary'` is the current database, read from its primary and not from a replica (where no database is
 * called so). A query that `fn` gives is run here, not where it is awaited.
 */
export function using<T>(alias: string, fn: () => PromiseLike<T>): Promise<T>
export function using<R>(alias: string, fn: () => R): R
export function using(alias: string, fn: () => unknown): unknown {
  if (alias === PRIMARY && !databases.has(PRIMARY)) return onPrimary(() => started(fn))
  return runWith(aliasKey, alias, () => started(fn))
}

/** The alias that queries use where none is named. */
export function currentAlias(): string {
  return current(aliasKey) ?? DEFAULT
}

/** The alias that using() names here; null outside of it. */
export function usedAlias(): string | null {
  return current(aliasKey)
}
