/** Indexes and constraints, as a model's options declare them. */
import type { ModelConstraint } from './meta.ts'

/** Options of {@link index}, {@link unique} and {@link check}. */
export interface ConstraintOptions {
  /** Default: made of the table, the first column and a hash, as Django makes it. */
  readonly name?: string
}
/** Options of {@link index} and {@link unique}. */
export interface PartialOptions extends ConstraintOptions {
  /** Only rows for which this holds, as lookups on own fields: `{ deletedAt__isnull: true }`. */
  readonly where?: Readonly<Record<string, unknown>>
}

/** An index over fields of the model; `K` are the names it mentions. */
export interface IndexOf<K extends string> {
  readonly fields: readonly (K | `-${K}`)[]
  readonly name: string | undefined
  readonly where: Readonly<Record<string, unknown>> | undefined
}
/** Values that may occur once; `K` are the names it mentions. */
export interface UniqueOf<K extends string> {
  readonly type: 'unique'
  readonly fields: readonly K[]
  readonly name: string | undefined
  readonly where: Readonly<Record<string, unknown>> | undefined
}
/** A condition that holds for every row; `K` are the fields it mentions. */
export interface CheckConstraintOf<K extends string> {
  readonly type: 'check'
  /** The fields it mentions. */
  readonly fields: readonly K[]
  readonly condition: Readonly<Record<string, unknown>>
  readonly name: string | undefined
}
/** What a model's `constraints` hold before they have names. */
export type DeclaredConstraint = UniqueOf<string> | CheckConstraintOf<string>
/** The two types of {@link ModelConstraint}. */
export type ConstraintType = ModelConstraint['type']

/** `index(['status', '-publishedAt'])`: an index over these columns, `-` for descending. */
export function index<const K extends string>(fields: readonly K[], options: PartialOptions = {}): IndexOf<Bare<K>> {
  // K is `x` or `-x` with x one of the bare names, which is what the result's type says
  return { fields: fields as readonly string[] as IndexOf<Bare<K>>['fields'], name: options.name, where: options.where }
}
type Bare<K extends string> = K extends `-${infer Name}` ? Name : K

/** `unique(['author', 'title'])`: no two rows have the same values in all of these. */
export function unique<const K extends string>(fields: readonly K[], options: PartialOptions = {}): UniqueOf<K> {
  return { type: 'unique', fields, name: options.name, where: options.where }
}

/**
 * `check({ pages__gte: 1 })`: a condition the database holds for every row, as lookups on own fields.
 * Values are constants or `F()` of own fields.
 */
export function check<const W extends Readonly<Record<string, unknown>>>(
  condition: W,
  options: ConstraintOptions = {},
): CheckConstraintOf<FieldOf<keyof W & string>> {
  const fields = [...new Set(Object.keys(condition).map((key) => key.split('__')[0]))]
  return { type: 'check', fields: fields as FieldOf<keyof W & string>[], condition, name: options.name } // FieldOf splits likewise
}
type FieldOf<K extends string> = K extends `${infer Name}__${string}` ? Name : K
