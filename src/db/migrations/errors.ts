import { NuagesError } from '../../std/errors.ts'

/** Anything that goes wrong with migrations; the subclasses say which part. */
export class MigrationError extends NuagesError {}

/** A file in a `migrations` folder is not what it should be, or cannot be imported. */
export class MigrationFileError extends MigrationError {}

/** Migrations do not fit together: a dependency is missing, goes in a circle, or two branches end side by side. */
export class MigrationGraphError extends MigrationError {}

/** An operation does not fit the state it is applied to: an unknown model or field, a name already taken. */
export class MigrationStateError extends MigrationError {}

/** An operation cannot be undone. */
export class IrreversibleError extends MigrationError {}

/** A question about a change (a rename, a value for existing rows) that neither a person nor a flag answered. */
export class UnansweredError extends MigrationError {}

/** A value in a model cannot be written into a migration file. */
export class SerializeError extends MigrationError {}
