/**
 * Query sets of models and names that are known only at run time: importers, report builders, tools. It is the same
 * class as ever, seen without a compiler's check; each name is checked when the query is built.
 * For names and values that come from outside, {@link AnyQuerySet.dynamic} checks more.
 */
import { toCondition, type WhereInput } from '../expressions/condition.ts'
import type { AnyModel } from '../models/meta.ts'
import type { TruncUnit } from '../sql/nodes.ts'
import type { AnyQuerySet, DeleteResult } from './any-queryset.ts'
import type { BulkCreateOptions, BulkUpdateOptions } from './bulk.ts'
import type { Prefetch } from './prefetch.ts'
import { QuerySet } from './queryset.ts'
import type { AnyExpr, AnyOrder, Expr, Q } from './types/expressions.ts'
import type { FlatOption, UnionOptions } from './types/values.ts'

/** A condition: paths with lookups and their values, or one that was combined. */
export type DynamicWhere = Readonly<Record<string, unknown>> | Q<unknown> | Expr<unknown, boolean | null>
/** Names and what they are computed from. */
export type DynamicExpressions = Readonly<Record<string, AnyExpr<unknown>>>
/** Attributes of a row by name. */
type Attributes = Readonly<Record<string, unknown>>

/** What a row can do whose model is not known: read and set attributes by name. */
export interface DynamicInstance {
  readonly pk: unknown
  // Columns are values, relations are instances, thenables or sets: what a name stands for only the model knows.
  [name: string]: any
  save(options?: { readonly fields?: readonly string[] }): Promise<unknown>
  refresh(options?: { readonly fields?: readonly string[] }): Promise<unknown>
  delete(): Promise<DeleteResult>
}

/**
 * {@link QuerySet} with names given as text. `Row` is what it gives: instances, or after values() whatever was asked for.
 *
 * Errors of every method come when the query is sent: FieldNameError db.unknown-field, LookupNameError
 * db.unknown-lookup, QueryValueError db.invalid-value.
 */
export interface DynamicQuerySet<Row = DynamicInstance> extends AnyQuerySet<Row> {
  filter(where: DynamicWhere): this
  exclude(where: DynamicWhere): this
  orderBy(...order: readonly (string | AnyOrder)[]): this
  annotate(expressions: DynamicExpressions): this
  alias(expressions: DynamicExpressions): this
  only(...paths: readonly string[]): this
  defer(...paths: readonly string[]): this
  union(others: readonly DynamicQuerySet<unknown>[], options?: UnionOptions): this
  intersection(...others: readonly DynamicQuerySet<unknown>[]): this
  difference(...others: readonly DynamicQuerySet<unknown>[]): this
  selectRelated(...paths: readonly string[]): this
  prefetchRelated(...paths: readonly (string | Prefetch)[]): this
  values(...columns: readonly (string | DynamicExpressions)[]): DynamicQuerySet<Record<string, unknown>>
  valuesList(...paths: readonly string[]): DynamicQuerySet<unknown[]>
  valuesList(path: string, flat: FlatOption): DynamicQuerySet<unknown>
  dates(path: string, unit: TruncUnit, order?: 'asc' | 'desc'): DynamicQuerySet<unknown>
  datetimes(path: string, unit: TruncUnit, order?: 'asc' | 'desc'): DynamicQuerySet<unknown>
  get(where?: DynamicWhere): Promise<Row>
  getOrNull(where?: DynamicWhere): Promise<Row | null>
  earliest(...paths: readonly string[]): Promise<Row>
  latest(...paths: readonly string[]): Promise<Row>
  inBulk(keys?: readonly unknown[]): Promise<Map<unknown, Row>>
  aggregate(expressions: DynamicExpressions): Promise<Record<string, unknown>>
  create(values: Attributes): Promise<Row>
  getOrCreate(where: Attributes, defaults?: Attributes): Promise<[Row, boolean]>
  updateOrCreate(where: Attributes, defaults: Attributes, createDefaults?: Attributes): Promise<[Row, boolean]>
  bulkCreate(rows: readonly Attributes[], options?: BulkCreateOptions): Promise<Row[]>
  bulkUpdate(rows: readonly Row[], fields: readonly string[], options?: BulkUpdateOptions): Promise<number>
  update(values: Attributes): Promise<number>
}

/**
 * The rows of a model (or of a query set) for code that learns names only at run time.
 *
 *     const rows = await dynamicQuery(model).filter({ [`${column}__gte`]: 3 }).orderBy(column).values('id', column)
 *
 * Values are taken as they are. What a visitor typed goes through `dynamic()`, which turns text into the field's kind and
 * refuses patterns and secret fields.
 */
export function dynamicQuery(from: AnyModel | AnyQuerySet): DynamicQuerySet {
  const set = typeof from === 'function' ? new QuerySet(from as AnyModel) : from
  return set as unknown as DynamicQuerySet // the same class; names are checked where queries are built
}

/** `Q` likewise: a condition that can be combined with others. */
export function dynamicQ(where: DynamicWhere): Q<unknown> {
  return toCondition(where as WhereInput) as unknown as Q<unknown> // a Q is a condition seen through its types
}
