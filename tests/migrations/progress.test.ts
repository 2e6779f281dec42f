/** MIG-09: a migration that stopped is told where it was by the names in its statements, however they are written. */
import { expect, test } from 'vitest'
import { changeOf } from '../../src/db/migrations/progress.ts'

test.each([
  ['ALTER TABLE "library_book" ADD COLUMN "x" int', 'alter', 'table', 'library_book', null],
  ['ALTER TABLE "odd ""name"" (1)" ADD COLUMN "x" int', 'alter', 'table', 'odd "name" (1)', null],
  ['/*M! SET STATEMENT foreign_key_checks = 0 FOR */ ALTER TABLE "t" ADD "x" int', 'alter', 'table', 't', null],
  ['RENAME TABLE "way to go" TO "on `ice`"', 'rename', 'table', 'way to go', 'on `ice`'],
  ['drop index `a ``b`` c` on `the table`', 'drop', 'index', 'a `b` c', 'the table'],
  ['CREATE UNIQUE INDEX a ON b (c)', 'create', 'index', 'a', 'b'],
  [
    'CREATE TRIGGER "is it\n on?" BEFORE DELETE ON "t" FOR EACH ROW SET @a = 1',
    'create',
    'trigger',
    'is it\n on?',
    't',
  ],
])('%s', (sql, verb, what, name, other) => {
  expect(changeOf(sql)).toEqual({ verb, what, name, other })
})

test('what changes rows is no change of tables', () => {
  expect(changeOf('UPDATE "create table" SET a = 1')).toBeNull()
})
