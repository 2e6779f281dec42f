import { expect, test } from 'vitest'
import { indexCondition, indexParts, parseCreateTable } from '../../../src/db/backends/sqlite/parse-ddl.ts'
import { freshDatabase } from '../transactions/databases.ts'

test('a table written by Django is read with its kinds, keys, uniques and checks', async () => {
  const db = await freshDatabase()
  await db.exec('CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT)')
  await db.exec(
    `CREATE TABLE "library_book" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL, ` +
      `"pages" integer unsigned NOT NULL CHECK ("pages" >= 0), "price" decimal NOT NULL, "data" text NOT NULL CHECK ` +
      `((JSON_VALID("data") OR "data" IS NULL)), "token" char(32) NOT NULL UNIQUE, "at" datetime NULL, "span" bigint NOT NULL, ` +
      `"author_id" bigint NOT NULL UNIQUE REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, ` +
      `CONSTRAINT "book_title" UNIQUE ("title", "pages"), CONSTRAINT "book_pages" CHECK ("pages" > 1))`,
  )
  await db.exec('CREATE INDEX "book_at" ON "library_book" ("at" DESC)')
  await db.exec('CREATE INDEX "book_lower" ON "library_book" (lower("title"))')
  expect(await db.backend.introspector.table(db, 'library_book')).toEqual({
    name: 'library_book',
    columns: [
      { name: 'id', type: { kind: 'auto' }, null: false },
      { name: 'title', type: { kind: 'char', maxLength: 200 }, null: false },
      { name: 'pages', type: { kind: 'integer' }, null: false },
      { name: 'price', type: { kind: 'decimal' }, null: false },
      { name: 'data', type: { kind: 'json' }, null: false },
      { name: 'token', type: { kind: 'uuid' }, null: false, unique: true },
      { name: 'at', type: { kind: 'dateTime' }, null: true },
      { name: 'span', type: { kind: 'bigInteger' }, null: false },
      {
        name: 'author_id',
        type: { kind: 'bigInteger' },
        null: false,
        unique: true,
        references: { table: 'auth_user', column: 'id' },
      },
    ],
    primaryKey: ['id'],
    uniques: [{ name: 'book_title', columns: ['title', 'pages'] }],
    checks: [
      { name: 'library_book_pages_check', sql: '"pages" >= 0' },
      { name: 'book_pages', sql: '"pages" > 1' },
    ],
    indexes: [
      { name: 'book_at', columns: [{ name: 'at', desc: true }] },
      { name: 'book_lower', columns: [{ sql: 'lower("title")', desc: false }] },
    ],
  })
})

test('composite keys, keys without a column name, and odd quoting are read', async () => {
  const db = await freshDatabase()
  await db.exec('CREATE TABLE `parent` (code text primary key)')
  await db.exec(
    'CREATE TABLE [odd one] (`a``b` int, "c,(d" text DEFAULT \'x\'\'y\', e references parent, -- note, with (parens\n primary key ("c,(d", `a``b`))',
  )
  expect(await db.backend.introspector.table(db, 'odd one')).toMatchObject({
    columns: [
      { name: 'a`b', null: false },
      { name: 'c,(d', default: { value: "x'y" } },
      { name: 'e', references: { table: 'parent', column: 'code' } },
    ],
    primaryKey: ['c,(d', 'a`b'],
  })
})

test('text is cut where it should be', () => {
  expect(parseCreateTable("create table t (a text check (a <> ')' and (a > 1)) unique)")).toEqual({
    autoincrement: false,
    checks: [{ name: null, column: 'a', sql: "a <> ')' and (a > 1)" }],
    uniques: [{ name: null, columns: ['a'] }],
    generated: new Map(),
    collations: new Map(),
    foreignKeys: [],
    beyond: [],
    conflicts: new Map(),
    deferred: new Set(),
  })
  expect(
    parseCreateTable('create table t (a text collate nocase, b int generated always as (length(a) + (1)) stored)'),
  ).toMatchObject({
    generated: new Map([['b', { sql: 'length(a) + (1)', stored: true }]]),
    collations: new Map([['a', 'nocase']]),
  })
  expect(indexParts('CREATE INDEX i ON t ((a || b) DESC, "c" COLLATE nocase ASC, lower(d))')).toEqual([
    { sql: 'a || b' },
    { sql: '"c"', collation: 'nocase' },
    { sql: 'lower(d)' },
  ])
  expect(indexCondition('CREATE INDEX i ON t (lower(a), b) WHERE a > (1)')).toBe('a > (1)')
  expect(indexCondition('CREATE INDEX i ON t (a)')).toBeUndefined()
})
