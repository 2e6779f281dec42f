/** MIG-02: each operation forwards and backwards, on the engine of `TEST_ENGINE`. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { engine } from '../db/backends/fresh.ts'
import { closeDatabase, history, isSqlite, migrate, openDatabase, rows, run, schema } from './history.ts'
import { author, base, cascade, withChange, withRows } from './library.ts'

const {
  addConstraint,
  addField,
  addIndex,
  alterField,
  alterModelOptions,
  alterModelTable,
  check,
  createModel,
  deleteModel,
  F,
  index,
  now,
  removeField,
  renameField,
  renameIndex,
  renameModel,
  runSql,
  separateDatabaseAndState,
  unique,
  fields: f,
} = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

/** Indexes that models declare by name; those of references are the database's. */
const declared = async () => (await schema()).flatMap((table) => table.indexes.filter(({ name }) => name.length < 9))
const indexes = async () => (await declared()).map(({ name }) => name)

/** SQLite lets tables be made anew while references lead nowhere; servers refuse rows of which they do. */
async function expectReferencesKept() {
  if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])
}

describe('operations, forwards and backwards with rows kept', () => {
  const cases: [string, door.Operation[], string | (() => Promise<unknown>), unknown[]][] = [
    [
      'addField with fill',
      [addField('Book', 'pages', f.integer(), { fill: 12 })],
      'select id, pages from library_book order by id',
      [
        [1, 12],
        [2, 12],
        [7, 12],
      ],
    ],
    [
      'addField with a default',
      [addField('Book', 'pages', f.integer({ default: 3 }))],
      'select pages from library_book order by id',
      [[3], [3], [3]],
    ],
    [
      'addField with dbDefault',
      [addField('Book', 'pages', f.integer({ dbDefault: 4 }))],
      'select pages from library_book order by id',
      [[4], [4], [4]],
    ],
    [
      'addField that may be null',
      [addField('Book', 'pages', f.integer({ null: true }))],
      'select pages from library_book order by id',
      [[null], [null], [null]],
    ],
    [
      'addField with the moment',
      [addField('Book', 'seen', f.dateTime(), { fill: now })],
      "select count(*) from library_book where seen > '2020-01-01'",
      [[3]],
    ],
    [
      'addField of a date as text',
      [addField('Book', 'day', f.date(), { fill: '2026-01-31' })],
      'select day from library_book where id = 1',
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
      'select isbn from library_book order by id',
      [[null], [null], [null]],
    ],
    [
      'addField of a foreign key',
      [addField('Book', 'editor', f.foreignKey('library.Author', { null: true, ...cascade }))],
      'select editor_id from library_book order by id',
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
    ['addIndex', [addIndex('Book', index(['-title', 'author'], { name: 'titles' }))], indexes, ['titles']],
    [
      'addIndex over some rows',
      [addIndex('Book', index(['title'], { name: 'titles', where: { title__gt: 'M', author__in: [1, 2] } }))],
      async () => (await declared()).map(({ where }) => where !== undefined),
      [engine.name !== 'MariaDB'], // which has all rows in it
    ],
    [
      'addIndex and renameIndex',
      [addIndex('Book', index(['title'], { name: 'a' })), renameIndex('Book', 'a', 'b')],
      indexes,
      ['b'],
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
      [
        addField('Book', 'pages', f.integer({ default: 3 })),
        addConstraint('Book', check({ pages__gte: F('author') }, { name: 'c' })),
      ],
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
        runSql("update library_book set title = concat(title, '!')", {
          reverse: "update library_book set title = replace(title, '!', '')",
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
    const steps = withChange(operations)
    expect(await migrate(steps)).toEqual(['+0002_change'])
    expect(await (typeof query === 'string' ? rows(query) : query())).toEqual(expected)
    expect(await migrate(steps, { app: 'library', name: '0001' })).toEqual(['-0002_change'])
    expect(await schema()).toEqual(before)
    expect(
      await rows('select b.id, title, name from library_book b join library_author a on a.id = author_id order by 1'),
    ).toEqual([
      [1, 'Nuages', 'Django'],
      [2, 'Minor Swing', 'Django'],
      [7, 'Tears', 'Stéphane'],
    ])
    await expectReferencesKept()
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
    const steps = withChange([removeField('Book', 'title')])
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
    expect(await rows('select pages from library_book order by id')).toEqual([[5], [9]])
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
    await expectReferencesKept()
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

  test('MOD-22 unmanaged tables are left alone', async () => {
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
