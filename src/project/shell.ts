import type { AppRegistry } from '../apps/index.ts'
import type { Project } from './project.ts'

/** What `nuages shell` has at hand. A model's name wins over one of `nuages/db`; of two models, the earlier app's. */
export async function shellNames(project: Project): Promise<Record<string, unknown>> {
  const names: Record<string, unknown> = { project, settings: project.settings }
  if (project.usesDatabases) Object.assign(names, await import('../db/index.ts'))
  return Object.assign(names, modelsByName(project.apps))
}

function modelsByName(apps: AppRegistry): Record<string, unknown> {
  const models: Record<string, unknown> = {}
  for (const { name, model } of apps.models()) if (!Object.hasOwn(models, name)) models[name] = model
  return models
}
