/**
 * SQL as immutable data. The query builder writes these nodes, only a dialect's compiler turns them into text.
 * Values never appear in a tree: a `param` names a slot, so that one tree (and its compiled text) serves every
 * query of the same shape.
 */
import type { ColumnType, Kind } from '../kinds.ts'
import type { FunctionName } from './functions.ts'

/** Whose SQL a database speaks. */
export type Vendor = 'sqlite' | 'postgres' | 'mysql'

/** A value, given at execution as `values[slot]`. `kind` chooses the encoder; null sends the value as it is. */
export interface ParamNode {
  readonly t: 'param'
  readonly slot: number
  readonly kind: Kind | null
  /** The value is an array: used on the right of `in` only. One slot whatever the length, so the shape is stable. */
  readonly list?: boolean
  /** Beside a column that is declared otherwise than its kind: that declaration. The value is of that type. */
  readonly declared?: string
  /** The value becomes a LIKE pattern: escaped and wrapped before it is encoded. */
  readonly like?: 'contains' | 'startswith' | 'endswith' | 'exact'
  /** An instant with microseconds (or a range of such): a result that it is in is read so. */
  readonly precise?: true
}
/** A column of a table of the statement. */
export interface ColumnNode {
  readonly t: 'column'
  /** Alias of the table in this statement; null where a statement has only one table and no alias (update, delete). */
  readonly table: string | null
  readonly column: string
  readonly kind: Kind
  readonly type?: ColumnType
  /** In an upsert: of the row that was to be inserted, not of the one that is there. */
  readonly excluded?: true
}
/** A constant of ours, never input. */
export interface LiteralNode {
  readonly t: 'literal'
  readonly value: string | number | boolean | null
}
/** Text written by the project (`sql` templates): `parts` around `nodes`. */
export interface RawNode {
  readonly t: 'raw'
  readonly parts: readonly string[]
  readonly nodes: readonly SqlExpr[]
  readonly kind?: Kind
  /** Of a precise kind, as its output field says. */
  readonly type?: ColumnType
  /** It gives several rows for one: what is asked of its value stands around the statement. */
  readonly givesRows?: true
  /** It stands in parentheses: as a value, and behind `in`, where they hold a list or a statement. */
  readonly wrapped?: true
}
/** A call of a function or aggregate. */
export interface FunctionNode {
  readonly t: 'function'
  readonly name: FunctionName
  /** Empty for `count(*)` and `now`. */
  readonly args: readonly SqlExpr[]
  readonly distinct?: boolean
  readonly filter?: SqlExpr
  /** Of an aggregate: the order in which it takes its rows. */
  readonly orderBy?: readonly OrderNode[]
  readonly kind: Kind
}
/** A function over the rows around one. */
export interface WindowNode {
  readonly t: 'window'
  /** An aggregate or a window function. */
  readonly of: SqlExpr
  readonly partitionBy: readonly SqlExpr[]
  readonly orderBy: readonly OrderNode[]
  /** Which of the partition's rows count; bounds are rows (or values) before (negative) and after, null: to the end. */
  readonly frame: {
    readonly type: 'rows' | 'range'
    readonly start: number | null
    readonly end: number | null
    readonly exclude?: 'currentRow' | 'group' | 'ties'
  } | null
  readonly kind: Kind
}
/** Two values calculated with. */
export interface ArithmeticNode {
  readonly t: 'arithmetic'
  /** `^` is power; `&`, `|`, `#` (exclusive or), `<<` and `>>` work on bits. */
  readonly op: '+' | '-' | '*' | '/' | '%' | '^' | '&' | '|' | '#' | '<<' | '>>'
  readonly left: SqlExpr
  readonly right: SqlExpr
  readonly kind: Kind
}
/** Two values compared. */
export interface CompareNode {
  readonly t: 'compare'
  readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='
  readonly left: SqlExpr
  readonly right: SqlExpr
}
/** Text matching; the dialect says how. The pattern side is a param with `like`, or any expression. */
export interface MatchNode {
  readonly t: 'match'
  readonly op: 'like' | 'ilike' | 'regex' | 'iregex' | 'iexact'
  readonly left: SqlExpr
  readonly right: SqlExpr
  /** Where `right` is not a param: its text is escaped and wrapped in SQL. Without it, `right` is a pattern as it is. */
  readonly pattern?: 'contains' | 'startswith' | 'endswith' | 'exact'
}
/** `week`, `isoYear` and `isoWeekDay` (Monday 1) are ISO 8601's; `weekDay` counts from Sunday, 1. */
export type DatePart =
  | 'year'
  | 'isoYear'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'week'
  | 'weekDay'
  | 'isoWeekDay'
  | 'quarter'
  | 'date'
  | 'time'
/** A part of a date or instant; instants are read in `timeZone` (IANA name; a param would make shapes explode). */
export interface ExtractNode {
  readonly t: 'extract'
  readonly part: DatePart
  readonly from: SqlExpr
  readonly timeZone: string
  readonly kind: Kind
}
/** What a date or instant is cut down to. */
export type TruncUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second'
/** The beginning of the unit a date or instant falls in, on the wall clock of `timeZone`. */
export interface TruncNode {
  readonly t: 'trunc'
  readonly unit: TruncUnit
  readonly from: SqlExpr
  readonly timeZone: string
  readonly kind: Kind
}
/** What is at a path inside a JSON value. */
export interface JsonPathNode {
  readonly t: 'jsonPath'
  readonly from: SqlExpr
  /** Keys and indexes; compiled as parameters or as quoted literals, never pasted. */
  readonly path: readonly (string | number)[]
  /** Not the value but the word for its JSON type: `'null'` for a JSON null, NULL where nothing is there. */
  readonly asType?: boolean
}
/**
 * Changes inside a JSON value. `into`: of an object (text keys; made where there is none) or of a list (numbers; only items
 * that are there). `append`: at the end of a list, made where there is none. A null value is JSON's null.
 */
export type JsonPatchTree =
  | { readonly t: 'set'; readonly value: SqlExpr | null }
  | { readonly t: 'remove' }
  | { readonly t: 'append'; readonly values: readonly (SqlExpr | null)[] }
  | { readonly t: 'into'; readonly keys: readonly (readonly [string | number, JsonPatchTree])[] }
/** A JSON value with changes. */
export interface JsonPatchNode {
  readonly t: 'jsonPatch'
  /** A column, or what costs as little to name several times. */
  readonly of: SqlExpr
  readonly tree: Extract<JsonPatchTree, { t: 'into' }>
}
/** IS NULL, or IS NOT NULL. */
export interface IsNullNode {
  readonly t: 'isNull'
  readonly of: SqlExpr
  readonly not: boolean
}
/** Several values that are compared as one: a key of several columns. */
export interface RowNode {
  readonly t: 'row'
  readonly items: readonly SqlExpr[]
}
/** A value, or several as one, among a list or the rows of a query. */
export interface InNode {
  readonly t: 'in'
  readonly left: SqlExpr | readonly SqlExpr[]
  /** SQL of the project's own is wrapped. */
  readonly right: ParamNode | SelectNode | RawNode | readonly SqlExpr[]
}
/** Between two values, both included. */
export interface BetweenNode {
  readonly t: 'between'
  readonly of: SqlExpr
  readonly low: SqlExpr
  readonly high: SqlExpr
}
/** Conditions that hold all, or one of them. */
export interface JunctionNode {
  readonly t: 'and' | 'or'
  readonly items: readonly SqlExpr[]
}
/** A condition that does not hold; of null it is null. */
export interface NotNode {
  readonly t: 'not'
  readonly of: SqlExpr
}
/** The first of several values whose condition holds. */
export interface CaseNode {
  readonly t: 'case'
  readonly when: readonly { readonly condition: SqlExpr; readonly then: SqlExpr }[]
  readonly otherwise: SqlExpr | null
  readonly kind: Kind
}
/** Whether a query gives any row. */
export interface ExistsNode {
  readonly t: 'exists'
  readonly query: SelectNode
}
/** The value of a query of one row and one column. */
export interface SubqueryNode {
  readonly t: 'subquery'
  readonly query: SelectNode
  readonly kind: Kind
}
/** Text by the rules of a collation. */
export interface CollateNode {
  readonly t: 'collate'
  readonly of: SqlExpr
  readonly collation: string
}
/** A value as another type. */
export interface CastNode {
  readonly t: 'cast'
  readonly of: SqlExpr
  readonly type: ColumnType
}

/** An expression of SQL as data, without values: `expr()` of the compiler writes it. */
export type SqlExpr =
  | ParamNode
  | ColumnNode
  | LiteralNode
  | RawNode
  | FunctionNode
  | ArithmeticNode
  | CompareNode
  | MatchNode
  | ExtractNode
  | TruncNode
  | WindowNode
  | JsonPathNode
  | JsonPatchNode
  | IsNullNode
  | InNode
  | RowNode
  | BetweenNode
  | JunctionNode
  | NotNode
  | CaseNode
  | ExistsNode
  | SubqueryNode
  | CastNode
  | CollateNode

/** A table under the name it has in the statement. */
export interface TableNode {
  readonly table: string
  readonly alias: string
}
/** The rows of a statement in the place of a table. `lateral`: it speaks of tables that stand before it. */
export interface DerivedNode {
  readonly query: SelectNode
  readonly alias: string
  readonly lateral?: boolean
}
/** A table or rows joined to those before, by a condition. */
export type JoinNode = (TableNode | DerivedNode) & {
  readonly type: 'inner' | 'left'
  readonly on: SqlExpr
}
/** A statement with a name, which the statement it goes with reads as a table. */
export interface CommonTableNode {
  readonly name: string
  readonly columns: readonly string[]
  readonly query: SelectNode
  /** Of a recursive one: gives more rows from the last ones, until there are none. */
  readonly step: SelectNode | null
  /** Whether its rows are computed once and kept; null: as the database thinks best. Not every database takes the hint. */
  readonly materialized: boolean | null
}
/** A place in ORDER BY. */
export interface OrderNode {
  readonly by: SqlExpr
  readonly desc: boolean
  readonly nulls?: 'first' | 'last'
}
/** A statement that reads. */
export interface SelectNode {
  readonly t: 'select'
  readonly columns: readonly { readonly expr: SqlExpr; readonly as?: string }[]
  readonly from: TableNode | DerivedNode
  readonly joins: readonly JoinNode[]
  readonly where: SqlExpr | null
  readonly groupBy: readonly SqlExpr[]
  readonly having: SqlExpr | null
  readonly orderBy: readonly OrderNode[]
  readonly distinct: boolean
  readonly limit: SqlExpr | null
  readonly offset: SqlExpr | null
  /** `distinct on`: of rows equal in these, the first in order. */
  readonly distinctOn?: readonly SqlExpr[]
  readonly with?: readonly CommonTableNode[]
  /** Rows of these tables (aliases) stay as they are until the transaction ends. */
  readonly lock?: {
    readonly of: readonly string[]
    readonly wait: 'wait' | 'noWait' | 'skipLocked'
    /** Others may still refer to the rows: their keys stay. Where a database has no such lock, the stronger one. */
    readonly noKey?: true
  }
  /** The rows of these statements with the select's own: `orderBy` (by position in `columns`) and limits are of all. */
  readonly compound?: {
    readonly op: 'union' | 'unionAll' | 'intersect' | 'except'
    readonly selects: readonly SelectNode[]
    readonly orderBy: readonly {
      readonly position: number
      readonly desc: boolean
      readonly nulls?: 'first' | 'last'
    }[]
    readonly limit: SqlExpr | null
    readonly offset: SqlExpr | null
  }
}
/** What becomes of a row that breaks the unique constraint on `columns`. */
export interface ConflictNode {
  readonly columns: readonly string[]
  /** Columns that take the values of the row that was to be inserted; with no change at all the row there stays. */
  readonly update: readonly string[]
  /** What else is set; see {@link ColumnNode.excluded}. */
  readonly set?: readonly { readonly column: string; readonly value: SqlExpr }[]
  /** The condition of a unique index over some rows, as `Compiler.inline` writes it. */
  readonly index?: string
  /** Only rows there for which this holds are changed. */
  readonly where?: SqlExpr
  /** After `returning`, one more column: whether the row is new. Where {@link Features.tellsInserted}. */
  readonly tell?: true
}
/** A statement that adds rows. */
export interface InsertNode {
  readonly t: 'insert'
  readonly table: string
  readonly columns: readonly string[]
  /** Rows of expressions, in column order. An empty `columns` with one empty row inserts defaults only. */
  readonly rows: readonly (readonly SqlExpr[])[]
  /**
   * Instead of `rows`: `count` rows of values, all of the same kinds, taken from consecutive slots
   * (row-major from slot 0). What bulkCreate uses; the compiler may send them in the way it finds best.
   */
  readonly bulk?: {
    readonly count: number
    readonly kinds: readonly (Kind | null)[]
    /** Types of columns that PostgreSQL declares otherwise than their kinds: `vector(3)`. */
    readonly declared?: readonly (string | undefined)[]
  }
  readonly onConflict?: ConflictNode | 'ignore'
  readonly returning: readonly ColumnNode[]
}
/** A statement that changes rows. */
export interface UpdateNode {
  readonly t: 'update'
  readonly table: string
  readonly set: readonly { readonly column: string; readonly value: SqlExpr }[]
  readonly where: SqlExpr | null
  /** The order in which rows are changed. Where {@link Features.orderedUpdate}. */
  readonly orderBy?: readonly OrderNode[]
  /** Columns of the changed rows, as they are now. Where {@link Features.returnsChanged}. */
  readonly returning?: readonly ColumnNode[]
  readonly with?: readonly CommonTableNode[]
}
/** A statement that removes rows. */
export interface DeleteNode {
  readonly t: 'delete'
  readonly table: string
  readonly where: SqlExpr | null
  /** Columns of the rows that went. Where {@link Features.returnsChanged}. */
  readonly returning?: readonly ColumnNode[]
  readonly with?: readonly CommonTableNode[]
}
/** A statement that is the project's own text, with expressions between its parts. */
export interface RawStatementNode {
  readonly t: 'rawStatement'
  readonly parts: readonly string[]
  readonly nodes: readonly SqlExpr[]
}
/** What a compiler makes text of. */
export type Statement = SelectNode | InsertNode | UpdateNode | DeleteNode | RawStatementNode
