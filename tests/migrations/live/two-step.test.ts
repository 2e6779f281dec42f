/** A rename in two steps: code of two versions writes at once and each reads what the other wrote; then the new one alone. */
import { type QueryWrapper, wrapQueries } from 'nuages/db'
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { detectChanges, MigrationLoader } from '../../../src/db/migrations/internal.ts'
import { lintPlan } from '../../../src/db/migrations/lint/index.ts'
import { inTwoSteps } from '../../../src/db/migrations/two-step.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, rows, run, schema } from '../history.ts'

const { addIndex, contractRename, createModel, expandRename, fields: f, index, renameField } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const title = f.char({ maxLength: 90 })
const base: [string, door.Operation[]] = [
  '0001_initial',
  [
    createModel('Author', { id: f.autoId() }),
    createModel('Book', {
      id: f.autoId(),
      title,
      pages: f.integer({ dbDefault: 3 }),
      author: f.foreignKey('library.Author', { onDelete: 'cascade', null: true }),
    }),
    addIndex('Book', index(['title'], { name: 'titles' })),
  ],
]
const steps = history(
  base,
  ['0002_expand', [expandRename('Book', 'title', 'name'), expandRename('Book', 'author', 'writer')]],
  [
    '0003_contract',
    [
      contractRename('Book', 'title', 'name', title),
      contractRename('Book', 'author', 'writer', f.foreignKey('library.Author', { onDelete: 'cascade', null: true })),
    ],
  ],
)
const both = () => rows('select id, title, name, author_id, writer_id from library_book order by id')

test('rows that were there, rows of the old code and rows of the new one are the same in both columns', async () => {
  await migrate(steps, { app: 'library', name: '0001' })
  await run('insert into library_author (id) values (1), (2)')
  await run("insert into library_book (id, title, author_id) values (1, 'there', 1)")
  await migrate(steps, { app: 'library', name: '0002' })
  // Two versions of the code, in turns.
  await run("insert into library_book (id, title, author_id) values (2, 'old', 2)")
  await run("insert into library_book (id, name, writer_id) values (3, 'new', 2)")
  await run("update library_book set name = 'renamed by new' where id = 1")
  await run("update library_book set title = 'changed by old', author_id = 1 where id = 3")
  await run('update library_book set writer_id = null where id = 2')
  expect(await both()).toEqual([
    [1, 'renamed by new', 'renamed by new', 1, 1],
    [2, 'old', 'old', null, null],
    [3, 'changed by old', 'changed by old', 1, 1],
  ])
  await migrate(steps)
  expect(await rows('select id, name, pages, writer_id from library_book order by id')).toEqual([
    [1, 'renamed by new', 3, 1],
    [2, 'old', 3, null],
    [3, 'changed by old', 3, 1],
  ])
  await migrate(steps, { app: 'library', name: '0002' })
  expect((await both())[1]).toEqual([2, 'old', 'old', null, null])
  await migrate(steps, { app: 'library', name: '0001' })
  expect(await rows('select id, title, author_id from library_book order by id')).toEqual([
    [1, 'renamed by new', 1],
    [2, 'old', null],
    [3, 'changed by old', 1],
  ])
})

test('without a transaction the rows that are there are copied in batches, and the second step is no risk but for old code', async () => {
  const apart = history(
    base,
    ['0002_expand', steps[1]!.operations.slice(), { atomic: false }],
    ['0003_contract', steps[2]!.operations.slice(), { atomic: false }],
  )
  await migrate(apart, { app: 'library', name: '0001' })
  await run('insert into library_author (id) values (1)')
  const values = Array.from({ length: 2500 }, (_, i) => `(${i + 1}, 'row ${i}', ${i % 2 ? 1 : 'null'})`)
  await run(`insert into library_book (id, title, author_id) values ${values.join(', ')}`)
  const updates: string[] = []
  const watch: QueryWrapper = async ({ sql }, execute) => {
    if (/^update/i.test(sql)) updates.push(sql)
    return execute()
  }
  await wrapQueries(watch, () => migrate(apart, { app: 'library', name: '0002' }))
  expect(updates).toHaveLength(6) // three of each field
  expect(await rows('select count(*) from library_book where title = name')).toEqual([[2500]])
  expect(await rows('select count(*) from library_book where author_id = writer_id')).toEqual([[1250]])
  const findings = async (list: typeof apart) => {
    const run = executor(list)
    return (await lintPlan(run, await run.plan({}))).filter(({ level }) => level === 'risk').map(({ change }) => change)
  }
  // The new column becomes not null, which by then breaks no code: nothing wrote nulls to it.
  expect(new Set(await findings(apart))).toEqual(new Set(['dropColumn']))
  await migrate(apart)
  expect(await rows("select count(*) from library_book where name like 'row%'")).toEqual([[2500]])
  expect((await schema()).find(({ name }) => name === 'library_book')).toMatchObject({
    columns: expect.arrayContaining([expect.objectContaining({ name: 'name', null: false })]),
  })
  await migrate(apart, { app: 'library', name: '0001' })
  expect(await rows("select count(*) from library_book where title like 'row%'")).toEqual([[2500]])
  // In one transaction the linter tells of it.
  expect(new Set(await findings(steps))).toContain(isSqlite ? 'dropColumn' : 'copyColumn')
})

test('many writers of both versions at once lose nothing', async () => {
  await migrate(steps, { app: 'library', name: '0002' })
  const writes = Array.from({ length: 40 }, (_, i) =>
    run(`insert into library_book (id, ${i % 2 ? 'title' : 'name'}) values (${i + 1}, 'row ${i}')`).then(() =>
      run(`update library_book set ${i % 3 ? 'title' : 'name'} = 'again ${i}' where id = ${i + 1}`),
    ),
  )
  await Promise.all(writes)
  const found = await rows('select id, title, name from library_book order by id')
  expect(found).toEqual(Array.from({ length: 40 }, (_, i) => [i + 1, `again ${i}`, `again ${i}`]))
})

test('at the end the tables are those of a plain rename, and the models too', async () => {
  const plain = history(base, [
    '0002_rename',
    [renameField('Book', 'title', 'name'), renameField('Book', 'author', 'writer')],
  ])
  const sorted = <T extends { readonly name: string }>(list: readonly T[]) =>
    list.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const byName = (tables: Awaited<ReturnType<typeof schema>>) =>
    tables.map((table) => ({ ...table, columns: sorted(table.columns), indexes: sorted(table.indexes) }))
  await migrate(steps)
  const twice = byName(await schema())
  await migrate(steps, { app: 'library', name: 'zero' })
  await migrate(plain)
  expect(twice).toEqual(byName(await schema()))
  const loader = (list: typeof steps) =>
    new MigrationLoader({ apps: [{ name: 'library', root: '/none', models: {} }], user: null }, list)
  const first = loader(history(base))
  const draft = {
    app: 'library',
    name: '0002_x',
    dependencies: [['library', '0001_initial'] as const],
    operations: plain[1]!.operations,
  }
  const made = inTwoSteps(first, [draft])
  expect(made.map(({ name, operations, atomic }) => [name, operations.map(({ type }) => type), atomic])).toEqual([
    ['0002_x', ['expandRename', 'expandRename'], false],
    ['0003_contract_book_name', ['contractRename', 'contractRename'], false],
  ])
  // Nothing is left for makemigrations to find.
  const { FlagQuestioner } = await import('../../../src/db/migrations/questioner.ts')
  const changes = await detectChanges({
    from: loader(steps).state(),
    to: loader(plain).state(),
    graph: loader(steps).graph,
    questioner: new FlagQuestioner({ noRenames: true }),
    at: new Date(),
  })
  expect(changes).toEqual([])
})
