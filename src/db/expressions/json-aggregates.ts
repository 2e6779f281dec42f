/** JSON values made of many rows. */

import type { Temporal } from '../../std/dates.ts'
import type { AnyArg, ArgValue, Constant, PathsIn } from '../functions/function.ts'
import type { Aggregate, AnyOrder, Expr, Mentions } from '../query/types/expressions.ts'
import type { PathArg } from '../query/types/paths.ts'
import { aggregate, type Given, type Instead, type StringAggOptions } from './aggregates.ts'
import { argument } from './expression.ts'

/**
 * What a value is once it stands in a JSON value: dates and times are texts as the database writes them, decimals and
 * whole numbers of 64 bits are numbers; durations are texts on PostgreSQL, microseconds elsewhere.
 */
export type InJson<V> = V extends string | number | boolean | null
  ? V
  : V extends bigint
    ? number
    : V extends Temporal.Duration
      ? number | string
      : V extends { toFixed(digits?: number): string }
        ? number | string
        : V extends Date | { toJSON(): string }
          ? string
          : V extends Uint8Array
            ? never
            : V

/**
 * The values as a JSON list, nulls included; null over no rows, or `default`. With `JSONObject` each row gives a part of itself:
 *
 *     Author.objects.annotate({
 *       shelf: JSONArrayAgg(JSONObject({ id: 'books__id', title: 'books__title' }), { orderBy: ['books__title'] }),
 *     })
 *
 * A row without books counts as one of nulls: `filter: Author.Q({ books__isnull: false })` leaves it out.
 */
export function JSONArrayAgg<
  const V extends AnyArg,
  T = Mentions<PathsIn<V>>,
  const O extends readonly (string | AnyOrder)[] = [],
  D extends Instead<T, InJson<ArgValue<T, V>>[]> = never,
>(
  value: (V extends string ? PathArg<T, V> : V & Constant) | Expr<T, unknown>,
  options: StringAggOptions<T, O, D> = {},
): Aggregate<T, Given<InJson<ArgValue<T, V>>[] | null, D>> {
  return aggregate('jsonArrayAgg', argument(value), options)
}

/**
 * A JSON object with a key and a value from each row: `JSONObjectAgg('title', 'pages')`; null over no rows, or `default`. Rows whose key
 * is null are left out; of several with one key the last in order is kept.
 */
export function JSONObjectAgg<
  const K extends AnyArg,
  const V extends AnyArg,
  T = Mentions<PathsIn<K | V>>,
  const O extends readonly (string | AnyOrder)[] = [],
  D extends Instead<T, Record<string, InJson<ArgValue<T, V>>>> = never,
>(
  key: (K extends string ? PathArg<T, K> : K & Constant) | Expr<T, unknown>,
  value: (V extends string ? PathArg<T, V> : V & Constant) | Expr<T, unknown>,
  options: Omit<StringAggOptions<T, O, D>, 'distinct'> = {},
): Aggregate<T, Given<Record<string, InJson<ArgValue<T, V>>> | null, D>> {
  return aggregate('jsonObjectAgg', argument(key), options, [argument(value)])
}
