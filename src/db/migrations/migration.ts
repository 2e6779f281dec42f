import { MigrationFileError } from './errors.ts'
import type { Operation } from './operations/operation.ts'
import type { ProjectState } from './state.ts'
import { type Marker, markerName } from './values.ts'

/** Another migration, `['library', '0001_initial']`, `['library', 'first']`, or the one that creates the user model. */
export type Dependency = readonly [app: string, name: string] | Marker<'userModel'>

/** What a migration file says. */
export interface MigrationDefinition {
  /** Migrations that must be applied before this one. */
  readonly dependencies?: readonly Dependency[]
  /** Migrations of other apps that must be applied after this one. */
  readonly runBefore?: readonly (readonly [app: string, name: string])[]
  /**
   * Migrations that this one stands for, in their order: written by `squashmigrations`. Where all of them are applied it
   * counts as applied, where none are it is applied in their place, and where some are it waits for the rest.
   */
  readonly replaces?: readonly (readonly [app: string, name: string])[]
  readonly operations: readonly Operation[]
  /**
   * False: not inside one transaction, for statements a database refuses there. If it fails, operations that ran
   * stay, and the next run goes on after them; each change of tables still happens whole or not at all. Default: a
   * failure leaves nothing. True: in one transaction in any case, also where PostgreSQL could change a large table
   * without stopping others, in several; see the guide.
   */
  readonly atomic?: boolean
}

const brand = Symbol.for('nuages.migration')

/** What a migration file exports as default. */
export interface DeclaredMigration extends MigrationDefinition {
  readonly [brand]: true
}

/** Declares a migration: the default export of a file in `<app>/migrations`. */
export function migration(definition: MigrationDefinition): DeclaredMigration {
  return Object.freeze({ ...definition, [brand]: true as const })
}

/** A migration with its place: the app and the file's name. */
export interface Migration extends MigrationDefinition {
  readonly app: string
  readonly name: string
  /** Where it was read from; null for one not written yet. */
  readonly file: string | null
}

/** Places a declared migration. @throws MigrationFileError migrations.not-a-migration */
export function place(value: unknown, app: string, name: string, file: string | null): Migration {
  if (typeof value !== 'object' || value === null || !(brand in value)) {
    throw new MigrationFileError(`${file ?? `${app}.${name}`} has no migration as its default export.`, {
      code: 'migrations.not-a-migration',
      hint: 'Write: export default migration({ dependencies: [], operations: [] })',
    })
  }
  const { dependencies = [], runBefore = [], replaces = [], operations, atomic } = value as DeclaredMigration // branded
  for (const dependency of [...dependencies, ...runBefore, ...replaces]) {
    if (typeof dependency !== 'string') continue
    throw new MigrationFileError(
      `${file ?? `${app}.${name}`} names what it depends on as text, ${JSON.stringify(dependency)}.`,
      {
        code: 'migrations.not-a-migration',
        hint: `Write app and name: ${JSON.stringify(String(dependency).split('.', 2))}.`,
      },
    )
  }
  for (const [i, operation] of operations.entries()) {
    // Whatever a file that no compiler saw may hold.
    if (typeof (operation as { readonly type?: unknown } | undefined)?.type === 'string') continue
    throw new MigrationFileError(`${file ?? `${app}.${name}`}: number ${i + 1} of its operations is none.`, {
      code: 'migrations.not-a-migration',
      hint: "Each is what a function of nuages/db/migrations gives, as in addField('Book', 'pages', fields.integer({ null: true })).",
    })
  }
  return {
    app,
    name,
    file,
    dependencies,
    runBefore,
    ...(replaces.length > 0 ? { replaces } : {}),
    operations,
    ...(atomic === undefined ? {} : { atomic }),
  }
}

/** `library.0001_initial`: how a migration is known in the graph and in messages. */
export function keyOf(app: string, name: string): string {
  return `${app}.${name}`
}

/** Whether a dependency is the user model's. */
export function isUserModel(dependency: Dependency): dependency is Marker<'userModel'> {
  return markerName(dependency) === 'userModel'
}

/** The state after a migration. Errors name it. */
export function mutateState(migration: Migration, state: ProjectState): ProjectState {
  let now = state
  for (const operation of migration.operations) now = applyToState(migration, operation, now)
  return now
}

/** The state after one operation of a migration. Errors name both. */
export function applyToState(migration: Migration, operation: Operation, state: ProjectState): ProjectState {
  try {
    return operation.toState(state, migration.app)
  } catch (error) {
    if (error instanceof Error && !error.message.includes(' (in ')) {
      error.message += ` (in ${migration.app}.${migration.name}: ${operation.describe()})`
    }
    throw error
  }
}
