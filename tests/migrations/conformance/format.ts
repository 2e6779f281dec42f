/** A case of migrations, as `docs/internals/conformance.md` publishes it. */

/** Columns and tables by their names, or null: it is not there. */
export interface ColumnFacts {
  /** `char(200)`, `decimal(8,2)`, `bigInteger` …; by database where they differ. */
  readonly type?: string | Readonly<Record<string, string>>
  readonly null?: boolean
  /** What the database itself puts in: a constant, `{ "now": true }`, `{ "sql": true }`; null for nothing. */
  readonly default?: unknown
  readonly unique?: boolean
  /** `table.column`; null for no reference. */
  readonly references?: string | null
  readonly onDelete?: 'cascade' | 'setNull' | 'setDefault' | null
  readonly generated?: boolean
  readonly comment?: string | null
}
export interface IndexFacts {
  readonly columns?: readonly string[]
  readonly name?: string
  readonly unique?: boolean
  readonly where?: boolean
}
export interface TableFacts {
  readonly columns?: Readonly<Record<string, ColumnFacts>>
  readonly primaryKey?: readonly string[]
  readonly indexes?: readonly IndexFacts[]
  readonly uniques?: readonly { readonly columns?: readonly string[]; readonly name?: string }[]
  readonly checks?: readonly string[]
  readonly triggers?: readonly string[]
  readonly comment?: string | null
}
export type Tables = Readonly<Record<string, TableFacts | null>>
export type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

export interface FieldCase {
  readonly kind: string
  readonly [option: string]: unknown
}
export interface ModelCase {
  readonly fields: Readonly<Record<string, FieldCase>>
  readonly indexes?: readonly Readonly<Record<string, unknown>>[]
  readonly constraints?: readonly Readonly<Record<string, unknown>>[]
  readonly triggers?: readonly Readonly<Record<string, unknown>>[]
  readonly [option: string]: unknown
}
/** Models by `app.Model`. */
export type StateCase = Readonly<Record<string, ModelCase>>

export interface AnswersCase {
  /** `{ "library.Book.title": "name", "library.Book": "Volume" }` */
  readonly renames?: Readonly<Record<string, string>>
  readonly noRenames?: boolean
  /** What may go with all it holds: `library.Book.title`, `library.Book`, `all`. */
  readonly drop?: readonly string[]
  /** `{ "library.Book.pages": "0" }` */
  readonly defaults?: Readonly<Record<string, string>>
}

/** From one state to the next. */
export interface ChangeCase {
  readonly after: StateCase
  readonly answers?: AnswersCase
  /** In order; an operation is its name and its first arguments. By app where there are several. */
  readonly operations?: readonly Written[] | Readonly<Record<string, readonly Written[]>>
}
export type Written = readonly unknown[]

export interface MigrationCase extends ChangeCase {
  readonly id: string
  readonly title?: string
  /** For people. */
  readonly notes?: unknown
  /** Only on these. */
  readonly databases?: readonly string[]
  readonly before?: StateCase
  readonly rows?: Rows
  /** Further changes after the first, in order. */
  readonly then?: readonly ChangeCase[]
  /** Instead of `after`: changes of `before` made side by side, then merged. */
  readonly branches?: readonly [ChangeCase, ChangeCase]
  /** What must hold at the end. */
  readonly expect?: {
    readonly tables?: Tables
    readonly rows?: Rows
    /** Code of the error, and where it comes: `detect`, `merge`, `migrate`, `back`. */
    readonly error?: { readonly at: 'detect' | 'merge' | 'migrate' | 'back'; readonly code: string }
  }
  /** What must hold after going back to `before`. */
  readonly back?: { readonly tables?: Tables; readonly rows?: Rows }
}
