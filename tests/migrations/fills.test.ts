/** MIG-05, MIG-09: values that a migration writes into rows are its own matter: triggers of the model hear nothing of them. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeDatabase, history, migrate, openDatabase, rows, run, schema } from './history.ts'

const { addField, alterField, createModel, fields: f, runCode, noop, trigger } = door
const cascade = { onDelete: 'cascade' } as const

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const refuse = trigger({
  name: 'stays',
  when: 'before',
  on: ['update of title'],
  do: { t: 'refuse', message: 'a title stays' },
})
const copy = trigger({
  name: 'kept',
  when: 'after',
  on: ['update'],
  do: { t: 'copy', target: 'library.Old', fields: { title: 'title' } },
})
const base = history([
  '0001_initial',
  [
    createModel('Old', { id: f.autoId(), title: f.char({ maxLength: 50, null: true }) }),
    createModel('Author', { id: f.autoId() }),
    createModel(
      'Book',
      {
        id: f.autoId(),
        title: f.char({ maxLength: 50, null: true }),
        author: f.foreignKey('library.Author', { ...cascade, null: true }),
      },
      { triggers: [refuse, copy] },
    ),
  ],
])
const then = (...operations: door.Operation[]) => [
  ...base,
  { ...history(['0002_change', operations])[0]!, dependencies: [['library', '0001_initial'] as const] },
]
const insert = async () => {
  await run('insert into library_author (id) values (1)')
  await run("insert into library_book (id, title, author_id) values (1, null, null), (2, 'Nuages', 1)")
}

test.each([
  ['no more nulls', alterField('Book', 'title', f.char({ maxLength: 50 }), { fill: 'none' }), [['none'], ['Nuages']]],
  [
    'no more nulls, the new default',
    alterField('Book', 'title', f.char({ maxLength: 60, dbDefault: 'new' })),
    [['new'], ['Nuages']],
  ],
  ['a new field', addField('Book', 'pages', f.integer(), { fill: 3 }), [[null], ['Nuages']]],
  [
    'a reference that is needed from now on',
    alterField('Book', 'author', f.foreignKey('library.Author', cascade), { fill: 1 }),
    [[null], ['Nuages']],
  ],
])('%s: no trigger refuses it or keeps a copy, and afterwards they are there', async (_, operation, titles) => {
  await migrate(base)
  await insert()
  const before = await schema()
  const steps = then(operation)
  await migrate(steps)
  expect(await rows('select title from library_book order by id')).toEqual(titles)
  expect(await rows('select title from library_old')).toEqual([])
  await expect(run("update library_book set title = 'other' where id = 2")).rejects.toThrow('a title stays')
  await migrate(steps, { app: 'library', name: '0001' })
  expect(await schema()).toEqual(before)
  await expect(run("update library_book set title = 'other' where id = 2")).rejects.toThrow('a title stays')
})

test('rows with references, written by code, may be followed by a change of their table in the same migration', async () => {
  await migrate(
    then(
      runCode(
        async ({ models }) => {
          const author = await models.get('Author').objects.create({} as never)
          await models.get('Book').objects.create({ title: 'x', author } as never)
        },
        { reverse: noop },
      ),
      addField('Book', 'pages', f.integer(), { fill: 3 }),
    ),
  )
  expect(await rows('select title, pages from library_book')).toEqual([['x', 3]])
})
