import { defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import { isReplaced, migrationSql } from '../migrations/executor.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { appNamed, migrationProject } from './changes.ts'

export default defineCommand({
  help: 'Print the SQL of a migration: what migrate runs, without running it.',
  arguments: [
    { name: 'app', help: 'name of the app' },
    { name: 'migration', help: 'the migration, or the beginning of its name' },
  ],
  options: {
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    backwards: { type: 'boolean', help: 'the SQL that undoes it' },
  },
  examples: ['sqlmigrate library 0001'],
  async run({ args, options, out, project }) {
    const files = await MigrationLoader.load(migrationProject(project))
    const { name: app } = appNamed(project, args.app)
    // A part of a squashed migration is shown, too.
    const loader = isReplaced(files, { app, name: args.migration }) ? files.unsquashed() : files
    const database = migrationDatabase(options.database)
    const migration = loader.graph.find(app, args.migration)
    const lines = await migrationSql(loader, database, { migration, backwards: options.backwards })
    if (lines.length === 0) return out.line(t('-- (no operations)'))
    const transaction = migration.atomic !== false && database.backend.features.transactionalDdl
    if (transaction) out.line('BEGIN;')
    for (const line of lines) out.line(line)
    if (transaction) out.line('COMMIT;')
  },
})
