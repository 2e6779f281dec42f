/** What the first start of `nuages dev` does before it serves: the database is brought up to date, somebody can sign in. */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { t } from '../../i18n/index.ts'
import type { Project } from '../../project/index.ts'
import { callCommand } from '../call.ts'
import { builtInCommands } from '../commands.ts'
import type { Output } from '../output.ts'
import { databaseLabel } from '../start.ts'

/**
 * Writes the first migrations of a project that has none, applies what is not applied, and makes the first superuser:
 * from ADMIN_EMAIL and ADMIN_PASSWORD, or asked for at a terminal. Later starts of the same `nuages dev` do none of
 * this: a migration that is being written must not run because its file was saved.
 *
 * Gives the milliseconds that went by with questions.
 */
export async function prepareFirstStart(project: Project, out: Output): Promise<number> {
  if (!project.usesDatabases) return 0
  const fresh = appsWithoutMigrations(project)
  if (fresh.length > 0)
    await call('makemigrations', { args: { apps: fresh }, options: { noInput: true } }, project, out)
  if (fresh.length > 0 || (await project.pendingMigrations()).length > 0) {
    out.line(t('Bringing {database} up to date:', { database: databaseLabel(project) }))
    await call('migrate', {}, project, out)
  }
  return ensureSuperuser(project, out)
}

/** The project's own apps that have models, where none of them has a migration: a project that begins. */
function appsWithoutMigrations({ apps, root }: Project): string[] {
  const own = apps.apps.filter(
    (app) =>
      Object.keys(app.models).length > 0 &&
      !relative(root, app.root).startsWith('..') &&
      !app.root.includes(`${sep}node_modules${sep}`),
  )
  return own.some((app) => hasMigrations(app.root)) ? [] : own.map((app) => app.name)
}

function hasMigrations(root: string): boolean {
  const folder = join(root, 'migrations')
  return existsSync(folder) && readdirSync(folder).some((name) => /^\d{4}_/.test(name))
}

/** Nobody becomes superuser by visiting: whoever starts the server says who it is. */
async function ensureSuperuser(project: Project, out: Output): Promise<number> {
  const { user, apps } = project
  if (user === null || (await apps.model(user).objects.filter({ isSuperuser: true }).exists())) return 0
  const { ADMIN_EMAIL, ADMIN_PASSWORD } = process.env
  const asks = process.stdin.isTTY === true && !(ADMIN_EMAIL && ADMIN_PASSWORD)
  if (!asks && !ADMIN_EMAIL && !ADMIN_PASSWORD) {
    out.warn(t('Nobody can sign in to the admin yet. Run: npx nuages createsuperuser'))
    return 0
  }
  const began = performance.now()
  if (asks) out.line(t('Nobody can sign in to the admin yet: make the first superuser.'))
  await call('createsuperuser', {}, project, out)
  process.stdin.pause()
  return asks ? performance.now() - began : 0
}

async function call(
  name: string,
  given: { readonly args?: Record<string, string[]>; readonly options?: Record<string, boolean> },
  project: Project,
  out: Output,
): Promise<void> {
  const { default: command } = await builtInCommands[name]!.load()
  await callCommand(command, { ...(given as object), out, project }) // which arguments it has is not known here
}
