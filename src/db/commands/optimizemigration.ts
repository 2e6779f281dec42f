import { writeFile } from 'node:fs/promises'
import { defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { ConfigurationError } from '../../std/errors.ts'
import { MigrationLoader } from '../migrations/loader.ts'
import { keyOf } from '../migrations/migration.ts'
import { optimize } from '../migrations/optimizer.ts'
import { isWritable, writeMigration } from '../migrations/writer.ts'
import { migrationProject } from './changes.ts'

export default defineCommand({
  help: 'Write a migration anew with fewer operations, where several come to the same as one.',
  arguments: [
    { name: 'app', help: 'name of the app' },
    { name: 'migration', help: 'the migration, or the beginning of its name' },
  ],
  options: {
    check: { type: 'boolean', help: 'write nothing; exit with 1 when there is something to optimize' },
  },
  examples: ['optimizemigration library 0002'],
  async run({ args, options, out, project }) {
    const loader = await MigrationLoader.load(migrationProject(project))
    const migration = loader.graph.find(args.app, args.migration)
    const key = keyOf(migration.app, migration.name)
    const needed = new Set(loader.graph.forwards(key))
    const from = loader.state((each) => each !== migration && needed.has(each))
    const operations = optimize(migration.operations, { app: migration.app, from })
    const [before, after] = [migration.operations.length, operations.length]
    if (operations.every((each, i) => each === migration.operations[i]) && before === after) {
      out.line(t('{key} has nothing to optimize.', { key }))
      return 0
    }
    out.line(t('{key}: {before} operations become {after}.', { key, before, after }))
    for (const operation of operations) out.line(`  - ${operation.describe()}`)
    if (options.check) return 1
    const code = operations.find((each) => !isWritable(each))
    if (code !== undefined) {
      throw new ConfigurationError(`${key} cannot be written anew: "${code.describe()}" is code.`, {
        code: 'migrations.cannot-rewrite',
        hint: 'Change the file by hand: the list above says to what.',
      })
    }
    await writeFile(migration.file!, writeMigration({ ...migration, operations })) // read from a file
    return 0
  },
})
