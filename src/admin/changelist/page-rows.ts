/** The rows of one page, read so that a deep page of a large table, or a search through it, costs one pass. */
import { keyId } from '../../db/models/keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { countRows, type RowCount } from './counts.ts'
import type { Narrowed, Rows } from './query.ts'

/**
 * Keys that a narrowed list is read whole up to, in whatever order they are found: one pass over the table. To follow
 * the index of an order until a page of rare rows is full would jump to every row; and then they would be counted.
 */
const MOST_FOUND = 2000
/** From this row on, keys are read first: skipped rows are then not joined. */
const DEEP = 1000

/** How many rows there are; and which, where they are few. */
export interface Found {
  readonly total: RowCount
  readonly rows: Rows
}

/** Counts the rows of a list. */
export async function readTotal(admin: ModelAdmin, found: Narrowed): Promise<Found> {
  if (found.narrowed) {
    const unordered: Rows = found.rows.dynamicOrderBy()
    const keys: unknown[] = await unordered.valuesList('pk', { flat: true }).slice(0, MOST_FOUND + 1)
    if (keys.length <= MOST_FOUND) {
      const rows: Rows = admin.model.objects.dynamic({ pk__in: keys })
      return { total: { count: keys.length, atLeast: false }, rows }
    }
  }
  return { total: await countRows(admin, found), rows: found.rows }
}

/** The rows from one on. `joined`: reads along what the columns show. */
export async function readPageRows(
  admin: ModelAdmin,
  inOrder: Rows,
  joined: (rows: Rows) => Rows,
  from: number,
  perPage: number,
  total: RowCount,
): Promise<object[]> {
  const to = Math.min(total.count, from + perPage)
  if (from < DEEP) return slice(joined(inOrder), from, to, total)
  return byKeys(admin, joined, await slice(inOrder.valuesList('pk', { flat: true }), from, to, total))
}

/** Rows by their keys, in the order of these. */
async function byKeys(admin: ModelAdmin, joined: (rows: Rows) => Rows, keys: readonly unknown[]): Promise<object[]> {
  if (keys.length === 0) return []
  const rows: object[] = await joined(admin.model.objects.dynamic({ pk__in: keys })).dynamicOrderBy()
  const text = (key: unknown): string => String(keyId(key))
  const byKey = new Map(rows.map((row) => [text((row as { readonly pk: unknown }).pk), row]))
  // A row that was deleted in between is not there.
  return keys.map((each) => byKey.get(text(each))).filter((row) => row !== undefined)
}

/** Rows from one to another, counted from the nearer end: the last page costs no more than the first. */
async function slice<T>(rows: Rows, from: number, to: number, { count, atLeast }: RowCount): Promise<T[]> {
  if (atLeast || from <= count / 2) return rows.slice(from, to)
  const found: T[] = await rows.reverse().slice(count - to, count - from)
  return found.reverse()
}
