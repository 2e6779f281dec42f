import { relative } from 'node:path'
import { defineCommand, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { mergeDrafts } from '../migrations/merge.ts'
import { nextNumber, suggestName } from '../migrations/naming.ts'
import {
  answerOptions,
  type CommandProject,
  fileFor,
  findChanges,
  migrationProject,
  printDraft,
  writeFiles,
} from './changes.ts'

export default defineCommand({
  help:
    'Write migrations for changes of the models. A rename is asked for, or told by --rename; it is never guessed. ' +
    'Without apps: all of this project.',
  arguments: [{ name: 'apps', help: 'names of apps', variadic: true, required: false }],
  options: {
    name: { type: 'string', short: 'n', help: 'name of the file, without its number' },
    check: { type: 'boolean', help: 'write nothing; exit with 1 when migrations are missing' },
    dryRun: { type: 'boolean', help: 'print the files instead of writing them' },
    empty: { type: 'boolean', help: 'write a migration without operations, to be filled by hand' },
    merge: { type: 'boolean', help: 'join branches that end side by side' },
    ...answerOptions,
  },
  examples: [
    'makemigrations',
    'makemigrations library --name page_counts',
    'makemigrations --rename library.Book.title:name',
    'makemigrations --default library.Book.pages=0',
  ],
  async run({ args, options, out, project }) {
    const { apps } = args
    if (options.name !== undefined && !/^[a-z0-9_]+$/i.test(options.name)) {
      throw new UsageError(t('--name {name} is no part of a file name.', { name: options.name }), {
        hint: t('Use letters, digits and underscores.'),
      })
    }
    if (options.merge) return merge(project, apps, options, out)
    if (options.empty) return empty(project, apps, options, out)
    const { drafts } = await findChanges(project, {
      apps,
      name: options.name,
      answers: options,
      out,
      quiet: options.check,
    })
    if (drafts.length === 0) {
      out.line(apps.length > 0 ? t('No changes in {apps}.', { apps: apps.join(', ') }) : t('No changes.'))
      return 0
    }
    const files = await Promise.all(drafts.map((draft) => fileFor(project, draft)))
    for (const [i, draft] of drafts.entries()) {
      printDraft(out, project, draft, files[i]!)
      if (options.dryRun) out.line(`\n${files[i]!.text}`)
    }
    if (options.check) {
      out.error(t('Migrations are missing. Run: nuages makemigrations'))
      return 1
    }
    if (!options.dryRun) await writeFiles(files)
    return 0
  },
})

interface WriteOptions {
  readonly name?: string | undefined
  readonly dryRun: boolean
  readonly check: boolean
}
type Out = Parameters<typeof printDraft>[0]

async function empty(
  project: CommandProject,
  apps: readonly string[],
  options: WriteOptions,
  out: Out,
): Promise<number> {
  if (apps.length === 0) throw new UsageError(t('--empty needs the name of an app.'))
  const { graph } = await MigrationLoader.load(migrationProject(project))
  for (const app of apps) {
    const number = nextNumber(graph.ofApp(app).map((migration) => migration.name))
    const name = `${number}_${options.name ?? suggestName([], false, new Date())}`
    const dependencies = graph.leaves(app).map((leaf) => [leaf.app, leaf.name] as const)
    const file = await fileFor(project, { app, name, dependencies, operations: [] })
    if (options.dryRun) out.line(file.text)
    else await writeFiles([file])
    out.line(t('Migration {path}', { path: relative(project.root, file.path) }))
  }
  return 0
}

async function merge(
  project: CommandProject,
  apps: readonly string[],
  options: WriteOptions,
  out: Out,
): Promise<number> {
  const drafts = mergeDrafts(await MigrationLoader.load(migrationProject(project)), {
    apps,
    at: new Date(),
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
  if (!options.dryRun) await writeFiles(files)
  return 0
}
