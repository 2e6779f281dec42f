/** What no migration of this branch knows, of tables that SQLite makes anew. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabase, history, isSqlite, migrate, openDatabase, rows, run } from './history.ts'

const { addConstraint, addField, addIndex, alterField, alterModelTable, check, createModel, fields: f, index } = door
const { removeField, renameField, renameModel, unique } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const author = createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 100 }) })
const book = createModel('Book', {
  id: f.autoId(),
  title: f.char({ maxLength: 200 }),
  pages: f.integer({ default: 1 }),
})
const first: Parameters<typeof history>[0] = ['0001_initial', [author, book]]

/** Migrated on the branch `other`, whose files this branch does not have. */
async function other(operations: door.Operation[]) {
  await migrate(history(first, ['0002_other', operations]))
}
const rebuilds = alterField('Book', 'title', f.char({ maxLength: 300 }))
const here = (...operations: door.Operation[]) => history(first, ['0002_here', operations])
const ddl = async () => String((await rows("select sql from sqlite_master where name = 'library_book'"))[0]![0])

describe.runIf(isSqlite)('MIG-14 a table made anew keeps columns that no migration knows', () => {
  test('their values, declaration, index and unique constraint; and they can be migrated further', async () => {
    const shelf = [
      addField('Book', 'shelf', f.char({ maxLength: 20, dbDefault: 'top' })),
      addField('Book', 'owner', f.foreignKey('library.Author', { onDelete: 'cascade', null: true })),
      addField('Book', 'code', f.char({ maxLength: 5, null: true, unique: true })),
      addField('Book', 'more', f.json({ default: {} })),
      addIndex('Book', index(['shelf', 'title'], { name: 'by_shelf' })),
    ]
    await other(shelf)
    await run("insert into library_author (id, name) values (1, 'Django')")
    await run(`insert into library_book (id, title, pages, shelf, owner_id, code, more)
      values (1, 'Nuages', 4, 'low', 1, 'n', '{"a":1}')`)
    const columns = 'select name, type, "notnull", dflt_value from pragma_table_xinfo(\'library_book\') where name <> '
    const before = await rows(`${columns} 'title' order by name`)

    await migrate(here(rebuilds))
    expect(await ddl()).toContain('varchar(300)')
    expect(await rows('select id, title, pages, shelf, owner_id, code, more from library_book')).toEqual([
      [1, 'Nuages', 4, 'low', 1, 'n', '{"a":1}'],
    ])
    expect(await rows(`${columns} 'title' order by name`)).toEqual(before)
    expect(await rows("select name from pragma_index_info('by_shelf')")).toEqual([['shelf'], ['title']])
    expect(await rows('select "from", "table" from pragma_foreign_key_list(\'library_book\')')).toEqual([
      ['owner_id', 'library_author'],
    ])
    await expect(run("insert into library_book (title, pages, code, more) values ('b', 1, 'n', '{}')")).rejects.toThrow(
      /same library_book.code/,
    )
    await expect(run("insert into library_book (title, pages, more) values ('b', 1, '{')")).rejects.toThrow(/check/i)

    // Backwards makes it anew as well; and the branches merged can take the column back.
    await migrate(here(rebuilds), { app: 'library', name: '0001_initial' })
    expect(await rows('select shelf from library_book')).toEqual([['low']])
  })

  test('made by hand, in words of its own: a computed one, one not null without a default, a check', async () => {
    await migrate(history(first))
    await run(`drop table library_book`)
    await run(`create table library_book (id integer primary key autoincrement not null, title varchar(200) not null,
      pages integer not null, "My Shelf" NVARCHAR(7) COLLATE NOCASE not null, at TEXT DEFAULT CURRENT_TIMESTAMP,
      sum decimal(30, 2) default 1.5, twice integer as (pages * 2) virtual, check ("My Shelf" <> 'x'))`)
    await run("insert into library_book (title, pages, \"My Shelf\", at) values ('Nuages', 3, 'Low', 'then')")
    await migrate(here(rebuilds))
    expect(await rows('select pages, "My Shelf", at, sum, twice from library_book where "My Shelf" = \'LOW\'')).toEqual(
      [[3, 'Low', 'then', 1.5, 6]],
    )
    expect(
      await rows('select name, type, "notnull", dflt_value from pragma_table_xinfo(\'library_book\') where cid > 2'),
    ).toEqual([
      ['My Shelf', 'NVARCHAR(7)', 1, null],
      ['at', 'TEXT', 0, 'CURRENT_TIMESTAMP'],
      ['sum', 'decimal(30, 2)', 0, '1.5'],
      ['twice', 'INTEGER', 0, null],
    ])
    await expect(run("insert into library_book (title, pages, \"My Shelf\") values ('b', 1, 'x')")).rejects.toThrow(
      /check/i,
    )
  })

  test('through renames of the table and of what their indexes name; an index goes with a known column of it', async () => {
    await other([
      addField('Book', 'shelf', f.integer({ null: true })),
      addIndex('Book', index(['shelf', 'title'], { name: 'by_title' })),
      addIndex('Book', index(['shelf', 'pages'], { name: 'by_pages' })),
    ])
    await run("insert into library_book (title, pages, shelf) values ('Nuages', 3, 8)")
    const renames = [
      renameField('Book', 'title', 'name'),
      renameModel('Book', 'Volume'),
      removeField('Volume', 'pages'),
    ]
    await migrate(here(...renames))
    expect(await rows('select name, shelf from library_volume')).toEqual([['Nuages', 8]])
    expect(await rows("select name from pragma_index_info('by_title')")).toEqual([['shelf'], ['name']])
    expect(await rows("select name from sqlite_master where name = 'by_pages'")).toEqual([])
  })

  test('a reference to the table itself follows a renamed key where that makes the table anew', async () => {
    const positive = addConstraint('Book', check({ id__gt: 0, pages__gt: 0 }, { name: 'positive' }))
    await migrate(history(first, ['0002_here', [positive]]))
    await run('alter table library_book add column "before" integer references library_book (id) on delete cascade')
    await run("insert into library_book (id, title, pages, before) values (1, 'Nuages', 3, 1)")
    await migrate(
      history(
        first,
        ['0002_here', [positive]],
        [
          '0003_key',
          [
            renameField('Book', 'pages', 'leaves'),
            renameField('Book', 'id', 'key'),
            alterModelTable('Book', 'volumes'),
          ],
        ],
      ),
    )
    expect(await rows('select "from", "table", "to", on_delete from pragma_foreign_key_list(\'volumes\')')).toEqual([
      ['before', 'volumes', 'key', 'CASCADE'],
    ])
    expect(await rows('select "key", leaves, before from volumes')).toEqual([[1, 3, 1]])
  })

  test('a migration that makes one of that name is refused before anything changes', async () => {
    await other([addField('Book', 'shelf', f.char({ maxLength: 20, default: '' }))])
    await run("insert into library_book (title, pages, shelf) values ('Nuages', 3, 'low')")
    const before = await ddl()
    await expect(migrate(here(addField('Book', 'shelf', f.integer(), { fill: 1 })))).rejects.toMatchObject({
      cause: { code: 'migrations.unknown-column', message: expect.stringContaining('shelf') },
    })
    expect(await ddl()).toBe(before)
    expect(await rows('select shelf from library_book')).toEqual([['low']])
  })
})

describe.runIf(isSqlite)('MIG-14 a table made anew keeps what was made by hand beside its columns', () => {
  const named = (type: string) =>
    rows(`select name from sqlite_master where type = '${type}' and sql like '%book%' order by 1`)
  beforeEach(async () => {
    await migrate(history(first))
    await run('create table seen (title)')
    await run("insert into library_book (title, pages) values ('Nuages', 3)")
  })

  test('indexes of columns that migrations know: plain, of expressions, partial and unique', async () => {
    await run('create index by_hand on library_book (title collate nocase, pages desc)')
    await run('create unique index one_title on library_book (lower(title)) where pages > 1')
    const info = () => rows('select name, "desc", coll from pragma_index_xinfo(\'by_hand\') where key order by seqno')
    const before = await info()
    await migrate(here(rebuilds))
    expect(await named('index')).toEqual([['by_hand'], ['one_title']])
    expect(await info()).toEqual(before)
    await expect(run("insert into library_book (title, pages) values ('NUAGES', 2)")).rejects.toMatchObject({
      code: 'db.unique-violation',
    })
    await run("insert into library_book (title, pages) values ('NUAGES', 1)")
  })

  test('not one that a column takes along, nor one that a migration has under another name', async () => {
    await run('create index by_pages on library_book (pages)')
    await run('create index same on library_book (title)')
    await migrate(here(addIndex('Book', index(['title'], { name: 'by_title' })), removeField('Book', 'pages')))
    expect(await named('index')).toEqual([['by_title']])
  })

  test('not a unique index, as Django makes them, for a unique constraint of the migrations', async () => {
    await run('create unique index both on library_book (title, pages)')
    const both = addConstraint('Book', unique(['title', 'pages'], { name: 'both' }))
    await migrate(here(both), {}, { fake: true })
    await migrate(history(first, ['0002_here', [both]], ['0003_longer', [rebuilds]]))
    expect(await named('index')).toEqual([])
    expect(await ddl()).toContain('CONSTRAINT "both" UNIQUE')
  })

  test('views, and triggers of this table and of others that name it', async () => {
    await run('create view titles as select title, count(*) n from library_book group by title')
    await run('create view upper_titles as select upper(title) title from titles')
    await run('create trigger see after insert on library_book begin insert into seen values (new.title); end')
    await run(`create trigger count_seen after insert on seen begin
      update library_book set pages = pages + 10 where title = new.title; end`)
    await migrate(here(rebuilds))
    await run("insert into library_book (title, pages) values ('Swing', 1)")
    expect(await rows('select * from upper_titles order by 1')).toEqual([['NUAGES'], ['SWING']])
    expect(await rows('select title, pages from library_book order by id')).toEqual([
      ['Nuages', 3],
      ['Swing', 11],
    ])
    // A renamed table takes its name along into views, as before.
    await migrate(history(first, ['0002_here', [rebuilds]], ['0003_rename', [renameModel('Book', 'Volume')]]))
    expect(await rows('select * from titles order by 1')).toEqual([
      ['Nuages', 1],
      ['Swing', 1],
    ])
  })

  test.each([
    ['view', 'create view thick as select title from library_book where pages > 2', 'the view thick'],
    [
      'trigger',
      'create trigger see after update on library_book begin insert into seen values (old.pages); end',
      'a trigger of library_book',
    ],
  ])('a %s that names a column that goes is refused with all of the migration', async (_, made, what) => {
    await run(made)
    await expect(migrate(here(rebuilds, removeField('Book', 'pages')))).rejects.toMatchObject({
      message: expect.stringContaining(what),
      cause: { code: 'migrations.broken-view' },
    })
    expect(await rows('select pages from library_book')).toEqual([[3]])
    expect(await ddl()).toContain('varchar(200)')
  })
})
