/** `migrate --lint`: what it says, what it leaves out, and how a person lets a finding be. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lintPlan, migrationDatabase, migrationSql } from '../../../src/db/migrations/internal.ts'
import { withLanguage } from '../../../src/i18n/index.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, rows, run, schema } from '../history.ts'

const {
  addConstraint,
  addField,
  addIndex,
  alterField,
  check,
  createModel,
  deleteModel,
  index,
  renameIndex,
  fields: f,
  removeField,
  reviewed,
  runCode,
  renameField,
  renameModel,
  runSql,
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
          member: f.foreignKey('library.Member', { onDelete: 'cascade', index: false }),
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
    // Named for its own table, as the index of the server's own that it stands on: MariaDB makes that one again.
    ...(engine.name === 'MariaDB' ? [['addForeignKey', 'library_lease']] : []),
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

/** With authors that books refer to, and others; in one transaction where the database has such. */
const library = history([
  '0001_initial',
  [
    createModel('Author', { id: f.autoId() }),
    createModel('Shop', { id: f.autoId(), name: f.char({ maxLength: 90, null: true }) }),
    createModel('Book', {
      id: f.autoId(),
      number: f.bigInteger({ null: true }),
      writer: f.foreignKey('library.Author', { null: true, onDelete: 'cascade' }),
    }),
  ],
])
const refersTo = (more = {}) => f.foreignKey('library.Author', { null: true, onDelete: 'cascade', ...more })
const toAuthor = alterField('Book', 'number', refersTo({ dbColumn: 'number', index: false }))
const change = (operations: door.Operation[]) => [
  ...library,
  ...history(['0002_change', operations, { dependencies: [['library', '0001_initial']], atomic: true }]),
]
const lintOfLibrary = async (operations: door.Operation[]) => {
  await migrate(library)
  const made = executor(change(operations))
  return lintPlan(made, await made.plan())
}

if (isPostgres)
  test('a new foreign key locks the table that it refers to as well, and both are named', async () => {
    for (const operation of [toAuthor, addField('Book', 'editor', refersTo())]) {
      const found = (await lintOfLibrary([operation])).filter((each) => each.change.startsWith('addForeignKey'))
      expect(found).toMatchObject([{ level: 'risk', table: 'library_book' }])
      expect(found[0]!.message).toMatch(
        /every row is read.* library_author, which it refers to: SHARE ROW EXCLUSIVE; others cannot write meanwhile\.$/,
      )
    }
  })

if (isPostgres)
  test('locks of other tables that are kept while something takes long are told, each once', async () => {
    const byName = addIndex('Shop', index(['name'], { name: 'by_name' }))
    const kept = async (operations: door.Operation[]) =>
      (await lintOfLibrary(operations))
        .filter(({ change }) => change === 'keptLock')
        .map(({ table, operation, message }) => [
          table,
          operation,
          /SHARE ROW EXCLUSIVE|ACCESS EXCLUSIVE/.exec(message)?.[0],
        ])
    const tag = createModel('Tag', { id: f.autoId(), author: f.foreignKey('library.Author', { onDelete: 'cascade' }) })
    expect(await kept([tag, byName])).toEqual([['library_author', 'Add index by_name to Shop', 'SHARE ROW EXCLUSIVE']])
    expect(await kept([deleteModel('Book'), byName, runCode(() => {})])).toEqual([
      ['library_book', 'Add index by_name to Shop', 'ACCESS EXCLUSIVE'],
      ['library_author', 'Add index by_name to Shop', 'ACCESS EXCLUSIVE'],
      ['library_shop', expect.stringMatching(/code/i), undefined],
    ])
    expect(await kept([addField('Shop', 'size', f.integer({ null: true })), runSql('select 1')])).toMatchObject([
      ['library_shop', expect.anything(), 'ACCESS EXCLUSIVE'],
    ])
    expect(await kept([byName, tag])).toEqual([])
  })

if (engine.name === 'MariaDB')
  test('what the linter proposes for a foreign key copies no row, and references are looked after again at the end', async () => {
    expect(await lintOfLibrary([toAuthor])).toMatchObject([
      {
        level: 'risk',
        message: expect.stringContaining('library_author, which it refers to'),
        hint: expect.stringContaining('foreign_key_checks = 0'),
      },
    ])
    await run('insert into library_author (id) values (1)')
    await run('insert into library_book (number) values (1), (2)') // the second leads nowhere
    const safe = change([runSql('SET foreign_key_checks = 0'), toAuthor])
    await migrate(safe)
    await expect(run('insert into library_book (number) values (3)')).rejects.toMatchObject({
      code: 'db.foreign-key-violation',
    })
    expect(await rows('select @@foreign_key_checks')).toEqual([[1]])
  })

if (isSqlite)
  test('a table that is made anew is told once for each operation, and what is not is not called so', async () => {
    const both = f.integer({ unique: true })
    const found = await lintOfLibrary([addField('Book', 'code', both, { fill: 1 })])
    expect(found.map(({ change, level }) => [change, level])).toEqual([['addColumnNotNull', 'risk']])
    expect(found[0]!.message).toContain('table made anew; others cannot write meanwhile; every row is written anew')
    const some = door.unique(['number'], { name: 'once', where: { number__gt: 5 } })
    expect(await lintOfLibrary([addConstraint('Book', some)])).toMatchObject([
      { change: 'addUnique', level: 'note', message: expect.stringMatching(/one writer.*every row is read/) },
    ])
    const checked = change([addConstraint('Shop', check({ name__gt: '' }, { name: 'named' }))])
    await migrate(checked)
    const renamed = [
      ...checked,
      ...history([
        '0003_name',
        [door.renameField('Shop', 'name', 'title')],
        { dependencies: [['library', '0002_change']] },
      ]),
    ]
    const made = executor(renamed)
    expect(await lintPlan(made, await made.plan())).toMatchObject([
      { change: 'renameColumn', message: expect.stringContaining('table made anew') },
    ])
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
