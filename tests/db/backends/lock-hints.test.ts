/** What is said of a lock that was not free: MariaDB has one number for rows and tables. */
import { expect, test } from 'vitest'
import { translateMysqlError } from '../../../src/db/backends/mysql/errors.ts'

const refused = Object.assign(new Error('Lock wait timeout exceeded'), {
  errno: 1205,
  code: 'ER_LOCK_WAIT_TIMEOUT',
  sqlState: 'HY000',
  sqlMessage: 'Lock wait timeout exceeded; try restarting transaction',
})

test.each([
  'ALTER TABLE "book" ADD COLUMN "pages" int',
  // As references are added without a look at rows.
  '/*M! SET STATEMENT foreign_key_checks = 0 FOR */ ALTER TABLE "book" ADD COLUMN "author_id" bigint',
])('a change of tables waits for whoever uses the table: %s', (sql) => {
  expect(translateMysqlError(refused, sql)).toMatchObject({
    code: 'db.locked',
    hint: expect.stringContaining('uses the table'),
  })
})

test('any other statement waits for a row', () => {
  expect(translateMysqlError(refused, 'UPDATE "book" SET "pages" = 1')).toMatchObject({
    code: 'db.locked',
    hint: expect.stringContaining('holds the row'),
  })
})
