/** What join() takes. */
import type { AnyModel } from '../models/meta.ts'
import { picture, QueryUsageError } from './errors.ts'
import type { CommonSource, RowsSource, Source } from './sources.ts'
import { type State, writeState } from './state.ts'
import type { RESULT } from './types/rows.ts'
import type { Values } from './types/values.ts'

/** Rows with names: a query set of values(), or a common table. */
export type Joinable<R> = Values<R> | JoinableTable<R>
/** A common table, as {@link Joinable} sees it. */
export interface JoinableTable<R> {
  readonly [RESULT]: R
  readonly source: CommonSource
}
/** Options of join(). */
export interface JoinOptions<L extends boolean = boolean, H extends boolean = boolean> {
  /** Rows stay that have none to join; its columns are null there. Default false. */
  readonly left?: L
  /** Most rows that are joined to each; default all. */
  readonly limit?: number
  /**
   * Rows do not have its columns, which are for filters, orders and aggregates; annotate() with an aggregate then gives
   * one row for each of this query set, whatever was joined to it. Default false.
   */
  readonly hidden?: H
}

/** The rows of a query set, as other statements read them. */
export function rowsSource(model: AnyModel, state: State): RowsSource {
  return { t: 'rows', model, state, writeShape: (shape) => writeState(state, shape) }
}

/** A query set or common table as a source. @throws QueryUsageError db.not-joinable */
export function sourceOf(rows: unknown): Source {
  const given = rows as { readonly source?: CommonSource; readonly model?: AnyModel; readonly state?: State }
  if (given?.source?.t === 'common') return given.source
  if (given?.model !== undefined && given.state !== undefined && given.state.mode !== 'instances') {
    return rowsSource(given.model, given.state)
  }
  throw new QueryUsageError(`${picture(rows)} cannot be joined: it has no named columns.`, {
    code: 'db.not-joinable',
    hint: 'Name the columns: Book.objects.values("authorId", "title").',
  })
}
