/** What migrations throw away: columns and tables that go with all they hold. */
import type { DraftMigration } from '../drafts.ts'
import { isKnown, type KnownOperation } from '../footprint.ts'
import { labelOf, type ModelState, type ProjectState } from '../state.ts'
import { isGenerated } from './detection.ts'

/** Columns as `library.Book.title`, tables as `library.Book`, in the order in which they go. @param from   the state before */
export function dropped(drafts: readonly DraftMigration[], from: ProjectState): string[] {
  const gone: string[] = []
  let state = from
  for (const { app, operations } of drafts) {
    for (const operation of operations) {
      const name = isKnown(operation) ? droppedBy(operation, app, state) : null
      if (name !== null) gone.push(name)
      state = operation.toState(state, app)
    }
  }
  return gone
}

function droppedBy(operation: KnownOperation, app: string, state: ProjectState): string | null {
  const isOurs = (model: ModelState) => model.options.managed !== false
  if (operation.type === 'deleteModel') {
    const model = state.get(`${app}.${operation.name}`)
    return isOurs(model) ? labelOf(model) : null
  }
  if (operation.type !== 'removeField') return null
  const model = state.get(`${app}.${operation.model}`)
  // What the database computes is computed again.
  return isOurs(model) && !isGenerated(model.fields[operation.name]!) ? `${labelOf(model)}.${operation.name}` : null
}
