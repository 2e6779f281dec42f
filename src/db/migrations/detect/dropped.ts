/** What migrations throw away: columns and tables that go with all they hold. */
import type { DraftMigration } from '../drafts.ts'
import { isKnown, type KnownOperation } from '../footprint.ts'
import { labelOf, type ModelState, type ProjectState } from '../state.ts'
import { isGenerated } from './detection.ts'

/** What goes with all it holds. */
export interface Dropped {
  /** A field as `library.Book.title`, a model as `library.Book`. */
  readonly name: string
  /** What held it. */
  readonly what: 'column' | 'table'
  /** The field is there afterwards, too: as another column. */
  readonly isReplaced: boolean
}

/** In the order in which it goes. @param from   the state before */
export function dropped(drafts: readonly DraftMigration[], from: ProjectState): Dropped[] {
  const gone: Omit<Dropped, 'isReplaced'>[] = []
  const made = new Set<string>()
  let state = from
  for (const { app, operations } of drafts) {
    for (const operation of operations) {
      const found = isKnown(operation) ? droppedBy(operation, app, state) : null
      if (found !== null) gone.push(found)
      if (isKnown(operation) && operation.type === 'addField') made.add(`${app}.${operation.model}.${operation.name}`)
      state = operation.toState(state, app)
    }
  }
  return gone.map((each) => ({ ...each, isReplaced: made.has(each.name) }))
}

function droppedBy(operation: KnownOperation, app: string, state: ProjectState): Pick<Dropped, 'name' | 'what'> | null {
  const isOurs = (model: ModelState) => model.options.managed !== false
  if (operation.type === 'deleteModel') {
    const model = state.get(`${app}.${operation.name}`)
    return isOurs(model) ? { name: labelOf(model), what: 'table' } : null
  }
  if (operation.type !== 'removeField') return null
  const model = state.get(`${app}.${operation.model}`)
  const own = model.fields[operation.name]! // it could not go otherwise
  // What the database computes is computed again.
  if (!isOurs(model) || isGenerated(own)) return null
  return { name: `${labelOf(model)}.${operation.name}`, what: own.builder === 'manyToMany' ? 'table' : 'column' }
}
