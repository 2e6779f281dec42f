/** Indexes and constraints, as a model's options declare them. */
import type { Label } from '../fields/types.ts'
import type { RawFragment } from '../query/raw.ts'
import type { FieldsNamed, OptionsNamed, OwnCondition, OwnExpression, PartsNamed } from '../query/types/named.ts'
import type { ModelExclusion } from './meta.ts'

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
  /** Compiler-only: what a model's header looks at. */
  readonly '~names'?: K
  /** All parts in order, where some are expressions; `fields` is then empty. */
  readonly expressions?: readonly (string | OwnExpression)[]
}
/** Values that may occur once; `K` are the names it mentions. */
export interface UniqueOf<K extends string> extends UniqueOptions {
  readonly type: 'unique'
  readonly fields: readonly string[]
  /** As of an index. */
  readonly '~names'?: K
  readonly expressions?: readonly (string | OwnExpression)[]
}
/** A condition that holds for every row; `K` are the lookups and fields it mentions. */
export interface CheckConstraintOf<K extends string> extends CheckOptions {
  readonly type: 'check'
  /** The fields it mentions. */
  readonly fields: readonly string[]
  /** As of an index. */
  readonly '~names'?: K
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
export function index<const P extends string | OwnExpression, const O extends IndexOptions = {}>(
  fields: readonly P[],
  options?: O,
): IndexOf<PartsNamed<P> | OptionsNamed<O>> {
  return { ...partsOf(fields), ...(options && defined(options)) }
}

/** `unique(['author', 'title'])`: no two rows have the same values in all of these; or of expressions: `unique([Lower('email')])`. */
export function unique<const P extends string | OwnExpression, const O extends UniqueOptions = {}>(
  fields: readonly P[],
  options?: O,
): UniqueOf<PartsNamed<P> | OptionsNamed<O>> {
  return { type: 'unique', ...partsOf(fields), ...(options && defined(options)) }
}

function partsOf(fields: readonly (string | OwnExpression)[]): Pick<IndexOf<string>, 'fields' | 'expressions'> {
  const names = fields.filter((field) => typeof field === 'string')
  return names.length === fields.length ? { fields: names } : { fields: [], expressions: fields }
}
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T // the same without what says nothing
}

/**
 * A condition the database holds for every row: `check({ pages__gte: 1 })`, `check(Own({ a: 1 }).or({ b: 2 }))`. It is
 * on own fields; values are constants or expressions of own fields. Of text, check(sql`…`), only the database says whether
 * it holds: fullClean() does not look at it.
 */
export function check<const W extends OwnCondition>(
  condition: W,
  options: CheckOptions = {},
): CheckConstraintOf<FieldsNamed<W>> {
  const plain = Object.getPrototypeOf(condition) === Object.prototype
  const fields = plain ? [...new Set(Object.keys(condition).map((key) => key.split('__')[0]!))] : []
  return { type: 'check', fields, condition, ...defined(options) }
}

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
