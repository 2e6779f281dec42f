/**
 * Which of the rows that a bulk insert gave back is which of those that were sent. No manual promises the order of
 * RETURNING, and SQLite's says that there is none. What holds is that rows are numbered as they are read, and in which
 * order that is: of UNNEST, that of the array (PostgreSQL's manual, 9.19), of VALUES, that of the list. So keys that a
 * database counts up rise with the rows that were sent, in whichever order they come back.
 *
 * Rows of which a database fills other columns only are taken as they come: the servers send each as they store it, one
 * after another, and SQLite reads its list of them from the start.
 */
import type { SqlRow } from '../backends/backend.ts'
import type { ModelMeta } from '../models/meta.ts'
import type { Codec } from './record.ts'

/**
 * The rows given back, in the order of those that were sent.
 * @param filled   what each of them has: indexes into `meta.columns`
 */
export function inSentOrder(
  given: readonly SqlRow[],
  meta: ModelMeta,
  codec: Codec,
  filled: readonly number[],
): readonly SqlRow[] {
  const at = filled.findIndex((i) => meta.columns[i]!.kind === 'auto')
  if (at === -1 || given.length < 2) return given
  const decode = codec.decoders[filled[at]!] ?? null
  const keyOf = (row: SqlRow): number => Number(decode === null ? row[at] : decode(row[at]))
  let last = keyOf(given[0]!)
  const goesUp = keyOf(given[1]!) > last
  for (let i = 1; i < given.length; i++) {
    const key = keyOf(given[i]!)
    if (key > last !== goesUp) return given.toSorted((a, b) => keyOf(a) - keyOf(b))
    last = key
  }
  // All the way down, as a sequence may count that another program made.
  return given
}
