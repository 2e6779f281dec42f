/** update() of a query set: values and expressions as changes of columns. */
import type { MaybePromise } from '../backends/backend.ts'
import { Expression } from '../expressions/expression.ts'
import type { AnyModel } from '../models/meta.ts'
import type { Change } from './build-changes.ts'
import { QueryValueError } from './errors.ts'
import { assertWhole, runPlainUpdate, runUpdate, runUpdateReturning } from './execute.ts'
import { firstStep } from './records.ts'
import type { State } from './state.ts'
import { changeable, writable } from './written-fields.ts'

/** update(): one statement. Values may be expressions over the row's own columns. @returns rows matched */
export function updateRows(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): MaybePromise<number> {
  assertWhole(state, 'update()')
  const plain = plainUpdate(model, state, input)
  if (plain !== null)
    return runPlainUpdate(model, state, plain.key, plain.values, () => changesOf(model, input).changes)
  const { changes, values } = changesOf(model, input)
  return changes.length === 0 ? 0 : runUpdate(model, state, changes, values)
}

/** The key and the values of an update to values alone, each of one column; null where it is another. */
function plainUpdate(
  { meta }: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): { readonly key: string; readonly values: readonly unknown[] } | null {
  const start = firstStep(state.key, 'update')
  const values = [...state.values]
  let step = start
  for (const name of Object.keys(input)) {
    const value = input[name]
    if (value === undefined || value instanceof Expression) return null
    const field = changeable(meta, name)
    if (field.parts.length > 1) return null
    values.push(writable(field, value))
    step = step.value(field.name)! // a field's own name can stand in a key
  }
  return step === start ? null : { key: step.key, values }
}

/** update() that gives the rows. */
export function updateRowsReturning(
  model: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
): MaybePromise<unknown[]> {
  assertWhole(state, 'updateReturning()')
  const { changes, values } = changesOf(model, input)
  return changes.length === 0 ? [] : runUpdateReturning(model, state, changes, values)
}

function changesOf(
  { meta }: AnyModel,
  input: Readonly<Record<string, unknown>>,
): { changes: Change[]; values: unknown[] } {
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
