/**
 * Migrates a database and ends itself with SIGKILL at a statement. Arguments: the configuration as JSON; the number of the
 * statement (0: none); `before` or `after` it; the name to migrate to. Prints how many statements there were, and how many of
 * them no transaction may hold.
 */
import { configureDatabases, loadBackends } from '../../../src/db/internal.ts'
import {
  addConstraint,
  addField,
  addIndex,
  addIndexConcurrently,
  addTrigger,
  alterField,
  check,
  createModel,
  fields as f,
  index,
  noop,
  removeField,
  renameField,
  renameModel,
  runCode,
  runSql,
  trigger,
  unique,
} from '../../../src/db/migrations/index.ts'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../../src/db/migrations/internal.ts'

const [config = '', killAt = '0', moment = 'before', target = ''] = process.argv.slice(2)
const databases = { default: JSON.parse(config) }
await loadBackends(databases)
configureDatabases(databases)

const cascade = { onDelete: 'cascade' } as const
const migrations = [
  {
    app: 'library',
    name: '0001_initial',
    file: null,
    operations: [
      createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 100 }) }),
      createModel('Book', {
        id: f.autoId(),
        title: f.char({ maxLength: 100, null: true }),
        author: f.foreignKey('library.Author', { ...cascade, null: true }),
      }),
      runSql(
        [
          "insert into library_author (id, name) values (1, 'Django'), (2, 'Stéphane')",
          "insert into library_book (id, title) values (1, 'Nuages'), (2, 'Minor Swing'), (3, null)",
        ],
        { reverse: ['delete from library_book', 'delete from library_author'] },
      ),
    ],
  },
  {
    app: 'library',
    name: '0002_changes',
    file: null,
    dependencies: [['library', '0001_initial']] as const,
    operations: [
      addField('Book', 'pages', f.integer(), { fill: 1 }),
      // Not the same when it is done twice.
      runSql('update library_book set pages = pages + 1', { reverse: 'update library_book set pages = pages - 1' }),
      renameField('Author', 'id', 'number'),
      addField('Book', 'copy', f.char({ maxLength: 100, null: true })),
      runCode(
        async ({ models }) => {
          for (const book of await models.get('Book').objects.dynamic({}))
            await models
              .get('Book')
              .objects.dynamic({ pk: book.pk })
              .dynamicUpdate({ copy: `${Reflect.get(book, 'title')}!` })
        },
        { reverse: noop },
      ),
      alterField('Book', 'title', f.char({ maxLength: 200, default: '' }), { fill: 'untitled' }),
      addField('Book', 'readers', f.manyToMany('library.Author')),
      addTrigger(
        'Book',
        trigger({ name: 'no_delete', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } }),
      ),
      renameModel('Book', 'Volume'),
      addField('Volume', 'isbn', f.char({ maxLength: 13, unique: true, null: true })),
    ],
  },
  {
    app: 'library',
    name: '0003_apart',
    file: null,
    atomic: false,
    dependencies: [['library', '0002_changes']] as const,
    operations: [
      addIndexConcurrently('Volume', index(['title'], { name: 'titles' })),
      addField('Volume', 'seen', f.integer(), { fill: 7 }),
      addIndex('Volume', index(['seen'], { name: 'seen' })),
      addField('Volume', 'gone', f.integer({ null: true })),
      removeField('Volume', 'gone'),
    ],
  },
  {
    app: 'library',
    name: '0004_large',
    file: null,
    dependencies: [['library', '0003_apart']] as const,
    // On PostgreSQL taken in stages, as where the table is large.
    operations: [
      addIndex('Volume', index(['pages'], { name: 'by_pages' })),
      addConstraint('Volume', check({ pages__gte: 0 }, { name: 'positive' })),
      addConstraint('Volume', unique(['title', 'pages'], { name: 'once' })),
      addField('Volume', 'editor', f.foreignKey('library.Author', { ...cascade, null: true })),
      alterField('Volume', 'copy', f.char({ maxLength: 100 })),
    ],
  },
]

const real = migrationDatabase('default')
let statements = 0
let apart = 0
async function counted<T>(fn: () => Promise<T>): Promise<T> {
  const ends = ++statements === Number(killAt)
  if (ends && moment === 'before') process.kill(process.pid, 'SIGKILL')
  const result = await fn()
  if (ends) process.kill(process.pid, 'SIGKILL')
  return result
}
const loader = new MigrationLoader({ apps: [{ name: 'library', root: '/none', models: {} }], user: null }, migrations)
const executor = new MigrationExecutor(loader, {
  ...real,
  exec: (sql) => counted(() => real.exec(sql)),
  session: async (list, timeouts) => {
    apart += list.length
    for (const sql of list) await counted(() => real.session([sql], timeouts))
  },
})
const plan = await executor.plan(target === '' ? {} : { app: 'library', name: target })
await executor.migrate(plan, { lockRetries: 3, onlineFrom: 1 })
process.stdout.write(`done ${statements} ${apart}`)
process.exit(0)
