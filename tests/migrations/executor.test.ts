import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../src/db/internal.ts'
import { migrationSql } from '../../src/db/migrations/internal.ts'
import { closeDatabase, executor, history, migrate, openDatabase, rows, run, schema } from './history.ts'

const { addConstraint, addField, addIndex, alterField, alterModelOptions, alterModelTable, check, createModel } = door
const {
  deleteModel,
  F,
  fields: f,
  index,
  noop,
  now,
  removeConstraint,
  removeField,
  removeIndex,
  renameField,
  renameIndex,
} = door
const { renameModel, runCode, runSql, separateDatabaseAndState, unique } = door
const cascade = { onDelete: 'cascade' } as const

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const author = createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 100 }) })
const book = createModel('Book', {
  id: f.autoId(),
  title: f.char({ maxLength: 200 }),
  author: f.foreignKey('library.Author', cascade),
})
const base = history(['0001_initial', [author, book]])

async function withRows() {
  await migrate(base)
  await run("insert into library_author (id, name) values (1, 'Django'), (2, 'Stéphane')")
  await run(
    "insert into library_book (id, title, author_id) values (1, 'Nuages', 1), (2, 'Minor Swing', 1), (7, 'Tears', 2)",
  )
}

describe('operations, forwards and backwards with rows kept', () => {
  const cases: [string, door.Operation[], string, unknown[][]][] = [
    [
      'addField with fill',
      [addField('Book', 'pages', f.integer(), { fill: 12 })],
      'select id, pages from library_book',
      [
        [1, 12],
        [2, 12],
        [7, 12],
      ],
    ],
    [
      'addField with a default',
      [addField('Book', 'pages', f.integer({ default: 3 }))],
      'select pages from library_book',
      [[3], [3], [3]],
    ],
    [
      'addField with dbDefault',
      [addField('Book', 'pages', f.integer({ dbDefault: 4 }))],
      'select pages from library_book',
      [[4], [4], [4]],
    ],
    [
      'addField that may be null',
      [addField('Book', 'pages', f.integer({ null: true }))],
      'select pages from library_book',
      [[null], [null], [null]],
    ],
    [
      'addField with the moment',
      [addField('Book', 'seen', f.dateTime(), { fill: now })],
      "select count(*) from library_book where seen > '2020'",
      [[3]],
    ],
    [
      'addField of a date as text',
      [addField('Book', 'day', f.date(), { fill: '2026-01-31' })],
      'select day from library_book limit 1',
      [['2026-01-31']],
    ],
    [
      'addField of a decimal as text',
      [addField('Book', 'price', f.decimal({ maxDigits: 30, decimalPlaces: 10 }), { fill: '1.0000000001' })],
      "select count(*) from library_book where price = '1.0000000001'",
      [[3]],
    ],
    [
      'addField, unique and null',
      [addField('Book', 'isbn', f.char({ maxLength: 13, unique: true, null: true }))],
      'select isbn from library_book',
      [[null], [null], [null]],
    ],
    [
      'addField of a foreign key',
      [addField('Book', 'editor', f.foreignKey('library.Author', { null: true, ...cascade }))],
      'select editor_id from library_book',
      [[null], [null], [null]],
    ],
    [
      'addField of a many-to-many',
      [addField('Book', 'readers', f.manyToMany('library.Author'))],
      'select * from library_book_readers',
      [],
    ],
    [
      'alterField to a longer char',
      [alterField('Book', 'title', f.char({ maxLength: 300 }))],
      'select title from library_book where id = 7',
      [['Tears']],
    ],
    [
      'alterField to another type',
      [alterField('Book', 'title', f.text())],
      'select title from library_book where id = 7',
      [['Tears']],
    ],
    [
      'alterField to null',
      [alterField('Book', 'title', f.char({ maxLength: 200, null: true }))],
      'select title from library_book where id = 7',
      [['Tears']],
    ],
    [
      'alterField to unique',
      [alterField('Book', 'title', f.char({ maxLength: 200, unique: true }))],
      'select title from library_book where id = 7',
      [['Tears']],
    ],
    [
      'alterField of a key that others point to',
      [alterField('Author', 'id', f.integer({ primaryKey: true }))],
      'select count(*) from library_book join library_author a on a.id = author_id',
      [[3]],
    ],
    ['renameField', [renameField('Book', 'title', 'name')], 'select name from library_book where id = 7', [['Tears']]],
    [
      'renameField of a foreign key',
      [renameField('Book', 'author', 'writer')],
      'select writer_id from library_book where id = 7',
      [[2]],
    ],
    [
      'renameField of a key that others point to',
      [renameField('Author', 'id', 'number')],
      'select count(*) from library_book join library_author on number = author_id',
      [[3]],
    ],
    [
      'renameModel',
      [renameModel('Author', 'Person')],
      'select count(*) from library_book join library_person a on a.id = author_id',
      [[3]],
    ],
    [
      'alterModelTable',
      [alterModelTable('Author', 'people')],
      'select count(*) from library_book join people a on a.id = author_id',
      [[3]],
    ],
    [
      'addIndex',
      [addIndex('Book', index(['-title', 'author'], { name: 'titles' }))],
      "select name from sqlite_master where name = 'titles'",
      [['titles']],
    ],
    [
      'addIndex over some rows',
      [addIndex('Book', index(['title'], { name: 'titles', where: { title__gt: 'M', author__in: [1, 2] } }))],
      "select sql like '%WHERE%' from sqlite_master where name = 'titles'",
      [[1]],
    ],
    [
      'addIndex and renameIndex',
      [addIndex('Book', index(['title'], { name: 'a' })), renameIndex('Book', 'a', 'b')],
      "select name from sqlite_master where name in ('a', 'b')",
      [['b']],
    ],
    [
      'addConstraint unique',
      [addConstraint('Book', unique(['author', 'title'], { name: 'one' }))],
      'select count(*) from library_book',
      [[3]],
    ],
    [
      'addConstraint unique over some rows',
      [addConstraint('Book', unique(['title'], { name: 'one', where: { author: 1 } }))],
      'select count(*) from library_book',
      [[3]],
    ],
    [
      'addConstraint check',
      [addConstraint('Book', check({ title__gte: 'A' }, { name: 'from_a' }))],
      'select count(*) from library_book',
      [[3]],
    ],
    [
      'a check that compares fields',
      [addConstraint('Book', check({ id__gte: F('author') }, { name: 'c' }))],
      'select count(*) from library_book',
      [[3]],
    ],
    [
      'alterModelOptions',
      [alterModelOptions('Book', { ordering: ['-title'] })],
      'select count(*) from library_book',
      [[3]],
    ],
    [
      'createModel with a composite key',
      [
        createModel(
          'Credit',
          { book: f.foreignKey('library.Book', cascade), role: f.char({ maxLength: 9 }) },
          { primaryKey: ['book', 'role'] },
        ),
      ],
      'select book_id, role from library_credit',
      [],
    ],
    [
      'MOD-03: foreign keys over several columns',
      [
        createModel(
          'Credit',
          { book: f.foreignKey('library.Book', cascade), role: f.char({ maxLength: 9 }) },
          { primaryKey: ['book', 'role'] },
        ),
        createModel('Payment', {
          id: f.autoId(),
          credit: f.foreignKey('library.Credit', cascade),
          once: f.oneToOne('library.Credit', { ...cascade, null: true }),
        }),
        renameField('Payment', 'credit', 'of'),
        renameField('Credit', 'role', 'part'),
        addField('Payment', 'other', f.foreignKey('library.Credit', { null: true, onDelete: 'setNull' })),
        renameModel('Credit', 'Share'),
        removeField('Payment', 'once'),
      ],
      'select of_book_id, of_part, other_book_id, other_part from library_payment',
      [],
    ],
    [
      'createModel with a table between of its own',
      [
        createModel('Reading', {
          id: f.autoId(),
          book: f.foreignKey('library.Book', cascade),
          reader: f.foreignKey('library.Author', cascade),
        }),
        addField('Book', 'readers', f.manyToMany('library.Author', { through: 'library.Reading' })),
      ],
      'select * from library_reading',
      [],
    ],
    [
      'runSql',
      [
        runSql("update library_book set title = title || '!'", {
          reverse: "update library_book set title = rtrim(title, '!')",
        }),
      ],
      'select title from library_book where id = 7',
      [['Tears!']],
    ],
    [
      'separateDatabaseAndState',
      [separateDatabaseAndState({ state: [deleteModel('Book')] })],
      'select count(*) from library_book',
      [[3]],
    ],
  ]
  test.each(cases)('%s', async (_, operations, query, expected) => {
    await withRows()
    const before = await schema()
    const steps = [...base, ...history(['0002_change', operations, { dependencies: [['library', '0001_initial']] }])]
    expect(await migrate(steps)).toEqual(['+0002_change'])
    expect(await rows(query)).toEqual(expected)
    expect(await migrate(steps, { app: 'library', name: '0001' })).toEqual(['-0002_change'])
    expect(await schema()).toEqual(before)
    expect(
      await rows('select b.id, title, name from library_book b join library_author a on a.id = author_id order by 1'),
    ).toEqual([
      [1, 'Nuages', 'Django'],
      [2, 'Minor Swing', 'Django'],
      [7, 'Tears', 'Stéphane'],
    ])
    expect(await rows('pragma foreign_key_check')).toEqual([])
  })

  test('removeField and deleteModel come back empty', async () => {
    await withRows()
    const before = await schema()
    const steps = [
      ...base,
      ...history(
        ['0002_change', [removeField('Book', 'title'), createModel('Tag', { id: f.autoId() }), deleteModel('Tag')]],
        ['0003_more', [deleteModel('Book')]],
      ).map((each, i) => (i === 0 ? { ...each, dependencies: [['library', '0001_initial'] as const] } : each)),
    ]
    await migrate(steps)
    expect((await schema()).map((table) => table.name)).toEqual(['library_author'])
    await migrate(steps, { app: 'library', name: '0001' })
    const columns = (tables: Awaited<ReturnType<typeof schema>>) =>
      tables.map((table) => [table.name, new Set(table.columns.map((c) => JSON.stringify(c)))])
    expect(columns(await schema())).toEqual(columns(before))
  })

  test('a removed column that may not be null comes back with empty values', async () => {
    await withRows()
    const steps = [
      ...base,
      ...history(['0002_x', [removeField('Book', 'title')], { dependencies: [['library', '0001_initial']] }]),
    ]
    await migrate(steps)
    await migrate(steps, { app: 'library', name: '0001' })
    expect(await rows('select title from library_book')).toEqual([[''], [''], ['']])
  })

  test('nulls that are no longer allowed become the fill', async () => {
    const pages = history(
      ['0001_initial', [createModel('Book', { id: f.autoId(), pages: f.integer({ null: true }) })]],
      ['0002_pages', [alterField('Book', 'pages', f.integer(), { fill: 5 })]],
    )
    await migrate(pages, { app: 'library', name: '0001' })
    await run('insert into library_book (pages) values (null), (9)')
    await migrate(pages)
    expect(await rows('select pages from library_book')).toEqual([[5], [9]])
  })

  test('a renamed model takes its many-to-many table along, rows and all', async () => {
    const steps = history(
      ['0001_initial', [author, createModel('Book', { id: f.autoId(), readers: f.manyToMany('library.Author') })]],
      [
        '0002_rename',
        [renameModel('Book', 'Novel'), renameField('Novel', 'readers', 'fans'), renameModel('Author', 'Person')],
      ],
    )
    await migrate(steps, { app: 'library', name: '0001' })
    const before = await schema()
    await run("insert into library_author (id, name) values (1, 'x')")
    await run('insert into library_book (id) values (5)')
    await run('insert into library_book_readers (book_id, author_id) values (5, 1)')
    await migrate(steps)
    expect(await rows('select novel_id, person_id from library_novel_fans')).toEqual([[5, 1]])
    expect((await schema()).map((table) => table.name)).toEqual([
      'library_novel',
      'library_novel_fans',
      'library_person',
    ])
    await migrate(steps, { app: 'library', name: '0001' })
    expect(await rows('select book_id, author_id from library_book_readers')).toEqual([[5, 1]])
    expect(await schema()).toEqual(before)
    expect(await rows('pragma foreign_key_check')).toEqual([])
  })

  test('models that point at one another are created and dropped', async () => {
    const steps = history([
      '0001_initial',
      [
        createModel('B', { id: f.autoId() }),
        createModel('A', { id: f.autoId(), b: f.foreignKey('library.B', cascade) }),
        addField('B', 'a', f.foreignKey('library.A', cascade)),
      ],
    ])
    await migrate(steps)
    expect((await schema()).map((table) => table.columns.length)).toEqual([2, 2])
    expect(await migrate(steps, { app: 'library', name: 'zero' })).toEqual(['-0001_initial'])
    expect(await schema()).toEqual([])
  })

  test('unmanaged tables are left alone', async () => {
    await run('create table legacy (id integer primary key)')
    const before = await schema()
    const steps = history(
      ['0001_initial', [createModel('Legacy', { id: f.autoId() }, { dbTable: 'legacy', managed: false })]],
      ['0002_more', [addField('Legacy', 'x', f.integer({ null: true })), alterModelOptions('Legacy', {})]],
      ['0003_end', [alterModelOptions('Legacy', { managed: false }), deleteModel('Legacy')]],
    )
    await migrate(steps)
    expect(await schema()).toEqual(before)
  })
})

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

  test('is recorded in nuages_migrations', async () => {
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

  test('an unknown app, a wrong history and two branches are refused', async () => {
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

  test('a failure leaves nothing of its migration, and says what it was', async () => {
    const steps = [
      ...three,
      ...history([
        '0004_bad',
        [addField('Author', 'x', f.text({ default: '' })), runSql('nonsense')],
        { dependencies: [['library', '0003_more']] },
      ]),
    ]
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.failed',
      message: expect.stringContaining('library.0004_bad could not be applied, at "Run SQL"'),
      hint: expect.stringContaining('Nothing of this migration was kept.'),
    })
    expect(await rows('select name from nuages_migrations')).toHaveLength(3)
    expect((await schema())[0]!.columns.map((column) => column.name)).not.toContain('x')
  })

  test('rows that break a new constraint undo the migration', async () => {
    await withRows()
    const steps = [
      ...base,
      ...history([
        '0002_one',
        [addConstraint('Book', unique(['author'], { name: 'one' }))],
        { dependencies: [['library', '0001_initial']] },
      ]),
    ]
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.failed',
      hint: expect.stringContaining('Rows that are there break it: mend them first'),
    })
    expect(await rows('select count(*) from library_book')).toEqual([[3]])
  })

  test('a migration that is not atomic keeps what ran', async () => {
    const steps = history(['0001_initial', [author, runSql('nonsense')], { atomic: false }])
    await expect(migrate(steps)).rejects.toMatchObject({ hint: expect.stringContaining('not atomic') })
    expect((await schema()).map((table) => table.name)).toEqual(['library_author'])
  })

  test('a migration that is not atomic still rebuilds tables safely', async () => {
    await withRows()
    const longer = alterField('Author', 'name', f.text())
    const steps = [
      ...base,
      ...history(['0002_text', [longer], { atomic: false, dependencies: [['library', '0001_initial']] }]),
    ]
    await migrate(steps)
    expect(await rows('select count(*) from library_book b join library_author a on a.id = author_id')).toEqual([[3]])
  })

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
    const steps = [
      ...base,
      ...history(['0002_data', [runCode(code, { reverse: noop })], { dependencies: [['library', '0001_initial']] }]),
    ]
    await expect(migrate(steps)).rejects.toMatchObject({
      code: 'migrations.failed',
      message: expect.stringContaining('Run code code": no'),
    })
    expect(await rows('select count(*) from library_author')).toEqual([[2]])
  })
})

describe('migrationSql()', () => {
  test('gives what migrate runs, without running it', async () => {
    const steps = [
      ...base,
      ...history([
        '0002_x',
        [addIndex('Book', index(['title'], { name: 'titles' })), runCode(noop, { reverse: noop })],
        { dependencies: [['library', '0001_initial']] },
      ]),
    ]
    const { loader, database } = executor(steps)
    const sql = await migrationSql(loader, database, { migration: steps[1]!, backwards: false })
    expect(sql).toEqual([
      '-- Add index titles to Book',
      'CREATE INDEX "titles" ON "library_book" ("title");',
      '-- Run code noop',
      '-- code, which cannot be shown as SQL',
    ])
    expect(await migrationSql(loader, database, { migration: steps[1]!, backwards: true })).toContain(
      'DROP INDEX "titles";',
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
