/** `migrate --check-drift` after a change by hand: each is told as what it is, and nothing beside it. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDrift } from '../../../src/db/migrations/internal.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, rows, run } from '../history.ts'

const { check, createModel, F, fields: f, fn, index, trigger, unique } = door

beforeEach(() => void openDatabase())
afterEach(async () => {
  if (engine.name === 'MariaDB') await run('drop view if exists library_book') // in a table's place, which is not dropped as one
  await closeDatabase()
})

const steps = history([
  '0001_initial',
  [
    createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 90 }) }, { comment: 'who writes' }),
    createModel(
      'Book',
      {
        id: f.autoId(),
        title: f.char({ maxLength: 90, comment: 'as printed' }),
        pages: f.integer({ dbDefault: 3 }),
        seen: f.dateTime({ dbDefault: 'now' }),
        twice: f.generated(fn('*', F('pages'), 2), { output: f.integer(), stored: true }),
        author: f.foreignKey('library.Author', { onDelete: 'cascade' }),
      },
      {
        indexes: [index(['title'], { name: 'titles' })],
        constraints: [unique(['title', 'author'], { name: 'once' }), check({ pages__gte: 1 }, { name: 'some_pages' })],
        triggers: [trigger({ name: 'kept', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })],
      },
    ),
  ],
])

const FK = 'library_book_author_id_fk'
const again = (rest: string) =>
  `alter table library_book drop constraint ${FK};
   alter table library_book add constraint ${FK} foreign key (author_id) references library_author (id) ${rest}`
const deferred = 'deferrable initially deferred'
const titles = (text: string) => `drop index titles; create index titles on library_book ${text}`

/** How the text of SQLite's `library_book` is written instead. */
type Rewritten = { readonly from: string | RegExp; readonly to: string }
const POSTGRES: Record<string, [sql: string | Rewritten, told: string[]]> = {
  'a key that no longer counts': ['alter table library_author alter id drop identity', ['library_author type id']],
  'a key that counts always': [
    'alter table library_author alter id set generated always',
    ['library_author behaviour id'],
  ],
  'a sequence of others': ['create sequence other owned by library_author.name', []],
  'a reference that is not deferred': [again(''), ['library_book reference author_id']],
  'a reference that could be deferred': [again('deferrable'), ['library_book reference author_id']],
  'a reference that cascades': [again(`on delete cascade ${deferred}`), ['library_book reference author_id']],
  'a reference that restricts': [again(`on delete restrict ${deferred}`), ['library_book reference author_id']],
  'a reference that follows': [again(`on update cascade ${deferred}`), ['library_book reference author_id']],
  'a reference that was not validated': [again(`${deferred} not valid`), ['library_book reference author_id']],
  'the same reference': [again(deferred), []],
  'a second reference': [
    `alter table library_book add constraint more foreign key (author_id) references library_book (id) ${deferred}`,
    ['library_book reference author_id'],
  ],
  'an index of another method': [titles('using hash (title)'), ['library_book index titles']],
  'an index of other operators': [titles('(title varchar_pattern_ops)'), ['library_book index titles']],
  'an index of another collation': [titles('(title collate "C")'), ['library_book index titles']],
  'an index with more': [titles('(title) include (pages)'), ['library_book index titles']],
  'an index of some rows': [titles('(title) where pages > 1'), ['library_book index titles']],
  'an index that is unique': [
    'drop index titles; create unique index titles on library_book (title)',
    ['library_book index titles'],
  ],
  'an index that is not valid': [
    "update pg_index set indisvalid = false where indexrelid = 'titles'::regclass",
    ['library_book index titles'],
  ],
  'a check of another number': [
    'alter table library_book drop constraint some_pages; alter table library_book add constraint some_pages check (pages >= 2)',
    ['library_book check some_pages'],
  ],
  'a check that was not validated': [
    'alter table library_book drop constraint some_pages; alter table library_book add constraint some_pages check (pages >= 1) not valid',
    ['library_book check some_pages'],
  ],
  'a unique constraint that waits': [
    'alter table library_book drop constraint once; alter table library_book add constraint once unique (title, author_id) deferrable',
    ['library_book unique constraint once'],
  ],
  'another computed value': [
    'alter table library_book drop twice; alter table library_book add twice integer generated always as (pages * 3) stored',
    ['library_book generation twice'],
  ],
  'a value that is no longer computed': [
    'alter table library_book alter twice drop expression',
    ['library_book generation twice'],
  ],
  'a default of another moment': [
    "alter table library_book alter seen set default now() + interval '1 day'",
    ['library_book default seen'],
  ],
  'a default that is gone': ['alter table library_book alter pages drop default', ['library_book default pages']],
  'another collation': [
    'alter table library_author alter name type varchar(90) collate "C"',
    ['library_author collation name'],
  ],
  'another comment': ["comment on column library_book.title is 'x'", ['library_book comment title']],
  'no comment': ['comment on table library_author is null', ['library_author comment']],
  'a view, a table that inherits, one in parts': [
    `create view v as select * from library_book; create materialized view m as select * from library_book;
     create table heir () inherits (library_author);
     create table parted (id integer) partition by range (id); create table part_1 partition of parted for values from (1) to (2)`,
    [],
  ],
  'a trigger of another function, with ours gone': [
    `create function other() returns trigger language plpgsql as $$begin return old; end$$;
     drop trigger kept on library_book; drop function kept();
     create trigger kept before delete on library_book for each row execute function other()`,
    ['library_book trigger kept'],
  ],
  'a key that runs behind its rows': [
    "insert into library_author (id, name) values (1, 'x'), (7, 'y')",
    ['library_author behaviour id'],
  ],
  'a key that runs before its rows': [
    "insert into library_author (name) values ('x'); alter sequence library_author_id_seq restart 9; insert into library_author (id, name) values (8, 'y')",
    [],
  ],
  'a key that counts on from its last row': [
    "insert into library_author (id, name) values (8, 'y'); select setval('library_author_id_seq', 8)",
    [],
  ],
  'a key that would give its last row again': [
    "insert into library_author (id, name) values (8, 'y'); select setval('library_author_id_seq', 8, false)",
    ['library_author behaviour id'],
  ],
  'a smaller key': ['alter table library_author alter id type smallint', ['library_author behaviour id']],
  "a key whose sequence is nobody's": [
    `alter table library_author alter id drop identity; create sequence s;
     alter table library_author alter id set default nextval('s')`,
    ['library_author behaviour id'],
  ],
  'a sequence that ends early': ['alter sequence library_author_id_seq maxvalue 100', ['library_author behaviour id']],
  'less room': ['alter table library_author alter name type varchar(20)', ['library_author type name']],
  'no bounds': ['alter table library_author alter name type varchar', ['library_author type name']],
  'references that nobody keeps': [
    'alter table library_book disable trigger all',
    ['library_book reference author_id', 'library_book trigger kept'],
  ],
  'references that nobody keeps, on the other side': [
    'alter table library_author disable trigger all',
    ['library_book reference author_id'],
  ],
  'a trigger of copies only': ['alter table library_book enable replica trigger kept', ['library_book trigger kept']],
  'a trigger of copies, too': ['alter table library_book enable always trigger kept', []],
  'a table that a crash empties': ['alter table library_book set unlogged', ['library_book behaviour']],
  'a view in its place': [
    'alter table library_book rename to stock; create view library_book as select * from stock',
    ['library_book table'],
  ],
  'a table in parts in its place': [
    `drop table library_book; create table library_book (id integer not null generated by default as identity, title varchar(90) not null,
       pages integer not null default 3, seen timestamptz not null default statement_timestamp(),
       twice integer generated always as (pages * 2) stored, author_id bigint not null) partition by range (id)`,
    [
      'library_book behaviour',
      'library_book check some_pages',
      'library_book comment title',
      'library_book index library_book_author_id_d9a3b67e',
      'library_book index titles',
      'library_book primary key',
      'library_book reference author_id',
      'library_book trigger kept',
      'library_book type id',
      'library_book unique constraint once',
    ],
  ],
  'a check that is for this table only': [
    'alter table library_book drop constraint some_pages; alter table library_book add constraint some_pages check (pages >= 1) no inherit',
    ['library_book check some_pages'],
  ],
  'columns in another order': [
    'alter table library_author rename name to old; alter table library_author add name varchar(90) not null; alter table library_author drop old',
    [],
  ],
  'a trigger that is ours no more': [
    `create or replace function kept() returns trigger language plpgsql as $$begin return old; end$$`,
    ['library_book trigger kept'],
  ],
}

const change = (rest: string) => `alter table library_book ${rest}`
const MARIADB: typeof POSTGRES = {
  'another default': [change('alter pages set default 4'), ['library_book default pages']],
  'no default': [change('alter pages drop default'), ['library_book default pages']],
  'another collation': [
    change("modify title varchar(90) collate utf8mb4_general_ci not null comment 'as printed'"),
    ['library_book collation title'],
  ],
  'another character set': [
    change("modify title varchar(90) character set latin1 not null comment 'as printed'"),
    ['library_book collation title'],
  ],
  'another comment': [change("modify title varchar(90) not null comment 'x'"), ['library_book comment title']],
  'no longer counted': [change('modify id integer not null'), ['library_book type id']],
  'a reference that cascades': [
    change(
      `drop foreign key ${FK}; alter table library_book add constraint ${FK} foreign key (author_id) references library_author (id) on delete cascade`,
    ),
    ['library_book reference author_id'],
  ],
  'a reference that follows': [
    change(
      `drop foreign key ${FK}; alter table library_book add constraint ${FK} foreign key (author_id) references library_author (id) on update cascade`,
    ),
    ['library_book reference author_id'],
  ],
  'another check': [
    change('drop constraint some_pages, add constraint some_pages check (pages >= 2)'),
    ['library_book check some_pages'],
  ],
  'another computed value': [
    change('modify twice integer generated always as (pages * 3) stored'),
    ['library_book generation twice'],
  ],
  'a value computed when read': [
    change('drop twice, add twice integer generated always as (pages * 2) virtual'),
    ['library_book generation twice'],
  ],
  'an index of a part': [change('drop index titles, add index titles (title(10))'), ['library_book index titles']],
  'a default of another moment': [
    change('alter seen set default (now(6) + interval 1 day)'),
    ['library_book default seen'],
  ],
  'a moment at each change': [
    change('modify seen datetime(6) not null default current_timestamp(6) on update current_timestamp(6)'),
    ['library_book behaviour seen'],
  ],
  'less room': [change("modify title varchar(20) not null comment 'as printed'"), ['library_book type title']],
  'a smaller key': [
    'alter table library_book modify id smallint not null auto_increment',
    ['library_book behaviour id'],
  ],
  'a table of another character set': [
    'alter table library_author convert to character set latin1',
    ['library_author behaviour'],
  ],
  'a table that knows no transactions': [
    'alter table library_book drop foreign key library_book_author_id_fk; alter table library_book engine = Aria',
    ['library_book behaviour', 'library_book reference author_id'],
  ],
  'a table in parts': [
    'alter table library_book drop foreign key library_book_author_id_fk, drop key once; alter table library_author partition by hash (id) partitions 2',
    ['library_author behaviour', 'library_book reference author_id', 'library_book unique constraint once'],
  ],
  'a table that keeps its past': ['alter table library_author add system versioning', ['library_author behaviour']],
  'an index that nobody uses': ['alter table library_book alter index titles ignored', ['library_book index titles']],
  'a view in its place': [
    'rename table library_book to stock; create view library_book as select * from stock',
    ['library_book table'],
  ],
  'a key far ahead': ['alter table library_author auto_increment = 1000', []],
  'a view': ['create view v as select * from library_book', []],
  'another trigger': [
    'drop trigger kept; create trigger kept before delete on library_book for each row set @x = 1',
    ['library_book trigger kept'],
  ],
}
const SQLITE: typeof POSTGRES = {
  'another index': [
    'drop index titles; create index titles on library_book (title desc)',
    ['library_book index titles'],
  ],
  'an index of another collation': [
    'drop index titles; create index titles on library_book (title collate nocase)',
    ['library_book index titles'],
  ],
  'an index of some rows': [
    'drop index titles; create index titles on library_book (title) where pages > 1',
    ['library_book index titles'],
  ],
  'another trigger': [
    'drop trigger kept; create trigger kept before delete on library_book begin select 1; end',
    ['library_book trigger kept'],
  ],
  ...Object.fromEntries(
    (
      [
        [
          'a reference that cascades',
          'REFERENCES "library_author" ("id")',
          '$& ON DELETE CASCADE',
          'reference author_id',
        ],
        [
          'a reference that restricts',
          'REFERENCES "library_author" ("id")',
          '$& ON DELETE RESTRICT',
          'reference author_id',
        ],
        [
          'a reference that follows',
          'REFERENCES "library_author" ("id")',
          '$& ON UPDATE CASCADE',
          'reference author_id',
        ],
        ['a reference that is not deferred', 'DEFERRABLE INITIALLY DEFERRED', '', 'reference author_id'],
        ['a reference that could be deferred', 'DEFERRABLE INITIALLY DEFERRED', 'DEFERRABLE', 'reference author_id'],
        [
          'a reference that is deferred in other words',
          'DEFERRABLE INITIALLY DEFERRED',
          '/* so */ deferrable  initially deferred',
        ],
        [
          'no reference',
          /REFERENCES "library_author" \("id"\) DEFERRABLE INITIALLY DEFERRED/,
          '',
          'reference author_id',
        ],
        ['less room', 'varchar(90)', 'varchar(20)', 'type title'],
        ['another default', 'DEFAULT 3', 'DEFAULT 4', 'default pages'],
        ['nulls', '"title" varchar(90) NOT NULL', '"title" varchar(90)', 'nullability title'],
        ['another computed value', '* 2', '* 3', 'generation twice'],
        ['a value computed when read', 'STORED', 'VIRTUAL', 'generation twice'],
        ['a value that is no longer computed', /GENERATED ALWAYS AS .*? STORED/, '', 'generation twice'],
        [
          'a unique constraint that replaces rows',
          'UNIQUE ("title", "author_id")',
          '$& ON CONFLICT REPLACE',
          'behaviour',
        ],
        [
          'a key that replaces rows',
          'PRIMARY KEY AUTOINCREMENT',
          'PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT',
          'behaviour id',
        ],
        ['a column that leaves rows out', '"title" varchar(90) NOT NULL', '$& ON CONFLICT IGNORE', 'behaviour title'],
        ['another check', '>= 1', '>= 2', 'check some_pages'],
        ['a table without row numbers', / AUTOINCREMENT([\s\S]*)$/, '$1 WITHOUT ROWID', 'behaviour', 'type id'],
      ] as const
    ).map(([name, from, to, ...told]) => [name, [{ from, to }, told.map((part) => `library_book ${part}`)]]),
  ),
  'a view in its place': [
    'alter table library_book rename to stock; create view library_book as select * from stock',
    ['library_book table'],
  ],
  'another collation, reference and key': [
    `drop table library_author; create table library_author (id integer primary key, name varchar(90) not null collate nocase)`,
    ['library_author collation name', 'library_author type id'],
  ],
  'a view': ['create view v as select * from library_book', []],
}

/** As the editor of a file would: the table made again in other words. */
async function rewrite({ from, to }: Rewritten) {
  const [[table]] = (await rows("select sql from sqlite_master where name = 'library_book'")) as [[string]]
  const others = (await rows(
    "select sql from sqlite_master where tbl_name = 'library_book' and type <> 'table' and sql is not null",
  )) as [string][]
  const changed = table.replace(from, to)
  expect(changed).not.toBe(table)
  for (const sql of ['drop table library_book', changed, ...others.map(([text]) => text)]) await run(sql)
}

const cases = isSqlite ? SQLITE : engine.name === 'MariaDB' ? MARIADB : POSTGRES

test.each(Object.entries(cases))('MIG-20 drift after a change by hand: %s', async (_, [sql, told]) => {
  await migrate(steps)
  if (typeof sql === 'string') await run(sql)
  else await rewrite(sql)
  const { loader, database: own } = executor(steps)
  const { differences } = await findDrift(loader, own)
  const found = differences.map(({ table, part, name }) => `${table} ${part} ${name}`.trim())
  expect(found.toSorted()).toEqual(told.toSorted())
})
