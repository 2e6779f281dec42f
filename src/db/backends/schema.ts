/**
 * Tables as plain data, without models: what migrations compare, schema editors write and introspectors read. The other half
 * of the contract of a backend.
 */
import type { ColumnType, Kind } from '../kinds.ts'
import type { Connection } from './backend.ts'

/** A column as a schema editor makes it. */
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
  /** Of one that was read: see {@link Beyond}. */
  readonly beyond?: Beyond
  readonly references?: {
    readonly table: string
    readonly column: string
    /** Of one that was read. */
    readonly beyond?: Beyond
    /** What the database itself does when the row referred to goes; default nothing: it refuses at the commit. */
    readonly onDelete?: DatabaseOnDelete
    /** Of one that was read, where it is not the one that follows from the names of table and column. */
    readonly name?: string
  }
}
/** What somebody made of a part by hand that ours never say, in the database's words. Nothing is made of it: drift tells it. */
export type Beyond = string

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
/** What an index is over: a column, or an expression of columns. */
export type IndexPart = IndexColumn | IndexExpression
/** An index as a schema editor makes it. */
export interface IndexSpec {
  readonly name: string
  /** Of one that was read. */
  readonly beyond?: Beyond
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
  /** Of one that was read. */
  readonly beyond?: Beyond
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
/** A table as a schema editor makes it. */
export interface TableSpec {
  readonly name: string
  /** Of one that was read: see {@link Beyond}. */
  readonly beyond?: Beyond
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
  /** Whether a column that others refer to gets this type only while those references are gone. Default: at any time. */
  retypesUnreferred?(from: ColumnType, to: ColumnType): boolean
  /** Type and default of a column in the database's words: what two columns are told apart by. */
  columnText?(table: TableSpec, column: ColumnSpec): { readonly type: string; readonly default: string | null }
  /** A statement in stages that let others read and write; null where it has no such form. */
  onlineStages?(statement: string): readonly OnlineStage[] | null
  /** Whether what a statement does can be taken back without any row missing something. */
  onlyAdds?(statement: string): boolean
}

/** Statements of one transaction; or one, of an index, that takes none. */
export interface OnlineStage {
  readonly sql: readonly string[]
  /** The index that it builds outside of transactions. One of that name which is not valid is dropped before. */
  readonly builds?: string
  /** The index that it drops outside of transactions. */
  readonly drops?: string
  /** It only looks at rows that were there before the constraint. */
  readonly validates?: boolean
}

/** Reads what is there. */
export interface Introspector {
  tables(connection: Connection): Promise<string[]>
  table(connection: Connection, name: string): Promise<TableSpec | null>
  /**
   * The same with types and defaults in the database's own words, where tables are changed by making them anew: columns
   * that no migration knows are made again as they were.
   */
  asDeclared?(connection: Connection, name: string): Promise<TableSpec | null>
  /** Names of views, and one as a table of columns only: for inspectdb. */
  views?(connection: Connection): Promise<string[]>
  view?(connection: Connection, name: string): Promise<TableSpec | null>
  /** Triggers of a table, whoever made them, by name. */
  triggers(connection: Connection, table: string): Promise<ExistingTrigger[]>
  /**
   * Of a table that was made anew, whose views and triggers the database does not look at by itself: a sentence on one
   * that names what is gone; null where all of them work.
   */
  broken?(connection: Connection, table: string): Promise<string | null>
}
