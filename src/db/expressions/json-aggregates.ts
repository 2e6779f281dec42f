/** JSON values made of many rows. */
import type { AnyArg, ArgValue } from '../functions/function.ts'
import type { Aggregate, AnyOrder, PathArg } from '../query/types.ts'
import { AggregateExpression, type StringAggOptions } from './aggregates.ts'
import { argument } from './expression.ts'

/** A path or an expression. */
type Item<T, V> = V extends string ? PathArg<T, V> : V

/**
 * What a value is once it stands in a JSON value: dates and times are texts as the database writes them, decimals and
 * whole numbers of 64 bits are numbers.
 */
export type InJson<V> = V extends string | number | boolean | null
  ? V
  : V extends bigint
    ? number
    : V extends { toFixed(digits?: number): string }
      ? number | string
      : V extends Date | { toJSON(): string }
        ? string
        : V extends Uint8Array
          ? never
          : V

/**
 * The values as a JSON list, nulls included; null over no rows. With `JSONObject` each row gives a part of itself:
 *
 *     Author.objects.annotate({
 *       shelf: JSONArrayAgg(JSONObject({ id: 'books__id', title: 'books__title' }), { orderBy: ['books__title'] }),
 *     })
 *
 * A row without books counts as one of nulls: `filter: Author.Q({ books__isnull: false })` leaves it out.
 */
export function JSONArrayAgg<T, const V extends AnyArg, const O extends readonly (string | AnyOrder)[] = []>(
  value: Item<T, V>,
  options: StringAggOptions<T, O> = {},
): Aggregate<T, InJson<ArgValue<T, V>>[] | null> {
  return new AggregateExpression('jsonArrayAgg', argument(value), options as object) as unknown as Aggregate<
    T,
    InJson<ArgValue<T, V>>[] | null
  > // an Aggregate is an expression seen through its types
}

/**
 * A JSON object with a key and a value from each row: `JSONObjectAgg('title', 'pages')`; null over no rows. Rows whose key
 * is null are left out; of several with one key the last in order is kept.
 */
export function JSONObjectAgg<
  T,
  const K extends AnyArg,
  const V extends AnyArg,
  const O extends readonly (string | AnyOrder)[] = [],
>(
  key: Item<T, K>,
  value: Item<T, V>,
  options: Omit<StringAggOptions<T, O>, 'distinct'> = {},
): Aggregate<T, Record<string, InJson<ArgValue<T, V>>> | null> {
  return new AggregateExpression('jsonObjectAgg', argument(key), options as object, [
    argument(value),
  ]) as unknown as Aggregate<T, Record<string, InJson<ArgValue<T, V>>> | null> // as above
}
