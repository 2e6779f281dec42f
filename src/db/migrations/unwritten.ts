/** Apps whose first migration is not written yet. */
import { detectChanges } from './autodetector.ts'
import { computedDefaults, stateOfModels } from './from-models.ts'
import { MigrationLoader, type MigrationProject } from './loader.ts'
import type { Migration } from './migration.ts'
import { FlagQuestioner } from './questioner.ts'

/**
 * The migrations of a project, and for apps that have models and none at all the ones `makemigrations` would write: so
 * that tests of a project run from its first minute. A change that an app's migrations miss is not made up for.
 */
export async function loadWithUnwritten(project: MigrationProject): Promise<MigrationLoader> {
  const loader = await MigrationLoader.load(project)
  const apps = project.apps
    .filter((app) => Object.keys(app.models).length > 0 && loader.graph.ofApp(app.name).length === 0)
    .map((app) => app.name)
  if (apps.length === 0) return loader
  const drafts = await detectChanges({
    from: loader.state(),
    to: stateOfModels(project),
    graph: loader.graph,
    questioner: new FlagQuestioner({ noRenames: true }),
    apps,
    computedDefault: computedDefaults(project),
    at: new Date(),
  })
  const made = drafts
    .filter(({ app }) => apps.includes(app))
    .map((draft): Migration => ({ ...draft, file: null, runBefore: [], atomic: true }))
  return new MigrationLoader(project, [...loader.graph.all(), ...made])
}
