/** Where a command finds the project: the `.env` file and the settings file. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ResolvedSettings, Settings } from '../conf/index.ts'
import type { Project, ProjectMode } from '../project/index.ts'
import { CommandError } from './errors.ts'

/** The variables as they were before `.env` was read: a child that is started again must read the file anew. */
export const environmentAtStart: NodeJS.ProcessEnv = { ...process.env }

const candidates = ['settings.ts', 'settings.js', 'settings.mjs', 'settings/index.ts', 'settings/index.js']

/**
 * Loads `.env` of the working directory into `process.env`. Variables that are set already win.
 *
 * @throws CommandError cli.bad-env-file
 */
export function loadEnvironmentFile(folder: string = process.cwd()): void {
  const path = join(folder, '.env')
  if (!existsSync(path)) return
  try {
    process.loadEnvFile(path)
  } catch (cause) {
    throw new CommandError(`${path} cannot be read: ${(cause as Error).message}`, { code: 'cli.bad-env-file', cause })
  }
}

/**
 * The settings file: what `--settings` or `NUAGES_SETTINGS` name (a file, or a folder with an index file), else
 * `settings.ts`, `.js` or `settings/index.ts` in the working directory. Null when nothing is named and nothing found.
 *
 * @throws CommandError cli.no-such-settings when a file is named that is not there
 */
export function findSettings(
  named: string | undefined = process.env.NUAGES_SETTINGS,
  folder = process.cwd(),
): string | null {
  if (!named) {
    const found = candidates.find((name) => existsSync(join(folder, name)))
    return found ? join(folder, found) : null
  }
  const path = resolve(folder, named)
  const tries = [
    path,
    `${path}.ts`,
    `${path}.js`,
    join(path, 'index.ts'),
    join(path, 'index.js'),
    join(path, 'settings.ts'),
  ]
  const found = tries.find((name) => existsSync(name) && statSync(name).isFile())
  if (found) return found
  throw new CommandError(`There is no settings file "${named}".`, {
    code: 'cli.no-such-settings',
    hint: `Looked for ${path}. It comes from --settings or the variable NUAGES_SETTINGS.`,
  })
}

/** A settings module, imported: its default export, and the folder of the project. */
export interface LoadedSettings {
  readonly settings: Settings
  readonly path: string
  /** Folder of the settings file, or the one above `settings/`. */
  readonly root: string
}

/**
 * {@link findSettings}, where there must be some.
 *
 * @throws CommandError cli.no-settings, cli.no-such-settings
 */
export function requireSettings(): string {
  const path = findSettings()
  if (path !== null) return path
  throw new CommandError('There is no settings.ts here.', {
    code: 'cli.no-settings',
    hint: `Run this in the folder of your project (this is ${process.cwd()}), or name the file: --settings path/settings.ts`,
  })
}

/** Folder of a settings file, or the one above `settings/`. */
export function projectRoot(path: string): string {
  const folder = dirname(path)
  return /[\\/]settings[\\/][^\\/]*$/.test(path) ? dirname(folder) : folder
}

/**
 * Imports the settings file.
 *
 * @throws CommandError cli.no-settings, cli.no-such-settings, cli.settings-without-default
 */
export async function importSettings(): Promise<LoadedSettings> {
  const path = requireSettings()
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  if (typeof module.default !== 'object' || module.default === null)
    throw new CommandError(`${relative(process.cwd(), path)} has no default export.`, {
      code: 'cli.settings-without-default',
      hint: 'Write: export default defineSettings({ … })',
    })
  return { settings: module.default as Settings, path, root: projectRoot(path) }
}

/**
 * Settings of the project here, resolved against the environment.
 *
 * @throws SettingsError conf.invalid-settings with all problems at once
 */
export async function bootSettings(): Promise<{ readonly settings: ResolvedSettings; readonly root: string }> {
  const { settings, root } = await importSettings()
  const { boot } = await import('../conf/index.ts')
  return { settings: boot(settings, { env: process.env, root }), root }
}

/** The project here, composed and ready. The caller closes it. */
export async function loadProject(options: { mode: ProjectMode; lenient?: boolean }): Promise<Project> {
  const { settings, root } = await importSettings()
  const { createProject } = await import('../project/index.ts')
  return createProject(settings, { env: process.env, root, ...options })
}
