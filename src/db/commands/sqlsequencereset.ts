import { defineCommand } from '../../cli/index.ts'
import { database } from '../connections.ts'
import { managedTables } from '../flush.ts'
import { modelsOf } from './labels.ts'

export default defineCommand({
  help:
    'Print the SQL that lets numbers of new rows go on after those that are there: after rows were copied with their ' +
    'numbers. Nothing where the database counts by itself. Pipe it into dbshell.',
  arguments: [{ name: 'labels', help: 'apps and models', variadic: true, required: false }],
  options: { database: { type: 'string', default: 'default', help: 'alias of the database' } },
  examples: ['sqlsequencereset library'],
  run({ args, options, out, project }) {
    const db = database(options.database)
    const tables = managedTables(db, modelsOf(project, args.labels))
    for (const statement of tables.flatMap((table) => db.backend.schema.resetIdentity(table))) out.line(`${statement};`)
  },
})
