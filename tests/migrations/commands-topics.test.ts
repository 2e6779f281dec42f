// MIG-05, MIG-06, MIG-07, MIG-09, MIG-10, MIG-11: commands as people call them. The topics are those of
// django/tests/migrations/test_commands.py; those of makemigrations are in makemigrations.test.ts.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import showmigrations from '../../src/db/commands/showmigrations.ts'
import sqlmigrate from '../../src/db/commands/sqlmigrate.ts'
import squashmigrations from '../../src/db/commands/squashmigrations.ts'
import { database } from '../../src/db/internal.ts'
import { book, branch, library, pages, two } from './books.ts'
import { run, schema } from './history.ts'
import { call, closeProject, files, make, migrate, openProject, project, read, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const show = (given = library(), options: object = {}, apps: string[] = []) =>
  call(showmigrations, given, { apps }, { database: 'default', plan: false, json: false, ...options })
const sql = (given = library(), migration = '0001', backwards = false, app = 'library') =>
  call(sqlmigrate, given, { app, migration }, { database: 'default', backwards })
const to = (migration?: string, app = 'library') => (migration === undefined ? { app } : { app, migration })
const tables = async () => (await schema()).map(({ name }) => name).sort()

describe('migrate', () => {
  test('MIG-07 test_migrate: everything, back to a name, to zero', async () => {
    await two()
    expect((await migrate(library(pages))).text).toBe(
      'Applying library.0001_initial ... done\nApplying library.0002_book_pages ... done\n',
    )
    expect((await migrate(library(), {}, to('0001'))).text).toBe('Undoing library.0002_book_pages ... done\n')
    expect((await migrate(library(), {}, to('zero'))).text).toBe('Undoing library.0001_initial ... done\n')
    expect(await tables()).toEqual([])
  })

  test('MIG-07 test_migrate_plan, test_migrate_check_plan: what would be done, each way; nothing is', async () => {
    await two()
    const forwards =
      'library.0001_initial\n  - Create model Book\nlibrary.0002_book_pages\n  - Add field pages to Book\n'
    expect(await migrate(library(), { plan: true })).toMatchObject({ code: 0, text: forwards })
    expect(await migrate(library(), { check: true, plan: true })).toMatchObject({ code: 1, text: forwards })
    expect(await tables()).toEqual([])
    await migrate(library(pages))
    expect((await migrate(library(), { plan: true }, to('0001'))).text).toBe(
      'Undo library.0002_book_pages\n  - Add field pages to Book\n',
    )
    expect(await migrate(library(), { plan: true })).toMatchObject({ code: 0, text: 'Nothing to migrate.\n' })
  })

  test('MIG-07 test_migrate_check, test_migrate_check_migrated_app: exits with 1 as long as something is to be applied', async () => {
    await two()
    await migrate(library(), {}, to('0001'))
    expect((await migrate(library(), { check: true })).code).toBe(1)
    await migrate(library())
    expect((await migrate(library(), { check: true })).code).toBe(0)
  })

  test('MIG-10 test_migrate_fake_initial: says what was recorded only', async () => {
    await two()
    await migrate(library())
    await run('delete from nuages_migrations')
    await migrate(library(), { fake: true }, to('0001'))
    await migrate(library(), { fake: true }, to('zero'))
    expect((await migrate(library(), { fakeInitial: true }, to('0001'))).text).toBe(
      'Applying library.0001_initial ... recorded only\n',
    )
  })

  test.each([
    ['test_app_without_migrations', to(undefined, 'blog'), 'migrations.unknown-migration'],
    ['test_migrate_nonexistent_app_label', to(undefined, 'nothing'), 'migrations.unknown-app'],
    ['test_unknown_prefix', to('0009'), 'migrations.unknown-migration'],
    ['test_ambiguous_prefix', to('000'), 'migrations.ambiguous-name'],
  ])('MIG-07 %s is refused', async (_, args, code) => {
    await two()
    await expect(migrate(library(), {}, args)).rejects.toMatchObject({ code })
    expect(await tables()).toEqual([])
  })

  test('MIG-06 test_migrate_conflict_exit: two ends are refused, and nothing is applied', async () => {
    await make(library())
    branch('0002_a', '0001_initial', 'a')
    branch('0002_b', '0001_initial', 'b')
    await expect(migrate(library())).rejects.toMatchObject({ code: 'migrations.conflict' })
    expect(await tables()).toEqual([])
  })

  test('MIG-06 of two ends that do not commute one is undone where it stands, and corrected for the other', async () => {
    await make(library())
    branch('0002_a', '0001_initial', 'a')
    await migrate(library())
    branch('0002_b', '0001_initial', 'a')
    await expect(make(library(), { merge: true })).rejects.toMatchObject({
      code: 'migrations.cannot-merge',
      hint: expect.stringContaining('undo the one that fewer databases have'),
    })
    await expect(migrate(library(), {}, to('0002_b'))).rejects.toMatchObject({ code: 'migrations.conflict' })
    expect((await migrate(library(), {}, to('0001'))).text).toBe('Undoing library.0002_a ... done\n')
    expect((await migrate(library(), {}, to('zero'))).text).toBe('Undoing library.0001_initial ... done\n')
    expect(await tables()).toEqual([])
  })

  test('MIG-06 an app is migrated whatever ends another one has', async () => {
    const both = () => project({ library: book(), blog: book() })
    await make(both())
    branch('0002_a', '0001_initial', 'a')
    branch('0002_b', '0001_initial', 'b')
    expect((await migrate(both(), {}, to(undefined, 'blog'))).text).toBe('Applying blog.0001_initial ... done\n')
  })

  test('MIG-05 test_migrate_inconsistent_history: one applied before what it depends on is refused', async () => {
    await two()
    await migrate(library(), { fake: true })
    await run("delete from nuages_migrations where name = '0001_initial'")
    await expect(migrate(library())).rejects.toMatchObject({ code: 'migrations.inconsistent-history' })
  })

  test('MIG-05 test_failing_migration: what a file throws is told with its name', async () => {
    await make(library())
    write('0002_fails.ts', "throw new Error('cannot be')\n")
    await expect(migrate(library())).rejects.toMatchObject({
      code: 'migrations.cannot-import',
      message: expect.stringMatching(/0002_fails\.ts[\s\S]*cannot be/),
    })
  })
})

describe('showmigrations', () => {
  test('MIG-10 test_showmigrations_list, test_showmigrations_no_migrations: what is applied, by app', async () => {
    await two()
    const list = (first: string, second: string) =>
      `library\n [${first}] 0001_initial\n [${second}] 0002_book_pages\nblog\n (no migrations)\n`
    expect((await show()).text).toBe(list(' ', ' '))
    await migrate(library(), {}, to('0001'))
    expect((await show()).text).toBe(list('X', ' '))
    await migrate(library())
    expect((await show()).text).toBe(list('X', 'X'))
    await migrate(library(), {}, to('zero'))
    expect((await show()).text).toBe(list(' ', ' '))
  })

  test('MIG-10 test_showmigrations_unmigrated_app, test_showmigrations_plan_no_migrations, test_showmigrations_plan_app_label_no_migrations', async () => {
    expect((await show(library(), {}, ['blog'])).text).toBe('blog\n (no migrations)\n')
    expect((await show(library(), { plan: true })).text).toBe('(no migrations)\n')
    expect((await show(library(), { plan: true }, ['blog'])).text).toBe('(no migrations)\n')
  })

  const cross = async () => {
    await make(project({ library: book(), shop: book(), other: book() }))
    branch('0002_more', '0001_initial', 'more')
    const before = read('0001_initial.ts', 'shop')
    write(
      '0001_initial.ts',
      before.replace('operations', "dependencies: [['library', '0001_initial']],\n  operations"),
      'shop',
    )
  }
  test('MIG-10 test_showmigrations_plan, test_showmigrations_plan_single_app_label: in order, with what they wait for', async () => {
    await cross()
    const given = project({ library: book(), shop: book(), other: book() })
    expect((await show(given, { plan: true })).text.trimEnd().split('\n').sort()).toEqual([
      '[ ] library.0001_initial',
      '[ ] library.0002_more',
      '[ ] other.0001_initial',
      '[ ] shop.0001_initial',
    ])
    expect((await show(given, { plan: true }, ['shop'])).text).toBe('[ ] library.0001_initial\n[ ] shop.0001_initial\n')
    await migrate(given, {}, to(undefined, 'shop'))
    expect((await show(given, { plan: true }, ['shop'])).text).toBe('[X] library.0001_initial\n[X] shop.0001_initial\n')
  })

  test('MIG-10 test_showmigrations_plan_multiple_app_labels: of several apps, each once', async () => {
    await cross()
    const given = project({ library: book(), shop: book(), other: book() })
    const lines = (await show(given, { plan: true }, ['shop', 'library'])).text.trimEnd().split('\n')
    expect([...lines].sort()).toEqual(['[ ] library.0001_initial', '[ ] library.0002_more', '[ ] shop.0001_initial'])
  })

  test('MIG-11 test_showmigrations_plan_squashed, test_showmigrations_list_squashed, test_migrate_record_squashed, test_migrate_record_replaced', async () => {
    await two()
    await migrate(library(pages))
    await squash()
    const name = '0001_squashed_0002_book_pages'
    // Its parts are applied, so it is; migrate records it.
    for (let i = 0; i < 2; i++) {
      expect((await show(library(), {}, ['library'])).text).toContain(` [X] ${name} (2 squashed migrations)`)
      expect((await show(library(), { plan: true })).text).toBe(`[X] library.${name}\n`)
      await migrate(library(pages))
    }
    await run(`delete from nuages_migrations where name = '0001_initial'`)
    await run(`delete from nuages_migrations where name = '0002_book_pages'`)
    expect((await show(library(), { plan: true })).text).toBe(`[X] library.${name}\n`)
    expect((await migrate(library(pages))).text).toBe('Nothing to migrate.\n')
  })

  test('MIG-10 test_showmigrations_nonexistent_app_label', async () => {
    await expect(show(library(), {}, ['nothing'])).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })
})

const squash = (args: object = {}, options: object = {}) =>
  call(
    squashmigrations,
    library(pages),
    { app: 'library', last: '0002', ...args },
    { noOptimize: false, finish: false, database: 'default', dryRun: false, ...options },
  )

describe('squashmigrations', () => {
  test('MIG-11 test_squashed_name_with_start_migration_name', async () => {
    await two()
    branch('0003_more', '0002_book_pages', 'more')
    await squash({ first: '0002', last: '0003' }, { name: 'both' })
    expect(files()).toContain('0002_both.ts')
  })
  test('MIG-11 test_squashmigrations_nonexistent_app_label', async () => {
    await expect(squash({ app: 'nothing' })).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })
})

describe('sqlmigrate', () => {
  const isWhole = () => database().features.transactionalDdl
  const lines = (text: string) => text.trimEnd().split('\n')

  test('MIG-10 test_sqlmigrate_forwards, test_sqlmigrate_backwards, test_sqlmigrate_for_non_transactional_databases', async () => {
    await make(library())
    const forwards = lines((await sql()).text)
    const backwards = lines((await sql(library(), '0001', true)).text)
    // What a database commits one by one is in no transaction.
    if (isWhole()) {
      for (const list of [forwards, backwards]) expect([list[0], list.at(-1)]).toEqual(['BEGIN;', 'COMMIT;'])
    } else expect([...forwards, ...backwards].filter((line) => /BEGIN|COMMIT/.test(line))).toEqual([])
    expect(forwards).toContain('-- Create model Book')
    expect(forwards.join()).toContain('CREATE TABLE')
    expect(backwards).toContain('-- Create model Book (undone)')
    expect(backwards.join()).toContain('DROP TABLE')
    expect(await tables()).toEqual([])
  })

  test('MIG-09 test_sqlmigrate_for_non_atomic_migration', async () => {
    await make(library())
    write('0001_initial.ts', read('0001_initial.ts').replace('operations', 'atomic: false,\n  operations'))
    // None around all of it: each change of tables is one, as migrate runs them. Django's prints none.
    const { text } = await sql()
    expect(text).toMatch(/^-- Create model /)
    expect(text.match(/BEGIN;/g)).toHaveLength(text.match(/-- Create model /g)!.length)
  })

  test('MIG-10 test_migrations_no_operations, test_sqlmigrate_no_operations: one without operations says so', async () => {
    await make(library())
    write(
      '0001_initial.ts',
      "import { migration } from 'nuages/db/migrations'\nexport default migration({ operations: [] })\n",
    )
    expect((await sql()).text).toBe('-- (no operations)\n')
  })

  test('MIG-10 test_sqlmigrate_noop, test_sqlmigrate_unrepresentable: SQL that is none, and code, are said to be', async () => {
    await make(library())
    write(
      '0002_code.ts',
      "import { migration, noop, runCode, runSql } from 'nuages/db/migrations'\n" +
        "export default migration({ dependencies: [['library', '0001_initial']], operations: [runSql(''), runCode(noop)] })\n",
    )
    const { text } = await sql(library(), '0002')
    expect(lines(text).filter((line) => line.startsWith('--'))).toEqual([
      '-- Run SQL',
      '-- Run code noop',
      '-- code, which cannot be shown as SQL',
    ])
  })

  test('MIG-11 test_sqlmigrate_squashed_migration, test_sqlmigrate_replaced_migration, test_sqlmigrate_ambiguous_prefix_squashed_migrations', async () => {
    await two()
    await squash()
    expect((await sql(library(), '0001_squashed')).text).toContain('pages')
    const replaced = (await sql(library(), '0002')).text
    expect(replaced).toContain('-- Add field pages to Book')
    expect(replaced).not.toContain('CREATE TABLE "library_book"')
    // The beginning of several names: of those that count one.
    expect((await sql(library(), '0001')).text).toContain('pages')
    expect((await sql(library(), '0001_initial')).text).not.toContain('pages')
  })

  test('MIG-10 test_sqlmigrate_nonexistent_app_label', async () => {
    await expect(sql(library(), '0001', false, 'nothing')).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })
})
