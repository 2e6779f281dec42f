/** Changes joined to the last migration of an app, as if it had been written with them. */
import type { DraftMigration } from './drafts.ts'
import { MigrationError } from './errors.ts'
import type { MigrationLoader } from './loader.ts'
import { type Dependency, isUserModel, keyOf, type Migration } from './migration.ts'
import { suggestName } from './naming.ts'
import { optimize } from './optimizer.ts'
import { isSquashed } from './replacements.ts'
import { isWritable } from './writer.ts'

/** A migration written anew, and the one that goes. */
export interface Updated extends DraftMigration {
  readonly replacing: Migration
}

/**
 * @param draft   the changes of one app, as `detectChanges` gives them
 * @param applied   keys that the database has recorded
 * @throws MigrationError migrations.cannot-update
 */
export function updateLast(
  loader: MigrationLoader,
  draft: DraftMigration,
  options: { readonly applied: ReadonlySet<string>; readonly name?: string },
): Updated {
  const { graph } = loader
  const { app } = draft
  const [last] = graph.leaves(app)
  if (last === undefined) throw cannotUpdate(app, 'it has no migration yet')
  const key = keyOf(app, last.name)
  if (isSquashed(last)) throw cannotUpdate(key, 'it stands for others that it replaces')
  if (options.applied.has(key)) throw cannotUpdate(key, 'it is applied')
  const children = graph.children(key)
  if (children.length > 0) throw cannotUpdate(key, `${children.join(', ')} depends on it`)
  const code = last.operations.find((each) => !isWritable(each))
  if (code !== undefined) throw cannotUpdate(key, `"${code.describe()}" is code, which cannot be written`)
  const needed = new Set(graph.forwards(key))
  const from = loader.state((each) => each !== last && needed.has(each))
  const operations = optimize([...last.operations, ...draft.operations], { app, from })
  const initial = graph.ofApp(app)[0] === last
  const number = last.name.slice(0, 4)
  const wasNamed = last.name !== `${number}_${suggestName(last.operations, initial)}`
  const suffix = options.name ?? (wasNamed ? last.name.slice(5) : suggestName(operations, initial))
  const known = new Set(draft.dependencies.map((each) => JSON.stringify(each)))
  const before = (last.dependencies ?? []).filter((each) => !known.has(JSON.stringify(each)))
  const isLast = (each: Dependency) => !isUserModel(each) && keyOf(...each) === key
  const dependencies = [...before, ...draft.dependencies.filter((each) => !isLast(each))]
  return { app, name: `${number}_${suffix}`, dependencies, operations, replacing: last }
}

function cannotUpdate(key: string, reason: string): MigrationError {
  return new MigrationError(`${key} cannot be updated: ${reason}.`, {
    code: 'migrations.cannot-update',
    hint: 'Run makemigrations without --update: it writes a migration of its own.',
  })
}
