/** The database of the site, filled: in a temporary folder, migrated by the command users run. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProject, type Project } from 'nuages'
import { bookValues, written } from '../orm/contract.ts'
import settings from '../site/settings.ts'

export const bin: string = fileURLToPath(new URL('../../bin/nuages.js', import.meta.url))

/** A folder that goes when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nuages-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs `nuages migrate` in a project. */
export function migrate(folder: string, file: string): Record<string, string> {
  const env = { DATABASE_URL: `sqlite:${file}`, SECRET_KEY: 'bench-only-bench-only-bench-only-bench-only-bench-only' }
  const cwd = fileURLToPath(new URL(`../../${folder}/`, import.meta.url))
  const done = spawnSync(process.execPath, [bin, 'migrate'], { cwd, env: { ...process.env, ...env }, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`nuages migrate failed:\n${done.stdout}${done.stderr}`)
  return env
}

/** The site on a new database, with 100 authors and 1,000 books. */
export async function startSite(): Promise<{ project: Project; file: string; env: Record<string, string> }> {
  const file = join(temporaryFolder(), 'bench.sqlite3')
  const env = migrate('bench/site', file)
  const project = await createProject(settings, { env: { ...process.env, ...env } })
  const { Author, Book } = await import('../site/library/models.ts')
  await Author.objects.bulkCreate(Array.from({ length: 100 }, (_, i) => ({ name: `Author ${i}` })))
  await Book.objects.bulkCreate(Array.from({ length: 1000 }, (_, i) => written(bookValues(i))))
  return { project, file, env }
}
