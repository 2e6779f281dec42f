/**
 * Which of the rows that a bulk insert gave back is which of those that were sent. No manual promises the order of
 * RETURNING, and SQLite's says that there is none. Keys that were sent come back with what the database filled, and say
 * it. Of keys that a database counts something else holds: rows are numbered as they are read, and in which order that
 * is, of UNNEST, that of the array (PostgreSQL's manual, 9.19), of VALUES, that of the list. So they rise with the rows
 * that were sent, in whichever order they come back. Other keys are not left to the database: drawn-keys.ts.
 */
import type { Decoder, SqlRow } from '../backends/backend.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { ModelMeta } from '../models/meta.ts'
import { type Codec, encoded } from './record.ts'

/**
 * What each row has to give back: indexes into `meta.columns`, those that the database fills first.
 * @param count   how many rows are sent
 */
export function askedBack(meta: ModelMeta, filled: readonly number[], count: number): readonly number[] {
  if (count < 2 || filled.length === 0 || filled.some((i) => meta.columns[i]!.kind === 'auto')) return filled
  return [...filled, ...meta.pk.map((field) => meta.columns.indexOf(field))]
}

/**
 * The rows given back, in the order of those that were sent.
 * @param filled    what the database filled
 * @param columns   what each of the rows has: indexes into `meta.columns`, see {@link askedBack}
 */
export function inSentOrder(
  given: readonly SqlRow[],
  sent: readonly AnyInstance[],
  meta: ModelMeta,
  codec: Codec,
  filled: readonly number[],
  columns: readonly number[],
): readonly SqlRow[] {
  if (given.length < 2) return given
  const number = filled.find((i) => meta.columns[i]!.kind === 'auto')
  if (number === undefined) return byKey(given, sent, meta, codec, columns)
  return byNumber(given, codec.decoders[number] ?? null, columns.indexOf(number))
}

/** By the key, as its column spells it. */
function byKey(
  given: readonly SqlRow[],
  sent: readonly AnyInstance[],
  meta: ModelMeta,
  codec: Codec,
  columns: readonly number[],
): readonly SqlRow[] {
  const key = meta.pk.map((field) => {
    const i = meta.columns.indexOf(field)
    return { field, i, at: columns.indexOf(i) }
  })
  const asText = (values: unknown[]): string => JSON.stringify(values.map(String))
  const read = ({ i, at }: (typeof key)[number], row: SqlRow): unknown => {
    const [decode, encode] = [codec.decoders[i] ?? null, codec.encoders[i] ?? null]
    return decode === null || encode === null ? row[at] : encode(decode(row[at]))
  }
  const found = new Map(given.map((row) => [asText(key.map((part) => read(part, row))), row]))
  const rows = sent.map((each) => found.get(asText(key.map(({ field, i }) => encoded(each, field, i, codec)))))
  if (!rows.includes(undefined)) return rows as SqlRow[] // as just seen
  // Keys that a column spells in a way of its own (`char(4)` of PostgreSQL): nothing tells those apart but their order.
  const known = new Set(rows)
  const others = given.filter((row) => !known.has(row))
  return rows.map((row) => row ?? others.shift()!) // as many as were sent
}

function byNumber(given: readonly SqlRow[], decode: Decoder, at: number): readonly SqlRow[] {
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
