/** Migrates a file until it is killed: each operation prints, then waits a moment. Arguments: path of the file. */
import { configureDatabases } from '../../src/db/internal.ts'
import { addField, createModel, fields as f, noop, renameField, runCode } from '../../src/db/migrations/index.ts'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../src/db/migrations/internal.ts'

configureDatabases({ default: { engine: 'sqlite', url: `sqlite:${process.argv[2]}` } })

const pause = () =>
  runCode(
    async () => {
      process.stdout.write('.')
      if (process.argv[3] === 'wait') await new Promise((resolve) => setTimeout(resolve, 20))
    },
    { reverse: noop },
  )
const migrations = [
  {
    app: 'library',
    name: '0001_initial',
    file: null,
    operations: [
      createModel('Author', { id: f.autoId(), name: f.text() }),
      pause(),
      createModel('Book', {
        id: f.autoId(),
        author: f.foreignKey('library.Author', { onDelete: 'cascade', null: true }),
      }),
      pause(),
    ],
  },
  {
    app: 'library',
    name: '0002_pages',
    file: null,
    dependencies: [['library', '0001_initial']] as const,
    operations: [
      addField('Book', 'pages', f.integer(), { fill: 0 }),
      pause(),
      renameField('Author', 'id', 'number'),
      pause(),
      addField('Book', 'isbn', f.char({ maxLength: 13, unique: true, null: true })),
      pause(),
    ],
  },
]
const loader = new MigrationLoader({ apps: [{ name: 'library', root: '/none', models: {} }], user: null }, migrations)
const executor = new MigrationExecutor(loader, migrationDatabase('default'))
await executor.migrate(await executor.plan())
process.stdout.write('done')
