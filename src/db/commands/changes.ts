/** What makemigrations and `migrate --make` share: from the models to files. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, parse, relative, sep } from 'node:path'
import type { Output } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { ConfigurationError } from '../../std/errors.ts'
import { nearest } from '../../std/text.ts'
import { detectChanges } from '../migrations/autodetector.ts'
import type { DraftMigration } from '../migrations/drafts.ts'
import { assertNoConflicts } from '../migrations/executor.ts'
import { isKnown } from '../migrations/footprint.ts'
import { computedDefaults, renameHints, stateOfModels } from '../migrations/from-models.ts'
import { writeLatest } from '../migrations/latest.ts'
import { type MigrationApp, MigrationLoader, type MigrationProject, migrationsFolder } from '../migrations/loader.ts'
import type { Operation } from '../migrations/operations/operation.ts'
import { type Answers, FlagQuestioner, terminalPrompts } from '../migrations/questioner.ts'
import { answersNothing } from '../migrations/questions.ts'
import { fieldOptions, ProjectState } from '../migrations/state.ts'
import { type Writable, writeMigration } from '../migrations/writer.ts'

/** The part of a project that these commands read. */
export interface CommandProject {
  readonly apps: { readonly apps: readonly MigrationApp[] }
  /** Label of the user model. */
  readonly user: string | null
  readonly root: string
}

/** Options that answer the autodetector's questions. */
export const answerOptions = {
  rename: {
    type: 'list',
    placeholder: 'old:new',
    help: 'app.Model.old:new for a field, app.Old:New for a model; may be repeated',
  },
  noRenames: { type: 'boolean', help: 'nothing else was renamed: drop what is gone, with its data' },
  drop: {
    type: 'list',
    placeholder: 'name',
    help: 'app.Model.field or app.Model that may go with all it holds, or all; needed where nobody can be asked; may be repeated',
  },
  default: {
    type: 'list',
    placeholder: 'field=value',
    help: 'app.Model.field=value: what rows that exist get in a new column; may be repeated',
  },
  noInput: { type: 'boolean', help: 'ask nothing, even at a terminal' },
} as const

/** The flags of `makemigrations` that answer questions, as the command line gives them. */
export interface AnswerValues {
  readonly rename: readonly string[]
  readonly noRenames: boolean
  /** Left out: whatever is gone goes without a word. */
  readonly drop?: readonly string[]
  readonly default: readonly string[]
  readonly noInput: boolean
}

export const migrationProject = (project: CommandProject): MigrationProject => ({
  apps: project.apps.apps,
  user: project.user,
})

/** What {@link findChanges} is asked. */
export interface FindOptions {
  /** Names of apps; none: those of the project itself. */
  readonly apps: readonly string[]
  readonly name?: string | undefined
  readonly answers: AnswerValues
  readonly out: Output
  /** Never ask: `--check` only wants to know. */
  readonly quiet?: boolean
}

/** The migrations there are, and those that are missing. */
export interface Found {
  readonly loader: MigrationLoader
  readonly drafts: readonly DraftMigration[]
}

/**
 * What the models say and the migrations do not.
 * @throws ConfigurationError migrations.unknown-app, migrations.unused-answer, migrations.foreign-app
 */
export async function findChanges(project: CommandProject, options: FindOptions): Promise<Found> {
  const described = migrationProject(project)
  const loader = await MigrationLoader.load(described)
  const apps = options.apps.length > 0 ? options.apps.map((name) => appNamed(project, name)) : ownApps(project)
  if (options.apps.length === 0) assertNoConflicts(loader)
  else for (const app of apps) assertNoConflicts(loader, app.name)
  const names = new Set(apps.map((app) => app.name))
  const from = loader.state()
  // Apps not asked about stay as their migrations have them: no questions about other people's models.
  const models = stateOfModels(described)
  const settled = new Set(loader.graph.apps().filter((app) => !names.has(app)))
  const to = new ProjectState(
    [
      ...[...from.models.values()].filter((model) => settled.has(model.app)),
      ...[...models.models.values()].filter((model) => !settled.has(model.app)),
    ],
    described.user,
  )
  const { rename, default: defaults, noRenames, noInput, drop } = options.answers
  const answers: Answers = {
    rename,
    hints: renameHints(described),
    default: defaults,
    noRenames,
    // What is only looked at needs no word.
    ...(drop === undefined || (options.quiet && drop.length === 0) ? {} : { drop }),
  }
  const asks = !noInput && !options.quiet && options.out.interactive && process.stdin.isTTY
  const questioner = new FlagQuestioner(answers, asks ? terminalPrompts : null)
  const drafts = await detectChanges({
    from,
    to,
    graph: loader.graph,
    questioner,
    apps: [...names],
    computedDefault: computedDefaults(described),
    ...(options.name === undefined ? {} : { name: options.name }),
    at: new Date(),
  })
  assertUsed(questioner)
  for (const draft of drafts) assertWritable(project, appNamed(project, draft.app), options.apps)
  return { loader, drafts }
}

function assertUsed(questioner: FlagQuestioner): void {
  const unused = questioner.unused()
  if (unused.length === 0) return
  const { message, hint } = answersNothing(unused)
  throw new ConfigurationError(message, { code: 'migrations.unused-answer', hint })
}

/** @throws ConfigurationError migrations.unknown-app */
export function appNamed(project: CommandProject, name: string): MigrationApp {
  const { apps } = project.apps
  const app = apps.find((each) => each.name === name)
  if (app !== undefined) return app
  const names = apps.map((each) => each.name)
  const near = nearest(name, names)
  throw new ConfigurationError(`There is no app "${name}".`, {
    code: 'migrations.unknown-app',
    hint: near ? `Did you mean "${near}"?` : `Apps: ${names.join(', ')}.`,
  })
}

const installed = (app: MigrationApp) => app.root.includes(`${sep}node_modules${sep}`)

/** Apps whose files are the project's own. */
export function ownApps(project: CommandProject): MigrationApp[] {
  return project.apps.apps.filter((app) => !relative(project.root, app.root).startsWith('..') && !installed(app))
}

function assertWritable(project: CommandProject, app: MigrationApp, named: readonly string[]): void {
  if (!installed(app) && (named.includes(app.name) || ownApps(project).includes(app))) return
  throw new ConfigurationError(`The app ${app.name} has models without migrations, and is not part of this project.`, {
    code: 'migrations.foreign-app',
    hint: `Migrations of ${app.name} belong into its own package (${app.root}); ask for a version that has them.`,
  })
}

/** What is written for a draft, and where. */
export interface MigrationFile {
  readonly path: string
  readonly text: string
  /** False: another migration stays the last of its app. */
  readonly latest?: boolean
}

export async function fileFor(
  project: CommandProject,
  draft: Writable & Pick<DraftMigration, 'app' | 'name'>,
): Promise<MigrationFile> {
  const app = appNamed(project, draft.app)
  const folder = migrationsFolder(app)
  const type = existsSync(join(app.root, 'app.js')) && !existsSync(join(app.root, 'app.ts')) ? 'js' : 'ts'
  return { path: join(folder, `${draft.name}.${type}`), text: writeMigration(draft) }
}

/** Writes files, none if one of them exists. @throws ConfigurationError migrations.file-exists */
export async function writeFiles(files: readonly MigrationFile[]): Promise<void> {
  for (const { path } of files) {
    if (!existsSync(path)) continue
    throw new ConfigurationError(`${path} exists already.`, {
      code: 'migrations.file-exists',
      hint: 'Give the migration another --name.',
    })
  }
  for (const { path, text } of files) {
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
  }
  for (const { path, latest } of files) {
    if (latest !== false) await writeLatest({ root: join(path, '../..') }, parse(path).name)
  }
}

/** Prints what a migration does, a line per operation. */
export function printDraft(out: Output, project: CommandProject, draft: DraftMigration, file: MigrationFile): void {
  out.line(out.style('bold', t('Migration {path}', { path: relative(project.root, file.path) })))
  for (const operation of draft.operations) {
    out.line(`  - ${operation.describe()}`)
    const same = uniqueFill(operation)
    if (same !== null) {
      out.warn(
        t(
          '    The rows that are there all get {value}, and {field} is unique: with two of them it fails. See "A new unique field" in the guide of migrations.',
          { value: JSON.stringify(same.fill), field: same.field },
        ),
      )
    }
  }
}

/** A new unique field whose value was computed once, for all rows. */
function uniqueFill(operation: Operation): { field: string; fill: unknown } | null {
  if (!isKnown(operation) || operation.type !== 'addField' || !('fill' in operation.options)) return null
  if (fieldOptions(operation.field).unique !== true) return null
  return { field: `${operation.model}.${operation.name}`, fill: operation.options.fill }
}
