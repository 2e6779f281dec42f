import { defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { ConfigurationError } from '../../std/errors.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import { MigrationExecutor } from '../migrations/executor.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { keyOf, type Migration } from '../migrations/migration.ts'
import { Recorder } from '../migrations/recorder.ts'
import { replacedBy } from '../migrations/replacements.ts'
import { migrationProject } from './changes.ts'

export default defineCommand({
  help: 'List migrations and which are applied.',
  arguments: [{ name: 'apps', help: 'only these apps', variadic: true, required: false }],
  options: {
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    plan: {
      type: 'boolean',
      help: 'in the order in which they are applied, all apps together, with what they wait for',
    },
    json: { type: 'boolean', help: 'as JSON' },
  },
  async run({ args, options, out, project }) {
    const described = migrationProject(project)
    for (const name of args.apps) {
      if (described.apps.some((app) => app.name === name)) continue
      throw new ConfigurationError(`There is no app "${name}".`, {
        code: 'migrations.unknown-app',
        hint: `Apps: ${described.apps.map((app) => app.name).join(', ')}.`,
      })
    }
    const files = await MigrationLoader.load(described)
    const database = migrationDatabase(options.database)
    const recorded = await new Recorder(database).applied()
    const loader = files.forApplied(recorded)
    const { graph } = loader
    const applied = loader.applied(recorded)
    const isApplied = (migration: Migration) => applied.has(keyOf(migration.app, migration.name))
    const wanted = (app: string) => args.apps.length === 0 || args.apps.includes(app)
    if (options.json) {
      const all = graph.all().filter((migration) => wanted(migration.app))
      out.json(all.map((migration) => ({ app: migration.app, name: migration.name, applied: isApplied(migration) })))
      return 0
    }
    const executor = new MigrationExecutor(files, database)
    const stopped = new Map((await executor.unfinished()).map((each) => [keyOf(each.app, each.name), each]))
    const mark = (migration: Migration) => {
      if (stopped.has(keyOf(migration.app, migration.name))) return '[~]'
      return isApplied(migration) ? '[X]' : '[ ]'
    }
    const partly = ({ app, name, operations }: Migration) => {
      const applied = stopped.get(keyOf(app, name))?.applied
      if (applied === undefined || applied === null) return ''
      return ` ${t('(stopped: {applied} of {all} operations)', { applied, all: operations.length })}`
    }
    if (options.plan) {
      // With what those asked for wait for in other apps.
      const shown = graph.all().filter(({ app }) => wanted(app))
      const needed = new Set(shown.flatMap(({ app, name }) => graph.forwards(keyOf(app, name))))
      for (const each of graph.all()) {
        if (needed.has(each)) out.line(`${mark(each)} ${keyOf(each.app, each.name)}${partly(each)}`)
      }
      if (needed.size === 0) out.line(t('(no migrations)'))
      return 0
    }
    // Of another branch, or parts of a squashed one: `migrate --prune` forgets them.
    const orphans = await executor.orphans()
    const gone = Map.groupBy(orphans, ({ app }) => app)
    for (const { name } of described.apps) {
      if (!wanted(name)) continue
      out.line(out.style('bold', name))
      const own = graph.ofApp(name)
      if (own.length === 0) out.line(` ${t('(no migrations)')}`)
      for (const migration of own) {
        const count = replacedBy(migration, loader.files).length
        const replaced = count > 0 ? ` ${t('({count} squashed migrations)', { count })}` : ''
        out.line(` ${mark(migration)} ${migration.name}${replaced}${partly(migration)}`)
      }
      for (const each of gone.get(name) ?? []) out.line(` [X] ${each.name} ${t('(no file)')}`)
    }
    return 0
  },
})
