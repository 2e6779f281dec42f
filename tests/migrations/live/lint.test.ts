/** `migrate --lint`: what it says, what it leaves out, and how a person lets a finding be. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lintPlan, migrationDatabase, migrationSql } from '../../../src/db/migrations/internal.ts'
import { withLanguage } from '../../../src/i18n/index.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, schema } from '../history.ts'

const {
  addField,
  addIndex,
  createModel,
  index,
  renameIndex,
  fields: f,
  removeField,
  reviewed,
  runCode,
  renameField,
  renameModel,
  separateDatabaseAndState,
} = door

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

test('what it says can be translated, all of it', async () => {
  const [found] = await withLanguage('en-XA', () => lint([removeField('Book', 'isbn')]))
  const inBrackets = /^(?:⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧ ?)+$/
  expect(found!.message).toMatch(inBrackets)
  expect(found!.hint).toMatch(inBrackets)
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

test('a table that is renamed takes the references to it along: of the tables that refer to it nothing is said', async () => {
  const steps = [
    ...base,
    ...history([
      '0002_loan',
      [
        createModel('Member', { card: f.char({ maxLength: 9, primaryKey: true }) }),
        createModel('Loan', {
          id: f.autoId(),
          book: f.foreignKey('library.Book', { onDelete: 'cascade' }),
          member: f.foreignKey('library.Member', { onDelete: 'cascade' }),
        }),
      ],
      { dependencies: [['library', '0001_initial']] },
    ]),
    ...history([
      '0003_names',
      [renameModel('Book', 'Volume'), renameField('Member', 'card', 'number'), renameModel('Loan', 'Lease')],
      { dependencies: [['library', '0002_loan']] },
    ]),
  ]
  await migrate(steps, { app: 'library', name: '0002' })
  const made = executor(steps)
  expect((await lintPlan(made, await made.plan())).map(({ change, table }) => [change, table])).toEqual([
    ['renameTable', 'library_volume'],
    ['renameColumn', 'library_member'],
    ['renameTable', 'library_lease'],
    // Named for their own table, and MariaDB cannot give them another name: they are made again.
    ...(engine.name === 'MariaDB' ? Array(2).fill(['addForeignKey', 'library_lease']) : []),
  ])
})

const isPostgres = engine.name === 'PostgreSQL' || engine.name === 'PGlite'

if (isPostgres)
  test('a new column that is unique has an index made of every row', async () => {
    const field = addField('Book', 'code', f.integer({ null: true, unique: true }))
    const together = { dependencies: [['library', '0001_initial']] as const, atomic: true }
    await migrate(base)
    const made = executor([...base, ...history(['0002_change', [field], together])])
    expect(await lintPlan(made, await made.plan())).toMatchObject([
      { change: 'addUnique', level: 'risk', message: expect.stringContaining('every row is read') },
    ])
  })

if (isPostgres)
  test('what comes after a stronger lock in one transaction is done under that', async () => {
    const found = await lint([removeField('Book', 'isbn'), addIndex('Book', index(['id'], { name: 'by_id' }))])
    expect(found.map(({ change, message }) => [change, /ACCESS EXCLUSIVE|SHARE/.exec(message)![0]])).toEqual([
      ['dropColumn', 'ACCESS EXCLUSIVE'],
      ['addIndex', 'ACCESS EXCLUSIVE'],
    ])
    await closeDatabase()
    openDatabase()
    const other = await lint([addIndex('Book', index(['id'], { name: 'by_id' })), removeField('Book', 'isbn')])
    expect(other[0]!.message).toContain('SHARE')
  })

if (!isSqlite)
  test('MIG-16 an index is renamed in place: nothing to say, and the same index', async () => {
    const steps = [
      ...base,
      ...history(
        ['0002_index', [addIndex('Book', index(['isbn'], { name: 'old' }))]],
        ['0003_name', [renameIndex('Book', 'old', 'new')]],
      ).map((each, i) => (i === 0 ? { ...each, dependencies: [['library', '0001_initial'] as const] } : each)),
    ]
    await migrate(steps, { app: 'library', name: '0002_index' })
    const made = executor(steps)
    expect(await lintPlan(made, await made.plan())).toEqual([])
    const sql = await migrationSql(made.loader, migrationDatabase('default'), {
      migration: steps.at(-1)!,
      backwards: false,
    })
    expect(sql.join(' ')).toMatch(/RENAME/)
    expect(sql.join(' ')).not.toMatch(/DROP|CREATE|ADD/)
    await migrate(steps)
    expect((await schema())[0]!.indexes).toMatchObject([{ name: 'new', columns: [{ name: 'isbn' }] }])
    await migrate(steps, { app: 'library', name: '0002_index' })
    expect((await schema())[0]!.indexes).toMatchObject([{ name: 'old' }])
  })
