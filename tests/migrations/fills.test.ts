/** MIG-05, MIG-09: values that a migration writes into rows are its own matter: triggers of the model hear nothing of them. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import { FlagQuestioner } from '../../src/db/migrations/questioner.ts'
import { engine } from '../db/backends/fresh.ts'
import { closeDatabase, history, migrate, openDatabase, rows, run, schema } from './history.ts'
import { model, state } from './states.ts'

const { addField, alterField, createModel, F, fields: f, fn, runCode, noop, removeField, trigger } = door
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

const isPostgres = ['PostgreSQL', 'PGlite'].includes(engine.name)
const kinds = [
  ...(['text', 'integer', 'smallInteger', 'bigInteger', 'float', 'boolean', 'date', 'time'] as const),
  ...(['dateTime', 'duration', 'json', 'uuid', 'binary'] as const),
  ...(isPostgres ? (['integerRange', 'dateTimeRange'] as const) : []),
]
test.each(kinds)(
  'MIG-20 a column of %s that may not be null comes back where rows are, with something empty',
  async (kind) => {
    const steps = history(
      ['0001_initial', [createModel('Book', { id: f.autoId(), held: f[kind]() })]],
      ['0002_change', [removeField('Book', 'held')]],
    )
    await migrate([steps[0]!])
    const before = await schema()
    await migrate(steps)
    await run('insert into library_book (id) values (1), (2)')
    await migrate(steps, { app: 'library', name: '0001' })
    expect(await schema()).toEqual(before)
    expect(await rows('select id from library_book where held is not null')).toHaveLength(2)
  },
)

test('MIG-02 a computed field that becomes one of its own asks what rows get, and takes it on every database', async () => {
  const computed = f.generated(fn('upper', F('title')), { output: f.char({ maxLength: 50 }), stored: true })
  const fields = { id: f.autoId(), title: f.char({ maxLength: 50 }) }
  const [from, to] = [computed, f.char({ maxLength: 50 })].map((shown) =>
    state(model('library.Book', { ...fields, shown })),
  )
  const initial = history(['0001_initial', [createModel('Book', { ...fields, shown: computed })]])
  const detect = (given: object) =>
    detectChanges({
      from: from!,
      to: to!,
      graph: new MigrationGraph(initial),
      questioner: new FlagQuestioner(given),
      at: new Date(0),
    })
  await expect(detect({})).rejects.toMatchObject({ code: 'migrations.default-unanswered' })
  const drafts = await detect({ default: ['library.Book.shown=x'] })
  const steps = [...initial, ...drafts.map((draft) => ({ ...draft, file: null }))]
  await migrate(initial)
  await run("insert into library_book (id, title) values (1, 'Nuages')")
  await migrate(steps)
  expect(await rows('select title, shown from library_book')).toEqual([['Nuages', 'x']])
  await migrate(steps, { app: 'library', name: '0001' })
  expect(await rows('select title, shown from library_book')).toEqual([['Nuages', 'NUAGES']])
})

test('MIG-20 a computed field becomes one of its own in a column of another name, and back', async () => {
  const computed = f.generated(fn('upper', F('title')), { output: f.char({ maxLength: 50 }), stored: true })
  const steps = history(
    ['0001_initial', [createModel('Book', { id: f.autoId(), title: f.char({ maxLength: 50 }), shown: computed })]],
    ['0002_change', [alterField('Book', 'shown', f.bigInteger({ null: true, dbColumn: 'by_hand' }))]],
  )
  await migrate([steps[0]!])
  const before = await schema()
  await run("insert into library_book (id, title) values (1, 'Nuages')")
  await migrate(steps)
  expect(await rows('select title, by_hand from library_book')).toEqual([['Nuages', null]])
  await migrate(steps, { app: 'library', name: '0001' })
  expect(await rows('select title, shown from library_book')).toEqual([['Nuages', 'NUAGES']])
  expect(await schema()).toEqual(before)
})
