/**
 * The contract of a database backend: statements, drivers and connections. What it can do is in features.ts, tables in
 * schema.ts. A backend sees SQL nodes and storage kinds, never fields or models.
 * `tests/contracts/` runs one suite over every backend.
 */
import type { ColumnType, Kind } from '../kinds.ts'
import type { SqlExpr, Statement } from '../sql/nodes.ts'
import type { Features } from './features.ts'
import type { Introspector, SchemaEditor } from './schema.ts'

/** What a driver may give at once or later: an embedded database answers without a promise. */
export type MaybePromise<T> = T | Promise<T>
/** A row as the driver gives it: an array in column order. */
export type SqlRow = unknown[]

/** Text and how to fill it. Made once per shape, kept, never changed. */
export interface Compiled {
  readonly sql: string
  /** For each placeholder in order: the slot it takes from `values`, and how that value is encoded (null: as it is). */
  readonly slots: readonly number[]
  readonly encoders: readonly (((value: unknown) => unknown) | null)[]
  /** The statement gives rows. */
  readonly rows: boolean
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

/** What a statement that gives no rows tells. */
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
  /** Bounds what statements wait and take until the transaction ends, however it does. Where the database can. */
  setTimeouts?(timeouts: StatementTimeouts): MaybePromise<void>
  /** Sends text or bytes to a COPY … FROM STDIN, and gives the number of rows. Where the database has it. */
  copyFrom?(sql: string, source: AsyncIterable<Uint8Array>): Promise<number>
  /** What a COPY … TO STDOUT gives. Left early it is stopped, and with it the transaction. */
  copyTo?(sql: string): AsyncIterable<Uint8Array>
  commit(): MaybePromise<void>
  rollback(): MaybePromise<void>
}

/** How long statements may wait and run. */
export interface StatementTimeouts {
  /** Milliseconds that a statement waits for a lock. */
  readonly lock: number
  /** Milliseconds that a statement may take; 0: any. */
  readonly statement: number
}

/**
 * How much a transaction sees of others. A database may give more than is asked for: SQLite is always serializable.
 */
export type Isolation = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'

/** How a driver opens a transaction: what `atomic()` was told, and who waits for it. */
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
  /** Everything the database holds, as bytes; null where the driver underneath cannot tell. Missing on servers. */
  serialize?(): Uint8Array | null
  /** Puts what {@link serialize} gave in the place of a database in memory. */
  deserialize?(bytes: Uint8Array): void
  /** Turns a driver's error into IntegrityError, OperationalError, DataError …; other errors come back as they are. */
  translateError(error: unknown, sql: string): unknown
  close(): Promise<void>
}

/** Statements of one database as text; each backend has one. */
export interface Compiler {
  compile(statement: Statement): Compiled
  quote(identifier: string): string
  /** A constant as SQL text, for DDL (`default`, `check`), which takes no parameters. */
  literal(value: unknown, kind: Kind): string
  /** An expression as SQL text, its params replaced by literals of `values`: for check and partial index conditions. */
  inline(expr: SqlExpr, values: readonly unknown[]): string
}

/** Reads a value of `kind` from the driver; null when it is right as it comes (so that row constructors skip it). */
export type Decoder = ((value: any) => unknown) | null // any, because each knows what its driver gives
/** Writes a value of a kind for the driver; never called with null. Throws DataError db.invalid-value. */
export type Encoder = ((value: unknown) => unknown) | null

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

/** A database engine: what it can do, its SQL, and how it is connected to. `engine` of a configuration chooses one. */
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
  /** A database called `name` on the server of `config`, for tests. Absent where databases are files. */
  readonly testDatabase?: (config: DatabaseConfig, name: string) => TestDatabase
}

/** A database that lives as long as a file of tests. */
export interface TestDatabase {
  readonly config: DatabaseConfig
  /** Makes it anew: empty, or with what an image holds. */
  create(image?: string): Promise<void>
  /**
   * Makes an image, a database called `name`, of what it holds. Nobody may have it open. Gives what create() takes, or
   * null where it holds what cannot be copied. Missing where that is never possible.
   */
  keep?(name: string): Promise<string | null>
  /** Names of the server's databases that begin like this. */
  siblings?(prefix: string): Promise<string[]>
  /** Removes it, once nobody has it open. */
  drop(): Promise<void>
}
