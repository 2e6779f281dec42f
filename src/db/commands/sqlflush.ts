import { defineCommand } from '../../cli/index.ts'
import { database } from '../connections.ts'
import { flushStatements, managedTables } from '../flush.ts'
import { modelsOf } from './labels.ts'

export default defineCommand({
  help: 'Print the SQL that flush runs, without running it.',
  options: { database: { type: 'string', default: 'default', help: 'alias of the database' } },
  run({ options, out, project }) {
    const db = database(options.database)
    for (const statement of flushStatements(db, managedTables(db, modelsOf(project, [])))) out.line(`${statement};`)
  },
})
