/** update() of a query set: values and expressions as changes of columns. */
import type { MaybePromise } from '../backends/backend.ts'
import { Expression } from '../expressions/expression.ts'
import type { AnyModel } from '../models/meta.ts'
import type { Change } from './build-changes.ts'
import { QueryValueError } from './errors.ts'
import { assertWhole, runUpdate, runUpdateReturning } from './execute.ts'
import type { State } from './state.ts'
import { changeable, writable } from './written-fields.ts'

/** update(): one statement. Values may be expressions over the row's own columns. @returns rows matched */
export function updateRows(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): MaybePromise<number> {
  const { changes, values } = changesOf(model, state, input)
  return changes.length === 0 ? 0 : runUpdate(model, state, changes, values)
}

/** update() that gives the rows. */
export function updateRowsReturning(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): MaybePromise<unknown[]> {
  const { changes, values } = changesOf(model, state, input)
  return changes.length === 0 ? [] : runUpdateReturning(model, state, changes, values)
}

function changesOf(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): { changes: Change[]; values: unknown[] } {
  assertWhole(state, 'update()')
  const { meta } = model
  const changes: Change[] = []
  const values: unknown[] = []
  for (const name of Object.keys(input)) {
    const field = changeable(meta, name)
    const value = input[name]
    if (value === undefined) {
      throw new QueryValueError(`update(): ${meta.label}.${name} is undefined.`, {
        code: 'db.undefined-value',
        hint: 'Leave the key out to keep the column, or pass null to empty it.',
      })
    }
    if (value instanceof Expression) changes.push([field, value])
    else {
      changes.push([field, null])
      values.push(writable(field, value))
    }
  }
  return { changes, values }
}
