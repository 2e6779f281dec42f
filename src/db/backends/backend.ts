/**
 * The contract of a database backend. A backend sees SQL nodes and storage kinds, never fields or models.
 * `tests/contracts/` runs one suite over every backend.
 */
import type { ColumnType, Kind } from '../kinds.ts'
import type { SqlExpr, Statement, Vendor } from '../sql/nodes.ts'

export type MaybePromise<T> = T | Promise<T>
/** A row as the driver gives it: an array in column order. */
export type SqlRow = unknown[]

/** What a database can do; each flag one line, asked before a feature is used. */
export interface Features {
  /** Whose SQL it speaks, for functions of the project's own. */
  readonly vendor: Vendor
  /** `insert … returning` */
  readonly returning: boolean
  /** `update … returning`, `delete … returning` */
  readonly returnsChanged: boolean
  /** An upsert names the unique columns it is about; without, any unique constraint of the table counts. */
  readonly conflictTarget: boolean
  /** The rows of an upsert tell whether they are new. */
  readonly tellsInserted: boolean
  /** Stored procedures, called by `call name(…)`. */
  readonly procedures: boolean
  /** References are checked at the commit; without, with each statement. */
  readonly deferredReferences: boolean
  /** Frames of windows may leave out rows. */
  readonly frameExclusion: boolean
  /** DDL runs inside a transaction and rolls back with it. */
  readonly transactionalDdl: boolean
  /** Indexes over some rows; without, a plain index has all rows, and a unique one is made in another way or refused. */
  readonly partialIndexes: boolean
  readonly checkConstraints: boolean
  /** Most parameters one statement may carry. */
  readonly maxParams: number
  /** After an error inside a transaction nothing more is accepted until it is rolled back (PostgreSQL). */
  readonly errorsBreakTransactions: boolean
  /** The introspector gives checks and conditions of indexes as they were written, not in the database's own spelling. */
  readonly keepsExpressions: boolean
  /** Inside a subquery, a statement in `from` may speak of the statements around it. */
  readonly outerInDerived: boolean
  /** `with … update`, `with … delete`; else common tables stand inside their subqueries. */
  readonly commonTablesInWrites: boolean
  /** Ascending order begins with nulls, descending ends in them. */
  readonly nullsFirst: boolean
  /** A joined statement may speak of the tables before it: `join lateral (select …)`. */
  readonly lateral: boolean
  /** `select distinct on (…)` */
  readonly distinctOn: boolean
  /** Text may have NUL characters. */
  readonly nulInText: boolean
  /** Indexes on expressions. */
  readonly expressionIndexes: boolean
  /** `include` of indexes and unique constraints. */
  readonly coveringIndexes: boolean
  /** Methods of indexes by name; empty where there is only the usual one. */
  readonly indexMethods: readonly string[]
  /** Nulls may count as equal in a unique constraint or index. */
  readonly nullsNotDistinct: boolean
  /** Unique constraints that are checked at the end of a statement or transaction. */
  readonly deferrableUnique: boolean
  /** `NULLS FIRST` and `NULLS LAST` in an index. */
  readonly indexNulls: boolean
  /** Columns that are computed when they are read, and columns that keep what was computed. */
  readonly virtualColumns: boolean
  readonly storedColumns: boolean
  /** A unique index is told from a unique constraint when tables are read; without, both are read as constraints. */
  readonly uniqueIndexes: boolean
  /** `on delete set default` */
  readonly setsDefault: boolean
  /** Comments on tables and columns. */
  readonly comments: boolean
  /** Columns of arrays and of ranges, and constraints that exclude rows which overlap. */
  readonly arrays: boolean
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
  /** How the same rows are sent as a stream, where the database has one and the statement gives nothing back. */
  readonly copySql?: string
}

export interface RunResult {
  /** Rows changed. */
  readonly changes: number
  /** The last identity value given, where the database tells. */
  readonly lastId: number | bigint | null
}

/** What raw SQL gives. */
export interface NamedRows {
  /** Names of the columns; empty for a statement that gives no rows. */
  readonly columns: readonly string[]
  readonly rows: SqlRow[]
  /** Rows given, or changed. */
  readonly changes: number
}

/**
 * One physical connection, or what a transaction block holds. Parameters are already encoded.
 *
 * When a `signal` fires, a wait for the connection or for a lock ends at once with OperationalError `db.aborted`
 * (`aborted()` of lock.ts), and a statement that runs is stopped where the server can do that; its own error may then
 * come as it is, with the code `db.cancelled` after {@link Driver.translateError}. A method settles only when the
 * connection is free again. A driver that runs statements in another thread stops them there; one that runs them in
 * this one has nothing to do, since a signal that fired before is not asked of it.
 */
export interface Connection {
  rows(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<SqlRow[]>
  run(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<RunResult>
  /** Rows with the names of their columns, for raw SQL. */
  named?(statement: Compiled, params: readonly unknown[], signal?: AbortSignal): MaybePromise<NamedRows>
  /** Rows of a statement that only reads, in chunks, with bounded memory. */
  iterate(statement: Compiled, params: readonly unknown[], chunk: number, signal?: AbortSignal): AsyncIterable<SqlRow[]>
  /** Statements of ours without parameters: savepoints, pragmas, DDL. */
  exec(sql: string, signal?: AbortSignal): MaybePromise<void>
}
/** A connection inside `begin … commit`. Ends once. */
export interface TransactionConnection extends Connection {
  /** False once the database itself has ended the transaction (disk full, for instance) or commit/rollback ran. */
  readonly active: boolean
  /**
   * Statements may be sent before those ahead of them have come back; their results come in the same order. After one
   * that fails, those behind it fail too.
   */
  readonly pipelines?: boolean
  /** References are checked at the commit only, from here on. */
  deferConstraints?(): MaybePromise<void>
  /** Sends text or bytes to a COPY … FROM STDIN, and gives the number of rows. Where the database has it. */
  copyFrom?(sql: string, source: AsyncIterable<Uint8Array>): Promise<number>
  /** What a COPY … TO STDOUT gives. Left early it is stopped, and with it the transaction. */
  copyTo?(sql: string): AsyncIterable<Uint8Array>
  commit(): MaybePromise<void>
  rollback(): MaybePromise<void>
}

/**
 * How much a transaction sees of others. A database may give more than is asked for: SQLite is always serializable.
 */
export type Isolation = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'

export interface BeginOptions {
  /** Where the block was opened (`file:line`), named when another waits for it too long; a function is asked only then. */
  readonly holder: string | (() => string)
  /** Milliseconds to wait for the writer; default 5_000. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** At least this; default the database's. */
  readonly isolation?: Isolation | undefined
  /**
   * For changes of tables: references are not enforced while it runs, but all of them are checked before the commit
   * (where the database can do neither, nothing changes).
   */
  readonly schemaChange?: boolean
}

/** Who hears a channel. */
export interface Hearer {
  readonly heard: (payload: string) => void
  /** The connection was lost and is there again: what was told meanwhile was not heard. */
  readonly interrupted: () => void
}

/** The open database of one alias: its connections, locks and statement caches. */
export interface Driver {
  /** For reads outside a block: never waits for a writer. */
  readonly reader: Connection
  /** For one statement outside a block that writes: waits its turn, commits by itself. */
  readonly writer: Connection
  begin(options: BeginOptions): Promise<TransactionConnection>
  /** Hears what is notified on a channel; gives what ends it. Missing where the database has no channels. */
  listen?(channel: string, hearer: Hearer): Promise<() => Promise<void>>
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
  /** Default kept by the database: a constant, `now`, or text made by `Compiler.inline`. */
  readonly default?: { readonly value: unknown } | { readonly function: 'now' } | { readonly sql: string }
  /** Computed by the database from the row's other columns. `stored`: kept on disk, not computed when it is read. */
  readonly generated?: {
    readonly sql: string
    readonly stored: boolean
    /** Made by a schema editor for its own ends: `select *` does not give it, and nobody reads it back. */
    readonly hidden?: boolean
  }
  /** How its text sorts and compares; default the database's. */
  readonly collation?: string
  /** For people who look at the database. */
  readonly comment?: string
  readonly references?: {
    readonly table: string
    readonly column: string
    /** What the database itself does when the row referred to goes; default nothing: it refuses at the commit. */
    readonly onDelete?: DatabaseOnDelete
  }
}
/** What a database can do to rows that refer to one that is deleted. */
export type DatabaseOnDelete = 'cascade' | 'setNull' | 'setDefault'

/** How one part of an index is kept. */
export interface IndexPartOptions {
  readonly desc: boolean
  readonly nulls?: 'first' | 'last'
  /** Operator class, where the database has them: `varchar_pattern_ops`. */
  readonly opclass?: string
  readonly collation?: string
}
/** A column of an index. */
export interface IndexColumn extends IndexPartOptions {
  readonly name: string
  readonly sql?: never
}
/** An expression of an index, text made by `Compiler.inline`. */
export interface IndexExpression extends IndexPartOptions {
  readonly sql: string
  /** What it gives, for a database that keeps it in a column; default text. */
  readonly type?: ColumnType
  readonly name?: never
}
export type IndexPart = IndexColumn | IndexExpression
export interface IndexSpec {
  readonly name: string
  readonly columns: readonly IndexPart[]
  readonly unique?: boolean
  /** Text made by `Compiler.inline`. */
  readonly where?: string
  /** `hash`, `gin`, `gist`, `brin` …; default the database's usual one. `fulltext`: one for searching. */
  readonly method?: string
  /** Of one for searching: whose words. Default `simple`. */
  readonly language?: string
  /** Columns kept beside the key, so that a query may be answered by the index alone. */
  readonly include?: readonly string[]
  /** False: nulls count as equal. */
  readonly nullsDistinct?: boolean
  /** Storage parameters, as the database names them: `{ fillfactor: 70 }`. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
}
/** Columns that are unique together. */
export interface UniqueSpec {
  readonly name: string
  readonly columns: readonly string[]
  /** Checked at the end of the statement (`immediate`), or of the transaction (`deferred`); default row by row. */
  readonly deferrable?: 'immediate' | 'deferred'
  readonly include?: readonly string[]
  /** False: nulls count as equal. */
  readonly nullsDistinct?: boolean
}
/** A reference over several columns together; one over a single column is its column's. */
export interface ForeignKeySpec {
  readonly name: string
  readonly columns: readonly string[]
  readonly table: string
  /** Columns of that table: its key, or others that are unique together, in the order of `columns`. */
  readonly targets: readonly string[]
  /** As of a column's reference. */
  readonly onDelete?: DatabaseOnDelete
}
/** A trigger: what the database does by itself when rows change. */
export interface TriggerSpec {
  readonly name: string
  readonly when: 'before' | 'after'
  readonly on: readonly {
    readonly event: 'insert' | 'update' | 'delete'
    /** Updates of these columns only. */
    readonly columns?: readonly string[]
  }[]
  /** Text over `NEW`, of a deletion over `OLD`. */
  readonly condition?: string
  readonly do: TriggerAction
}
/** What a trigger does. */
export type TriggerAction =
  /** Statements in the database's own language, each ended by a semicolon. */
  | { readonly t: 'sql'; readonly sql: string }
  /** Sets a column to the moment of the statement. `key`: the columns that say which row, for databases that need them. */
  | { readonly t: 'setNow'; readonly column: string; readonly kind: Kind; readonly key: readonly string[] }
  /** Refuses the change; with `changed` only where the value of one of these columns is another one. */
  | { readonly t: 'refuse'; readonly message: string; readonly changed?: readonly string[] }
  /** Inserts the row as it was (of an insert: as it is) into another table: `[column, column there]`. */
  | { readonly t: 'copy'; readonly table: string; readonly columns: readonly (readonly [string, string])[] }

/** A trigger as a database has it. */
export interface ExistingTrigger {
  readonly name: string
  /** Statements that make it. */
  readonly sql: readonly string[]
}
export interface TableSpec {
  readonly name: string
  readonly columns: readonly ColumnSpec[]
  readonly primaryKey: readonly string[]
  readonly uniques: readonly UniqueSpec[]
  readonly checks: readonly { readonly name: string; readonly sql: string }[]
  readonly indexes: readonly IndexSpec[]
  /** References over several columns. */
  readonly foreignKeys?: readonly ForeignKeySpec[]
  /** Constraints of kinds that one database has (exclusion): the text after the name. */
  readonly constraints?: readonly { readonly name: string; readonly sql: string }[]
  readonly triggers?: readonly TriggerSpec[]
  readonly comment?: string
}

/**
 * Writes DDL. Methods give the statements, in order, without running them: `sqlmigrate` prints what `migrate` runs.
 * `before` and `after` are whole tables; SQLite rebuilds where it cannot alter.
 */
export interface SchemaEditor {
  /** Lets the next row of a table get a number after all that are there: after rows were written with numbers of theirs. */
  resetIdentity(table: TableSpec): string[]
  /** Empties tables, numbers beginning at 1 again; default: DELETE, and {@link resetIdentity}. */
  flush?(tables: readonly TableSpec[]): string[]
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
  /**
   * Where a table is changed by making it anew: the name of the table that statement `i` drops and a later one makes
   * again; null for every other statement. Triggers that no model declares are kept over it.
   */
  rebuiltAt?(statements: readonly string[], i: number): string | null
}

/** Reads what is there. */
export interface Introspector {
  tables(connection: Connection): Promise<string[]>
  table(connection: Connection, name: string): Promise<TableSpec | null>
  /** Names of views, and one as a table of columns only: for inspectdb. */
  views?(connection: Connection): Promise<string[]>
  view?(connection: Connection, name: string): Promise<TableSpec | null>
  /** Triggers of a table, whoever made them, by name. */
  triggers(connection: Connection, table: string): Promise<ExistingTrigger[]>
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
  /** Aliases of databases that follow this one: reads of requests go there; see replicas.ts. Default none. */
  readonly replicas?: readonly string[]
  /** Each request's view runs in a transaction of this database; default false. See `nonAtomicRequests`. */
  readonly atomicRequests?: boolean
  /** In tests: the alias whose database this one is, as of a replica. Default: a database of its own. */
  readonly testMirror?: string
  /** The alias is another name of the database of this one. What `testMirror` becomes in tests. */
  readonly mirror?: string
}

/** How a database tells its plan of a statement. */
export interface ExplainRules {
  /** Options that are on or off, and the words for them. */
  readonly flags: Readonly<Record<string, string>>
  readonly formats: readonly string[]
  /** What stands before the statement. */
  write(flags: readonly (readonly [word: string, on: boolean])[], format: string | null): string
  /** Its rows as text. */
  read(rows: readonly SqlRow[]): string
}

export interface Backend {
  readonly name: string
  /** Names that `options` of a configuration may have; others are told with what could be meant. Absent: any. */
  readonly options?: readonly string[]
  /** Whose SQL it speaks, where that is another's: texts that models give by database are taken from there. */
  readonly dialect?: string
  readonly features: Features
  readonly compiler: Compiler
  readonly schema: SchemaEditor
  readonly introspector: Introspector
  readonly explain: ExplainRules
  /** `type`, where known, lets decimals come with their own number of places. */
  decoder(kind: Kind, type?: ColumnType): Decoder
  /** null: any plain value (a `param` without a kind). */
  encoder(kind: Kind | null): Encoder
  open(config: DatabaseConfig, alias: string): Promise<Driver> | Driver
  /** An empty database called `name` on the server of `config`, for tests. Absent where databases are files. */
  readonly createTestDatabase?: (config: DatabaseConfig, name: string) => Promise<TestDatabase>
}

/** A database that lives as long as a file of tests. */
export interface TestDatabase {
  readonly config: DatabaseConfig
  /** Removes it, once nobody has it open. */
  drop(): Promise<void>
}
