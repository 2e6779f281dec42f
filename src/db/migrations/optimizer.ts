/**
 * Fewer operations for the same change: what is created and altered is created altered, what is created and deleted is
 * neither. An operation joins a later one only where everything between may be passed by one of the two.
 * After django/db/migrations/optimizer.py; what may be passed is read from {@link footprint}s instead of asked for.
 */
import { clash, type Footprint, footprint, isKnown } from './footprint.ts'
import type { Operation } from './operations/operation.ts'
import { reduce } from './reduce.ts'
import type { ProjectState } from './state.ts'

/** Which operations are made fewer, and what is known of them. */
export interface OptimizeOptions {
  readonly app: string
  /** The state before the first operation. */
  readonly from: ProjectState
}

/** The same change in as few operations as can be had without crossing a dependency, in a stable order. */
export function optimize(operations: readonly Operation[], options: OptimizeOptions): Operation[] {
  let list = [...operations]
  // What an operation touches stays the same while others move: they pass it only where they touch nothing of that. One that stands
  // in two places (two migrations of a squash may share it) touches what it finds in each.
  const known: Known | null = new Set(list).size === list.length ? new Map() : null
  for (;;) {
    const shorter = onePass(list, options, known)
    if (shorter === null) return list
    list = shorter
  }
}

/** Joins what it can, each operation with all that come after it; null where nothing could be. */
function onePass(
  operations: readonly Operation[],
  { app, from }: OptimizeOptions,
  known: Known | null,
): Operation[] | null {
  let list = [...operations]
  let found = false
  let before = from
  for (let i = 0; i < list.length; ) {
    const joined = joinAt(list, i, app, before, known)
    if (joined !== null) {
      list = joined
      found = true
      continue
    }
    before = list[i]!.toState(before, app)
    i++
  }
  return found ? list : null
}

/** The list with the operation at `i` joined to the first later one that takes it. @param before   the state before it */
function joinAt(
  list: readonly Operation[],
  i: number,
  app: string,
  before: ProjectState,
  known: Known | null,
): Operation[] | null {
  const first = list[i]!
  if (!isKnown(first)) return null
  for (let j = i + 1; j < list.length; j++) {
    const second = list[j]!
    // What has the name after that is another model.
    if (endsModel(list[j - 1]!, first)) return null
    // SQL and code are a wall: what they need is known to nobody.
    if (!isKnown(second)) return null
    const joined = reduce(first, second, app)
    if (joined === null) continue
    const prints = footprints(list.slice(i, j + 1), app, before, known)
    const [own, other] = [prints[0]!, prints.at(-1)!]
    const between = prints.slice(1, -1)
    const passed = list.slice(i + 1, j)
    const isForwards = between.every((each) => clash(own, each) === null)
    if (!isForwards && !between.every((each) => clash(each, other) === null)) continue
    // What took another one's work over touches what that touched.
    for (const made of joined) known?.delete(made)
    if (isForwards) {
      return [...list.slice(0, i), ...passed, ...joined, ...list.slice(j + 1)]
    }
    return [...list.slice(0, i), ...joined, ...passed, ...list.slice(j + 1)]
  }
  return null
}

/** Whether the model that one operation creates is not there by its name after the other. */
function endsModel(operation: Operation, created: Operation): boolean {
  if (!isKnown(operation) || !isKnown(created) || created.type !== 'createModel') return false
  if (operation.type === 'deleteModel') return operation.name === created.name
  return operation.type === 'renameModel' && operation.oldName === created.name
}

/** Footprints that were read, of operations that stand once in a list. */
type Known = Map<Operation, Footprint>

/** States are made only as far as an operation is new: of hundreds of models they cost more than all the rest. */
function footprints(
  operations: readonly Operation[],
  app: string,
  before: ProjectState,
  known: Known | null,
): Footprint[] {
  let state = before
  let reached = 0
  return operations.map((operation, i) => {
    const print = known?.get(operation)
    if (print !== undefined) return print
    for (; reached < i; reached++) state = operations[reached]!.toState(state, app)
    const read = footprint(operation, app, state)! // all of them are known
    known?.set(operation, read)
    return read
  })
}
