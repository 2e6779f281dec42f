/** What a database can do, as a backend says it: asked before a feature is used. */
import type { Vendor } from '../sql/nodes.ts'

/** What a database can do; each flag one line, asked before a feature is used. */
export interface Features {
  /** Whose SQL it speaks, for functions of the project's own. */
  readonly vendor: Vendor
  /** `insert … returning` */
  readonly returning: boolean
  /** A statement that inserts one row tells the number that its key was given, without `returning`. */
  readonly tellsKey: boolean
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
  /** `update … order by`: rows are changed one after another, and unique columns are looked at with each. */
  readonly orderedUpdate: boolean
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
  /** A trigger sets columns of the row that is being written. Without, keepNow() writes the row once more. */
  readonly triggersSetRow: boolean
  /** `on delete set default` */
  readonly setsDefault: boolean
  /** Characters that a primary key, and a column which others refer to, may have; Infinity without a limit. */
  readonly longestKey: number
  /** Comments on tables and columns. */
  readonly comments: boolean
  /** The largest number that a column of the kind `integer` holds; the smallest is one below its negative. */
  readonly maxInteger: number
  /** Columns of arrays and of ranges, and constraints that exclude rows which overlap. */
  readonly arrays: boolean
  /** Aggregates of two numbers of each row: correlation, regression. */
  readonly pairAggregates: boolean
}
