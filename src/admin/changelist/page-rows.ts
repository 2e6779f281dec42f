/** The rows of one page, read so that a deep page of a large table, or a search through it, costs one pass. */
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
  const key = singleKey(admin)
  if (found.narrowed && key !== null) {
    const unordered: Rows = found.rows.dynamicOrderBy()
    const keys: unknown[] = await unordered.valuesList(key, { flat: true }).slice(0, MOST_FOUND + 1)
    if (keys.length <= MOST_FOUND) {
      const rows: Rows = admin.model.objects.dynamic({ [`${key}__in`]: keys })
      return { total: { count: keys.length, atLeast: false }, rows }
    }
  }
  return { total: await countRows(admin, found), rows: found.rows }
}

function singleKey({ model }: ModelAdmin): string | null {
  const [key, ...more] = model.meta.pk
  return more.length === 0 ? key!.attname : null
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
  const key = singleKey(admin)
  const to = Math.min(total.count, from + perPage)
  if (key === null || from < DEEP) return slice(joined(inOrder), from, to, total)
  return byKeys(admin, joined, key, await slice(inOrder.valuesList(key, { flat: true }), from, to, total))
}

/** Rows by their keys, in the order of these. */
async function byKeys(
  admin: ModelAdmin,
  joined: (rows: Rows) => Rows,
  key: string,
  keys: readonly unknown[],
): Promise<object[]> {
  if (keys.length === 0) return []
  const rows: object[] = await joined(admin.model.objects.dynamic({ [`${key}__in`]: keys })).dynamicOrderBy()
  const byKey = new Map(rows.map((row) => [String((row as Record<string, unknown>)[key]), row]))
  // A row that was deleted in between is not there.
  return keys.map((each) => byKey.get(String(each))).filter((row) => row !== undefined)
}

/** Rows from one to another, counted from the nearer end: the last page costs no more than the first. */
async function slice<T>(rows: Rows, from: number, to: number, { count, atLeast }: RowCount): Promise<T[]> {
  if (atLeast || from <= count / 2) return rows.slice(from, to)
  const found: T[] = await rows.reverse().slice(count - to, count - from)
  return found.reverse()
}
