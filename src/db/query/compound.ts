/** Query sets put together: union(), intersection(), difference(). */
import type { AnyModel } from '../models/meta.ts'
import { QueryUsageError } from './errors.ts'
import { type Compound, initialState, LETTER, oneDatabase, ownAlias, type State, startOp, writeState } from './state.ts'

/** A query set, as it is put together with others. */
export interface Part {
  readonly model: AnyModel
  readonly state: State
}

/** union(), intersection(), difference(). */
export function withCompound(op: Compound['op'], first: Part, others: readonly Part[]): State {
  const parts = [first, ...others]
  for (const { model, state } of others) {
    if (state.mode !== first.state.mode || (state.mode === 'instances' && model !== first.model)) {
      throw new QueryUsageError(`${model.meta.label} cannot be put together with ${first.model.meta.label}.`, {
        code: 'db.compound-mismatch',
        hint: 'Rows of different models go together as values() or valuesList() of the same columns.',
      })
    }
    oneDatabase(ownAlias(state), ownAlias(first.state))
  }
  const shape = startOp(initialState(first.model), LETTER.compound)
  shape.key += op
  for (const { state, model } of parts) {
    shape.key += `${initialState(model).key}.`
    writeState({ ...state, prefetch: [] }, shape)
  }
  const { mode, alias, owner, prefetch, fetch } = first.state
  return {
    ...initialState(first.model),
    key: shape.key,
    values: shape.values,
    mode,
    alias,
    owner,
    inner: shape.alias,
    prefetch,
    fetch,
    compound: { op, parts },
  }
}

/** Whether there can be no row, for want of rows in the parts. */
export function givesNothing({ op, parts }: Compound): boolean {
  const [first, ...others] = parts.map(({ state }) => state.empty)
  if (op === 'except') return first!
  return op === 'intersect' ? first! || others.includes(true) : first! && !others.includes(false)
}
