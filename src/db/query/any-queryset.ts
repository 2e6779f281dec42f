/**
 * What every query set can do without knowing its model's type: the class for generic code (the admin, pagination,
 * tables). {@link QuerySet} adds the typed methods. A query set never changes; each method gives a new one.
 */
import { sameKey } from '../models/keys.ts'
import type { AnyModel } from '../models/meta.ts'
import { assertCount, assertOptions } from '../options.ts'
import { awaited, withCaller } from '../traced.ts'
import { isHeard, told } from './bulk-events.ts'
import { createRow } from './create.ts'
import { deleteRows, deleteRowsReturning } from './deletion.ts'
import { assertPublic, checkedFilter, checkState } from './dynamic.ts'
import { QueryUsageError } from './errors.ts'
import { fetchAggregate, fetchCount, fetchExists, fetchRows } from './execute.ts'
import { type ExplainOptions, explainRows, type SqlText, sqlOf } from './explain.ts'
import type { KeysetPage, PageOptions } from './keyset.ts'
import { firstState, getRow, isTotallyOrdered, lastState } from './one.ts'
import { type PrefetchInput, prefetchSpecs } from './prefetch.ts'
import { promised } from './rows.ts'
import type { Shape } from './shape.ts'
import { type FetchMode, initialState, isSliced, type State, writeState } from './state.ts'
import {
  annotationsOf,
  assertInstances,
  asTable,
  withAnnotations,
  withDistinct,
  withFetchMode,
  withFilter,
  withLock,
  withOrder,
  withRelated,
  withReverse,
  withSlice,
  withValues,
} from './state-ops.ts'
import { RowStream } from './stream.ts'
import type { RESULT, RowOf } from './types/rows.ts'
import type { Values } from './types/values.ts'
import { updateRows } from './update.ts'

const NOTHING = () => ({})

/** How rows are streamed. */
export interface IteratorOptions {
  /** Rows read at a time; default 1_000. */
  readonly chunk?: number
}

/** Options of {@link AnyQuerySet.forUpdate}. */
export interface LockOptions {
  /** Fail at once where somebody has a row. */
  readonly noWait?: boolean
  /** Leave out rows that somebody has: what a queue of jobs does. */
  readonly skipLocked?: boolean
  /**
   * Whose rows: `self`, and paths of selectRelated() behind which there is a row. Default `['self']`: rows read along are not
   * locked.
   */
  readonly of?: readonly string[]
  /** Others may insert rows that refer to these, for their keys do not change. PostgreSQL; elsewhere the lock is the full one. */
  readonly noKey?: boolean
}

/** Rows of an unknown shape, by path. */
export type DynamicValues = Values<Record<string, unknown>>

export abstract class AnyQuerySet<Row = unknown> implements PromiseLike<Row[]> {
  declare readonly [RESULT]: Row
  readonly model: AnyModel
  /** @internal */
  readonly state: State
  private rows: readonly unknown[] | null = null
  private fetching: Promise<unknown[]> | null = null
  /** False for `Book.objects` itself, which lives as long as the process: rows kept there would never be read again. */
  private readonly keeps: boolean

  constructor(model: AnyModel, state?: State) {
    this.model = model
    this.state = state ?? initialState(model)
    this.keeps = state !== undefined
  }

  /** The same class with another state: how every method goes on. */
  protected with(state: State): this {
    const Same = this.constructor as new (model: AnyModel, state: State) => this // subclasses keep this constructor
    return new Same(this.model, state)
  }

  /** `QuerySet<library.Book>` where it is printed: its state holds the values it filters by, which may be secret. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.constructor.name}<${this.model.meta.label}>`
  }

  /** @internal */
  writeShape(shape: Shape): void {
    writeState(this.state, shape)
  }

  // ------------------------------------------------------------------ narrowing

  /** The same rows; a query of its own. */
  all(): this {
    return this.with(this.state)
  }
  /** No rows, and no query. */
  none(): this {
    return this.with({ ...this.state, empty: true })
  }
  /** The opposite order. */
  reverse(): this {
    return this.with(withReverse(this.state))
  }
  /** Each row once, told apart by all columns that are read. */
  distinct(on = true): this {
    if (typeof on !== 'boolean') {
      throw new QueryUsageError('distinct() takes no paths.', {
        code: 'db.bad-options',
        hint: "One row for each value of a path is distinctOn('author').",
      })
    }
    return this.with(withDistinct(this.state, on))
  }
  /** Rows from the `from`-th (0 is the first) up to, not including, the `to`-th. */
  slice(from: number, to?: number): this {
    return this.with(withSlice(this.state, from, to))
  }
  /**
   * The rows, which nobody else changes until the block ends: read, decide, write. Only inside `atomic()`. Others wait
   * for them; `noWait` fails at once instead (`db.locked`), `skipLocked` leaves out rows that somebody has, as a queue
   * does. SQLite has one writer, so there it changes nothing.
   * @throws QueryUsageError db.bad-options; db.lock-not-rows, db.lock-of when it is read
   */
  forUpdate(options: LockOptions = {}): this {
    assertOptions('forUpdate()', options, ['noWait', 'skipLocked', 'of', 'noKey'])
    const { noWait = false, skipLocked = false, of = ['self'], noKey = false } = options
    if ((noWait && skipLocked) || of.length === 0) {
      throw new QueryUsageError(
        noWait && skipLocked ? 'forUpdate() was given both noWait and skipLocked.' : 'forUpdate({ of }) names nothing.',
        { code: 'db.bad-options', hint: 'Rows that somebody has are either an error or left out.' },
      )
    }
    const wait = noWait ? 'noWait' : skipLocked ? 'skipLocked' : 'wait'
    return this.with(withLock(this.state, { wait, of, noKey }))
  }
  /**
   * What union(), intersection() or difference() put together, as a query set like others: to be filtered, annotated,
   * aggregated, joined. Others stay as they are.
   */
  asTable(): this {
    return this.with(asTable(this.state))
  }
  /**
   * What `await book.author` does where the author was not read: 'peers' (the default) reads it for all rows of the
   * same result with one query, 'one' for this row alone, 'raise' refuses. Rows that are read this way do likewise.
   */
  // Mapped: of the alias the compiler would print its name, not the modes.
  fetchMode(mode: { [M in FetchMode]: M }[FetchMode]): this {
    return this.with(withFetchMode(this.state, mode))
  }
  /** Reads and writes another database. */
  using(alias: string): this {
    return this.with({ ...this.state, alias })
  }

  // ------------------------------------------------------------------ the door for input that no compiler checked

  /**
   * filter() for paths and values known only at run time: a URL, a saved filter. Text is turned into the field's kind.
   * Regular expressions are refused: one such as `(a+)+$` would keep the process busy for ever.
   * @throws FieldNameError db.unknown-field, db.secret-field, LookupNameError db.unknown-lookup, db.unsafe-lookup, QueryValueError
   *   db.invalid-value; status 400
   */
  dynamic(where: Readonly<Record<string, unknown>>): this {
    return this.with(checkedFilter(this.model, this.state, where, false))
  }
  /** exclude() likewise. */
  dynamicExclude(where: Readonly<Record<string, unknown>>): this {
    return this.with(checkedFilter(this.model, this.state, where, true))
  }
  /** orderBy() likewise: paths with an optional `-`. */
  dynamicOrderBy(...paths: readonly string[]): this {
    assertPublic(this.model, paths)
    return this.with(checkState(this.model, withOrder(this.state, paths)))
  }
  /** values() likewise. */
  dynamicValues(...paths: readonly string[]): DynamicValues {
    assertPublic(this.model, paths)
    return this.asValues(checkState(this.model, withValues(this.state, paths, 'values')))
  }
  /** annotate() likewise: names to expressions. */
  dynamicAnnotate(expressions: Readonly<Record<string, unknown>>): this {
    return this.with(checkState(this.model, withAnnotations(this.state, expressions)))
  }
  /** selectRelated() likewise. */
  dynamicSelectRelated(...paths: readonly string[]): this {
    return this.with(checkState(this.model, withRelated(this.state, paths)))
  }
  /** prefetchRelated() likewise. */
  dynamicPrefetchRelated(...paths: readonly PrefetchInput[]): this {
    return this.prefetching(paths)
  }
  /** update() likewise: field names to values. @returns rows matched */
  dynamicUpdate(values: Readonly<Record<string, unknown>>): Promise<number> {
    return this.updated(values)
  }
  /** create() likewise. */
  dynamicCreate(values: Readonly<Record<string, unknown>>): Promise<Row> {
    return createRow(this.model, this.state, values) as Promise<Row> // an instance of the model
  }

  // ------------------------------------------------------------------ reading

  /** The rows. Asked once: the same query set gives the same list again; `Book.objects` itself asks every time. */
  list(): Promise<RowOf<this>[]> {
    if (!this.keeps) return promised(() => fetchRows(this.model, this.state)) as Promise<RowOf<this>[]> // as below
    if (this.rows !== null) return Promise.resolve(this.rows as RowOf<this>[])
    this.fetching ??= promised(() => fetchRows(this.model, this.state)).then(
      (rows) => {
        this.rows = rows
        return rows
      },
      (error) => {
        this.fetching = null
        throw withCaller(error)
      },
    )
    return this.fetching as Promise<RowOf<this>[]> // what the state's mode makes of rows is what the types say
  }

  then<R1 = RowOf<this>[], R2 = never>(
    done?: ((rows: RowOf<this>[]) => R1 | PromiseLike<R1>) | null,
    failed?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaited(() => this.list()).then(done, failed)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RowOf<this>> {
    yield* await this.list()
  }

  /** Rows a chunk at a time, not kept: for results larger than memory. @throws QueryUsageError db.bad-options */
  iterator(options: IteratorOptions = {}): AsyncGenerator<RowOf<this>> {
    assertOptions('iterator()', options, ['chunk'])
    assertCount('iterator()', 'chunk', options.chunk)
    return new RowStream(this.model, this.state, options.chunk ?? 1000) as AsyncGenerator<RowOf<this>> // as list()
  }

  /** How many rows. */
  count(): Promise<number> {
    if (this.rows !== null) return Promise.resolve(this.rows.length)
    return promised(() => fetchCount(this.model, this.state))
  }
  /** Whether there is any row. */
  exists(): Promise<boolean> {
    if (this.rows !== null) return Promise.resolve(this.rows.length > 0)
    return promised(() => fetchExists(this.model, this.state))
  }
  /** The first row in order (of the key, where there is no order), or null. */
  async first(): Promise<RowOf<this> | null> {
    const rows = await promised(() => fetchRows(this.model, firstState(this.model, this.state)))
    return (rows[0] ?? null) as RowOf<this> | null // as list()
  }
  /** The last row likewise. */
  async last(): Promise<RowOf<this> | null> {
    const rows = await promised(() => fetchRows(this.model, lastState(this.model, this.state)))
    return (rows[0] ?? null) as RowOf<this> | null // as list()
  }
  /**
   * A page of the rows, by key: `page({ size: 20, after })`, where `after` is `next` of the page before (or `before` is
   * `previous` of the one behind). However far it is, no rows are counted, and none comes twice when others are added.
   * Rows that the order leaves in one place are ordered by their key as well. A cursor that was not given out for this
   * order is the error `db.bad-cursor`, status 400. A filter over a relation to many rows repeats rows, which pages
   * cannot tell apart: add distinct().
   * @throws QueryValueError db.bad-cursor, db.invalid-slice; QueryUsageError db.unpageable-order
   */
  async page(options: PageOptions): Promise<KeysetPage<RowOf<this>>> {
    const { readPage } = await import('./keyset.ts') // cursors are signed: not everybody needs that
    return readPage(this.model, this.state, options) as Promise<KeysetPage<RowOf<this>>> // as list()
  }
  /** The statement that awaiting this sends, with its values; printed, it shows the text alone. */
  toSQL(): SqlText {
    return sqlOf(this.model, this.state)
  }
  /**
   * How the database would find the rows, as text; with `analyze` it finds them and tells how long it took.
   * @throws NotSupportedError db.explain-option
   */
  async explain(options: ExplainOptions = {}): Promise<string> {
    return explainRows(this.model, this.state, options)
  }
  /** Whether the order leaves no two rows in the same place: it has the key, or a unique field that is never null. */
  get totallyOrdered(): boolean {
    return isTotallyOrdered(this.model, this.state)
  }
  /** Whether an instance is among the rows. */
  contains(instance: object): Promise<boolean> {
    return promised(() => {
      const key = (instance as { readonly pk?: unknown }).pk
      if (!(instance instanceof this.model) || key === null || key === undefined) {
        throw new QueryUsageError(`contains() takes a saved ${this.model.name}.`, { code: 'db.invalid-value' })
      }
      if (this.rows !== null) return this.rows.some((row) => sameKey((row as { pk?: unknown }).pk, key))
      const { state, model } = this
      const whole = isSliced(state) && state.compound === null
      // A slice is rows chosen already: the one asked for is looked up among them.
      const rows = whole ? withFilter({ ...initialState(model), alias: state.alias }, { pk__in: this }) : asTable(state)
      return fetchExists(model, withFilter(rows, { pk: key }))
    })
  }
  /** Aggregates over all rows, by names. */
  protected aggregated(expressions: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return promised(() => fetchAggregate(this.model, this.state, annotationsOf(expressions)))
  }
  /** One row, by a condition. */
  protected got(where: Readonly<Record<string, unknown>> | undefined): Promise<RowOf<this>> {
    return getRow(this.model, this.state, where) as Promise<RowOf<this>> // as list()
  }
  /** Takes rows as read (or forgets them): for related sets. */
  protected keepRows(rows: readonly unknown[] | null): void {
    this.rows = rows
    this.fetching = null
  }
  protected prefetching(paths: readonly PrefetchInput[] | null): this {
    assertInstances(this.state, 'prefetchRelated')
    const prefetch = paths === null ? [] : [...this.state.prefetch, ...prefetchSpecs(paths)]
    return this.with({ ...this.state, prefetch })
  }
  /** update(), and those who listen are told. */
  protected updated(values: Readonly<Record<string, unknown>>): Promise<number> {
    if (isHeard()) {
      const about = () => ({ fields: Object.keys(values) })
      const work = () => updateRows(this.model, this.state, values)
      return promised(() => told(this, 'update', about, work, (rows) => rows))
    }
    try {
      return Promise.resolve(updateRows(this.model, this.state, values))
    } catch (error) {
      return Promise.reject(withCaller(error))
    }
  }
  /** The same query set as one of values: its rows are no instances any more. */
  protected asValues<R>(state: State): R {
    return this.with(state) as unknown as R // one class does both; Values is its other face
  }

  // ------------------------------------------------------------------ writing

  /**
   * Deletes the rows, and what `onDelete` of relations to them says. Signals and cascades are per row; without either
   * it is one statement.
   * @returns rows deleted: in all, and by model
   */
  delete(): Promise<DeleteResult> {
    const work = () => deleteRows(this.model, this.state)
    return promised(() => told(this, 'delete', NOTHING, work, (result) => result.total))
  }
  /**
   * delete() that gives the rows that went: instances with their keys, which save() would insert again.
   * @throws NotSupportedError db.no-returning on MySQL
   */
  deleteReturning(): Promise<Row[]> {
    const work = () => deleteRowsReturning(this.model, this.state)
    return promised(() => told(this, 'delete', NOTHING, work, (rows) => rows.length)) as Promise<Row[]> // instances of the model
  }
}

/** What delete() did. */
export interface DeleteResult {
  readonly total: number
  /** Rows by label: `{ 'library.Book': 2 }`. */
  readonly perModel: Readonly<Record<string, number>>
}
