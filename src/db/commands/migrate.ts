import { CommandError, defineCommand, type Output, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { using } from '../connections.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import type { DriftReport } from '../migrations/drift/index.ts'
import { MigrationExecutor, type PlanStep } from '../migrations/executor.ts'
import type { LintFinding } from '../migrations/lint/index.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { isUserModel, keyOf } from '../migrations/migration.ts'
import { postMigrate, preMigrate } from '../migrations/signals.ts'
import { standing } from '../migrations/unapplied.ts'
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
    fakeInitial: {
      type: 'boolean',
      help: 'record first migrations whose tables, and columns they add to them, are all there',
    },
    prune: { type: 'boolean', help: "forget the records of the app's migrations whose files are gone" },
    checkDrift: { type: 'boolean', help: 'compare the tables with the migrations; exit with 1 when they differ' },
    lint: {
      type: 'boolean',
      help: 'say what the migrations to be applied lock, and for how long; exit with 1 for risks',
    },
    lintAll: {
      type: 'boolean',
      help: 'the same of every migration, applied or not, as if its tables had rows: where the database is empty',
    },
    json: { type: 'boolean', help: 'with --lint and --lint-all: as JSON' },
    lockTimeout: { type: 'integer', default: 5000, help: 'milliseconds that a statement waits for a lock (servers)' },
    lockRetries: { type: 'integer', default: 10, help: 'how often a migration that waited too long begins again' },
    statementTimeout: { type: 'integer', default: 0, help: 'milliseconds that a statement may take; 0: any (servers)' },
    resume: {
      type: 'string',
      choices: ['done', 'again'],
      help: 'of a statement that a killed run left unclear: it ran, or it did not',
    },
    ...answerOptions,
  },
  examples: [
    'migrate',
    'migrate --make',
    'migrate library 0002',
    'migrate library zero',
    'migrate --lint',
    'migrate --lint-all library 0004 --json',
    'migrate --check-drift',
  ],
  async run({ args, options, out, project }) {
    if (options.make) {
      if (args.migration !== undefined) throw new UsageError(t('--make goes to the newest migration: name none.'))
      const apps = args.app === undefined ? [] : [args.app]
      const { drafts } = await findChanges(project, { apps, answers: options, out })
      const files = await Promise.all(drafts.map((draft) => fileFor(project, draft)))
      for (const [i, draft] of drafts.entries()) printDraft(out, project, draft, files[i]!)
      await writeFiles(files)
    }
    const database = migrationDatabase(options.database)
    const event = { apps: project.apps.apps, alias: options.database, verbosity: 1 }
    const { checkDrift, prune, plan: isPlan, check, fake } = options
    const lint = options.lint || options.lintAll
    if (options.json && !lint) throw new UsageError(t('--json goes with --lint or --lint-all.'))
    // The end of most deployments: nothing is read that was applied.
    const { isUpToDate, gone, replaced } = await standing(migrationProject(project), database)
    if (!prune) tellGone(out, gone, replaced)
    if (args.app === undefined && !checkDrift && !prune && !lint && isUpToDate) {
      out.line(t('Nothing to migrate.'))
      if (!isPlan && !check && !fake) await using(options.database, () => postMigrate.send({ ...event, plan: [] }))
      return 0
    }
    const loader = await MigrationLoader.load(migrationProject(project))
    if (options.checkDrift)
      return printDrift(out, await (await import('../migrations/drift/index.ts')).findDrift(loader, database))
    const executor = new MigrationExecutor(loader, database)
    if (options.prune) {
      if (args.app === undefined) throw new UsageError(t('--prune needs the name of an app.'))
      const pruned = await executor.prune(args.app)
      if (pruned.length === 0) out.line(t('Nothing to prune.'))
      for (const name of pruned) out.line(t('Forgot {key}', { key: keyOf(args.app, name) }))
      return 0
    }
    const target = {
      ...(args.app === undefined ? {} : { app: args.app }),
      ...(args.migration === undefined ? {} : { name: args.migration }),
    }
    if (options.lintAll) {
      const { lintHistory } = await import('../migrations/lint/index.ts')
      return printLint(out, await lintHistory(executor, target), options.json)
    }
    const plan = await executor.plan(target, fake && args.migration !== undefined)
    if (options.lint)
      return printLint(out, await (await import('../migrations/lint/index.ts')).lintPlan(executor, plan), options.json)
    if (options.plan || options.check) {
      printPlan(out, plan)
      return options.check && plan.length > 0 ? 1 : 0
    }
    assertUser(project.user, loader, plan)
    if (plan.length === 0) out.line(t('Nothing to migrate.'))
    const told = {
      ...event,
      plan: plan.map(({ migration: { app, name, operations }, backwards }) => ({ app, name, operations, backwards })),
    }
    if (!options.fake && plan.length > 0) await using(options.database, () => preMigrate.send(told))
    // A line that an error ends: what is told of it begins on the next.
    let isOpen = false
    const running = executor.migrate(plan, {
      fake: options.fake,
      fakeInitial: options.fakeInitial,
      lockTimeout: options.lockTimeout,
      lockRetries: options.lockRetries,
      statementTimeout: options.statementTimeout,
      unclear: options.resume,
      onWaiting: (reason) =>
        out.line(
          reason === 'migration'
            ? t('Another process migrates this database: waiting for it.')
            : t('A lock was not free in time: nothing was changed, trying again.'),
        ),
      onProgress({ step, state }) {
        const key = keyOf(step.migration.app, step.migration.name)
        isOpen = state === 'start'
        if (state === 'start')
          out.write(step.backwards ? t('Undoing {key} ... ', { key }) : t('Applying {key} ... ', { key }))
        else out.line({ done: t('done'), faked: t('recorded only'), skipped: t('done by another process') }[state])
      },
    })
    await running.catch((error: unknown) => {
      if (isOpen) out.line(t('failed'))
      throw error
    })
    // Receivers use tables of their apps: they are told only when all of them are there.
    const isPlain = !options.fake && executor.loader.graph.conflicts().size === 0
    if (isPlain && (await executor.plan()).length === 0) {
      await using(options.database, () => postMigrate.send(told))
    }
    return 0
  },
})

/** A new project whose own migrations are not written yet: those of installed apps refer to its users. */
function assertUser(user: string | null, { graph }: MigrationLoader, plan: readonly PlanStep[]): void {
  const waits = plan.some(({ backwards, migration }) => !backwards && migration.dependencies?.some(isUserModel))
  if (user === null || !waits || graph.ofApp(user.split('.')[0]!).length > 0) return // a label has a dot
  throw new CommandError(t('The user model {user} is in no migration yet, and others refer to it.', { user }), {
    code: 'migrations.no-user-model',
    hint: t('Write it: nuages migrate --make'),
  })
}

/** Applied migrations whose files are gone: whoever lost one should hear of it before it is missed. */
function tellGone(out: Output, gone: readonly string[], replaced: readonly string[]): void {
  if (gone.length === 0) return
  const names = gone.length > 3 ? `${gone.slice(0, 3).join(', ')} …` : gone.join(', ')
  out.warn(t('Applied, and without a file: {names}.', { names }))
  if (replaced.length > 0) {
    // Pruned records would take along how far this database is.
    const first = replaced.join(', ')
    out.warn(t('  {first} is not applied. Where it replaced them: bring the files back, and migrate.', { first }))
    return
  }
  out.warn(
    t('  Bring the files back, of another branch too; those that squashing removed: nuages migrate {app} --prune', {
      app: gone[0]!.split('.')[0]!,
    }),
  )
}

function printDrift(out: Output, { differences, others, compared }: DriftReport): number {
  for (const { table, part, name, expected, found } of differences) {
    out.line(out.style('bold', name === '' ? `${table}: ${part}` : `${table}: ${part} ${name}`))
    out.line(t('  migrations: {expected}', { expected: expected ?? t('none') }))
    out.line(t('  database:   {found}', { found: found ?? t('none') }))
  }
  if (others.length > 0) out.line(t('Left alone, no migration makes them: {tables}', { tables: others.join(', ') }))
  if (differences.length === 0) out.line(t('{compared} tables are as the migrations make them.', { compared }))
  return differences.length === 0 ? 0 : 1
}

function printLint(out: Output, findings: readonly LintFinding[], isJson: boolean): number {
  const code = findings.some(({ level, reviewed }) => level === 'risk' && reviewed === null) ? 1 : 0
  if (isJson) {
    out.json(findings)
    return code
  }
  if (findings.length === 0) out.line(t('Nothing to say of these migrations.'))
  for (const found of findings) {
    const key = keyOf(found.app, found.migration)
    out.paragraph(`${found.level} ${key}: ${found.operation}`, '', 'bold')
    out.paragraph(found.message, '  ')
    if (found.hint !== '') out.paragraph(found.hint, '  ')
    if (found.reviewed !== null) out.paragraph(t('reviewed: {reason}', { reason: found.reviewed }), '  ')
  }
  return code
}

function printPlan(out: { line(text: string): void }, plan: readonly PlanStep[]): void {
  if (plan.length === 0) out.line(t('Nothing to migrate.'))
  for (const { migration, backwards } of plan) {
    out.line(
      backwards ? t('Undo {key}', { key: keyOf(migration.app, migration.name) }) : keyOf(migration.app, migration.name),
    )
    for (const operation of migration.operations) out.line(`  - ${operation.describe()}`)
  }
}
