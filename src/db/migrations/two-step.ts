/** `makemigrations --two-step`: each rename of a field becomes two migrations, for two deployments. */
import type { DraftMigration } from './drafts.ts'
import type { MigrationLoader } from './loader.ts'
import { nextNumber } from './naming.ts'
import type { RenameField } from './operations/fields.ts'
import type { Operation } from './operations/operation.ts'
import { contractRename, expandRename } from './operations/two-step.ts'

const renamesOf = ({ operations }: DraftMigration): RenameField[] =>
  operations.filter((each): each is RenameField => each.type === 'renameField')

/** The first field whose name another one takes at once: for code of both versions it would be two columns. */
export function takenName(drafts: readonly DraftMigration[]): string | null {
  for (const draft of drafts) {
    const renames = renamesOf(draft)
    const taken = renames.find(({ model, oldName }) => renames.some((r) => r.model === model && r.newName === oldName))
    if (taken !== undefined) return `${draft.app}.${taken.model}.${taken.oldName}`
  }
  return null
}

/** The drafts, and after those of each app that renames fields one more: with the second steps. */
export function inTwoSteps(loader: MigrationLoader, drafts: readonly DraftMigration[]): DraftMigration[] {
  let state = loader.state()
  for (const { app, operations } of drafts) for (const each of operations) state = each.toState(state, app)
  const found: DraftMigration[] = []
  const later = new Map<string, Operation[]>()
  for (const draft of drafts) {
    const renames = renamesOf(draft)
    const operations = draft.operations.flatMap((each) => {
      if (each.type === 'renameField') {
        const { model, oldName, newName } = each as RenameField // by its type
        return [expandRename(model, oldName, newName)]
      }
      // What else becomes of the field comes with the second step.
      const [model, name] = each.args
      const isOf = renames.some((rename) => rename.model === model && rename.newName === name)
      return each.type === 'alterField' && isOf ? [] : [each]
    })
    // In a transaction everybody would wait until the last row is copied.
    found.push({ ...draft, operations, ...(renames.length > 0 ? { atomic: false } : {}) })
    const second = renames.map(({ model, oldName, newName }) =>
      contractRename(model, oldName, newName, state.field(`${draft.app}.${model}`, newName)),
    )
    if (second.length > 0) later.set(draft.app, [...(later.get(draft.app) ?? []), ...second])
  }
  for (const [app, operations] of later) {
    const own = found.filter((draft) => draft.app === app).map(({ name }) => name)
    const number = nextNumber([...loader.graph.ofApp(app).map(({ name }) => name), ...own])
    const name = `${number}_${operations[0]!.fragment}`.slice(0, 60)
    found.push({ app, name, dependencies: [[app, own.at(-1)!]], operations, atomic: false })
  }
  return found
}
