/** update() of a query set: values and expressions as changes of columns. */
import type { MaybePromise } from '../backends/backend.ts'
import { Expression } from '../expressions/expression.ts'
import type { AnyModel } from '../models/meta.ts'
import type { Change } from './build-changes.ts'
import { QueryValueError } from './errors.ts'
import { assertWhole, runKnownUpdate, runNewUpdate, runUpdate, runUpdateReturning } from './execute.ts'
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
  const values: unknown[] = []
  const key = plainUpdate(model, state, input, values)
  if (key === null) return writtenUpdate(model, state, input)
  return runKnownUpdate(model, state, key, values) ?? newUpdate(model, state, key, input, values)
}

/** Of a shape that was not asked before. */
function newUpdate(
  model: AnyModel,
  state: State,
  key: string,
  input: Readonly<Record<string, unknown>>,
  values: readonly unknown[],
): MaybePromise<number> {
  return runNewUpdate(model, state, key, values, () => changesOf(model, input).changes)
}

/** With expressions, or with keys over several columns. */
function writtenUpdate(model: AnyModel, state: State, input: Readonly<Record<string, unknown>>): MaybePromise<number> {
  const { changes, values } = changesOf(model, input)
  return changes.length === 0 ? 0 : runUpdate(model, state, changes, values)
}

/** The key of an update to values alone, each of one column, which are added; null where it is another. */
function plainUpdate(
  { meta }: AnyModel,
  state: State,
  input: Readonly<Record<string, unknown>>,
  values: unknown[],
): string | null {
  const names = Object.keys(input)
  if (names.length === 0) return null
  for (const value of state.values) values.push(value)
  let step = firstStep(state.key, 'update')
  for (const name of names) {
    const value = input[name]
    if (value === undefined || value instanceof Expression) return null
    const field = changeable(meta, name)
    if (field.parts.length > 1) return null
    values.push(writable(field, value))
    step = step.value(field.name)! // a field's own name can stand in a key
  }
  return step.key
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
