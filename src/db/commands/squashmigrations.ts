import { relative } from 'node:path'
import { defineCommand, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import { MigrationExecutor } from '../migrations/executor.ts'
import { isMissing } from '../migrations/findings.ts'
import { finishSquash } from '../migrations/finish-squash.ts'
import { writeLatest } from '../migrations/latest.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { Recorder } from '../migrations/recorder.ts'
import { squash } from '../migrations/squash.ts'
import { appNamed, fileFor, migrationProject, ownApps, writeFiles } from './changes.ts'

export default defineCommand({
  help:
    'Write one migration that stands for several of an app. They stay until every database has applied them; then ' +
    '--finish removes them.',
  arguments: [
    { name: 'app', help: 'name of the app' },
    { name: 'last', help: 'the last to be squashed: the beginning of its name', required: false },
    { name: 'first', help: 'the first; default the first of the app', required: false },
  ],
  options: {
    name: { type: 'string', short: 'n', help: 'name of the file, without its number' },
    noOptimize: { type: 'boolean', help: 'keep every operation' },
    finish: { type: 'boolean', help: 'remove the files that squashed migrations of the app replace' },
    database: { type: 'string', default: 'default', help: '--finish: the database that must have applied them' },
    dryRun: { type: 'boolean', help: 'print what would be written and removed' },
  },
  examples: [
    'squashmigrations library 0020',
    'squashmigrations library 0020 0005',
    'squashmigrations library --finish',
  ],
  async run({ args, options, out, project }) {
    const loader = await MigrationLoader.load(migrationProject(project))
    const app = appNamed(project, args.app)
    const path = (file: string) => relative(project.root, file)
    if (options.finish) {
      const database = isMissing(options.database) ? null : migrationDatabase(options.database)
      const applied = database === null ? new Set<string>() : await new Recorder(database).applied()
      const done = await finishSquash(loader, ownApps(project), app.name, applied, options.dryRun)
      // A database that had all parts before they were squashed has it by what the files said until now.
      if (database !== null && !options.dryRun) await new MigrationExecutor(loader, database).migrate([])
      if (done.removed.length === 0) out.line(t('{app} has no squashed migration to finish.', { app: app.name }))
      for (const file of done.changed) out.line(t('Changed {path}', { path: path(file) }))
      for (const file of done.removed) out.line(t('Removed {path}', { path: path(file) }))
      if (done.removed.length > 0) {
        out.line(
          t('Databases keep their records; when no branch has these files: nuages migrate {app} --prune', {
            app: app.name,
          }),
        )
      }
      return 0
    }
    if (args.last === undefined) throw new UsageError(t('Name the last migration to be squashed, or pass --finish.'))
    const made = squash(loader, {
      app: app.name,
      to: args.last,
      optimize: !options.noOptimize,
      ...(args.first === undefined ? {} : { from: args.first }),
      ...(options.name === undefined ? {} : { name: options.name }),
    })
    const isLast = loader.graph.leaves(app.name).some((leaf) => made.replaces.includes(leaf))
    const file = await fileFor(project, { ...made.written, app: app.name, name: made.name })
    out.line(t('Migration {path}', { path: path(file.path) }))
    for (const each of made.replaces) out.line(`  ${each.app}.${each.name}`)
    const [before, after] = made.counts
    out.line(t('{before} operations become {after}.', { before, after }))
    if (options.dryRun) out.line(`\n${file.text}`)
    else {
      await writeFiles([{ ...file, latest: false }])
      if (isLast) await writeLatest(app, made.name)
    }
    return 0
  },
})
