import { defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import { isReplaced } from '../migrations/executor.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { printedSql } from '../migrations/printed-sql.ts'
import { appNamed, migrationProject } from './changes.ts'

export default defineCommand({
  help:
    'Print the SQL of a migration: what migrate runs on this database, without running it. Where PostgreSQL takes large tables ' +
    'in stages, those are printed.',
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
    const migration = loader.graph.find(app, args.migration)
    const step = { migration, backwards: options.backwards }
    const lines = await printedSql(loader, migrationDatabase(options.database), step)
    if (lines.length === 0) return out.line(t('-- (no operations)'))
    for (const line of lines) out.line(line)
  },
})
