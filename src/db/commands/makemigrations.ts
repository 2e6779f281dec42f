import { rm } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import { defineCommand, type Output, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import type { DraftMigration } from '../migrations/drafts.ts'
import { isMissing } from '../migrations/findings.ts'
import { latestProblem, writeLatest } from '../migrations/latest.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { mergeDrafts } from '../migrations/merge.ts'
import { keyOf } from '../migrations/migration.ts'
import { nextNumber, suggestName } from '../migrations/naming.ts'
import { Recorder } from '../migrations/recorder.ts'
import { inTwoSteps, takenName } from '../migrations/two-step.ts'
import { typedModels } from '../migrations/typed-models.ts'
import { type Updated, updateLast } from '../migrations/update.ts'
import {
  answerOptions,
  appNamed,
  type CommandProject,
  fileFor,
  findChanges,
  type MigrationFile,
  migrationProject,
  printDraft,
  writeFiles,
} from './changes.ts'

export default defineCommand({
  help:
    'Write migrations for changes of the models. A rename is asked for, or told by --rename or `renamedFrom`; it is ' +
    'never guessed. Without apps: all of this project.',
  arguments: [{ name: 'apps', help: 'names of apps', variadic: true, required: false }],
  options: {
    name: { type: 'string', short: 'n', help: 'name of the file, without its number' },
    check: { type: 'boolean', help: 'write nothing; exit with 1 when migrations are missing' },
    dryRun: { type: 'boolean', help: 'print the files instead of writing them' },
    empty: { type: 'boolean', help: 'write a migration without operations, to be filled by hand' },
    data: { type: 'boolean', help: 'write a migration of data: a frame for code, and the types of the models it gets' },
    merge: { type: 'boolean', help: 'join branches that end side by side' },
    twoStep: { type: 'boolean', help: 'a rename in two migrations, for code of both versions side by side' },
    update: { type: 'boolean', help: 'put the changes into the last migration, which is not applied yet' },
    scriptable: { type: 'boolean', help: 'print nothing but the paths of written files; the rest goes to stderr' },
    ...answerOptions,
  },
  examples: [
    'makemigrations',
    'makemigrations library --name page_counts',
    'makemigrations --rename library.Book.title:name',
    'makemigrations --default library.Book.pages=0',
    'makemigrations --drop library.Book.pages',
  ],
  async run({ args, options, out: given, project }) {
    const { apps } = args
    if (options.name !== undefined && !/^[a-z0-9_]+$/i.test(options.name)) {
      throw new UsageError(t('--name {name} is no part of a file name.', { name: options.name }), {
        hint: t('Use letters, digits and underscores.'),
      })
    }
    const out = options.scriptable ? onErrors(given) : given
    const written = (files: readonly MigrationFile[]) => {
      if (options.scriptable) for (const { path } of files) given.line(relative(project.root, path))
    }
    const context = { project, apps, options, out, written }
    if (options.merge) return merge(context)
    if (options.empty || options.data) return empty(context, options.data)
    const found = await findChanges(project, { apps, name: options.name, answers: options, out, quiet: options.check })
    if (found.drafts.length === 0) {
      out.line(apps.length > 0 ? t('No changes in {apps}.', { apps: apps.join(', ') }) : t('No changes.'))
      return 0
    }
    const taken = options.twoStep ? takenName(found.drafts) : null
    if (taken !== null) {
      throw new UsageError(t('--two-step cannot give the name {name} to another field at once.', { name: taken }), {
        hint: t('Rename that field first, and the other one when both steps are done; or rename without --two-step.'),
      })
    }
    const plain = options.twoStep ? inTwoSteps(found.loader, found.drafts) : found.drafts
    const drafts: readonly (DraftMigration & Partial<Updated>)[] =
      options.update && !options.check ? await updated(found.loader, plain, options.name) : plain
    const files = await Promise.all(drafts.map((draft) => fileFor(project, draft)))
    for (const [i, draft] of drafts.entries()) {
      printDraft(out, project, draft, files[i]!)
      if (options.dryRun) out.line(`\n${files[i]!.text}`)
    }
    if (options.check) {
      out.error(t('Migrations are missing. Run: nuages makemigrations'))
      return 1
    }
    if (options.dryRun) return 0
    for (const { replacing } of drafts) if (replacing) await rm(replacing.file!) // read from a file
    await writeFiles(files)
    written(files)
    return 0
  },
})

interface Context {
  readonly project: CommandProject
  readonly apps: readonly string[]
  readonly options: {
    readonly name?: string | undefined
    readonly dryRun: boolean
    readonly check: boolean
  }
  readonly out: Output
  written(files: readonly MigrationFile[]): void
}

/** The same output, lines on the error stream: what people read, where a script reads the other. */
function onErrors(out: Output): Output {
  return { ...out, line: (text = '') => out.warn(text), write: (text) => out.warn(text) }
}

/** Each app's changes in its last migration. @throws MigrationError migrations.cannot-update */
async function updated(
  loader: MigrationLoader,
  drafts: readonly DraftMigration[],
  name: string | undefined,
): Promise<Updated[]> {
  const applied = isMissing('default') ? new Set<string>() : await new Recorder(migrationDatabase('default')).applied()
  return drafts.map((draft) => {
    if (drafts.filter((each) => each.app === draft.app).length > 1) {
      throw new UsageError(t('The changes of {app} need several migrations: --update writes one.', { app: draft.app }))
    }
    return updateLast(loader, draft, { applied, ...(name === undefined ? {} : { name }) })
  })
}

async function empty({ project, apps, options, out, written }: Context, data: boolean): Promise<number> {
  if (apps.length === 0) throw new UsageError(t('--empty and --data need the name of an app.'))
  const loader = await MigrationLoader.load(migrationProject(project))
  const { graph } = loader
  for (const app of apps) {
    const number = nextNumber(graph.ofApp(app).map((migration) => migration.name))
    const name = `${number}_${options.name ?? (data ? 'data' : suggestName([], false))}`
    const dependencies = graph.leaves(app).map((leaf) => [leaf.app, leaf.name] as const)
    const file = await fileFor(project, { app, name, dependencies, operations: [] })
    const made = data ? withData(loader, app, file) : [file]
    if (options.dryRun) for (const { text } of made) out.line(text)
    else await writeFiles(made)
    for (const { path } of made) out.line(t('Migration {path}', { path: relative(project.root, path) }))
    if (!options.dryRun) written(made)
  }
  return 0
}

/** The frame of a migration of data, and beside it the types of the models that its code gets. */
function withData(loader: MigrationLoader, app: string, file: MigrationFile): MigrationFile[] {
  const needed = new Set(loader.graph.leaves(app).flatMap((leaf) => loader.graph.forwards(keyOf(leaf.app, leaf.name))))
  const state = loader.state((each) => needed.has(each))
  const isTyped = file.path.endsWith('.ts')
  const types = file.path.replace(/\.ts$/, '.models.ts')
  const example = [...state.models.keys()].find((label) => label.startsWith(`${app}.`)) ?? `${app}.Book`
  const frame = `    runCode${isTyped ? '<Models>' : ''}(
      async ({ models }) => {
        // const ${example.split('.')[1]} = models.get('${example}')
      },
      { reverse: noop },
    ),
`
  const text = file.text
    .replace("import { migration } from 'nuages/db/migrations'\n", (line) => {
      const imports = line.replace('{ migration }', '{ migration, noop, runCode }')
      return isTyped ? `${imports}import type { Models } from './${basename(types)}'\n` : imports
    })
    .replace('  operations: [],\n', `  operations: [\n${frame}  ],\n`)
  const own = { ...file, text }
  return isTyped ? [{ path: types, text: typedModels(state, app, basename(file.path)), latest: false }, own] : [own]
}

async function merge({ project, apps, options, out, written }: Context): Promise<number> {
  const loader = await MigrationLoader.load(migrationProject(project))
  const drafts = mergeDrafts(loader, {
    apps,
    ...(options.name === undefined ? {} : { name: options.name }),
  })
  if (drafts.length === 0) out.line(t('No branches to join.'))
  const files = await Promise.all(drafts.map((draft) => fileFor(project, draft)))
  for (const [i, draft] of drafts.entries()) {
    const file = files[i]!
    out.line(t('Migration {path}', { path: relative(project.root, file.path) }))
    for (const [app, name] of draft.joins) out.line(`  ${app}.${name}`)
    if (options.dryRun) out.line(`\n${file.text}`)
  }
  if (options.check) return drafts.length > 0 ? 1 : 0
  if (options.dryRun) return 0
  await writeFiles(files)
  await settleLatest(project, loader, apps)
  written(files)
  return 0
}

/** Where the branches were joined by hand, only the line that names the last migration still conflicts. */
async function settleLatest(project: CommandProject, loader: MigrationLoader, apps: readonly string[]): Promise<void> {
  for (const app of apps.length > 0 ? apps.map((name) => appNamed(project, name)) : project.apps.apps) {
    const leaves = loader.graph.leaves(app.name)
    if (leaves.length === 1 && latestProblem(app, [leaves[0]!.name]) !== null) await writeLatest(app, leaves[0]!.name)
  }
}
