/**
 * The contract of a database backend. A backend sees SQL nodes and storage kinds, never fields or models.
 * `tests/contracts/` runs one suite over every backend.
 */
import type { ColumnType, Kind } from '../kinds.ts'
import type { SqlExpr, Statement } from '../sql/nodes.ts'

export type MaybePromise<T> = T | Promise<T>
/** A row as the driver gives it: an array in column order. */
export type SqlRow = unknown[]

/** What a database can do; each flag one line, asked before a feature is used. */
export interface Features {
  /** `insert … returning` */
  readonly returning: boolean
  /** DDL runs inside a transaction and rolls back with it. */
  readonly transactionalDdl: boolean
  readonly partialIndexes: boolean
  readonly checkConstraints: boolean
  /** Most parameters one statement may carry. */
  readonly maxParams: number
  /** After an error inside a transaction nothing more is accepted until it is rolled back (PostgreSQL). */
  readonly errorsBreakTransactions: boolean
  /** The introspector gives checks and conditions of indexes as they were written, not in the database's own spelling. */
  readonly keepsExpressions: boolean
  /** Text may have NUL characters. */
  readonly nulInText: boolean
}

/** Text and how to fill it. Made once per shape, kept, never changed. */
export interface Compiled {
  readonly sql: string
  /** For each placeholder in order: the slot it takes from `values`, and how that value is encoded (null: as it is). */
  readonly slots: readonly number[]
  readonly encoders: readonly (((value: unknown) => unknown) | null)[]
  /** The statement gives rows. */
  readonly rows: boolean
  /** Some column of the result may exceed 2^53: integers of every column come as bigint. */
  readonly bigints: boolean
  /** The statement changes something (even if it gives rows: `returning`): it goes to the writer. */
  readonly writes: boolean
  /** Many rows of values for one `insert`: see {@link BulkPlan}. Slots and encoders are those of one row. */
  readonly bulk: BulkPlan | null
}

/**
 * How rows of `values` (row-major) are sent: `rowsPerChunk` at a time with `chunkSql`, the rest one by one with the
 * statement's own `sql`. All of it succeeds or none.
 */
export interface BulkPlan {
  readonly count: number
  readonly width: number
  readonly rowsPerChunk: number
  readonly chunkSql: string
}

export interface RunResult {
  /** Rows changed. */
  readonly changes: number
  /** The last identity value given, where the database tells. */
  readonly lastId: number | bigint | null
}

/** One physical connection, or what a transaction block holds. Parameters are already encoded. */
export interface Connection {
  rows(statement: Compiled, params: readonly unknown[]): MaybePromise<SqlRow[]>
  run(statement: Compiled, params: readonly unknown[]): MaybePromise<RunResult>
  /** Rows in chunks, with bounded memory. */
  iterate(statement: Compiled, params: readonly unknown[], chunk: number): AsyncIterable<SqlRow[]>
  /** Statements of ours without parameters: savepoints, pragmas, DDL. */
  exec(sql: string): MaybePromise<void>
}
/** A connection inside `begin … commit`. Ends once. */
export interface TransactionConnection extends Connection {
  /** False once the database itself has ended the transaction (disk full, for instance) or commit/rollback ran. */
  readonly active: boolean
  /** References are checked at the commit only, from here on. */
  deferConstraints?(): MaybePromise<void>
  commit(): MaybePromise<void>
  rollback(): MaybePromise<void>
}

export interface BeginOptions {
  /** Where the block was opened (`file:line`), named when another waits for it too long; a function is asked only then. */
  readonly holder: string | (() => string)
  /** Milliseconds to wait for the writer; default 5_000. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /**
   * For changes of tables: references are not enforced while it runs, but all of them are checked before the commit
   * (where the database can do neither, nothing changes).
   */
  readonly schemaChange?: boolean
}

/** The open database of one alias: its connections, locks and statement caches. */
export interface Driver {
  /** For reads outside a block: never waits for a writer. */
  readonly reader: Connection
  /** For one statement outside a block that writes: waits its turn, commits by itself. */
  readonly writer: Connection
  begin(options: BeginOptions): Promise<TransactionConnection>
  /** Turns a driver's error into IntegrityError, OperationalError, DataError …; other errors come back as they are. */
  translateError(error: unknown, sql: string): unknown
  close(): Promise<void>
}

export interface Compiler {
  compile(statement: Statement): Compiled
  quote(identifier: string): string
  /** A constant as SQL text, for DDL (`default`, `check`), which takes no parameters. */
  literal(value: unknown, kind: Kind): string
  /** An expression as SQL text, its params replaced by literals of `values`: for check and partial index conditions. */
  inline(expr: SqlExpr, values: readonly unknown[]): string
}

/** Reads a value of `kind` from the driver; null when it is right as it comes (so that row constructors skip it). */
export type Decoder = ((value: any) => unknown) | null
/** Writes a value of a kind for the driver; never called with null. Throws DataError db.invalid-value. */
export type Encoder = ((value: unknown) => unknown) | null

// ---------------------------------------------------------------- schema: plain data, no models

export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
  readonly null: boolean
  readonly unique?: boolean
  /** Default kept by the database: a constant, or `now`. */
  readonly default?: { readonly value: unknown } | { readonly function: 'now' }
  readonly references?: { readonly table: string; readonly column: string }
}
export interface IndexSpec {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly desc: boolean }[]
  readonly unique?: boolean
  /** Text made by `Compiler.inline`. */
  readonly where?: string
}
export interface TableSpec {
  readonly name: string
  readonly columns: readonly ColumnSpec[]
  readonly primaryKey: readonly string[]
  readonly uniques: readonly { readonly name: string; readonly columns: readonly string[] }[]
  readonly checks: readonly { readonly name: string; readonly sql: string }[]
  readonly indexes: readonly IndexSpec[]
}

/**
 * Writes DDL. Methods give the statements, in order, without running them: `sqlmigrate` prints what `migrate` runs.
 * `before` and `after` are whole tables; SQLite rebuilds where it cannot alter.
 */
export interface SchemaEditor {
  /** Lets the next row of a table get a number after all that are there: after rows were written with numbers of theirs. */
  resetIdentity(table: TableSpec): string[]
  createTable(table: TableSpec): string[]
  dropTable(table: TableSpec): string[]
  renameTable(from: TableSpec, to: TableSpec): string[]
  /**
   * Everything between two states of one table: columns added, removed, renamed (`renamed`: old name → new),
   * altered, constraints and indexes. Rows are kept. `fill` gives values for columns that are new and not null.
   */
  alterTable(
    before: TableSpec,
    after: TableSpec,
    options: { renamed: Readonly<Record<string, string>>; fill: Readonly<Record<string, unknown>> },
  ): string[]
}

/** Reads what is there. */
export interface Introspector {
  tables(connection: Connection): Promise<string[]>
  table(connection: Connection, name: string): Promise<TableSpec | null>
}

/** A parsed database URL plus options: `sqlite:./db.sqlite3` → { engine: 'sqlite', path: './db.sqlite3' }. */
export interface DatabaseConfig {
  readonly engine: string
  readonly url: string
  /** Milliseconds a block waits for the writer; default 5_000. */
  readonly lockTimeout?: number
  /** Folder that relative paths start from; default the working directory. */
  readonly root?: string
  readonly options?: Readonly<Record<string, unknown>>
}

export interface Backend {
  readonly name: string
  readonly features: Features
  readonly compiler: Compiler
  readonly schema: SchemaEditor
  readonly introspector: Introspector
  /** `type`, where known, lets decimals come with their own number of places. */
  decoder(kind: Kind, type?: ColumnType): Decoder
  /** null: any plain value (a `param` without a kind). */
  encoder(kind: Kind | null): Encoder
  open(config: DatabaseConfig, alias: string): Promise<Driver> | Driver
}
