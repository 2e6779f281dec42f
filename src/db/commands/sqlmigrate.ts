import { defineCommand } from '../../cli/index.ts'
import { migrationDatabase } from '../migrations/connect.ts'
import { migrationSql } from '../migrations/executor.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { migrationProject } from './changes.ts'

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
    const loader = await MigrationLoader.load(migrationProject(project))
    const migration = loader.graph.find(args.app, args.migration)
    const step = { migration, backwards: options.backwards }
    const lines = await migrationSql(loader, migrationDatabase(options.database), step)
    const transaction = migration.atomic !== false
    if (transaction) out.line('BEGIN;')
    for (const line of lines) out.line(line)
    if (transaction) out.line('COMMIT;')
  },
})
