/** Joins two or more branches of an app's migrations, when it makes no difference which is applied first. */

import { whyNotCommuting } from './commute.ts'
import type { DraftMigration } from './drafts.ts'
import { MigrationGraphError } from './errors.ts'
import type { MigrationLoader } from './loader.ts'
import { keyOf, type Migration, mutateState } from './migration.ts'
import { mergeName, nextNumber } from './naming.ts'
import { differingModel, type ProjectState } from './state.ts'

/** A migration that joins branches, before it is written. */
export interface MergeDraft extends DraftMigration {
  /** Ends of the branches. */
  readonly joins: readonly (readonly [app: string, name: string])[]
}

/**
 * Migrations that join the branches of every app with a conflict.
 * @param options.apps   only these
 * @throws MigrationGraphError migrations.cannot-merge when the branches do not commute
 */
export function mergeDrafts(
  loader: MigrationLoader,
  options: { readonly apps?: readonly string[]; readonly name?: string } = {},
): MergeDraft[] {
  const { graph } = loader
  const drafts: MergeDraft[] = []
  for (const [app, leaves] of graph.conflicts()) {
    if (options.apps && options.apps.length > 0 && !options.apps.includes(app)) continue
    assertCommute(loader, leaves)
    const names = leaves.map((leaf) => leaf.name)
    const joins = names.map((name) => [app, name] as const)
    const number = nextNumber(graph.ofApp(app).map((migration) => migration.name))
    drafts.push({
      app,
      name: `${number}_${options.name ?? mergeName(names)}`,
      dependencies: joins,
      operations: [],
      joins,
    })
  }
  return drafts
}

/** Every order of the branches must give the same models. */
function assertCommute(loader: MigrationLoader, leaves: readonly Migration[]): void {
  const histories = leaves.map((leaf) => loader.graph.forwards(keyOf(leaf.app, leaf.name)))
  const common = histories.reduce((left, right) => left.filter((each) => right.includes(each)))
  const branches = histories.map((history) => history.filter((each) => !common.includes(each)))
  const start = loader.state((each) => common.includes(each))
  for (const [i, left] of branches.entries()) {
    for (const right of branches.slice(i + 1)) {
      const reason = whyNotCommuting(without(left, right), without(right, left), start)
      if (reason !== null) throw cannotMerge(leaves, reason)
    }
  }
  const [first, ...others] = [branches, [...branches].reverse()].map((order) => {
    const done = new Set<Migration>()
    return order.flat().reduce<ProjectState>((state, migration) => {
      if (done.has(migration)) return state
      done.add(migration)
      try {
        return mutateState(migration, state)
      } catch (cause) {
        throw cannotMerge(leaves, (cause as Error).message, cause) // operations throw errors of ours
      }
    }, start)
  })
  for (const other of others) {
    const differs = differingModel(first!, other)
    if (differs !== null) {
      throw cannotMerge(leaves, `${differs} would differ with the order in which they are applied.`)
    }
  }
}

/** Of one branch what another has not as well. */
function without(branch: readonly Migration[], other: readonly Migration[]): Migration[] {
  return branch.filter((each) => !other.includes(each))
}

function cannotMerge(leaves: readonly Migration[], reason: string, cause?: unknown): MigrationGraphError {
  return new MigrationGraphError(
    `${leaves.map((leaf) => keyOf(leaf.app, leaf.name)).join(' and ')} cannot be joined: ${reason}`,
    {
      code: 'migrations.cannot-merge',
      hint:
        'Where it is applied, undo the one that fewer databases have: nuages migrate, with the app and the name of the ' +
        'migration before it. Then make it depend on the other (its `dependencies`), correct its operations for what the other changed, and run this again.',
      cause,
    },
  )
}
