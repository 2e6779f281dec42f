// MIG-04, MIG-07: commands as people call them. The topics are those of django/tests/migrations/test_commands.py.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { char, integer, text } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import showmigrations from '../../src/db/commands/showmigrations.ts'
import sqlmigrate from '../../src/db/commands/sqlmigrate.ts'
import squashmigrations from '../../src/db/commands/squashmigrations.ts'
import { closeDatabases, database } from '../../src/db/internal.ts'
import { run, schema } from './history.ts'
import { call, closeProject, files, make, migrate, openProject, project, read, root, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const title = char({ maxLength: 200 })
const book = (fields: object = {}) => ({ Book: { fields: { title, ...fields } } })
const library = (fields: object = {}) => project({ library: book(fields), blog: {} })
const pages = { pages: integer({ null: true }) }
const show = (given = library(), options: object = {}, apps: string[] = []) =>
  call(showmigrations, given, { apps }, { database: 'default', plan: false, json: false, ...options })
const sql = (given = library(), migration = '0001', backwards = false, app = 'library') =>
  call(sqlmigrate, given, { app, migration }, { database: 'default', backwards })
const to = (migration?: string, app = 'library') => (migration === undefined ? { app } : { app, migration })
const tables = async () => (await schema()).map(({ name }) => name).sort()

/** A file of `library` that adds a column. */
const branch = (name: string, after: string, field: string, app = 'library') =>
  write(
    `${name}.ts`,
    `import { addField, fields, migration } from 'nuages/db/migrations'
export default migration({ dependencies: [['${app}', '${after}']], operations: [addField('Book', '${field}', fields.text({ null: true }))] })
`,
    app,
  )

async function two() {
  await make(library())
  await make(library(pages))
}

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

  test('MIG-07 test_migrate_check: exits with 1 as long as something is to be applied', async () => {
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
  test('MIG-07 test_showmigrations_list, test_showmigrations_no_migrations: what is applied, by app', async () => {
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

  test('MIG-07 test_showmigrations_unmigrated_app, test_showmigrations_plan_no_migrations, test_showmigrations_plan_app_label_no_migrations', async () => {
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
  test('MIG-07 test_showmigrations_plan, test_showmigrations_plan_single_app_label: in order, with what they wait for', async () => {
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

  test('MIG-07 test_showmigrations_plan_multiple_app_labels: of several apps, each once', async () => {
    await cross()
    const given = project({ library: book(), shop: book(), other: book() })
    const lines = (await show(given, { plan: true }, ['shop', 'library'])).text.trimEnd().split('\n')
    expect([...lines].sort()).toEqual(['[ ] library.0001_initial', '[ ] library.0002_more', '[ ] shop.0001_initial'])
  })

  test('MIG-11 test_showmigrations_plan_squashed, test_migrate_record_squashed, test_migrate_record_replaced', async () => {
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

  test('MIG-07 test_showmigrations_nonexistent_app_label', async () => {
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

  test('MIG-07 test_sqlmigrate_forwards, test_sqlmigrate_backwards, test_sqlmigrate_for_non_transactional_databases', async () => {
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

  test('MIG-26 test_sqlmigrate_for_non_atomic_migration', async () => {
    await make(library())
    write('0001_initial.ts', read('0001_initial.ts').replace('operations', 'atomic: false,\n  operations'))
    // None around all of it: each change of tables is one, as migrate runs them. Django's prints none.
    const { text } = await sql()
    expect(text).toMatch(/^-- Create model /)
    expect(text.match(/BEGIN;/g)).toHaveLength(text.match(/-- Create model /g)!.length)
  })

  test('MIG-07 test_migrations_no_operations: one without operations says so', async () => {
    await make(library())
    write(
      '0001_initial.ts',
      "import { migration } from 'nuages/db/migrations'\nexport default migration({ operations: [] })\n",
    )
    expect((await sql()).text).toBe('-- (no operations)\n')
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

  test('MIG-07 test_sqlmigrate_nonexistent_app_label', async () => {
    await expect(sql(library(), '0001', false, 'nothing')).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })
})

describe('makemigrations', () => {
  const exists = () => {
    try {
      return files()
    } catch {
      return []
    }
  }

  test('MIG-04 test_makemigrations_order: numbers count on, whatever their length', async () => {
    await make(library())
    branch('0009_nine', '0001_initial', 'nine')
    branch('0010_ten', '0009_nine', 'ten')
    const given = library({ nine: text({ null: true }), ten: text({ null: true }), last: text({ null: true }) })
    await make(given)
    expect(files()).toContain('0011_book_last.ts')
  })

  test('MIG-04 test_makemigrations_empty_connections, test_makemigrations_no_apps_initial, test_makemigrations_migrations_announce, test_makemigrations_migration_path_output: it asks no database', async () => {
    await closeDatabases()
    const made = await make(library())
    expect(made).toMatchObject({
      code: 0,
      text: 'Migration library/migrations/0001_initial.ts\n  - Create model Book\n',
    })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_no_changes, test_makemigrations_no_changes_no_apps', async () => {
    await make(library())
    expect((await make(library())).text).toBe('No changes.\n')
    expect((await make(library(), {}, ['library'])).text).toBe('No changes in library.\n')
    expect((await make(project({}))).text).toBe('No changes.\n')
  })

  test('MIG-04 test_files_content: what is written names its fields, once', async () => {
    await make(library(pages))
    expect(read('0001_initial.ts').match(/createModel\('Book'/g)).toHaveLength(1)
    expect(read('0001_initial.ts')).toContain('pages: fields.integer({ null: true }),')
  })

  test('MIG-04 test_makemigrations_dry_run, test_makemigrations_dry_run_verbosity_3: the text, and no file', async () => {
    await make(library())
    const printed = (await make(library(pages), { dryRun: true })).text
    expect(printed).toContain('  - Add field pages to Book\n')
    expect(printed).toContain("addField('Book', 'pages', fields.integer({ null: true }))")
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_check, test_makemigrations_with_custom_name, test_makemigrations_with_invalid_custom_name', async () => {
    expect((await make(library(), { check: true })).code).toBe(1)
    expect(exists()).toEqual([])
    await make(library(), { name: 'own_name' })
    expect(files()).toEqual(['0001_own_name.ts'])
    expect((await make(library(), { check: true })).code).toBe(0)
    await expect(make(library(pages), { name: 'not a name' })).rejects.toMatchObject({ code: 'cli.usage' })
  })

  test('MIG-04 test_makemigrations_empty_migration, test_makemigrations_empty_no_app_specified', async () => {
    await expect(make(library(), { empty: true })).rejects.toMatchObject({ code: 'cli.usage' })
    await make(library(), { empty: true, name: 'nothing' }, ['blog'])
    expect(read('0001_nothing.ts', 'blog')).toContain('operations: []')
    await expect(make(library(), { empty: true }, ['nothing'])).rejects.toMatchObject({
      code: 'migrations.unknown-app',
    })
  })

  test.each([
    ['test_makemigrations_non_interactive_not_null_addition', { size: integer() }, 'migrations.default-unanswered'],
    ['test_makemigrations_non_interactive_no_field_rename', { heading: title }, 'migrations.rename-unanswered'],
  ])('MIG-02 %s: refused where nobody can be asked', async (topic, fields, code) => {
    await make(library())
    const given = topic.includes('rename') ? project({ library: { Book: { fields } }, blog: {} }) : library(fields)
    await expect(make(given)).rejects.toMatchObject({ code })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-02 test_makemigrations_non_interactive_not_null_alteration, test_makemigrations_non_interactive_no_model_rename', async () => {
    await make(library(pages))
    await expect(make(library({ pages: integer() }))).rejects.toMatchObject({ code: 'migrations.default-unanswered' })
    const renamed = project({ library: { Novel: { fields: { title, ...pages } } }, blog: {} })
    await expect(make(renamed)).rejects.toMatchObject({ code: 'migrations.rename-unanswered' })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_nonexistent_app_label', async () => {
    await expect(make(library(), {}, ['nothing'])).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })
})

describe('makemigrations, where branches end side by side', () => {
  const given = (fields: object = {}) => project({ library: book(fields), shop: book() })
  beforeEach(async () => {
    await make(given())
    branch('0002_a', '0001_initial', 'a')
    branch('0002_b', '0001_initial', 'b')
  })

  test('MIG-06 test_makemigrations_conflict_exit', async () => {
    await expect(make(given())).rejects.toMatchObject({ code: 'migrations.conflict' })
  })

  test('MIG-06 test_makemigrations_unspecified_app_with_conflict_no_merge: another app goes on', async () => {
    const more = project({ library: book(), shop: book(pages) })
    expect((await make(more, {}, ['shop'])).text).toContain('Add field pages to Book')
    await expect(make(more, {}, ['library'])).rejects.toMatchObject({ code: 'migrations.conflict' })
  })

  test('MIG-06 test_makemigrations_unspecified_app_with_conflict_merge: joins what it was told to', async () => {
    expect((await make(given(), { merge: true }, ['shop'])).text).toBe('No branches to join.\n')
    expect(files()).toHaveLength(3)
    expect((await make(given(), { merge: true }, ['library'])).text).toContain('0003_merge_0002_a_0002_b.ts')
  })

  test('MIG-06 test_makemigration_merge_dry_run, test_makemigration_merge_dry_run_verbosity_3', async () => {
    const printed = (await make(given(), { merge: true, dryRun: true })).text
    expect(printed).toContain("['library', '0002_a'],\n    ['library', '0002_b'],")
    expect(files()).toHaveLength(3)
  })

  test('MIG-06 test_makemigrations_handle_merge, test_makemigrations_auto_merge_name, test_makemigrations_merge_no_conflict', async () => {
    expect((await make(given(), { merge: true })).text).toBe(
      'Migration library/migrations/0003_merge_0002_a_0002_b.ts\n  library.0002_a\n  library.0002_b\n',
    )
    expect((await make(given(), { merge: true })).text).toBe('No branches to join.\n')
    await migrate(given())
    expect(
      (await schema())
        .find(({ name }) => name === 'library_book')!
        .columns.map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b', 'id', 'title'])
  })

  test('MIG-06 test_makemigrations_default_merge_name: long names give their number alone; one may be given', async () => {
    const long = 'x'.repeat(40)
    branch(`0002_${long}`, '0001_initial', 'c')
    const printed = (await make(given(), { merge: true, dryRun: true })).text
    expect(printed).toContain('0003_merge_0002_a_0002_b_0002.ts')
    await make(given(), { merge: true, name: 'together' })
    expect(files()).toContain('0003_together.ts')
  })

  test('MIG-06 test_makemigrations_merge_dont_output_dependency_operations: what both wait for in another app is not joined', async () => {
    const file = '0002_a.ts'
    write(
      file,
      read(file).replace("[['library', '0001_initial']]", "[['library', '0001_initial'], ['shop', '0001_initial']]"),
    )
    const text = (await make(given(), { merge: true })).text
    expect(text).not.toContain('shop')
  })

  test('MIG-06 test_makemigrations_no_common_ancestor: branches that begin apart', async () => {
    for (const name of ['0002_a', '0002_b']) rmSync(join(root, `library/migrations/${name}.ts`))
    write(
      '0002_apart.ts',
      "import { createModel, fields, migration } from 'nuages/db/migrations'\n" +
        "export default migration({ operations: [createModel('Shelf', { id: fields.autoId() })] })\n",
    )
    expect((await make(given(), { merge: true })).text).toContain('0003_merge_0001_initial_0002_apart.ts')
    await migrate(given())
    expect(await tables()).toEqual(['library_book', 'library_shelf', 'shop_book'])
  })
})
