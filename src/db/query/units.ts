/** dates() and datetimes(): the different units that a column's values fall in. */
import { Extract, Trunc } from '../functions/dates.ts'
import type { TruncUnit } from '../sql/nodes.ts'
import { picture, QueryUsageError } from './errors.ts'
import type { State } from './state.ts'
import { withAnnotations, withDistinct, withFilter, withOrder, withValues } from './state-ops.ts'

// No field can have these names.
const UNIT = '$unit'
const COLUMN = '$column'

const DAYS = ['year', 'quarter', 'month', 'week', 'day']
const UNITS = [...DAYS, 'hour', 'minute', 'second']

function assertUnit(unit: string, order: string, asDate: boolean): void {
  const known = asDate ? DAYS : UNITS
  const what = asDate ? 'dates()' : 'datetimes()'
  if (known.includes(unit) && (order === 'asc' || order === 'desc')) return
  const wrong = known.includes(unit) ? order : unit
  throw new QueryUsageError(`${what}: ${picture(wrong)} is ${wrong === unit ? 'no unit' : 'no order'}.`, {
    code: 'db.bad-options',
    hint: wrong === unit ? `Units: ${known.join(', ')}.` : "Orders: 'asc', 'desc'.",
  })
}

/** `asDate`: the units are days or more, and come as dates. */
export function unitStates(state: State, path: string, unit: TruncUnit, order: 'asc' | 'desc', asDate: boolean): State {
  assertUnit(unit, order, asDate)
  // Paths were checked by the caller's types, and are again when the query is built.
  const column = asDate ? Extract(path as never, 'date') : path
  const annotated = withAnnotations(
    state,
    { [UNIT]: Trunc(column as never, unit), [COLUMN]: Trunc(path as never, unit) },
    false,
  )
  const filtered = withFilter(annotated, { [`${COLUMN}__isnull`]: false })
  const distinct = withDistinct(withValues(filtered, [UNIT], 'flat'), true)
  return withOrder(distinct, [order === 'desc' ? `-${UNIT}` : UNIT])
}
