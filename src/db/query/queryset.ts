/**
 * QuerySet: the typed face of a query. Paths, lookups and values are checked by the compiler from what was written;
 * what each method does is in {@link AnyQuerySet} and the files around it.
 */

import type { Temporal } from '../../std/dates.ts'
import { toCondition, type WhereInput } from '../expressions/condition.ts'
import { OuterExpression, PathExpression } from '../expressions/expression.ts'
import type { CreateInput, NewInput, UpdateInput } from '../models/inputs.ts'
import type { AnyModel } from '../models/meta.ts'
import type { PkOf } from '../models/types.ts'
import { assertOptions, assertUnion, manyConditions } from '../options.ts'
import type { TruncUnit } from '../sql/nodes.ts'
import { AnyQuerySet, type LockOptions } from './any-queryset.ts'
import { type BulkUpdateOptions, bulkCreate, bulkUpdate } from './bulk.ts'
import { told } from './bulk-events.ts'
import { withCompound } from './compound.ts'
import { createRow, getOrCreate, updateOrCreate } from './create.ts'
import { DoesNotExist, QueryUsageError } from './errors.ts'
import { completed, fetchRows } from './execute.ts'
import { bulkRows } from './in-bulk.ts'
import { extremeState, findRow } from './one.ts'
import { type RawFragment, rawInstances } from './raw.ts'
import { andThen, promised } from './rows.ts'
import { type Joinable, type JoinOptions, sourceOf } from './source-of.ts'
import type { Compound, State } from './state.ts'
import {
  withAnnotations,
  withDistinctOn,
  withFilter,
  withJoin,
  withLoading,
  withOrder,
  withRelated,
  withValues,
} from './state-ops.ts'
import type { AnyExpr, AnyOrder, Expr, ExprValue, Q } from './types/expressions.ts'
import type { TypedBulk, TypedLock } from './types/options.ts'
import type { Reaching, ReachOf, Seen } from './types/outer.ts'
import type { Day, Instant, MomentArg, OrderArgs, PathArgs, ValueAt, ValueOrAnn } from './types/paths.ts'
import type { AnyPrefetch, LoadedUnion, PrefetchArgs, ReadAhead, RelArg, ToOne } from './types/relations.ts'
import type {
  Aliased,
  AnnOf,
  Annotated,
  ColumnsOf,
  Joined,
  JoinedColumns,
  JoinOn,
  OtherColumns,
  RowOf,
  SelfRelation,
  With,
  Without,
  Written,
} from './types/rows.ts'
import type { FlatOption, ListArgs, ListRow, UnionOptions, Values } from './types/values.ts'
import type { Where } from './types/where.ts'
import { unitStates } from './units.ts'
import { updateRowsReturning } from './update.ts'
import { type Upserted, type UpsertOptions, upsertRows } from './upsert.ts'
import { type WalkOptions, withWalk } from './walk.ts'

/** A record given to the methods that take one; its types were checked where it was written. */
type Loose = Readonly<Record<string, unknown>>

/**
 * Rows of a model. Lazy: nothing is asked until it is awaited (or a method that gives a promise is called).
 *
 *     const books = await Book.objects.filter({ author__name: 'Django', pages__gte: 10 }).orderBy('-publishedAt')
 *
 * Subclass it for methods of your own, and give the model `static override objects = new BookQuerySet(Book)`.
 */
export class QuerySet<T> extends AnyQuerySet<T> {
  /** `model`: a class made by `Model()`; `state` is for the methods themselves. */
  constructor(model: { readonly prototype: T & object }, state?: State) {
    super(model as unknown as AnyModel, state) // looking at more of the class would resolve the model within itself
  }

  // ------------------------------------------------------------------ narrowing

  /** Rows for which all of it holds. Conditions on a relation to many rows speak of the same related row. */
  filter<const K extends string, O = never>(
    where: Seen<O> | Where<T, AnnOf<this>, K> | Q<T, AnnOf<this>> | Expr<T, boolean | null>,
  ): Reaching<this, O> {
    // biome-ignore lint/complexity/noArguments: a rest parameter would be in the types of every call
    if (arguments.length > 1) throw manyConditions('filter')
    return this.asValues(withFilter(this.state, where as WhereInput))
  }
  /** Rows for which it does not hold; rows whose column is null stay. */
  exclude<const K extends string, O = never>(
    where: Seen<O> | Where<T, AnnOf<this>, K> | Q<T, AnnOf<this>> | Expr<T, boolean | null>,
  ): Reaching<this, O> {
    // biome-ignore lint/complexity/noArguments: a rest parameter would be in the types of every call
    if (arguments.length > 1) throw manyConditions('exclude')
    return this.asValues(withFilter(this.state, where as WhereInput, true))
  }
  /**
   * A condition that can be combined, and may speak of annotations, which `Book.Q` does not know:
   * `counted.filter(counted.Q({ n__gt: 3 }).or({ title: 'x' }))`.
   */
  Q<const K extends string>(where: Where<T, AnnOf<this>, K>): Q<T, AnnOf<this>> {
    return toCondition(where as WhereInput) as unknown as Q<T, AnnOf<this>> // a Q is a condition seen through its types
  }
  /**
   * A field or an annotation as an expression, which `Book.F` knows of fields only:
   * `counted.aggregate({ mean: Avg(counted.F('n')) })`, `counted.filter({ pages__gt: counted.F('n') })`.
   */
  F<const P extends string>(path: PathArgs<T, AnnOf<this>, readonly [P]>[0]): Expr<T, ValueOrAnn<T, AnnOf<this>, P>> {
    return new PathExpression(path as string) as unknown as Expr<T, ValueOrAnn<T, AnnOf<this>, P>> // seen through its types
  }
  /**
   * A field or an annotation for a subquery inside a query of these rows, of which `Book.OuterRef` knows fields only:
   * `rows.filter(Exists(Award.objects.filter({ place: rows.OuterRef('place') })))`.
   */
  OuterRef<S, const P extends string>(
    path: PathArgs<T, AnnOf<this>, readonly [P]>[0],
  ): Expr<S, ValueOrAnn<T, AnnOf<this>, P>> {
    return new OuterExpression(path as string) as unknown as Expr<S, ValueOrAnn<T, AnnOf<this>, P>> // seen through its types
  }
  /** The order: paths, `-` before them for descending, `'?'` for random. Nothing clears it. */
  orderBy<const P extends readonly (string | AnyOrder)[]>(...paths: OrderArgs<T, AnnOf<this>, P>): this {
    return this.with(withOrder(this.state, paths))
  }
  /** Adds computed attributes to rows: `annotate({ n: Count('tags') })`. An aggregate groups by row. */
  annotate<A extends Record<string, AnyExpr<T>>>(
    expressions: A,
  ): this & Annotated<{ [K in keyof A]: ExprValue<A[K]> }> {
    return this.asValues(withAnnotations(this.state, expressions))
  }
  /** annotate() for names that only filters, orders and other expressions use: rows do not have them. */
  alias<A extends Record<string, AnyExpr<T>>>(expressions: A): this & Aliased<{ [K in keyof A]: ExprValue<A[K]> }> {
    return this.asValues(withAnnotations(this.state, expressions, false))
  }
  /**
   * Reads these columns (and the key) only, for rows whose others are large. Reading another is an error: nothing is
   * fetched behind your back; `row.refresh({ fields })` reads it. A later only() replaces this one.
   */
  only<const P extends readonly string[]>(
    ...paths: PathArgs<T, {}, P>
  ): this & Without<Exclude<OtherColumns<T>, P[number]>> {
    return this.asValues(withLoading(this.state, paths as readonly string[], true))
  }
  /** Reads all columns but these; as {@link only}. */
  defer<const P extends readonly string[]>(...paths: PathArgs<T, {}, P>): this & Without<P[number]> {
    return this.asValues(withLoading(this.state, paths as readonly string[], false))
  }
  /**
   * The rows of this and of others, each once; with `all`, as often as they come. What is put together can be ordered
   * by its columns, cut and counted.
   */
  union(others: QuerySet<T> | readonly QuerySet<T>[], options: UnionOptions = {}): this {
    assertUnion(options)
    return this.together(options.all ? 'unionAll' : 'union', others)
  }
  /** The rows that are in this and in all others. */
  intersection(...others: readonly QuerySet<T>[]): this {
    return this.together('intersect', others)
  }
  /** The rows that are in this and in none of the others. */
  difference(...others: readonly QuerySet<T>[]): this {
    return this.together('except', others)
  }
  private together(op: Compound['op'], others: QuerySet<T> | readonly QuerySet<T>[]): this {
    const parts = (Array.isArray(others) ? others : [others]) as readonly QuerySet<T>[]
    return this.with(withCompound(op, this, parts))
  }
  /**
   * One row for each different value of these paths: the first in order, which begins with the same paths:
   * `Book.objects.orderBy('author', '-pages').distinctOn('author')` are the longest books of each author.
   * @throws QueryUsageError db.distinct-order
   */
  distinctOn<const P extends readonly string[]>(...paths: PathArgs<T, AnnOf<this>, P>): this {
    return this.with(withDistinctOn(this.state, paths as readonly string[]))
  }
  /** The different beginnings of a unit that a column falls in: `Ticket.objects.dates('due', 'month')`. */
  dates<const P extends string>(
    path: MomentArg<T, P, Day>,
    unit: 'year' | 'quarter' | 'month' | 'week' | 'day',
    order: 'asc' | 'desc' = 'asc',
  ): Values<Temporal.PlainDate, T, {}> {
    return this.asValues(unitStates(this.state, path as string, unit, order, true))
  }
  /** Likewise of instants, on the wall clock of the current time zone. */
  datetimes<const P extends string>(
    path: MomentArg<T, P, Instant>,
    unit: { [U in TruncUnit]: U }[TruncUnit],
    order: 'asc' | 'desc' = 'asc',
  ): Values<Date, T, {}> {
    return this.asValues(unitStates(this.state, path as string, unit, order, false))
  }
  /**
   * Joins the rows of another query set, or of a common table, where what `on` names is equal:
   * `Author.objects.join(Book.objects.values('authorId').annotate({ n: Count('id') }), { id: 'authorId' })`. Its other
   * columns become annotations, here `n`. With `left`, rows stay that have no other; with `limit`, each gets at most so
   * many, in the other's order. A row comes once for each row joined to it. To aggregate joined columns by row, hide
   * them: `join(…, { left: true, hidden: true }).annotate({ sum: Sum(F('n')) })` gives each row once, without `n`. The
   * other may speak of this one's columns with OuterRef, where the database can (PostgreSQL).
   * @throws NotSupportedError db.no-lateral
   */
  join<
    R extends object,
    const On extends Readonly<Record<string, keyof R & string>>,
    const L extends boolean = false,
    const H extends boolean = false,
  >(
    rows: Joinable<R>,
    on: On & JoinOn<T, AnnOf<this>, keyof On & string>,
    options: JoinOptions<L, H> = {},
  ): this & Joined<JoinedColumns<R, On[keyof On], L>, H> {
    return this.asValues(withJoin(this.state, sourceOf(rows), on as Readonly<Record<string, string>>, options))
  }
  /**
   * These rows, and all that following a relation of the model to itself leads to: `walk('children')` for those below,
   * `walk('parent')` for those above. Each row gets its `depth` (0 for the first ones) and the `path` of keys to it,
   * `/1/4/9/`. Circles end where they close; a row with several ways to it comes once for each. One query.
   */
  walk<const P extends string>(
    relation: SelfRelation<T, P>,
    options: WalkOptions = {},
  ): this & Annotated<{ depth: number; path: string }> {
    return this.asValues(withWalk(this.model, this.state, relation as string, options))
  }
  /** Reads relations to one row in the same query. */
  selectRelated<const P extends string>(...paths: RelArg<T, P, ToOne>[]): this & With<LoadedUnion<T, P>> {
    return this.asValues(withRelated(this.state, paths as unknown as string[])) // as RelArg says
  }
  /** Reads relations with one more query each; `new Prefetch(path, queryset)` chooses which rows. */
  prefetchRelated<const X extends readonly (string | AnyPrefetch)[]>(
    ...paths: PrefetchArgs<T, X>
  ): this & With<ReadAhead<T, X[number]>> {
    return this.prefetching(paths as unknown as string[]) as this & With<ReadAhead<T, X[number]>> // what it will have
  }

  /** Locks the rows until the block ends, and those of these relations: see {@link AnyQuerySet.forUpdate}. */
  override forUpdate<const P extends string>(options: TypedLock<T, P> = {}): this {
    return super.forUpdate(options as LockOptions) // paths are texts
  }

  // ------------------------------------------------------------------ plain rows

  /** Rows as plain objects of these columns; of all columns when none is named. */
  values<const P extends readonly string[]>(
    ...paths: PathArgs<T, AnnOf<this>, P>
  ): Values<{ [K in P[number]]: ValueOrAnn<T, AnnOf<this>, K> }, T> & ReachOf<this> {
    return this.asValues(withValues(this.state, paths, 'values'))
  }
  /** Rows as lists of these columns; with `{ flat: true }` after one path, its values alone. */
  valuesList<const P extends readonly (string | FlatOption)[]>(
    ...paths: ListArgs<T, AnnOf<this>, P>
  ): Values<ListRow<T, AnnOf<this>, P>, T, {}> & ReachOf<this> {
    const last: unknown = paths.at(-1)
    const flat = typeof last === 'object' && last !== null && 'flat' in last
    if (!flat) return this.asValues(withValues(this.state, paths, 'lists'))
    assertOptions('valuesList()', last, ['flat'])
    if (paths.length !== 2) {
      throw new QueryUsageError(`valuesList({ flat }) was given ${paths.length - 1} paths.`, {
        code: 'db.bad-options',
        hint: "Single values are those of one path: valuesList('title', { flat: true }).",
      })
    }
    return this.asValues(withValues(this.state, paths.slice(0, 1), 'flat'))
  }

  // ------------------------------------------------------------------ one row

  /**
   * The one row for which it holds.
   * @throws DoesNotExist db.does-not-exist (status 404), MultipleObjectsReturned db.multiple-objects
   */
  get<const K extends string>(where?: Where<T, AnnOf<this>, K> | Q<T, AnnOf<this>>): Promise<RowOf<this>> {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length > 1) return Promise.reject(manyConditions('get'))
    return this.got(where as Loose | undefined)
  }
  /** The one row for which it holds, or null. @throws MultipleObjectsReturned */
  getOrNull<const K extends string>(where?: Where<T, AnnOf<this>, K> | Q<T, AnnOf<this>>): Promise<RowOf<this> | null> {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length > 1) return Promise.reject(manyConditions('getOrNull'))
    const found = () => findRow(this.model, this.state, where as Loose | undefined)
    return promised(() => andThen(found(), (row) => (row ?? null) as RowOf<this> | null)) // as get()
  }
  /** The row that comes first by these paths, by default the model's `getLatestBy`. @throws DoesNotExist */
  earliest<const P extends readonly string[]>(...paths: OrderArgs<T, AnnOf<this>, P>): Promise<RowOf<this>> {
    return this.extreme(paths, false)
  }
  /** The row that comes last by these paths, by default the model's `getLatestBy`. @throws DoesNotExist */
  latest<const P extends readonly string[]>(...paths: OrderArgs<T, AnnOf<this>, P>): Promise<RowOf<this>> {
    return this.extreme(paths, true)
  }
  private async extreme(paths: readonly unknown[], latest: boolean): Promise<RowOf<this>> {
    const state = extremeState(this.model, this.state, paths as readonly string[], latest)
    const [row] = await promised(() => fetchRows(this.model, state))
    if (row === undefined) throw new DoesNotExist(this.model.meta.label, `There is no ${this.model.meta.name} here.`)
    return row as RowOf<this> // as list()
  }
  /**
   * Rows by key: all, or those of these keys. A tuple is found by its values: `map.get([1, 'x'])`. With `by`, by the
   * values of another unique field.
   */
  inBulk(keys?: readonly PkOf<T>[]): Promise<Map<PkOf<T>, RowOf<this>>>
  inBulk<const P extends { [N in ColumnsOf<T>]: N }[ColumnsOf<T>]>(
    values: readonly NonNullable<ValueAt<T, P>>[] | undefined,
    options: { readonly by: P },
  ): Promise<Map<ValueAt<T, P>, RowOf<this>>>
  inBulk(keys?: readonly unknown[], options: { readonly by?: string } = {}): Promise<Map<never, RowOf<this>>> {
    assertOptions('inBulk()', options, ['by'])
    const { by = 'pk' } = options
    return bulkRows(this.model, this.state, keys, by) as Promise<Map<never, RowOf<this>>> // as the overloads say
  }
  /** Aggregates over all rows: `aggregate({ avg: Avg('pages') })`. */
  aggregate<A extends Record<string, AnyExpr<T>>>(expressions: A): Promise<{ [K in keyof A]: ExprValue<A[K]> }> {
    return this.aggregated(expressions) as Promise<{ [K in keyof A]: ExprValue<A[K]> }> // by the same names
  }

  // ------------------------------------------------------------------ writing: started at once

  /** A new row. Values may be expressions of no columns, `Now()`: what came of them is read back. */
  create(values: NewInput<T>): Promise<T> {
    return createRow(this.model, this.state, values as Loose) as Promise<T> // an instance of the model
  }
  /** The row for which `where` holds, or a new one of `where` and `defaults`; and whether it is new. */
  getOrCreate<const K extends string>(
    where: Where<T, {}, K>,
    defaults: Partial<CreateInput<T>> = {},
  ): Promise<[T, boolean]> {
    return getOrCreate(this.model, this.state, where as Loose, defaults as Loose) as Promise<unknown> as Promise<
      [T, boolean]
    > // as create()
  }
  /**
   * Updates the row for which `where` holds with `defaults`, or makes one (of `createDefaults`, if given). The row is
   * locked from when it is read until it is written; two clients at once write one after the other.
   */
  updateOrCreate<const K extends string>(
    where: Where<T, {}, K>,
    defaults: Partial<CreateInput<T>>,
    createDefaults?: Partial<CreateInput<T>>,
  ): Promise<[T, boolean]> {
    const made = updateOrCreate(this.model, this.state, where as Loose, defaults as Loose, createDefaults as Loose)
    return made as Promise<unknown> as Promise<[T, boolean]> // as create()
  }
  /** Inserts many rows with few statements; no signals. Gives the instances, with their keys. */
  bulkCreate(rows: readonly (T | CreateInput<T>)[], options: TypedBulk<T> = {}): Promise<T[]> {
    const given = rows as readonly object[]
    const work = () => bulkCreate(this.model, this.state, given, options)
    const { updateFields: fields } = options
    const about = () => (fields === undefined ? { rows: given } : { rows: given, fields })
    const made = told(this, 'bulkCreate', about, work, (list) => list.length)
    return made as Promise<unknown> as Promise<T[]> // as create()
  }
  /**
   * Inserts rows, or changes those that are there by a unique constraint; no signals of rows. Safe against others doing
   * the same, which `updateOrCreate` is not for many rows:
   * `upsert(rows, { conflict: ['slug'], update: ['title'] })`.
   * @throws QueryUsageError db.no-unique-constraint, QueryValueError db.duplicate-rows, NotSupportedError db.upsert-ambiguous
   */
  upsert<const K extends string = never>(
    rows: readonly (T | CreateInput<T>)[],
    options: UpsertOptions<T, K>,
  ): Promise<Upserted<T>> {
    const loose = options as unknown as Parameters<typeof upsertRows>[3] // its types were checked where it was written
    const given = rows as readonly object[]
    const update = (loose?.update ?? {}) as readonly string[] | Loose // upsertRows() says when it is not there
    const fields = Array.isArray(update) ? (update as readonly string[]) : Object.keys(update)
    const work = () => upsertRows(this.model, this.state, given, loose)
    const about = () => ({ rows: given, fields })
    const made = told(this, 'upsert', about, work, (list) => list.length)
    return made as Promise<unknown> as Promise<Upserted<T>> // as create()
  }
  /** Writes these fields of many instances with few statements; no signals. @returns rows matched */
  bulkUpdate(
    rows: readonly T[],
    fields: readonly { [N in Written<T>]: N }[Written<T>][],
    options: BulkUpdateOptions = {},
  ): Promise<number> {
    const work = () => bulkUpdate(this.model, this.state, rows as never, fields, options) // instances, as the types say
    const about = () => ({ rows: rows as readonly object[], fields })
    return told(this, 'bulkUpdate', about, work, (changed) => changed) as Promise<number> // not at once
  }
  /** Changes all rows with one statement; no signals. Values may be expressions: `{ n: Book.F('n').plus(1) }`. @returns rows matched */
  update(values: UpdateInput<T>): Promise<number> {
    return this.updated(values as Loose)
  }
  /** update() that gives the rows it changed, as they are now. @throws NotSupportedError db.no-returning on MySQL */
  updateReturning(values: UpdateInput<T>): Promise<T[]> {
    const work = () => updateRowsReturning(this.model, this.state, values as Loose)
    const about = () => ({ fields: Object.keys(values) })
    return promised(() => told(this, 'update', about, work, (list) => list.length)) as Promise<T[]> // of this model
  }
  /**
   * Instances from SQL of your own, which gives every column, or those that only() and defer() leave to be read:
   * ``raw(sql`select * from library_book where id = ${id}`)``. What prefetchRelated() asked for is read ahead.
   * @throws QueryUsageError db.raw-columns where a column of the model is missing
   */
  raw(query: RawFragment): Promise<RowOf<this>[]> {
    const rows = rawInstances(this.model, this.state, query)
    return rows.then((list) => completed(this.model, this.state, list as never)) as Promise<RowOf<this>[]> // as list()
  }
}
