/** Columns that no migration of this branch knows, of tables that SQLite makes anew. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabase, history, isSqlite, migrate, openDatabase, rows, run } from './history.ts'

const { addConstraint, addField, addIndex, alterField, alterModelTable, check, createModel, fields: f, index } = door
const { removeField, renameField, renameModel } = door

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
