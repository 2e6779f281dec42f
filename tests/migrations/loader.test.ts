// MIG-05, MIG-11: files as they are found, and which of them count for a database. The topics are those of
// django/tests/migrations/test_loader.py.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { char, integer } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../src/db/migrations/internal.ts'
import { keyOf, type Migration } from '../../src/db/migrations/migration.ts'
import { Recorder } from '../../src/db/migrations/recorder.ts'
import { userModel } from '../../src/db/migrations/values.ts'
import { closeProject, make, openProject, project, root, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const title = char({ maxLength: 200 })
const first = { library: { Book: { fields: { title } } } }
const later = { library: { Book: { fields: { title, pages: integer({ null: true }) } } } }
const keys = (list: readonly Migration[]) => list.map(({ app, name }) => keyOf(app, name))
/** Of the project as it is on the disk. */
const load = (given = project(first)) => MigrationLoader.load({ apps: given.apps.apps, user: null })

test('MIG-05 test_apply, test_has_table_cached: a record is made, and forgotten, of one migration of one app', async () => {
  const recorder = new Recorder(migrationDatabase('default'))
  expect(await recorder.applied()).toEqual(new Set())
  await recorder.ensureTable()
  await recorder.record('library', '0432_ponies')
  expect(await recorder.applied()).toEqual(new Set(['library.0432_ponies']))
  await recorder.record('shop', '0432_ponies')
  await recorder.forget('library', '0432_ponies')
  expect(await recorder.applied()).toEqual(new Set(['shop.0432_ponies']))
})

describe('files', () => {
  test('MIG-05 test_load: become a graph and, in its order, a state', async () => {
    await make(project(first))
    await make(project(later))
    const loader = await load()
    expect(keys(loader.graph.forwards('library.0002_book_pages'))).toEqual([
      'library.0001_initial',
      'library.0002_book_pages',
    ])
    const fields = (upTo: string) => Object.keys(loader.state(({ name }) => name <= upTo).get('library.Book').fields)
    expect(fields('0001_initial')).toEqual(['id', 'title'])
    expect(fields('0002_book_pages')).toEqual(['id', 'title', 'pages'])
  })

  test('MIG-05 test_load_empty_dir, test_load_module_file: an empty folder and a file of that name are no migrations', async () => {
    mkdirSync(join(root, 'library/migrations'), { recursive: true })
    expect((await load()).files).toEqual([])
    mkdirSync(join(root, 'shop'))
    writeFileSync(join(root, 'shop/migrations'), 'nothing {')
    writeFileSync(join(root, 'shop/migrations.ts'), 'nothing {')
    expect((await load(project({ ...first, shop: {} }))).files).toEqual([])
  })

  test('MIG-05 test_ignore_files: names that begin with no number are no migrations', async () => {
    await make(project(first))
    for (const name of ['_0002_util.ts', '.0003_hidden.ts', '~0004_kept.ts', '0005_.md', 'util.ts', '0006-no.ts']) {
      write(name, 'nothing {')
    }
    expect(keys((await load()).files)).toEqual(['library.0001_initial'])
  })

  test('MIG-05 test_load_import_error: a file that cannot be imported is named, with what it threw', async () => {
    await make(project(first))
    write('0002_broken.ts', "import 'no-such-package'\n")
    await expect(load()).rejects.toMatchObject({
      code: 'migrations.cannot-import',
      message: expect.stringMatching(/0002_broken\.ts cannot be read:\n[\s\S]*no-such-package/),
    })
  })

  test('MIG-05 test_valid: what was built is read where its source is not', async () => {
    await make(project(first))
    const file = join(root, 'library/migrations/0001_initial')
    renameSync(`${file}.ts`, `${file}.js`)
    expect((await load()).files).toMatchObject([{ name: '0001_initial', file: `${file}.js` }])
  })
})

/** `one('a.2', 'a.1')` depends on `a.1`. */
function one(key: string, ...dependencies: string[]): Migration {
  const [app, name] = key.split('.') as [string, string]
  return { app, name, file: null, operations: [], dependencies: dependencies.map(split) }
}
const split = (key: string) => key.split('.', 2) as [string, string]
const squashed = (migration: Migration, ...replaces: string[]): Migration => ({
  ...migration,
  replaces: replaces.map(split),
})
const apps = ['a', 'b', 'c'].map((name) => ({ name, root: '/none', models: {} }))
const loaderOf = (files: readonly Migration[], user: string | null = null) => new MigrationLoader({ apps, user }, files)

/** What is left to apply for one, in any order. */
function left(files: readonly Migration[], key: string, applied: readonly string[]): string[] {
  const recorded = new Set(applied)
  const loader = loaderOf(files).forApplied(recorded)
  const done = loader.applied(recorded)
  return keys(loader.graph.forwards(key))
    .filter((each) => !done.has(each))
    .sort()
}

describe('their order', () => {
  test('MIG-05 test_run_before: one asks to come before another', () => {
    const third = { ...one('a.0003', 'a.0001'), runBefore: [['a', '0002']] as const }
    const { graph } = loaderOf([one('a.0001'), one('a.0002', 'a.0001'), third])
    expect(keys(graph.forwards('a.0002'))).toEqual(['a.0001', 'a.0003', 'a.0002'])
  })

  test('MIG-05 test_load_unmigrated_dependency: an app without migrations is waited for by nobody', () => {
    const loader = loaderOf([{ ...one('a.0001'), dependencies: [['b', 'first'], userModel] }], 'c.User')
    expect(keys(loader.graph.forwards('a.0001'))).toEqual(['a.0001'])
  })

  test('MIG-05 test_plan_handles_repeated_migrations: what several wait for is planned once', async () => {
    const files = [one('a.0001'), one('a.0002', 'a.0001'), one('b.0001', 'a.0002'), one('c.0001', 'a.0002', 'b.0001')]
    const plan = await new MigrationExecutor(loaderOf(files), migrationDatabase('default')).plan()
    expect(keys(plan.map(({ migration }) => migration))).toEqual(['a.0001', 'a.0002', 'b.0001', 'c.0001'])
  })
})

describe('a history that was applied', () => {
  const record = async (...applied: string[]) => {
    const recorder = new Recorder(migrationDatabase('default'))
    await recorder.ensureTable()
    for (const key of applied) await recorder.record(...split(key))
  }
  const plan = async (files: readonly Migration[]) =>
    keys(
      (await new MigrationExecutor(loaderOf(files), migrationDatabase('default')).plan()).map((step) => step.migration),
    )

  test('MIG-05 test_check_consistent_history: one applied before what it depends on is refused', async () => {
    const files = [one('a.0001'), one('a.0002', 'a.0001')]
    await record('a.0002')
    await expect(plan(files)).rejects.toMatchObject({
      code: 'migrations.inconsistent-history',
      message: 'a.0002 is applied, but a.0001, which it depends on, is not.',
    })
  })

  test('MIG-11 test_check_consistent_history_squashed: a squashed one without a record is applied with all its parts', async () => {
    const files = [
      one('a.0001'),
      one('a.0002', 'a.0001'),
      squashed(one('a.0001_squashed_0002'), 'a.0001', 'a.0002'),
      one('a.0003', 'a.0001_squashed_0002'),
    ]
    await record('a.0001', 'a.0002')
    expect(await plan(files)).toEqual(['a.0003'])
    await record('a.0003')
    expect(await plan(files)).toEqual([])
  })
})

describe('squashed ones', () => {
  const row = ['a.1', 'a.2', 'a.3', 'a.4', 'a.5', 'a.6', 'a.7']
  const complex = [
    ...row.map((key, i) => (i === 0 ? one(key) : one(key, row[i - 1]!))),
    squashed(one('a.3_squashed_5', 'a.2'), 'a.3', 'a.4', 'a.5'),
  ]
  test.each([
    [0, ['a.1', 'a.2', 'a.3_squashed_5', 'a.6', 'a.7']],
    [1, ['a.2', 'a.3_squashed_5', 'a.6', 'a.7']],
    [2, ['a.3_squashed_5', 'a.6', 'a.7']],
    [3, ['a.4', 'a.5', 'a.6', 'a.7']],
    [4, ['a.5', 'a.6', 'a.7']],
    [5, ['a.6', 'a.7']],
    [6, ['a.7']],
    [7, []],
  ])('MIG-11 test_loading_squashed_complex: with %i of seven applied', (count, expected) => {
    expect(left(complex, 'a.7', row.slice(0, count))).toEqual(expected)
  })

  // a.2 and a.3 are 2_squashed_3, b.1 and b.2 are 1_squashed_2; a.3 and the squashed one wait for what b is by then.
  const two = (ofB: string) => [
    one('a.1'),
    one('a.2', 'a.1'),
    one('a.3', 'a.2', ofB),
    one('a.4', 'a.2_squashed_3'),
    squashed(one('a.2_squashed_3', 'a.1', ofB), 'a.2', 'a.3'),
    one('b.1', 'a.1'),
    one('b.2', 'b.1'),
    squashed(one('b.1_squashed_2', 'a.1'), 'b.1', 'b.2'),
  ]
  test.each([
    ['test_loading_squashed_complex_multi_apps: none', 'b.2', [], ['a.1', 'a.2_squashed_3', 'a.4', 'b.1_squashed_2']],
    [
      'test_loading_squashed_complex_multi_apps_partially_applied: some of one app',
      'b.2',
      ['a.1', 'a.2'],
      ['a.3', 'a.4', 'b.1_squashed_2'],
    ],
    [
      'test_loading_squashed_ref_squashed: none, where a squashed one is named',
      'b.1_squashed_2',
      [],
      ['a.1', 'a.2_squashed_3', 'a.4', 'b.1_squashed_2'],
    ],
    [
      'test_loading_squashed_ref_squashed: some of one app',
      'b.1_squashed_2',
      ['a.1', 'a.2'],
      ['a.3', 'a.4', 'b.1_squashed_2'],
    ],
    [
      'test_loading_squashed_ref_squashed: some of both',
      'b.1_squashed_2',
      ['a.1', 'a.2', 'b.1'],
      ['a.3', 'a.4', 'b.2'],
    ],
  ])('MIG-11 %s', (_, ofB, applied, expected) => {
    expect(left(two(ofB), 'a.4', applied)).toEqual(expected)
  })

  // Two replace the same file, the second stands on the first; in whatever order files are read.
  const twice = [
    one('a.1'),
    squashed(one('a.1_squashed'), 'a.1'),
    squashed(one('a.2_squashed', 'a.1_squashed', 'b.1_squashed'), 'a.1'),
    one('b.1'),
    squashed(one('b.1_squashed'), 'b.1'),
  ]
  test.each([[twice], [[...twice].reverse()]])(
    'MIG-11 test_loading_order_does_not_create_circular_dependency: %#',
    (files) => {
      expect(left(files, 'a.2_squashed', [])).toEqual(['a.1_squashed', 'a.2_squashed', 'b.1_squashed'])
    },
  )

  test('MIG-11 test_loading_squashed: it counts for a new database, its parts for one that has some', () => {
    const files = [one('a.1'), one('a.2', 'a.1'), squashed(one('a.1_squashed_2'), 'a.1', 'a.2')]
    expect(keys(loaderOf(files).graph.all())).toEqual(['a.1_squashed_2'])
    expect(
      keys(
        loaderOf(files)
          .forApplied(new Set(['a.1']))
          .graph.all(),
      ),
    ).toEqual(['a.1', 'a.2'])
  })

  test('MIG-11 test_remove_replaced_nodes: what waited for its parts, and what they were to run before, waits for it', () => {
    const before = { ...one('b.1'), runBefore: [['a', '1']] as const }
    const { graph } = loaderOf([
      one('a.1'),
      one('a.2', 'a.1'),
      squashed(one('a.1_squashed_2'), 'a.1', 'a.2'),
      before,
      one('c.1', 'a.2'),
    ])
    expect(graph.parents('a.1_squashed_2')).toEqual(['b.1'])
    expect(graph.parents('c.1')).toEqual(['a.1_squashed_2'])
  })

  test('MIG-11 test_remove_replacement_node: where its parts count, what waited for it waits for the last of them', () => {
    const loader = loaderOf([
      one('a.1'),
      one('a.2', 'a.1'),
      squashed(one('a.1_squashed_2'), 'a.1', 'a.2'),
      one('c.1', 'a.1_squashed_2'),
    ]).forApplied(new Set(['a.1']))
    expect(loader.graph.parents('c.1')).toEqual(['a.2'])
    expect(loader.graph.children('a.1')).toEqual(['a.2'])
  })

  // 5 is gone: its file was removed while a database may have had 3 or 4 of the squashed ones alone.
  const erroneous = complex
    .filter(({ name }) => name !== '5')
    .map((each) => (each.name === '6' ? { ...each, dependencies: [split('a.5')] } : each))
  test.each([
    [0, ['a.1', 'a.2', 'a.3_squashed_5', 'a.6', 'a.7']],
    [2, ['a.3_squashed_5', 'a.6', 'a.7']],
    [5, ['a.6', 'a.7']],
    [7, []],
  ])('MIG-11 test_loading_squashed_erroneous: a part without a file, %i applied', (count, expected) => {
    expect(left(erroneous, 'a.7', row.slice(0, count))).toEqual(expected)
  })
  test.each([3, 4])('MIG-11 test_loading_squashed_erroneous: %i applied is refused', (count) => {
    expect(() => left(erroneous, 'a.7', row.slice(0, count))).toThrow(
      expect.objectContaining({
        code: 'migrations.squash-incomplete',
        message: 'a.3_squashed_5 replaces migrations of which this database has applied some, and a.5 has no file.',
      }),
    )
  })
})
