/** `migrate --lint`: what it says, what it leaves out, and how a person lets a finding be. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lintPlan } from '../../src/db/migrations/internal.ts'
import { closeDatabase, executor, history, migrate, openDatabase } from './history.ts'

const { addField, createModel, fields: f, removeField, reviewed, runCode, separateDatabaseAndState } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const base = history(['0001_initial', [createModel('Book', { id: f.autoId(), isbn: f.char({ maxLength: 13 }) })]])
const lint = async (operations: door.Operation[]) => {
  await migrate(base)
  const made = executor([
    ...base,
    ...history(['0002_change', operations, { dependencies: [['library', '0001_initial']] }]),
  ])
  return lintPlan(made, await made.plan())
}

test('a column that goes breaks code that runs, and the sequence that does not is told', async () => {
  expect(await lint([removeField('Book', 'isbn')])).toEqual([
    {
      app: 'library',
      migration: '0002_change',
      operation: 'Remove field isbn from Book',
      change: 'dropColumn',
      table: 'library_book',
      level: 'risk',
      message: expect.stringContaining('still reads the column'),
      hint: expect.stringContaining('First deploy code without the field'),
      reviewed: null,
    },
  ])
})

test('reviewed() says who looked at it and why', async () => {
  const operation = reviewed(removeField('Book', 'isbn'), 'no code reads it')
  expect(operation).toMatchObject({ type: 'removeField', reviewed: 'no code reads it' })
  expect(await lint([operation])).toMatchObject([{ level: 'risk', reviewed: 'no code reads it' }])
})

test('tables that the plan itself makes are not spoken of; code is', async () => {
  const found = await lint([
    createModel('Tag', { id: f.autoId(), x: f.text() }),
    removeField('Tag', 'x'),
    addField('Tag', 'y', f.integer(), { fill: 1 }),
    separateDatabaseAndState({ state: [removeField('Book', 'isbn')] }),
    runCode(() => {}),
  ])
  expect(found).toMatchObject([{ change: 'runCode', level: 'note' }])
})
