import { defineCommand, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { using } from '../connections.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import { MigrationExecutor, type PlanStep } from '../migrations/executor.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { keyOf } from '../migrations/migration.ts'
import { postMigrate } from '../migrations/signals.ts'
import { answerOptions, fileFor, findChanges, migrationProject, printDraft, writeFiles } from './changes.ts'

export default defineCommand({
  help: 'Bring the database up to date: apply migrations, or go back to an earlier one.',
  arguments: [
    { name: 'app', help: 'only this app', required: false },
    {
      name: 'migration',
      help: 'go to this one, forwards or backwards: the beginning of its name, or zero',
      required: false,
    },
  ],
  options: {
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    make: { type: 'boolean', help: 'write migrations for changes of the models first' },
    plan: { type: 'boolean', help: 'print what would be done' },
    check: { type: 'boolean', help: 'do nothing; exit with 1 when migrations are not applied' },
    fake: { type: 'boolean', help: 'record migrations as applied (or not) without touching tables' },
    fakeInitial: { type: 'boolean', help: 'record first migrations whose tables are all there' },
    ...answerOptions,
  },
  examples: ['migrate', 'migrate --make', 'migrate library 0002', 'migrate library zero'],
  async run({ args, options, out, project }) {
    if (options.make) {
      if (args.migration !== undefined) throw new UsageError(t('--make goes to the newest migration: name none.'))
      const apps = args.app === undefined ? [] : [args.app]
      const { drafts } = await findChanges(project, { apps, answers: options, out })
      const files = await Promise.all(drafts.map((draft) => fileFor(project, draft)))
      for (const [i, draft] of drafts.entries()) printDraft(out, project, draft, files[i]!)
      await writeFiles(files)
    }
    const loader = await MigrationLoader.load(migrationProject(project))
    const executor = new MigrationExecutor(loader, migrationDatabase(options.database))
    const plan = await executor.plan({
      ...(args.app === undefined ? {} : { app: args.app }),
      ...(args.migration === undefined ? {} : { name: args.migration }),
    })
    if (options.plan || options.check) {
      printPlan(out, plan)
      return options.check && plan.length > 0 ? 1 : 0
    }
    if (plan.length === 0) out.line(t('Nothing to migrate.'))
    await executor.migrate(plan, {
      fake: options.fake,
      fakeInitial: options.fakeInitial,
      onProgress({ step, state }) {
        const key = keyOf(step.migration.app, step.migration.name)
        if (state === 'start')
          out.write(step.backwards ? t('Undoing {key} ... ', { key }) : t('Applying {key} ... ', { key }))
        else out.line({ done: t('done'), faked: t('recorded only'), skipped: t('done by another process') }[state])
      },
    })
    // Receivers use tables of their apps: they are told only when all of them are there.
    if (!options.fake && (await executor.plan()).length === 0) {
      await using(options.database, () =>
        postMigrate.send({ apps: project.apps.apps, alias: options.database, verbosity: 1 }),
      )
    }
    return 0
  },
})

function printPlan(out: { line(text: string): void }, plan: readonly PlanStep[]): void {
  if (plan.length === 0) out.line(t('Nothing to migrate.'))
  for (const { migration, backwards } of plan) {
    out.line(
      backwards ? t('Undo {key}', { key: keyOf(migration.app, migration.name) }) : keyOf(migration.app, migration.name),
    )
    for (const operation of migration.operations) out.line(`  - ${operation.describe()}`)
  }
}
