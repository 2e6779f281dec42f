/** Migrations on a server that commits each change of tables. */
import * as door from 'nuages/db/migrations'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../src/db/internal.ts'
import { migrationDatabase, printedSql } from '../../src/db/migrations/internal.ts'
import { digestOf, Progress } from '../../src/db/migrations/progress.ts'
import { dropDatabases, freshDatabases } from '../db/backends/mysql.ts'
import { executor, history, migrate, rows, run, schema } from './history.ts'
import { author, base, cascade, withChange, withRows } from './library.ts'

const { addConstraint, addField, createModel, fields: f, removeField, runSql, unique } = door

const fresh = await freshDatabases(20)
afterAll(async () => {
  await closeDatabases()
  await dropDatabases()
})
beforeEach(async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
})

test('a text with a default, which has quotes and backslashes', async () => {
  await withRows()
  await migrate(withChange([addField('Book', 'body', f.text({ dbDefault: "it's \\ so" }))]))
  expect(await rows('select distinct body from library_book')).toEqual([["it's \\ so"]])
})

test('a migration that fails stops at an operation that it names, and says what stays', async () => {
  await migrate(base)
  await run("insert into library_author (id, name) values (1, 'x')")
  const steps = withChange([
    addField('Author', 'born', f.integer({ null: true })),
    runSql("update library_author set name = 'changed'"),
    runSql('insert into library_book (title, author_id) values (1, 99)'),
    removeField('Author', 'name'),
  ])
  const error = await migrate(steps).then(
    () => null,
    (reason) => reason,
  )
  expect(error).toMatchObject({ code: 'migrations.failed', hint: expect.stringContaining('The 2 operations before') })
  expect(error.hint).toContain('not recorded as done')
  expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'name', 'born'])
  // Rows written since the last change of tables are rolled back with it.
  expect(await rows('select name from library_author')).toEqual([['x']])
  expect(await rows('select name from nuages_migrations')).toEqual([['0001_initial']])
  expect(await rows('select @@foreign_key_checks')).toEqual([[1]])
  expect(database().features.transactionalDdl).toBe(false)
})

test("MIG-09 what a migration lets its statements wait is the session's no more, also where one failed", async () => {
  configureDatabases({ default: { ...fresh(), options: { poolSize: 1 } } })
  const waits = () => rows('select @@lock_wait_timeout')
  const before = await waits()
  await migrate(base, {}, { lockTimeout: 7000 })
  expect(await waits()).toEqual(before)
  const steps = withChange([runSql('insert into nowhere values (1)')])
  await expect(migrate(steps, {}, { lockTimeout: 7000, lockRetries: 0 })).rejects.toMatchObject({
    code: 'migrations.failed',
  })
  expect(await waits()).toEqual(before)
})

test('rows twice under a unique constraint with a condition are told as such, of a table that others refer to, too', async () => {
  await migrate(base)
  await run("insert into library_author (id, name) values (1, 'x'), (2, 'x')")
  const once = addConstraint('Author', unique(['name'], { name: 'one_name', where: { name__gt: '' } }))
  await expect(migrate(withChange([once]))).rejects.toMatchObject({
    message: expect.stringContaining('A row with the same one_name already exists'),
    hint: expect.stringContaining('Rows that are there break it: mend them first'),
    cause: { code: 'db.unique-violation' },
  })
})

test.each([
  ['the condition of a unique constraint', unique(['name'], { name: 'late', where: { id__gt: 5 } })],
  ['a check', door.check({ id__gt: 5 }, { name: 'late' })],
])('%s that names a key which counts by itself is told so, not that the key is computed', async (_, late) => {
  await migrate(base)
  await expect(migrate(withChange([addConstraint('Author', late)]))).rejects.toMatchObject({
    message: expect.stringMatching(
      /gives "id" its numbers by itself \(AUTO_INCREMENT\), and neither checks nor keeps what is computed from it/,
    ),
    hint: expect.stringContaining('name other columns than such a key'),
    cause: { code: 'db.invalid-sql' },
  })
})

test('a computed field that is kept in no row may be of a key that counts by itself', async () => {
  await migrate(base)
  const next = door.fields.generated(door.fn('abs', door.F('id')), { output: f.bigInteger(), stored: false })
  await migrate(withChange([addField('Author', 'next', next)]))
  await run("insert into library_author (name) values ('x')")
  expect(await rows('select next = id from library_author')).toEqual([[1]])
})

test('a reference that is not null, added without a fill: to an empty table it is, to rows it is refused', async () => {
  const added = withChange([addField('Book', 'editor', f.foreignKey('library.Author', cascade))])
  await migrate(base)
  expect(await migrate(added)).toEqual(['+0002_change'])
  const editor = (await schema())
    .find(({ name }) => name === 'library_book')!
    .columns.find(({ name }) => name === 'editor_id')
  expect(editor).toMatchObject({ null: false })
  expect(editor).not.toHaveProperty('default')
  await migrate(added, { app: 'library', name: '0001' })
  await run("insert into library_author (id, name) values (1, 'x')")
  await run("insert into library_book (id, title, author_id) values (1, 'Nuages', 1)")
  await expect(migrate(added)).rejects.toMatchObject({ code: 'migrations.failed' })
  expect(await rows('select title from library_book')).toEqual([['Nuages']])
})

test('MIG-03 a composite key that serves a reference takes another order, and back', async () => {
  const line = createModel(
    'Line',
    { author: f.foreignKey('library.Author', cascade), place: f.integer() },
    { primaryKey: ['author', 'place'] },
  )
  const first = history(['0001_initial', [author, line]])
  const steps = history(
    ['0001_initial', [author, line]],
    ['0002_key', [door.alterModelOptions('Line', { primaryKey: ['place', 'author'] })]],
  )
  await migrate(first)
  await run("insert into library_author (id, name) values (1, 'x')")
  await run('insert into library_line (author_id, place) values (1, 5)')
  const before = await schema()
  await migrate(steps)
  expect((await schema())[1]!.primaryKey).toEqual(['place', 'author_id'])
  await migrate(steps, { app: 'library', name: '0001' })
  expect(await schema()).toEqual(before)
  expect(await rows('select author_id, place from library_line')).toEqual([[1, 5]])
})

test('MIG-24 sqlmigrate claims no transaction on a server that commits each change of tables', async () => {
  const steps = withChange([addField('Book', 'pages', f.integer({ null: true }))])
  const step = { migration: steps.at(-1)!, backwards: false }
  expect(await printedSql(executor(steps).loader, migrationDatabase('default'), step)).toEqual([
    '-- Each change of tables is committed by itself.',
    '-- Add field pages to Book',
    'ALTER TABLE "library_book" ADD COLUMN "pages" integer NULL;',
  ])
})

test('MIG-10 fakeInitial goes on with a first migration that was killed at its first table, and records no half', async () => {
  const shelf = createModel('Shelf', { id: f.autoId(), name: f.char({ maxLength: 20 }) })
  const indexed = door.addIndex('Shelf', door.index(['name'], { name: 'shelf_name' }))
  const steps = history(['0001_initial', [shelf, indexed]])
  const progress = new Progress(migrationDatabase('default'))
  await progress.ensureTable()
  const start = { app: 'library', name: '0001_initial', backwards: false, operation: 0, statement: 0 }
  await progress.mark({ ...start, landmark: 'gone', digest: digestOf([shelf], 0) })
  await run('create table library_shelf (id bigint not null auto_increment primary key, name varchar(20) not null)')
  await migrate(steps, {}, { fakeInitial: true })
  expect((await schema())[0]!.indexes.map(({ name }) => name)).toEqual(['shelf_name'])
})
