/** dates() and datetimes(): the different units that a column's values fall in. */
import { Extract, Trunc } from '../functions/dates.ts'
import type { TruncUnit } from '../sql/nodes.ts'
import type { State } from './state.ts'
import { withAnnotations, withDistinct, withFilter, withOrder, withValues } from './state-ops.ts'

// No field can have these names.
const UNIT = '$unit'
const COLUMN = '$column'

/** `asDate`: the units are days or more, and come as dates. */
export function unitStates(state: State, path: string, unit: TruncUnit, order: 'asc' | 'desc', asDate: boolean): State {
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
