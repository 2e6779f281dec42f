/** A project in a folder of its own whose models tests give, and the commands as the command line calls them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { captureOutput } from '../../src/cli/index.ts'
import type { AnswerValues, CommandProject } from '../../src/db/commands/changes.ts'
import makemigrations from '../../src/db/commands/makemigrations.ts'
import migrateCommand from '../../src/db/commands/migrate.ts'
import { defineModel } from '../../src/db/models/model.ts'
import { ModelRegistry } from '../../src/db/models/registry.ts'
import { closeDatabase, openDatabase } from './history.ts'

/** The folder of the project that is open. */
export let root = ''

/** Opens an empty database and an empty folder: for beforeEach. */
export function openProject(): void {
  root = mkdtempSync(join(import.meta.dirname, '.project-'))
  openDatabase()
}

/** For afterEach. */
export async function closeProject(): Promise<void> {
  rmSync(root, { recursive: true, force: true })
  await closeDatabase()
}

export type Models = Record<string, { fields: Record<string, unknown>; options?: object }>

/** A project of apps whose models are given now. */
export function project(apps: Record<string, Models>, more: { user?: string; root?: string } = {}): CommandProject {
  const registry = new ModelRegistry()
  const made = Object.entries(apps).map(([name, models]) => ({
    name,
    root: join(more.root ?? root, name),
    models: Object.fromEntries(
      Object.entries(models).map(([model, { fields, options = {} }]) => [
        model,
        defineModel({ app: name, name: model, fields, options, registry }),
      ]),
    ),
  }))
  return { apps: { apps: made }, user: more.user ?? null, root }
}

export const answers: AnswerValues = { rename: [], noRenames: false, default: [], noInput: true }
const signal = new AbortController().signal

/** Runs a command as the command line would. */
export async function call(
  command: { run(context: never): unknown },
  given: CommandProject,
  args: object = {},
  options: object = {},
) {
  const out = captureOutput()
  const context = { args, options, out, project: given, signal }
  const code = (await command.run(context as never)) as number | undefined // commands read no more of a project
  return { code: code ?? 0, text: out.text, errors: out.errors }
}
export const make = (given: CommandProject, options: object = {}, apps: string[] = []) =>
  call(
    makemigrations,
    given,
    { apps },
    { check: false, dryRun: false, empty: false, merge: false, ...answers, ...options },
  )
export const migrate = (given: CommandProject, options: object = {}, args: object = {}) =>
  call(migrateCommand, given, args, {
    database: 'default',
    make: false,
    plan: false,
    check: false,
    fake: false,
    fakeInitial: false,
    ...answers,
    ...options,
  })
/** Names of an app's migrations. */
export const files = (app = 'library'): string[] =>
  readdirSync(join(root, app, 'migrations'))
    .filter((name) => /^\d{4}_/.test(name))
    .sort()

/** The text of one of them. */
export const read = (name: string, app = 'library'): string => readFileSync(join(root, app, 'migrations', name), 'utf8')

/** Writes one by hand. */
export const write = (name: string, text: string, app = 'library'): void =>
  writeFileSync(join(root, app, 'migrations', name), text)
