/** What decides what migrations make, as a key. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { DatabaseConfig } from '../db/backends/backend.ts'
import type { Project } from '../project/index.ts'

/** What else differs between files of a run. */
export interface KeyParts {
  readonly configs: Readonly<Record<string, DatabaseConfig>>
  /** Settings and variables that the file gives. */
  readonly given: Readonly<Record<string, unknown>>
}

/**
 * Of two files whose keys are equal, within a run, the migrations make the same: the same apps with the same files in
 * their `migrations` folders, the same models where there are none, user model, databases and settings given by the file.
 */
export async function imageKey({ apps: { apps }, user }: Project, { configs, given }: KeyParts): Promise<string> {
  const hash = createHash('sha256')
  const add = (...parts: unknown[]) => hash.update(`${JSON.stringify(parts)}\n`)
  const where = Object.entries(configs).map(([alias, config]) => [alias, config.engine, config.mirror, server(config)])
  add(process.version, process.cwd(), user, where)
  for (const [name, value] of Object.entries(given)) add(name, described(value))
  for (const app of apps) {
    add(app.name, app.root)
    const folder = join(app.root, 'migrations')
    const files = filesOf(folder)
    for (const file of files) add(file, readFileSync(join(folder, file), 'base64'))
    if (files.length > 0 || Object.keys(app.models).length === 0) continue
    const { modelState } = await import('../db/migrations/internal.ts') // not for nothing: it is large
    for (const model of Object.values(app.models)) if (!model.meta.proxy) add(described(modelState(model)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Where a database is, but for its name, which is this file's own; null for SQLite, in memory or not. */
function server({ engine, url, options }: DatabaseConfig): unknown {
  if (engine === 'sqlite' || !URL.canParse(url)) return null
  const { username, host, search } = new URL(url)
  return [username, host, search, options]
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort()
}

/** A value as text: functions as they are written, those inside others by name. */
function described(value: unknown): string {
  if (typeof value === 'function') return String(value)
  return inspect(value, {
    depth: 12,
    maxArrayLength: null,
    maxStringLength: null,
    sorted: true,
    customInspect: false,
    breakLength: Number.POSITIVE_INFINITY,
  })
}
