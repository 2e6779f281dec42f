/** Reads the migrations of a project's apps from their `migrations` folders. */
import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { describeThrown } from '../../std/describe.ts'
import type { AnyModel } from '../models/meta.ts'
import { MigrationFileError } from './errors.ts'
import { isKnown } from './footprint.ts'
import { MigrationGraph } from './graph.ts'
import { importFiles } from './import-files.ts'
import { type Migration, mutateState, place } from './migration.ts'
import { isSquashed, resolveReplacements, withSquashed } from './replacements.ts'
import { ProjectState } from './state.ts'

/** What migrations need of an app. */
export interface MigrationApp {
  readonly name: string
  /** Folder of the app; its migrations are in `migrations` below. */
  readonly root: string
  readonly models: Readonly<Record<string, AnyModel>>
}

/** What migrations need of a project. */
export interface MigrationProject {
  readonly apps: readonly MigrationApp[]
  /** Label of the user model (`accounts.User`), or null. */
  readonly user: string | null
}

const FILE = /^(\d{4}_\w+)\.(ts|mts|js|mjs)$/

/** Every migration of the project and their graph. @throws MigrationGraphError, MigrationFileError */
export class MigrationLoader {
  readonly project: MigrationProject
  /** Every file, squashed ones and what they replace. */
  readonly files: readonly Migration[]
  /** Those that count: for a new database, or the one that {@link forApplied} was told of. */
  readonly graph: MigrationGraph
  readonly #user: string | null

  /** @param applied   keys that a database has recorded; `'unsquashed'` for the files before squashing */
  constructor(
    project: MigrationProject,
    migrations: Iterable<Migration>,
    applied: ReadonlySet<string> | 'unsquashed' = new Set(),
  ) {
    this.project = project
    this.files = [...migrations]
    this.#user = firstUser(this.files, project.user)
    this.graph = new MigrationGraph(resolveReplacements(this.files, applied), this.#user?.split('.')[0] ?? null)
  }

  /** The migrations that count for a database with these keys recorded. @throws MigrationGraphError migrations.squash-incomplete */
  forApplied(recorded: ReadonlySet<string>): MigrationLoader {
    return this.#hasSquashed() ? new MigrationLoader(this.project, this.files, recorded) : this
  }

  /** The files before squashing: for going back to one of them. */
  unsquashed(): MigrationLoader {
    return this.#hasSquashed() ? new MigrationLoader(this.project, this.files, 'unsquashed') : this
  }

  /** What is applied, with the squashed migrations whose parts are. */
  applied(recorded: ReadonlySet<string>): ReadonlySet<string> {
    return this.#hasSquashed() ? withSquashed(this.files, recorded) : recorded
  }

  #hasSquashed(): boolean {
    return this.files.some(isSquashed)
  }

  /** Reads the files. */
  static async load(project: MigrationProject): Promise<MigrationLoader> {
    return new MigrationLoader(project, await readMigrations(project.apps))
  }

  /** The state before every migration: no models, and the user model that the first of them mean. */
  emptyState(): ProjectState {
    return new ProjectState([], this.#user)
  }

  /** The models after these migrations (default: all), in the graph's order. */
  state(included: (migration: Migration) => boolean = () => true): ProjectState {
    let state = this.emptyState()
    for (const migration of this.graph.all()) if (included(migration)) state = mutateState(migration, state)
    return state
  }
}

/** The label that the project's user model had at first: migrations may have renamed it, or moved it to another app. */
function firstUser(migrations: readonly Migration[], user: string | null): string | null {
  if (user === null) return null
  const before = new Map<string, string>()
  for (const { app, operations } of migrations) {
    for (const operation of operations) {
      if (!isKnown(operation)) continue
      if (operation.type === 'moveModel') before.set(`${app}.${operation.name}`, operation.from)
      if (operation.type === 'renameModel') before.set(`${app}.${operation.newName}`, `${app}.${operation.oldName}`)
    }
  }
  const seen = new Set([user])
  for (let old = before.get(user); old !== undefined && !seen.has(old); old = before.get(old)) {
    seen.add(old)
    user = old
  }
  return user
}

/** The folder with an app's migrations. */
export function migrationsFolder(app: Pick<MigrationApp, 'root'>): string {
  return join(app.root, 'migrations')
}

/** The migrations of apps, in order of the apps and of their names. @throws MigrationFileError for the first that is broken */
export async function readMigrations(apps: readonly Pick<MigrationApp, 'name' | 'root'>[]): Promise<Migration[]> {
  const found = await Promise.all(
    apps.map(async (app) => {
      const folder = migrationsFolder(app)
      return [...(await migrationFiles(app))].map(([name, file]) => ({ app: app.name, name, file: join(folder, file) }))
    }),
  )
  const files = found.flat()
  const importFile = await importFiles(files.map(({ file }) => file))
  const read: Migration[] = []
  for (const { app, name, file } of files) {
    const { default: declared } = await importFile(file).catch((error: unknown) => {
      throw cannotImport(file, error)
    })
    read.push(place(declared, app, name, file))
  }
  return read
}

/** Names of an app's migrations and their files, in order. */
export async function migrationFiles(app: Pick<MigrationApp, 'root'>): Promise<ReadonlyMap<string, string>> {
  const folder = migrationsFolder(app)
  const files = new Map<string, string>()
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return files
  for (const entry of (await readdir(folder)).sort()) {
    const [, name, type] = FILE.exec(entry) ?? []
    if (name === undefined || entry.endsWith('.d.ts') || entry.endsWith('.d.mts')) continue
    if (!files.has(name) || isScript(type!) === prefersScript(folder)) files.set(name, entry)
  }
  return files
}

const isScript = (type: string) => type === 'js' || type === 'mjs'

/** Where code was built or published its JavaScript is what runs; Node strips no types under node_modules. */
function prefersScript(folder: string): boolean {
  return folder.includes(`${sep}node_modules${sep}`) || folder.includes(`${sep}dist${sep}`)
}

function cannotImport(file: string, error: unknown): MigrationFileError {
  return new MigrationFileError(`The migration ${file} cannot be read:\n${describeThrown(error)}`, {
    code: 'migrations.cannot-import',
    hint: 'Correct the file; migrations run in the order of their numbers, and this one is needed.',
    cause: error,
  })
}
