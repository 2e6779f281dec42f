/** `node migration-state.ts FOLDER`: prints how long a project's migrations take to read, and to become models. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProject } from 'nuages'

const { default: settings } = await import(pathToFileURL(join(process.argv[2]!, 'settings.ts')).href)
const project = await createProject(settings)
// Not a public door: what the commands use, of the built package.
const internal = new URL('../../dist/db/migrations/internal.js', import.meta.url).href
const { MigrationLoader, renderState } = await import(internal)
const begun = performance.now()
const loader = await MigrationLoader.load({ apps: project.apps.apps, user: project.user })
const load = performance.now() - begun
const state = loader.state()
renderState(state)
for (const label of state.models.keys()) renderState(state).get(label)
console.log(JSON.stringify({ load, state: performance.now() - begun - load }))
