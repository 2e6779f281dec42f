import { createInterface } from 'node:readline/promises'
import { CommandError, defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { database, using } from '../connections.ts'
import { flushStatements, managedTables } from '../flush.ts'
import { postMigrate } from '../migrations/signals.ts'
import { atomic } from '../transactions.ts'
import { modelsOf } from './labels.ts'

export default defineCommand({
  help:
    'Delete every row of every table that migrations manage. Tables and the record of migrations stay; what apps make ' +
    'after migrate (permissions, say) is made again.',
  options: {
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    noInput: { type: 'boolean', help: 'do not ask' },
  },
  examples: ['flush', 'flush --no-input --database test'],
  needs: 'database',
  async run({ options, out, project }) {
    const db = database(options.database)
    const tables = managedTables(db, modelsOf(project, []))
    const statements = flushStatements(db, tables)
    if (!options.noInput && !(await agreed(out.interactive, options.database, tables.length))) {
      out.line(t('Nothing was deleted.'))
      return 1
    }
    await atomic(
      async () => {
        await db.currentBlock()?.connection.deferConstraints?.()
        for (const statement of statements) await db.exec(statement)
      },
      { using: options.database, schemaChange: true },
    )
    await using(options.database, () =>
      postMigrate.send({ apps: project.apps.apps, alias: options.database, verbosity: 1 }),
    )
    out.success(t('{count} tables are empty.', { count: tables.length }))
    return 0
  },
})

/** @throws CommandError db.not-confirmed where nobody can be asked */
async function agreed(interactive: boolean, alias: string, count: number): Promise<boolean> {
  if (!interactive || !process.stdin.isTTY) {
    throw new CommandError(t('flush deletes every row, and nobody is there to be asked.'), {
      code: 'db.not-confirmed',
      hint: 'Run it at a terminal, or with --no-input.',
    })
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const question = t('Delete every row of {count} tables of the database "{alias}"? Write "yes": ', { count, alias })
    return (await terminal.question(question)).trim() === 'yes'
  } finally {
    terminal.close()
  }
}
