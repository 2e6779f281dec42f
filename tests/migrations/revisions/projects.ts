/** Projects whose histories are recorded here: files as earlier days wrote them, with the models of today. */
import { join } from 'node:path'
import { contentTypes } from '../../../src/auth/contenttypes/app.ts'
import type { CommandProject } from '../../../src/db/commands/changes.ts'
import type { MigrationApp } from '../../../src/db/migrations/loader.ts'
import { sessions } from '../../../src/sessions/app.ts'
import { loadModels } from '../../db/conformance/schema.ts'

const folder = import.meta.dirname

/** The schema of the conformance rows, or the atlas. */
export async function recordedProject(name: 'shop' | 'atlas'): Promise<CommandProject> {
  const apps = name === 'shop' ? shop() : await atlas()
  return { apps: { apps }, user: name === 'shop' ? null : 'accounts.User', root: join(folder, name) }
}

function shop(): MigrationApp[] {
  const models = loadModels(join(folder, '../../conformance/orm'))
  return [{ name: 'shop', root: join(folder, 'shop/shop'), models }]
}

async function atlas(): Promise<MigrationApp[]> {
  const { auth } = await import('../../../src/auth/app.ts')
  const { accounts } = await import('../../../examples/atlas/accounts/app.ts')
  const { geo } = await import('../../../examples/atlas/geo/app.ts')
  const { trips } = await import('../../../examples/atlas/trips/app.ts')
  const { userModel } = await import('../../../src/auth/user-model.ts')
  userModel() // as when a project starts: from here on it is known who the user is
  const recorded = (app: MigrationApp): MigrationApp => ({
    name: app.name,
    root: join(folder, 'atlas', app.name),
    models: app.models,
  })
  return [contentTypes, sessions, auth, accounts, recorded(geo), recorded(trips)]
}
