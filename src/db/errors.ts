/**
 * Errors of the database room. The families follow the Python DB-API, as Django does: catch {@link IntegrityError}
 * for a broken constraint whatever the database, {@link DatabaseError} for all that a database can refuse.
 */
import { ConfigurationError, NuagesError, type NuagesErrorOptions } from '../std/errors.ts'

/** Options of {@link DatabaseError}. */
export interface DatabaseErrorOptions extends NuagesErrorOptions {
  /** The alias of the database, where it is known. */
  alias?: string | undefined
  /** The statement, without its values. */
  sql?: string | undefined
}

/** Anything a database refuses. `sql` is the statement without its values: those may be secrets. */
export class DatabaseError extends NuagesError {
  readonly sql: string | undefined
  /** Set where the error passes through a database's connection. */
  alias: string | undefined

  constructor(message: string, options: DatabaseErrorOptions) {
    super(message, options)
    this.sql = options.sql
    this.alias = options.alias
  }
}

/** The constraints a database can say were broken. */
export type ConstraintKind = 'unique' | 'primaryKey' | 'notNull' | 'foreignKey' | 'check' | 'exclusion' | 'other'

/** Options of {@link IntegrityError}. */
export interface IntegrityErrorOptions extends DatabaseErrorOptions {
  constraint: ConstraintKind
  table?: string | null
  columns?: readonly string[]
  fields?: readonly string[]
  name?: string | null
}

/**
 * A constraint would be broken. Nothing was written by the statement.
 * Codes: db.unique-violation, db.not-null-violation, db.foreign-key-violation, db.check-violation, db.exclusion-violation,
 * db.integrity-error.
 */
export class IntegrityError extends DatabaseError {
  readonly constraint: ConstraintKind
  /** Table and columns, where the database names them (SQLite does for unique and not null). */
  readonly table: string | null
  readonly columns: readonly string[]
  /** The fields of the model of that table whose columns these are; empty where no model has them. */
  readonly fields: readonly string[]
  /** The constraint's name, where the database names it (SQLite does for checks). */
  readonly constraintName: string | null

  constructor(message: string, options: IntegrityErrorOptions) {
    super(message, { status: 409, ...options })
    this.constraint = options.constraint
    this.table = options.table ?? null
    this.columns = options.columns ?? []
    this.fields = options.fields ?? []
    this.constraintName = options.name ?? null
  }
}

/** The database cannot work now: file missing, disk full, locked, connection lost. */
export class OperationalError extends DatabaseError {}

/** The write lock was not free in time. Code db.lock-timeout; nothing ran. */
export class LockTimeoutError extends OperationalError {
  /** Where the block that held the lock was opened, `file:line`; null when another process held it. */
  readonly holder: string | null

  constructor(message: string, options: DatabaseErrorOptions & { holder: string | null }) {
    super(message, { status: 503, ...options })
    this.holder = options.holder
  }
}

/** A value that the column's kind cannot hold: wrong type, too long, out of range. Code db.invalid-value. */
export class DataError extends DatabaseError {
  /** The fields it may have been given for, where the database tells enough; else empty. */
  readonly fields: readonly string[]

  constructor(message: string, options: DatabaseErrorOptions & { fields?: readonly string[] }) {
    super(message, options)
    this.fields = options.fields ?? []
  }
}

/** The statement itself is wrong: unknown table or column, syntax. */
export class ProgrammingError extends DatabaseError {}

/** Hint of a statement that the database does not understand. */
export const SEE_SQL = 'The statement is in `sql`.'
/** Hint of a table or column that is not there. */
export const SEE_MIGRATIONS =
  'Is a migration missing, or not applied yet? Run `npx nuages migrate --make` while you develop, `npx nuages migrate` on a server.'
/** Whether a statement waits for whole tables, and for those who read them; behind a `SET STATEMENT` of MariaDB's, too. */
export const locksTables = (sql: string): boolean =>
  /^\s*(?:\/\*M![^*]*\*\/\s*)?(alter|create|drop|lock|rename|truncate)\b/i.test(sql)
/** Hint of such a statement that did not get them. */
export const TABLE_IN_USE =
  'Another transaction uses the table; one that has only read is enough. It has to end first; the server lists them: '
/** Hint of a generated column, an index or a check that uses the time, chance, or what a session says. */
export const SAME_ALWAYS =
  'A generated column, an index and a check are computed from columns of their own row, by functions that give the same ' +
  "at all times: not from the time, chance or a session's language. Store such a value with a default, or in code."

/** This database has no such feature. */
export class NotSupportedError extends DatabaseError {}

/**
 * A transaction block was used in a way that cannot be right. Codes: db.statement-in-flight, db.block-ended,
 * db.nested-durable, db.broken-transaction, db.not-in-block.
 */
export class TransactionError extends DatabaseError {}

/** The transaction is committed, but callbacks given to onCommit() failed; `errors` has them all. */
export class CommitCallbackError extends DatabaseError {
  readonly errors: readonly unknown[]

  constructor(message: string, options: DatabaseErrorOptions & { errors: readonly unknown[] }) {
    super(message, options)
    this.errors = options.errors
  }
}

/** An alias that `databases` of the settings does not have, or an engine that is not known. */
export class DatabaseNotFoundError extends NuagesError {}

/**
 * A model that is declared or used in a way that cannot work. Codes: db.model-not-in-app, db.model-bound-twice,
 * db.duplicate-model, db.unknown-model, db.abstract-model, db.bad-field, db.bad-relation, db.unknown-attribute,
 * db.no-queries.
 */
export class ModelError extends ConfigurationError {}
