/** Indexes and constraints, as a model's options declare them. */
import type { Label } from '../fields/types.ts'
import type { RawFragment } from '../query/raw.ts'
import type { Expr, Order, Q } from '../query/types.ts'
import type { ModelExclusion } from './meta.ts'

/**
 * A value computed from own fields: `Lower('email')`, `F('pages').desc({ nulls: 'last' })`, or text of the database's
 * own: sql`(data->>'size')`. `any`: a model's header cannot name the model; the names inside are checked by `check`.
 */
export type OwnExpression = Expr<any, unknown> | Order<any> | RawFragment
/**
 * A condition on own fields: lookups as in filter(), `Q()` objects, or an expression that is true or false; or text of the
 * database's own, sql`"from" < "until"`, which names columns. `any` as above.
 */
export type OwnCondition = Readonly<Record<string, unknown>> | Q<any> | Expr<any, boolean | null> | RawFragment

/** Options of {@link index}, {@link unique} and {@link check}. */
export interface ConstraintOptions {
  /**
   * Default: made of the table, the first column and a hash, as Django makes it. In an abstract base `{app}` and `{model}`
   * stand for the app's name and the model's, in lower case: `'{app}_{model}_rank'`.
   */
  readonly name?: string
}
/** Options that an index and a unique constraint share. */
export interface PartialOptions extends ConstraintOptions {
  /** Only rows for which this holds: `{ deletedAt__isnull: true }`. */
  readonly where?: OwnCondition
  /** Columns kept beside the key, so that a query may be answered by the index alone. Left out where a database has no such thing. */
  readonly include?: readonly string[]
  /** Operator class of each field in turn, where the database has them: `['varchar_pattern_ops']`. */
  readonly opclasses?: readonly string[]
}
/** Options of {@link index}. */
export interface IndexOptions extends PartialOptions {
  /**
   * `btree`, `hash`, `gin`, `gist`, `spgist`, `brin`; default the database's usual one. Left out where it has no such
   * method. `hnsw`, `ivfflat`: of vectors. `fulltext`: an index for searching, which each database makes its own way.
   */
  readonly method?: string
  /**
   * Of a `fulltext` index: whose words. PostgreSQL's name of a text search configuration (`english`, `german`), by which
   * words are reduced to their stems; SQLite does so for `english`, MariaDB never. Default `simple`: words as they are.
   */
  readonly language?: string
  /** Storage parameters, as the database names them: `{ fillfactor: 70 }`. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
}
/** What a broken constraint says to people, in forms and in the error of the database. */
export interface ViolationOptions {
  /** Default: made of the constraint. */
  readonly message?: Label
  /** Word for programs, the `kind` of the ValidationError. Default `unique` or `invalid`. */
  readonly code?: string
}
/** Options of {@link unique}. */
export interface UniqueOptions extends PartialOptions, ViolationOptions {
  /** Checked at the end of each statement (`immediate`) or of the transaction (`deferred`); default row by row. PostgreSQL. */
  readonly deferrable?: 'immediate' | 'deferred'
  /** False: two nulls count as equal. Default true. PostgreSQL 15. */
  readonly nullsDistinct?: boolean
}
/** Options of {@link check}. */
export interface CheckOptions extends ConstraintOptions, ViolationOptions {}

/** An index over fields of the model; `K` are the names it mentions. */
export interface IndexOf<K extends string> extends IndexOptions {
  /** `x`, `-x` for descending. */
  readonly fields: readonly string[]
  /** Compiler-only: by the bare names a mistake is one line, by names with and without `-` it is a chain of them. */
  readonly '~names'?: K
  /** All parts in order, where some are expressions; `fields` is then empty. */
  readonly expressions?: readonly (string | OwnExpression)[]
}
/** Values that may occur once; `K` are the names it mentions. */
export interface UniqueOf<K extends string> extends UniqueOptions {
  readonly type: 'unique'
  readonly fields: readonly K[]
  readonly expressions?: readonly (string | OwnExpression)[]
}
/** A condition that holds for every row; `K` are the fields it mentions. */
export interface CheckConstraintOf<K extends string> extends CheckOptions {
  readonly type: 'check'
  /** The fields it mentions. */
  readonly fields: readonly K[]
  readonly condition: OwnCondition
}
/** A constraint of a kind that some databases have: its text for each of them. */
export interface CustomConstraint extends ViolationOptions {
  readonly type: 'custom'
  readonly name: string
  readonly sql: Readonly<Record<string, RawFragment>>
  readonly excludes?: ModelExclusion
}
/** What a model's `constraints` hold before they have names. */
export type DeclaredConstraint = UniqueOf<string> | CheckConstraintOf<string> | CustomConstraint

/**
 * An index over these columns, `-` for descending: `index(['status', '-publishedAt'])`; or over expressions:
 * `index([Lower('email')])`.
 */
export function index<const K extends string>(
  fields: readonly (K | OwnExpression)[],
  options: IndexOptions = {},
): IndexOf<Bare<Named<K>>> {
  // K is `x` or `-x` with x one of the bare names, which is what the result's type says
  return { ...partsOf<`-${Bare<Named<K>>}` | Bare<Named<K>>>(fields), ...defined(options) }
}
/** The names that were written: none, where every part is an expression. */
type Named<K extends string> = string extends K ? never : K
type Bare<K extends string> = K extends `-${infer Name}` ? Name : K

/** `unique(['author', 'title'])`: no two rows have the same values in all of these; or of expressions: `unique([Lower('email')])`. */
export function unique<const K extends string>(
  fields: readonly (K | OwnExpression)[],
  options: UniqueOptions = {},
): UniqueOf<Named<K>> {
  return { type: 'unique', ...partsOf<Named<K>>(fields), ...defined(options) }
}

function partsOf<K>(fields: readonly unknown[]): {
  fields: readonly K[]
  expressions?: readonly (string | OwnExpression)[]
} {
  if (fields.every((field) => typeof field === 'string'))
    return { fields: fields as readonly unknown[] as readonly K[] } // by the callers
  return { fields: [], expressions: fields as readonly (string | OwnExpression)[] }
}
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T // the same without what says nothing
}

/**
 * A condition the database holds for every row: `check({ pages__gte: 1 })`, `check(Q({ a: 1 }).or({ b: 2 }))`. It is
 * on own fields; values are constants or expressions of own fields. Of text, check(sql`…`), only the database says whether
 * it holds: fullClean() does not look at it.
 */
export function check<const W extends OwnCondition>(
  condition: W,
  options: CheckOptions = {},
): CheckConstraintOf<CheckedField<W>> {
  const plain = Object.getPrototypeOf(condition) === Object.prototype
  const fields = plain ? [...new Set(Object.keys(condition).map((key) => key.split('__')[0]))] : []
  return { type: 'check', fields: fields as CheckedField<W>[], condition, ...defined(options) } // CheckedField splits likewise
}
type FieldOf<K extends string> = K extends `${infer Name}__${string}` ? Name : K
/** Names of the fields a record of lookups mentions; of what is not a record none are known. */
type CheckedField<W> = W extends { readonly '~q': unknown } | { readonly '~value': unknown } | RawFragment
  ? never
  : FieldOf<keyof W & string>

/**
 * A constraint that the database knows and Nuages does not: text after its name, for each database that has it
 * (`postgres`, `sqlite` …). Others go without. Fields are named by `F()` between the texts:
 * `constraint('no_overlap', { postgres: sql`EXCLUDE USING gist (${F('room')} WITH =, ${F('during')} WITH &&)` })`.
 * It is not checked by fullClean(): the database does.
 */
export function constraint(
  name: string,
  text: Readonly<Record<string, RawFragment>>,
  options: ViolationOptions = {},
): CustomConstraint {
  return { type: 'custom', name, sql: text, ...defined(options) }
}
