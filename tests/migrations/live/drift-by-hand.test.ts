/** `migrate --check-drift` after a change by hand: each is told as what it is, and nothing beside it. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDrift } from '../../../src/db/migrations/internal.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, run } from '../history.ts'

const { check, createModel, F, fields: f, fn, index, trigger, unique } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

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

const POSTGRES: Record<string, [sql: string, told: string[]]> = {
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
  'another collation, reference and key': [
    `drop table library_author; create table library_author (id integer primary key, name varchar(90) not null collate nocase)`,
    ['library_author collation name', 'library_author type id'],
  ],
  'a view': ['create view v as select * from library_book', []],
}

const cases = isSqlite ? SQLITE : engine.name === 'MariaDB' ? MARIADB : POSTGRES

test.each(Object.entries(cases))('MIG-20 drift after a change by hand: %s', async (_, [sql, told]) => {
  await migrate(steps)
  await run(sql)
  const { loader, database: own } = executor(steps)
  const { differences } = await findDrift(loader, own)
  const found = differences.map(({ table, part, name }) => `${table} ${part} ${name}`.trim())
  expect(found.toSorted()).toEqual(told.toSorted())
})
