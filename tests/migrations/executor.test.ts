/** Plans, and migrations taken one after another, on the engine of `TEST_ENGINE`. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../src/db/internal.ts'
import {
  MigrationExecutor,
  MigrationLoader,
  migrationDatabase,
  migrationSql,
} from '../../src/db/migrations/internal.ts'
import type { SelectNode } from '../../src/db/sql/nodes.ts'
import { engine } from '../db/backends/fresh.ts'
import { closeDatabase, executor, history, migrate, openDatabase, rows, run, schema } from './history.ts'
import { author, base, book, withChange, withRows } from './library.ts'

const {
  addConstraint,
  addField,
  addIndex,
  alterField,
  createModel,
  F,
  index,
  noop,
  removeConstraint,
  removeIndex,
  renameField,
  runCode,
  runSql,
  unique,
  fields: f,
} = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

describe('migrating', () => {
  const three = history(
    ['0001_initial', [author]],
    ['0002_book', [book]],
    ['0003_more', [addField('Author', 'born', f.date({ null: true }))]],
  )

  test('goes forwards, backwards, to a name and to zero', async () => {
    expect(await migrate(three, { app: 'library', name: '0002' })).toEqual(['+0001_initial', '+0002_book'])
    expect(await migrate(three)).toEqual(['+0003_more'])
    expect(await migrate(three)).toEqual([])
    expect(await migrate(three, { app: 'library', name: '0001_initial' })).toEqual(['-0003_more', '-0002_book'])
    expect(await migrate(three, { app: 'library', name: 'zero' })).toEqual(['-0001_initial'])
    expect(await schema()).toEqual([])
  })

  test('MIG-08 is recorded in nuages_migrations', async () => {
    await migrate(three)
    expect(await rows('select app, name from nuages_migrations order by id')).toEqual([
      ['library', '0001_initial'],
      ['library', '0002_book'],
      ['library', '0003_more'],
    ])
  })

  test('fake records only, fakeInitial only where the tables are', async () => {
    await migrate(three, { app: 'library', name: '0001' }, { fake: true })
    expect(await schema()).toEqual([])
    await migrate(three, { app: 'library', name: 'zero' }, { fake: true })
    await migrate(three, { app: 'library', name: '0001' })
    await run('delete from nuages_migrations')
    await migrate(three, {}, { fakeInitial: true })
    expect(await rows('select count(*) from nuages_migrations')).toEqual([[3]])
  })

  test('MIG-05, MIG-06, MIG-08 an unknown app, a wrong history and two branches are refused', async () => {
    await expect(migrate(three, { app: 'libary' })).rejects.toMatchObject({ code: 'migrations.unknown-app' })
    await migrate(three)
    await run("delete from nuages_migrations where name = '0002_book'")
    await expect(migrate(three)).rejects.toMatchObject({ code: 'migrations.inconsistent-history' })
    const branches = [...three, { ...three[2]!, name: '0003_other' }]
    await run('delete from nuages_migrations')
    await expect(migrate(branches)).rejects.toMatchObject({
      code: 'migrations.conflict',
      hint: expect.stringContaining('makemigrations library --merge'),
    })
  })

  test('what cannot be undone is refused before anything is', async () => {
    const steps = [
      ...three,
      ...history(['0004_sql', [runSql('select 1')], { dependencies: [['library', '0003_more']] }]),
    ]
    await migrate(steps)
    await expect(migrate(steps, { app: 'library', name: '0001' })).rejects.toMatchObject({
      code: 'migrations.irreversible',
    })
    expect(await rows('select count(*) from nuages_migrations')).toEqual([[4]])
  })

  test('a failure says what it was; it leaves nothing of its migration, or what each change of tables committed', async () => {
    const steps = [
      ...three,
      ...history([
        '0004_bad',
        [addField('Author', 'x', f.text({ default: '' })), runSql('nonsense')],
        { dependencies: [['library', '0003_more']] },
      ]),
    ]
    const { transactionalDdl } = database().features
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.failed',
      message: expect.stringContaining('library.0004_bad could not be applied, at "Run SQL"'),
      hint: expect.stringContaining(
        transactionalDdl ? 'Nothing of this migration was kept.' : 'The operation before this one stays',
      ),
    })
    expect(await rows('select name from nuages_migrations')).toHaveLength(3)
    expect((await schema())[0]!.columns.some(({ name }) => name === 'x')).toBe(!transactionalDdl)
  })

  test('rows that break a new constraint undo the migration', async () => {
    await withRows()
    const steps = withChange([addConstraint('Book', unique(['author'], { name: 'one' }))])
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.failed',
      hint: expect.stringContaining('Rows that are there break it: mend them first'),
    })
    expect(await rows('select count(*) from library_book')).toEqual([[3]])
  })

  test('a reference that is looked at only when the migration ends names it, too', async () => {
    const loose = addField('Book', 'sequel', f.foreignKey('library.Book', { onDelete: 'doNothing', null: true }))
    await withRows()
    const orphan = runSql('update library_book set sequel_id = 99', { reverse: '' })
    await expect(migrate(withChange([loose, orphan]))).rejects.toMatchObject({
      code: 'migrations.failed',
      message: expect.stringContaining('library.0002_change could not be applied, at '),
      cause: { code: 'db.foreign-key-violation' },
    })
    const { transactionalDdl } = database().features
    expect((await schema()).some(({ columns }) => columns.some(({ name }) => name === 'sequel_id'))).toBe(
      !transactionalDdl,
    )
  })

  test('a migration that is not atomic keeps what ran', async () => {
    const steps = history(['0001_initial', [author, runSql('nonsense')], { atomic: false }])
    await expect(migrate(steps)).rejects.toMatchObject({
      // Where each change of tables is committed, that is what is told.
      hint: expect.stringContaining(database().features.transactionalDdl ? 'not atomic' : 'commits each change'),
    })
    expect((await schema()).map((table) => table.name)).toEqual(['library_author'])
  })

  test('a migration that is not atomic still rebuilds tables safely', async () => {
    await withRows()
    const longer = alterField('Author', 'name', f.text())
    const steps = withChange([longer], { atomic: false })
    await migrate(steps)
    expect(await rows('select count(*) from library_book b join library_author a on a.id = author_id')).toEqual([[3]])
  })

  test.each([
    ['a new column', [addField('Book', 'pages', f.integer(), { fill: 7 })]],
    ['a renamed one', [renameField('Book', 'title', 'name'), addField('Book', 'pages', f.integer(), { fill: 7 })]],
    [
      'several changes in one operation',
      [
        door.separateDatabaseAndState({
          database: [
            addField('Book', 'pages', f.integer(), { fill: 7 }),
            addIndex('Book', index(['pages'], { name: 'p' })),
          ],
          state: [],
        }),
      ],
    ],
  ])(
    'ended between a change of tables and the note that its operation is done, the next run goes on: %s',
    async (_, operations) => {
      await withRows()
      const steps = withChange(operations, { atomic: false })
      for (let ends = 1; ; ends++) {
        const real = migrationDatabase('default')
        let notes = 0
        const loader = new MigrationLoader(
          { apps: [{ name: 'library', root: '/none', models: {} }], user: null },
          steps,
        )
        const ended = new MigrationExecutor(loader, {
          ...real,
          exec: async (sql) => {
            if (sql.includes('nuages_migration_progress') && sql.startsWith('insert') && ++notes === ends)
              throw new Error('ended here')
            await real.exec(sql)
          },
        })
        const problem = await ended.migrate(await ended.plan({})).catch((error: Error) => error.message)
        if (problem === undefined) break
        expect(problem).toContain('ended here')
        await migrate(steps)
        expect(await rows('select pages from library_book')).toEqual([[7], [7], [7]])
        await migrate(steps, { app: 'library', name: '0001_initial' })
      }
    },
  )

  test('two at once: one waits, none breaks', async () => {
    await Promise.all([migrate(three), migrate(three), migrate(three)])
    expect(await rows('select count(*) from nuages_migrations')).toEqual([[3]])
  })

  test('a mistake in an operation names the migration and what there is', async () => {
    const steps = history(['0001_initial', [author, addField('Autor', 'x', f.text())]])
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.unknown-model',
      message: expect.stringContaining('in library.0001_initial: Add field x to Autor'),
      hint: expect.stringContaining('library.Author'),
    })
  })
})

describe('runCode()', () => {
  test('works with the models of its moment, in the transaction, and back', async () => {
    await withRows()
    const steps = [
      ...base,
      ...history(
        ['0002_rename', [renameField('Book', 'title', 'name')]],
        [
          '0003_data',
          [
            runCode(
              async ({ models, alias }) => {
                expect(alias).toBe('default')
                const Book = models.get('library.Book')
                await Book.objects
                  .filter({ name__startswith: 'Minor', author__name: 'Django' })
                  .update({ name: 'Major Swing' })
                await models.get('Author').objects.create({ name: 'Joseph' })
              },
              {
                reverse: async ({ models }) =>
                  void (await models.get('Author').objects.filter({ name: 'Joseph' }).delete()),
              },
            ),
          ],
        ],
        ['0004_later', [renameField('Book', 'name', 'label')]],
      ).map((each, i) => (i === 0 ? { ...each, dependencies: [['library', '0001_initial'] as const] } : each)),
    ]
    await migrate(steps)
    expect(await rows('select label from library_book where id = 2')).toEqual([['Major Swing']])
    expect(await rows('select name from library_author order by id')).toEqual([['Django'], ['Stéphane'], ['Joseph']])
    await migrate(steps, { app: 'library', name: '0001' })
    expect(await rows('select name from library_author order by id')).toEqual([['Django'], ['Stéphane']])
  })

  test('what it throws undoes the migration', async () => {
    await withRows()
    const code = async ({ models }: door.CodeContext) => {
      await models.get('Author').objects.create({ name: 'Joseph' })
      throw new Error('no')
    }
    const steps = withChange([runCode(code, { reverse: noop })])
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.failed',
      message: expect.stringContaining('Run code code": no'),
    })
    expect(await rows('select count(*) from library_author')).toEqual([[2]])
  })
})

describe('migrationSql()', () => {
  const isMariaDb = engine.name === 'MariaDB'
  test('gives what migrate runs, without running it', async () => {
    const steps = withChange([addIndex('Book', index(['title'], { name: 'titles' })), runCode(noop, { reverse: noop })])
    const { loader, database } = executor(steps)
    const sql = await migrationSql(loader, database, { migration: steps[1]!, backwards: false })
    expect(sql).toEqual([
      '-- Add index titles to Book',
      isMariaDb
        ? 'ALTER TABLE "library_book" ADD INDEX "titles" ("title");'
        : 'CREATE INDEX "titles" ON "library_book" ("title");',
      '-- Run code noop',
      '-- code, which cannot be shown as SQL',
    ])
    expect(await migrationSql(loader, database, { migration: steps[1]!, backwards: true })).toContain(
      isMariaDb ? 'ALTER TABLE "library_book" DROP INDEX "titles";' : 'DROP INDEX "titles";',
    )
    expect(await schema()).toEqual([])
  })
})

test('removeIndex and removeConstraint name what there is when they find nothing', async () => {
  const wrong = (operation: door.Operation) => migrate(history(['0001_initial', [author, operation]]))
  await expect(wrong(removeIndex('Author', 'x'))).rejects.toMatchObject({ code: 'migrations.unknown-index' })
  await expect(wrong(removeConstraint('Author', 'x'))).rejects.toMatchObject({ code: 'migrations.unknown-constraint' })
})

test('MDB-07 what a database cannot have is told before the first migration begins', async () => {
  const db = database()
  const odd: Record<string, door.FieldState> = db.features.arrays
    ? { half: f.generated(F('id'), { output: f.integer(), stored: false }) } // PostgreSQL keeps what it computes
    : { seats: f.integerRange() }
  const steps = history(['0001_initial', [author]], ['0002_odd', [createModel('Odd', { id: f.autoId(), ...odd })]])
  await expect(migrate(steps)).rejects.toMatchObject({
    code: 'migrations.failed',
    message: expect.stringContaining('library.0002_odd could not be applied, at "Create model Odd"'),
    hint: expect.stringMatching(/^Nothing was changed\. ./),
    cause: { code: expect.stringMatching(/^db\.unsupported-/) },
  })
  expect(await db.backend.introspector.tables(db)).not.toContain('library_author')
  // What is only recorded needs nothing of the database.
  await migrate(steps, {}, { fake: true })
})

test('MIG-15 the whole record is read as often for twenty migrations as for two', async () => {
  const reads = async (count: number) => {
    await closeDatabase()
    openDatabase()
    const name = (i: number) => `00${10 + i}`
    const steps = history(
      ...Array.from({ length: count }, (_, i): [string, door.Operation[]] => [
        name(i),
        [createModel(`Model${i}`, { id: f.autoId() })],
      ]),
    )
    const real = migrationDatabase('default')
    let whole = 0
    const counted: typeof real.rows = async (statement) => {
      const { from, where } = statement as SelectNode // nothing else is read by it
      if (where === null && from !== null && 'table' in from && from.table === 'nuages_migrations') whole++
      return real.rows(statement)
    }
    const loader = new MigrationLoader({ apps: [{ name: 'library', root: '/none', models: {} }], user: null }, steps)
    const run = new MigrationExecutor(loader, { ...real, rows: counted })
    await run.migrate(await run.plan())
    return whole
  }
  const two = await reads(2)
  expect(two).toBeGreaterThan(0)
  expect(await reads(20)).toBe(two)
})
